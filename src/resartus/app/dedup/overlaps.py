"""Patients in several papers: what is proposed, what a person says, which studies stay."""

from __future__ import annotations

from collections.abc import Sequence

from resartus.app.evidence import assemble
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.dedup.overlap import OverlapProposal
from resartus.domain.event import Event, EventKind
from resartus.domain.ids import StudyId
from resartus.domain.overlap import OverlapRule, OverlapVerdict, PatientsShared
from resartus.domain.plain import from_plain
from resartus.domain.state import ReviewState
from resartus.domain.study import Study
from resartus.errors import NotFoundError

__all__ = [
    "OverlapProposal",
    "judge_overlap",
    "overlap_verdicts",
    "proposed_overlaps",
    "studies_under",
]


def overlap_verdicts(state: ReviewState) -> list[OverlapVerdict]:
    """Return what was judged, in order; the last on two studies counts."""
    return [from_plain(OverlapVerdict, data) for data in state.overlaps]


def proposed_overlaps(review: Review) -> tuple[OverlapProposal, ...]:
    """Return pairs of studies that may share patients and were not judged yet."""
    from resartus.dedup.overlap import propose_overlaps

    state = review.state()
    studies = assemble(settled(review, state))
    wanted = list({r: None for study in studies for r in study.record_ids})
    records = {r.record_id: r for r in review.store.iterate_records(wanted)}
    judged = {frozenset(verdict.study_ids) for verdict in overlap_verdicts(state)}
    return tuple(
        proposal
        for proposal in propose_overlaps(studies, records)
        if frozenset(proposal.study_ids) not in judged
    )


def judge_overlap(
    review: Review,
    study_id: StudyId,
    other_id: StudyId,
    *,
    verdict: PatientsShared,
    note: str | None = None,
) -> Event:
    """Log whether two studies share patients; a later verdict replaces this one.

    Raises
    ------
    NotFoundError
        If one of them is not a study of this review.
    DataError
        If both are one study.
    """
    known = review.state().studies
    for named in (study_id, other_id):
        if named not in known:
            raise NotFoundError(
                f"study {named!r} is not in this review; it has: " + ", ".join(list(known)[:20])
            )
    judged = OverlapVerdict(
        study_ids=(study_id, other_id), verdict=verdict, judged_by=review.person, note=note
    )
    return review.append(EventKind.OVERLAP_JUDGED, judged)


def studies_under(
    state: ReviewState, studies: Sequence[Study], rule: OverlapRule
) -> tuple[Study, ...]:
    """Return the studies that enter an analysis under a rule, by the verdicts so far."""
    from resartus.dedup.overlap import kept_studies

    return kept_studies(studies, overlap_verdicts(state), rule)
