"""A version whose review was changed behind its back is found out."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resartus.app.reporting.audit import audit_review
from resartus.app.review import Review
from resartus.app.versions import pin_version
from resartus.domain.ids import RecordId
from resartus.domain.record import Record

TOML = """
title = "A review"
question = "Does it?"
population = "People"
intervention = "It"
"""


def clock() -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Review.create(tmp_path, protocol_text=TOML, person="a", clock=clock) as review:
        review.store.save_records([Record(record_id=RecordId("r:1"), source="s", title="One")])
        pin_version(review, trigger="first")
    return tmp_path


def kinds(folder: Path) -> set[str]:
    with Review(folder) as review:
        audit = audit_review(review, review.state().versions[-1])
        return {fault.kind for fault in audit.faults}


def change_log(folder: Path) -> None:
    with sqlite3.connect(folder / "review.db") as db:
        # The log refuses changes by itself; a forger takes the guard away first.
        guards = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE events SET by = 'somebody else' WHERE seq = 1")
    db.close()


def change_protocol(folder: Path) -> None:
    (folder / "review.toml").write_text(TOML.replace("Does it?", "Did it?"), encoding="utf-8")


def change_records(folder: Path) -> None:
    with Review(folder) as review:
        review.store.save_records([Record(record_id=RecordId("r:1"), source="s", title="Two")])


def test_a_version_as_pinned_has_no_fault(folder: Path) -> None:
    assert kinds(folder) == set()


@pytest.mark.parametrize(
    ("kind", "plant"),
    [
        ("log changed", change_log),
        ("protocol changed", change_protocol),
        ("records changed", change_records),
    ],
)
def test_a_review_changed_after_its_version_is_found(
    kind: str, plant: Callable[[Path], None], folder: Path
) -> None:
    plant(folder)
    assert kind in kinds(folder)
