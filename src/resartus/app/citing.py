"""Write the review's citations for reference managers, spreadsheets and other screening tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from resartus.app.review import Review
from resartus.app.screening import outcomes, visible_votes
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.sources.formats.writing import WRITABLE, Judged, write_citations
from resartus.stores.payloads import writing_whole

__all__ = ["CITATION_FORMATS", "Choice", "ExportedCitations", "export_citations"]

CITATION_FORMATS = tuple(WRITABLE)


class Choice(StrEnum):
    """Which records go out; duplicates never do, their first record stands for them."""

    ALL = "all"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedCitations:
    """What was written, and where."""

    file: str
    format: str
    records: int
    decisions: int


def export_citations(
    review: Review,
    path: Path | None = None,
    *,
    format: str,
    choice: Choice = Choice.ALL,
    stage: Stage = Stage.ELIGIBILITY,
    has_decisions: bool = True,
    progress: Callable[[float], None] | None = None,
) -> ExportedCitations:
    """Write citations with the decisions this person may see.

    Parameters
    ----------
    review : Review
        Whose.
    path : Path, optional
        Where to; ``out/citations.<ending>`` by default.
    format : str
        One of ``CITATION_FORMATS``.
    choice : Choice
        All, or those included, excluded or not yet settled at ``stage``.
    stage : Stage
        ``ELIGIBILITY`` asks what stands at the end: included is included at
        full text, excluded at either stage. ``SCREENING`` asks what title and
        abstract said.
    has_decisions : bool
        Write votes beside the citations. Votes that are blinded stay at home.
    progress : callable, optional
        Told the fraction written, 0 to 1.
    """
    ids = _chosen(review, choice, stage)
    path = path or review.out / f"citations{WRITABLE.get(format, '')}"
    votes_written = 0

    def judged() -> Iterator[Judged]:
        nonlocal votes_written
        for number, record in enumerate(review.store.iterate_records(ids)):
            votes = _votes(review, record.record_id) if has_decisions else []
            votes_written += len(votes)
            if progress is not None and number % 200 == 0:
                progress(number / len(ids))
            yield record, votes

    with writing_whole(path) as stream:
        count = write_citations(stream, judged(), format=format)
    if progress is not None:
        progress(1.0)
    return ExportedCitations(file=str(path), format=format, records=count, decisions=votes_written)


def _chosen(review: Review, choice: Choice, stage: Stage) -> list[RecordId]:
    standing = outcomes(review.state(), reviewers=review.protocol.reviewers).values()
    if choice is Choice.ALL:
        return [outcome.record_id for outcome in standing]
    chosen = []
    for outcome in standing:
        verdict = outcome.verdict
        if stage is Stage.SCREENING and outcome.stage is Stage.ELIGIBILITY:
            # It is at full text because title and abstract let it pass.
            verdict = Verdict.INCLUDE
        elif stage is Stage.ELIGIBILITY and outcome.stage is Stage.SCREENING:
            verdict = verdict if verdict is Verdict.EXCLUDE else None
        wanted = {
            Choice.INCLUDED: verdict is Verdict.INCLUDE,
            Choice.EXCLUDED: verdict is Verdict.EXCLUDE,
            Choice.OPEN: verdict not in (Verdict.INCLUDE, Verdict.EXCLUDE),
        }[choice]
        if wanted:
            chosen.append(outcome.record_id)
    return chosen


def _votes(review: Review, record_id: RecordId) -> list[Decision]:
    votes = [
        vote for stage in Stage for vote in visible_votes(review, record_id, stage=stage).values()
    ]
    return sorted(votes, key=lambda vote: (vote.stage is Stage.ELIGIBILITY, vote.decided_at))
