"""What a search's run was, and whether it is a good search: replay, drift, check, PRISMA-S."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Number
from resartus.app.background.counting import told_of_searches
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.search.archive import run_number
from resartus.app.search.checking import StrategyCheck, check_strategy, known_relevant
from resartus.app.search.drift import Change, Drift, drift_between, drift_to_now
from resartus.app.search.prisma_s import PrismaSItem, prisma_s
from resartus.app.search.replaying import replay_run
from resartus.app.searching import engine_for, planned_searches
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.query import SearchRun

__all__ = ["SEARCHES"]

_REVIEW = "/reviews/{review_id}"
_RUN = _REVIEW + "/runs/{run}"


class Replayed(Body):
    """A run given again from what was kept of it, with no network."""

    run: int
    search_id: str
    ran_at: datetime
    is_identical: bool
    record_ids: tuple[RecordId, ...]
    absent: tuple[RecordId, ...]
    extra: tuple[RecordId, ...]
    lost: tuple[str, ...]


class Drifted(Body):
    """What changed between two runs, record by record, and why."""

    search_id: str
    before_at: datetime
    before: int
    after_at: datetime
    after: int
    unchanged: int
    remarks: tuple[str, ...]
    changes: tuple[Change, ...]


class Checking(Body):
    """What to check a strategy by.

    ``known``: PMIDs a good search finds; the records included so far if left
    out. ``is_thorough`` asks as well what is found without each term.
    """

    search_id: Id | None = None
    known: Annotated[tuple[Number, ...], msgspec.Meta(max_length=1000)] = ()
    is_thorough: bool = True


class Checked(Body):
    """A strategy taken apart; ``recall`` is ``null`` where nothing relevant is known."""

    recall: float | None
    check: StrategyCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """The later run, counted from 1 in the order of the log; the last if left out."""

    later: Number | None = None


def _run(call: Call, review: Review) -> SearchRun:
    return run_number(list(review.state().search_runs), call.number("run"))


def _replay(call: Call) -> Replayed:
    with call.aside() as review:
        again = replay_run(review, _run(call, review))
    return Replayed(
        run=call.number("run"),
        search_id=again.run.search.search_id,
        ran_at=again.run.ran_at,
        is_identical=again.is_identical,
        record_ids=again.record_ids,
        absent=again.absent,
        extra=again.extra,
        lost=again.lost,
    )


def _told(drift: Drift) -> Drifted:
    return Drifted(
        search_id=drift.before.search.search_id,
        before_at=drift.before.ran_at,
        before=drift.before.count,
        after_at=drift.asked_at,
        after=drift.n_after,
        unchanged=drift.n_unchanged,
        remarks=drift.remarks,
        changes=drift.changes,
    )


def _drift(call: Call) -> Drifted:
    with call.aside() as review:
        runs, before = list(review.state().search_runs), _run(call, review)
        later = call.query.later or len(runs)
        return _told(drift_between(review, before, run_number(runs, later)))


def _drift_to_now(call: Call) -> Drifted:
    with call.aside() as review:
        before = _run(call, review)
        with closing(engine_for(review, before.search)) as engine:
            return _told(drift_to_now(review, before, engine=engine))


def _check(call: Call) -> list[Checked]:
    asked, found = call.body, []
    with call.aside() as review:
        known = tuple(dict.fromkeys(Pmid(n) for n in asked.known)) or known_relevant(review)
        planned = planned_searches(review, asked.search_id)
        told = told_of_searches(call.tell, len(planned))
        for search in planned:
            with closing(engine_for(review, search)) as engine:
                check = check_strategy(
                    review,
                    search,
                    engine=engine,
                    known=known,
                    is_thorough=asked.is_thorough,
                    on_progress=told(search),
                )
            found.append(Checked(recall=check.recall, check=check))
    return found


def _prisma_s(call: Call) -> tuple[PrismaSItem, ...]:
    with call.review() as review:
        return tuple(prisma_s(review))


SEARCHES = (
    Endpoint(
        method="GET",
        path=_RUN + "/replay",
        summary="A run again from what was kept of it, and whether it is identical",
        work=_replay,
        action=Action.READ,
        answer=Replayed,
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_RUN + "/drift",
        summary="What changed from one run to a later one, and why",
        work=_drift,
        action=Action.READ,
        query=Against,
        answer=Drifted,
    ),
    Endpoint(
        method="POST",
        path=_RUN + "/drift",
        summary="What changed from a run to what the source answers now; nothing is logged",
        work=_drift_to_now,
        action=Action.SEARCH,
        answer=Drifted,
        is_long=True,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/searches/check",
        summary="Check strategies: recall, what loses each known record, what each term brings",
        work=_check,
        action=Action.SEARCH,
        body=Checking,
        answer=list[Checked],
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/prisma-s",
        summary="The sixteen items of PRISMA-S, and which people must still add",
        work=_prisma_s,
        action=Action.READ,
        answer=list[PrismaSItem],
    ),
)
