"""Where a review stands, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.living.notices import notices
from resartus.app.review import Review
from resartus.app.screening import Progress, progress

__all__ = ["ReviewStatus", "review_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStatus:
    """A review in numbers, with the next command."""

    title: str
    searches_planned: int
    searches_run: int
    records: int
    duplicates: int
    screening: Progress
    eligibility: Progress
    not_retrieved: int
    studies: int
    patients: int
    cells: int
    versions: int
    events: int
    next_step: str
    next_command: str


def _next(
    review: Review, first: Progress, second: Progress, studies: int, versions: int
) -> tuple[str, str]:
    state = review.state()
    done = {run.search.search_id for run in state.search_runs}
    waiting = [s.search_id for s in review.protocol.searches if s.search_id not in done]
    if not review.protocol.searches and not state.imports:
        return (
            "Plan a search in review.toml, or bring citations from a file",
            "resartus import FILE",
        )
    if waiting and not first.total:
        return f"Run the search {waiting[0]!r}", "resartus search"
    waiting_notices = notices(state, is_open=True)
    if waiting_notices:
        n = len(waiting_notices)
        return f"Settle {n} {'notice' if n == 1 else 'notices'} on included reports", (
            "resartus notices"
        )
    if first.conflicts or second.conflicts:
        n = first.conflicts + second.conflicts
        return f"Settle {n} conflicts between reviewers", "resartus screen --conflicts"
    links, sources = state.duplicates, len(state.search_runs) + len(state.imports)
    if questions := len(links.open_questions()):
        return f"Judge {questions} pairs that may be duplicates", "resartus dedup --judge"
    if first.left and sources > 1 and links.n_looked_at < len(state.arrived):
        return "Find duplicates among what came from several sources", "resartus dedup"
    if first.left:
        return f"Judge {first.left} titles and abstracts", "resartus screen"
    if second.left:
        return f"Judge {second.left} full texts", "resartus screen --stage full-text"
    if second.included and not studies:
        return f"Extract {second.included} included reports", "resartus extract --import FILE"
    if not second.included:
        return "Nothing was included: look at the criteria in review.toml", "resartus status"
    if not versions:
        return "Write the report and pin it as version 1", "resartus report --pin"
    return "Look for what is new", "resartus update"


def review_status(
    review: Review, *, counted: tuple[Progress, Progress] | None = None
) -> ReviewStatus:
    """Return the status; it always says what comes next.

    ``counted`` is the progress of the two stages where it is known already.
    """
    state = review.state()
    first, second = counted or progress(review)
    patients = {(c.study_id, c.patient) for c in state.cells.values() if c.patient is not None}
    step, command = _next(review, first, second, len(state.studies), len(state.versions))
    return ReviewStatus(
        title=review.protocol.title,
        searches_planned=len(review.protocol.searches),
        searches_run=len(state.search_runs),
        records=len(state.record_ids()),
        duplicates=len(state.duplicate_of),
        screening=first,
        eligibility=second,
        not_retrieved=len(state.missing_fulltexts),
        studies=len(state.studies),
        patients=len(patients),
        cells=len(state.cells),
        versions=len(state.versions),
        events=state.seq,
        next_step=step,
        next_command=command,
    )
