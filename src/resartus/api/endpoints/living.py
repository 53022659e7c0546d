"""What changed between any two versions, what open records could do, and notices on reports."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Line, Number
from resartus.app.background.counting import told_of_searches
from resartus.app.living.cumulative import Step, cumulative_of
from resartus.app.living.diff import diff_versions
from resartus.app.living.notices import Notice, notices, settle_notice
from resartus.app.living.pending import Pending, pending_of
from resartus.app.living.signals import Signal, caution, signals_of
from resartus.app.living.updating import update_review
from resartus.app.permissions import Action
from resartus.app.searching import planned_searches
from resartus.app.versions import draft_version, find_version
from resartus.domain.change import Change
from resartus.domain.ids import RecordId
from resartus.errors import DataError

__all__ = ["LIVING"]

_REVIEW = "/reviews/{review_id}"


class NoticeView(Body):
    """A retraction or correction of an included report, and the id that settles it."""

    notice_id: str
    notice: Notice


class Settled(Body):
    """How a notice was dealt with: excluded, corrected, or no effect on it."""

    notice_id: Id
    note: Line


class Updated(Body):
    """What an update brought: new records, revised reports, notices that are new."""

    runs: int
    record_ids: tuple[RecordId, ...]
    revised: tuple[RecordId, ...]
    notices: tuple[NoticeView, ...]
    open_notices: int


class Differences(Body):
    """What changed from one version to another, and the signs that a conclusion did."""

    before: int
    after: int
    changes: tuple[Change, ...]
    signals: tuple[Signal, ...]
    caution: str | None


class OpenOutcome(Body):
    """What the open records could do to one outcome, in a sentence."""

    key: str
    label: str
    chance_of_signal: float
    expected_studies: float
    expected_patients: float
    events_to_leave: int | None
    sentence: str


class Forecasts(Body):
    """How many records are open and were judged, and what the open ones could do."""

    n_pending: int
    n_judged: int
    n_with_data: int
    outcomes: tuple[OpenOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two versions by number; the newest, and the review as it stands, if left out."""

    before: Number | None = None
    after: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settledness:
    """The open notices, or the settled ones too."""

    settled: bool = False


def _viewed(found: tuple[Notice, ...]) -> tuple[NoticeView, ...]:
    return tuple(NoticeView(notice_id=notice.notice_id, notice=notice) for notice in found)


def _update(call: Call) -> Updated:
    with call.aside() as review:
        told = told_of_searches(call.tell, len(planned_searches(review)))
        found = update_review(review, on_progress=told)
    return Updated(
        runs=len(found.runs),
        record_ids=found.new_ids,
        revised=found.revised,
        notices=_viewed(found.notices),
        open_notices=found.open_notices,
    )


def _notices(call: Call) -> tuple[NoticeView, ...]:
    with call.review() as review:
        return _viewed(notices(review.state(), is_open=None if call.query.settled else True))


def _settle(call: Call) -> Settled:
    with call.review() as review:
        settle_notice(review, call.body.notice_id, note=call.body.note)
    return Settled(notice_id=call.body.notice_id, note=call.body.note)


def _differences(call: Call) -> Differences:
    asked = call.query
    with call.aside() as review:
        versions = review.state().versions
        if not versions:
            raise DataError("no version is pinned yet; POST to versions first")
        old = versions[-1] if asked.before is None else find_version(review, asked.before)
        new = draft_version(review) if asked.after is None else find_version(review, asked.after)
        if new.last_seq < old.last_seq:
            raise DataError(f"version {new.version} is older than {old.version}; turn them round")
        diff = diff_versions(review, old, new)
    return Differences(
        before=old.version,
        after=new.version,
        changes=diff.changes,
        signals=signals_of(diff),
        caution=caution([*versions, new] if new not in versions else versions),
    )


def _forecast(call: Call) -> Forecasts:
    with call.aside() as review:
        found: Pending = pending_of(review)
    return Forecasts(
        n_pending=found.n_pending,
        n_judged=found.n_judged,
        n_with_data=found.n_with_data,
        outcomes=tuple(
            OpenOutcome(
                key=one.conclusion.key,
                label=one.conclusion.label,
                chance_of_signal=one.forecast.chance_of_signal,
                expected_studies=one.forecast.expected_studies,
                expected_patients=one.forecast.expected_patients,
                events_to_leave=one.forecast.events_to_leave,
                sentence=one.sentence(),
            )
            for one in found.outcomes
        ),
    )


def _by_year(call: Call) -> tuple[Step, ...]:
    with call.aside() as review:
        return cumulative_of(review)


LIVING = (
    Endpoint(
        method="POST",
        path=_REVIEW + "/updates",
        summary="Search again from where each search stood; look for notices on included reports",
        work=_update,
        action=Action.SEARCH,
        answer=Updated,
        status=201,
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/notices",
        summary="Retractions and corrections of included reports, the gravest first",
        work=_notices,
        action=Action.READ,
        query=Settledness,
        answer=list[NoticeView],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/notices",
        summary="Say how a notice was dealt with",
        work=_settle,
        action=Action.EXTRACT,
        body=Settled,
        answer=Settled,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/changes",
        summary="What changed between any two versions, and whether a conclusion did",
        work=_differences,
        action=Action.READ,
        query=Between,
        answer=Differences,
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/forecast",
        summary="What the records that are still open could do to each outcome",
        work=_forecast,
        action=Action.READ,
        answer=Forecasts,
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/by-year",
        summary="Each pooled outcome as it stood after each year's reports",
        work=_by_year,
        action=Action.READ,
        answer=list[Step],
    ),
)
