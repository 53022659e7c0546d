"""Many records at once: new, changed, the same, and the same twice."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.stores.sqlite import SqliteStore


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    kept = SqliteStore(":memory:")
    yield kept
    kept.close()


def records(count: int) -> list[Record]:
    return [
        Record(record_id=RecordId(f"x:{n}"), source="x", title=f"Title {n}") for n in range(count)
    ]


def test_more_than_one_batch_is_kept_in_order(store: SqliteStore) -> None:
    many = records(1203)
    assert store.save_records(iter(many)) == 1203
    assert list(store.iterate_records()) == many
    assert store.save_records(many) == 0


def test_a_change_keeps_what_was_before(store: SqliteStore) -> None:
    many = records(3)
    store.save_records(many)
    changed = [many[0], replace(many[1], title="Other"), many[2]]
    assert store.save_records(changed) == 1
    assert store.load_record(RecordId("x:1")).title == "Other"
    earlier = store._db.execute("SELECT record_id, revision FROM earlier_records").fetchall()
    assert earlier == [("x:1", 1)]


def test_three_forms_of_one_record_in_one_batch_end_as_the_last(store: SqliteStore) -> None:
    one = records(1)[0]
    forms = [one, replace(one, title="Second"), replace(one, title="Third")]
    assert store.save_records(forms) == 3
    assert store.load_record(one.record_id).title == "Third"
    earlier = store._db.execute("SELECT revision, content FROM earlier_records").fetchall()
    assert [revision for revision, _ in earlier] == [1, 2]
    assert store._db.execute("SELECT revision FROM records").fetchone() == (3,)


def test_a_failure_midway_keeps_none(store: SqliteStore) -> None:
    def torn() -> Iterator[Record]:
        yield from records(700)
        raise OSError("the file went away")

    with pytest.raises(OSError, match="went away"):
        store.save_records(torn())
    assert store.count_records() == 0
