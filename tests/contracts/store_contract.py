"""What every store must do. A store's test module subclasses ``StoreContract``."""

from datetime import UTC, datetime

import pytest

from resartus.domain.event import EventKind, NewEvent
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.ports import Store
from resartus.domain.record import Author, MeshHeading, MeshQualifier, Record
from resartus.errors import ConflictError, NotFoundError

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def record(number: int, **changes: object) -> Record:
    values: dict[str, object] = {
        "record_id": RecordId(f"pubmed:{number}"),
        "source": "pubmed",
        "pmid": Pmid(number),
        "title": f"Title {number} – naïve “quotes” 肝",
        "authors": (Author(last_name="Lim", initials="MC", affiliations=("Goyang",)),),
        "mesh": (
            MeshHeading(
                descriptor="Liver Neoplasms",
                major=True,
                qualifiers=(MeshQualifier(name="secondary", major=True),),
            ),
        ),
        "year": 2009,
        "entered_on": NOW.date(),
        "fetched_at": NOW,
    }
    return Record(**(values | changes))  # type: ignore[arg-type]


def event(number: int = 1, *, key: str | None = None) -> NewEvent:
    return NewEvent(
        kind=EventKind.DECISION_MADE,
        by="reviewer",
        at=NOW,
        data={"n": number, "text": "é"},
        key=key,
    )


class StoreContract:
    """Subclass it and give a ``store`` fixture that yields an empty store."""

    def test_a_record_comes_back_as_it_was_saved(self, store: Store) -> None:
        assert store.save_records([record(1)]) == 1
        assert store.load_record(RecordId("pubmed:1")) == record(1)

    def test_saving_the_same_record_again_changes_nothing(self, store: Store) -> None:
        store.save_records([record(1)])
        assert store.save_records([record(1)]) == 0
        assert store.count_records() == 1

    def test_a_changed_record_becomes_the_current_version(self, store: Store) -> None:
        store.save_records([record(1)])
        assert store.save_records([record(1, title="Corrected title")]) == 1
        assert store.load_record(RecordId("pubmed:1")).title == "Corrected title"
        assert store.count_records() == 1

    def test_records_come_in_order_of_arrival(self, store: Store) -> None:
        store.save_records([record(n) for n in (3, 1, 2)])
        assert [r.pmid for r in store.iterate_records()] == [3, 1, 2]

    def test_named_records_come_in_the_order_named_even_when_there_are_many(
        self, store: Store
    ) -> None:
        store.save_records([record(n) for n in range(1, 1203)])
        wanted = [RecordId(f"pubmed:{n}") for n in range(1202, 0, -1)]
        assert [r.record_id for r in store.iterate_records(wanted)] == wanted

    def test_an_unknown_record_is_named(self, store: Store) -> None:
        with pytest.raises(NotFoundError, match="pubmed:9"):
            store.load_record(RecordId("pubmed:9"))
        with pytest.raises(NotFoundError, match="pubmed:9"):
            list(store.iterate_records([RecordId("pubmed:9")]))

    def test_records_with_a_broken_one_among_them_are_kept_all_or_none(self, store: Store) -> None:
        def broken() -> object:
            yield record(1)
            raise RuntimeError("the file ended")

        with pytest.raises(RuntimeError):
            store.save_records(broken())  # type: ignore[arg-type]
        assert store.count_records() == 0

    def test_events_are_numbered_from_one_without_gaps(self, store: Store) -> None:
        assert store.last_seq() == 0
        kept = store.append([event(1), event(2)]) + store.append([event(3)])
        assert [e.seq for e in kept] == [1, 2, 3]
        assert [e.data["n"] for e in store.load_events()] == [1, 2, 3]
        assert [e.seq for e in store.load_events(after=2)] == [3]

    def test_an_event_comes_back_as_it_was_appended(self, store: Store) -> None:
        store.append([event(1, key="vote-1")])
        [kept] = store.load_events()
        assert (kept.kind, kept.by, kept.at) == (EventKind.DECISION_MADE, "reviewer", NOW)
        assert (dict(kept.data), kept.key) == ({"n": 1, "text": "é"}, "vote-1")

    def test_a_repeated_key_returns_the_first_event_and_adds_none(self, store: Store) -> None:
        [first] = store.append([event(1, key="vote-1")])
        again = store.append([event(2, key="vote-1"), event(3)])
        assert again[0] == first
        assert [e.data["n"] for e in store.load_events()] == [1, 3]
        assert store.last_seq() == 2

    def test_a_writer_who_read_an_older_state_is_told(self, store: Store) -> None:
        store.append([event(1)])
        with pytest.raises(ConflictError, match="at event 1, not at 0"):
            store.append([event(2)], expected_seq=0)
        assert store.last_seq() == 1

    def test_many_events_are_read_in_pages(self, store: Store) -> None:
        store.append([event(n) for n in range(1, 1204)])
        assert [e.seq for e in store.load_events()] == list(range(1, 1204))

    def test_a_value_without_a_plain_form_is_refused_and_nothing_kept(self, store: Store) -> None:
        bad = NewEvent(kind=EventKind.DECISION_MADE, by="r", at=NOW, data={"x": object()})
        with pytest.raises(ValueError, match="no plain form"):
            store.append([event(1), bad])
        assert store.last_seq() == 0
