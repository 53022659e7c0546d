"""A small review of invented series, for what changes; no evidence is meant."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.extracted import Anchor, Cell, Extracted
from resartus.domain.ids import Pmid, RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import Imported, StudyEntry

PROTOCOL = """
title = "Resection of test metastases"
question = "What does resection add?"
population = "Patients of the test"
intervention = "Resection"
comparator = "none"
outcomes = ["mortality"]

[[search]]
id = "main"
source = "file"
query = "resection[tiab]"

[analysis]
proportions = ["mortality_n"]
denominator = "n_total"
"""


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.time = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def review(tmp_path: Path, clock: Clock) -> Iterator[Review]:
    folder = tmp_path / "living"
    folder.mkdir()
    with Review.create(folder, protocol_text=PROTOCOL, person="ann", clock=clock) as made:
        yield made


def record(pmid: int, **fields: object) -> Record:
    return Record(
        record_id=RecordId(f"pubmed:{pmid}"),
        source="pubmed",
        pmid=Pmid(pmid),
        title=f"Resection in series {pmid}",
        **fields,  # type: ignore[arg-type]
    )


def cells(study: str, **values: object) -> list[Cell]:
    return [
        Cell(
            study_id=StudyId(study),
            field=field,
            extracted=Extracted(
                value=value,  # type: ignore[arg-type]
                entered_by="ann",
                anchor=Anchor(record_id=RecordId(study), place="abstract", span=str(value)),
            ),
        )
        for field, value in values.items()
    ]


@pytest.fixture
def include(review: Review) -> Callable[..., None]:
    """Bring a record, include it at both stages and enter its counts."""

    def bring(pmid: int, *, events: int, total: int, **fields: object) -> None:
        it = record(pmid, **fields)
        review.store.save_records([it])
        review.append(
            EventKind.RECORDS_IMPORTED, Imported(origin="file", record_ids=(it.record_id,))
        )
        for stage in Stage:
            decide(review, it.record_id, stage=stage, verdict=Verdict.INCLUDE)
        study = StudyEntry(
            study_id=StudyId(str(it.record_id)),
            label=f"Series {pmid}",
            design="case series",
            record_ids=(it.record_id,),
        )
        review.append(EventKind.STUDY_DEFINED, study)
        entered = cells(str(it.record_id), mortality_n=events, n_total=total)
        review.append(EventKind.CELL_ENTERED, {"cells": [to_plain(cell) for cell in entered]})

    return bring
