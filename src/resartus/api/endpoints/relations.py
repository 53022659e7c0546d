"""Reports of one study, and studies that share patients: what is proposed, what is said."""

from __future__ import annotations

from typing import Literal

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.dedup.overlaps import (
    OverlapProposal,
    judge_overlap,
    overlap_verdicts,
    proposed_overlaps,
)
from resartus.app.dedup.reports import StudyProposal, judge_reports, proposed_studies
from resartus.app.permissions import Action
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapVerdict, PatientsShared

__all__ = ["RELATIONS"]

_REVIEW = "/reviews/{review_id}"


class SameStudy(Body):
    """Whether two reports are of one study."""

    record_id: Id
    other_id: Id
    verdict: Literal["same", "different"]
    note: Line | None = None


class Shared(Body):
    """Whether two studies share patients; a later verdict replaces an earlier one."""

    study_id: Id
    other_id: Id
    verdict: PatientsShared
    note: Line | None = None


class Overlaps(Body):
    """What is proposed and not judged, and what was said."""

    proposed: tuple[OverlapProposal, ...]
    verdicts: tuple[OverlapVerdict, ...]


def _proposed(call: Call) -> tuple[StudyProposal, ...]:
    with call.aside() as review:
        return proposed_studies(review)


def _same_study(call: Call) -> SameStudy:
    said: SameStudy = call.body
    with call.review() as review:
        judge_reports(
            review,
            RecordId(said.record_id),
            RecordId(said.other_id),
            is_same_study=said.verdict == "same",
            note=said.note,
        )
    return said


def _overlaps(call: Call) -> Overlaps:
    with call.aside() as review:
        return Overlaps(
            proposed=proposed_overlaps(review), verdicts=tuple(overlap_verdicts(review.state()))
        )


def _shared(call: Call) -> Shared:
    said: Shared = call.body
    with call.review() as review:
        judge_overlap(
            review,
            StudyId(said.study_id),
            StudyId(said.other_id),
            verdict=said.verdict,
            note=said.note,
        )
    return said


RELATIONS = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/same-study",
        summary="Reports that may be of one study, with what speaks for it",
        work=_proposed,
        action=Action.READ,
        answer=list[StudyProposal],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/same-study",
        summary="Say whether two reports are of one study",
        work=_same_study,
        action=Action.EXTRACT,
        body=SameStudy,
        answer=SameStudy,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/overlaps",
        summary="Studies that may share patients, and what was said of them",
        work=_overlaps,
        action=Action.READ,
        answer=Overlaps,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/overlaps",
        summary="Say whether two studies share patients",
        work=_shared,
        action=Action.EXTRACT,
        body=Shared,
        answer=Shared,
        status=201,
    ),
)
