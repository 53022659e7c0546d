"""What can be done in the background: of a team's queue, or of one person's server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resartus.app.background.counting import advancing, told_of_searches
from resartus.app.fulltexts import look_up, wanted_records
from resartus.app.living.updating import update_review
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.searching import planned_searches, run_planned
from resartus.domain.job import Job, JobAnswer, JobState, Tell
from resartus.errors import ResartusError

__all__ = ["ASKED_FOR", "KINDS", "JobKind", "attempted"]

_OUR_FAULT = "something went wrong on our side; it is in the server's log"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """What a kind of job asks of a role, and does; it returns a sentence, or an answer to keep."""

    action: Action
    work: Callable[[Review, Mapping[str, Any], Tell], str | JobAnswer]


def _search(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    search_id = data.get("search_id") or None
    told = told_of_searches(tell, len(planned_searches(review, search_id)))
    runs = run_planned(review, search_id, on_progress=told)
    return f"{sum(run.count for run in runs)} records found"


def _update(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    told = told_of_searches(tell, len(planned_searches(review)))
    found = update_review(review, on_progress=told)
    said = f"{len(found.new_ids)} records are new"
    return said + (f"; {len(found.notices)} notices on included reports" if found.notices else "")


def _look_up(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    wanted = wanted_records(review)
    attached, refused = look_up(review, wanted, advance=advancing(tell, len(wanted)))
    return f"{len(attached)} full texts found, {len(refused)} not"


def _simulate(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    # Imported here: a server that simulates nothing need not load the rankings.
    from resartus.app.simulating.reviews import SEEDS, simulate_review
    from resartus.app.simulating.runs import mean_quality

    runs = simulate_review(review, advance=advancing(tell, len(SEEDS)))
    mean = mean_quality(runs)
    return (
        f"{runs[0].ranking}: {100 * mean['wss95']:.0f} % of the work saved at 95 % recall, "
        f"{100 * mean['recall_at_10_percent']:.0f} % of the relevant after a tenth of the "
        f"{runs[0].quality.n_records} records ranked (mean of {len(runs)} runs)"
    )


def _audit(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    # Imported here: a server that audits nothing need not load what draws and writes reports.
    from resartus.app.published import files_on_hand
    from resartus.app.reporting.kept_audit import make_audit
    from resartus.app.versions import find_version

    snapshot = find_version(review, data["version"])
    found = make_audit(review, snapshot, written=files_on_hand(review, snapshot), tell=tell)
    return f"version {snapshot.version}: {len(found.audit.faults)} faults"


def _open(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    from resartus.app.exporting import open_bundle

    archive = Path(data["archive"])
    opened = open_bundle(archive, review.folder.resolve().parent / data["folder"], tell=tell)
    archive.unlink(missing_ok=True)
    return "\n".join(opened.sentences())


# A retried job logs nothing twice: its events carry keys (``Review.retry_key``).
KINDS: Mapping[str, JobKind] = {
    "search": JobKind(action=Action.SEARCH, work=_search),
    "update": JobKind(action=Action.SEARCH, work=_update),
    "fulltexts": JobKind(action=Action.SEARCH, work=_look_up),
    "simulate": JobKind(action=Action.SEARCH, work=_simulate),
    "audit": JobKind(action=Action.READ, work=_audit),
    "open": JobKind(action=Action.MANAGE, work=_open),
}

ASKED_FOR = tuple(name for name in KINDS if name not in ("audit", "open"))
"""The kinds that people ask for by name; pages ask for the others."""


def attempted(
    work: Callable[[], str | JobAnswer],
    job: Job,
    *,
    letting_through: tuple[type[ResartusError], ...] = (),
) -> tuple[JobState, str, JobAnswer | None]:
    """Do a job, and return how it ended: its state, the sentence on it, and an answer to keep.

    Errors named in ``letting_through`` are the caller's, to try again.
    """
    try:
        given = work()
    except ResartusError as error:
        if isinstance(error, letting_through):
            raise
        return JobState.FAILED, error.message, None
    except Exception:  # noqa: BLE001 - the edge of the background: the queue goes on
        _log.exception("job %d (%s) failed", job.job_id, job.kind)
        return JobState.FAILED, _OUR_FAULT, None
    if isinstance(given, JobAnswer):
        return JobState.DONE, f"{len(given.content)} bytes, {given.media_type}", given
    return JobState.DONE, given, None
