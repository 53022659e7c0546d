from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import Event, EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.domain.state import Imported, advance, fold

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def vote(seq: int, record: str, verdict: Verdict, by: str = "r1") -> Event:
    decision = Decision(
        record_id=RecordId(record),
        stage=Stage.SCREENING,
        verdict=verdict,
        decided_by=by,
        decided_at=NOW,
    )
    return Event(seq=seq, kind=EventKind.DECISION_MADE, by=by, at=NOW, data=to_plain(decision))


def undo(seq: int, target: int) -> Event:
    return Event(seq=seq, kind=EventKind.EVENT_UNDONE, by="r1", at=NOW, data={"seq": target})


def verdicts(events: list[Event]) -> dict[str, Verdict]:
    return {key[0]: d.verdict for key, d in fold(events).decisions.items()}


def test_a_later_vote_of_the_same_person_replaces_the_earlier() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), vote(2, "a", Verdict.EXCLUDE)]
    assert verdicts(events) == {"a": Verdict.EXCLUDE}


def test_two_people_keep_their_own_votes() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), vote(2, "a", Verdict.EXCLUDE, by="r2")]
    assert len(fold(events).decisions) == 2


def test_an_undone_vote_no_longer_counts_and_the_one_before_does() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), vote(2, "a", Verdict.EXCLUDE), undo(3, 2)]
    assert verdicts(events) == {"a": Verdict.INCLUDE}


def test_an_undo_can_itself_be_undone() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), undo(2, 1), undo(3, 2)]
    assert verdicts(events) == {"a": Verdict.INCLUDE}
    assert verdicts([*events, undo(4, 3)]) == {}


def test_the_state_at_an_earlier_event_is_what_it_was() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), vote(2, "a", Verdict.EXCLUDE)]
    state = fold(events, until=1)
    assert (state.seq, [d.verdict for d in state.decisions.values()]) == (1, [Verdict.INCLUDE])


def test_a_record_brought_twice_is_listed_once_in_order_of_arrival() -> None:
    def brought(seq: int, *ids: str) -> Event:
        data = to_plain(Imported(origin="f", record_ids=tuple(map(RecordId, ids))))
        return Event(seq=seq, kind=EventKind.RECORDS_IMPORTED, by="r", at=NOW, data=data)

    assert fold([brought(1, "b", "a"), brought(2, "a", "c")]).record_ids() == ["b", "a", "c"]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(Verdict)), st.integers(1, 9)))
)
@settings(deadline=None, max_examples=100)
def test_replaying_a_log_gives_the_same_state(steps: list[tuple[str, Verdict, int]]) -> None:
    events = [
        undo(n, min(target, n - 1)) if n > 1 and target % 3 == 0 else vote(n, record, verdict)
        for n, (record, verdict, target) in enumerate(steps, start=1)
    ]
    first, again = fold(events), fold(list(events))
    assert first == again
    assert first.undone <= set(range(1, len(events) + 1))


def test_a_state_brought_forward_is_the_state_folded_anew() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), vote(2, "b", Verdict.EXCLUDE, by="r2")]
    state = fold(events[:1])
    assert advance(state, events[1:])
    assert state == fold(events)


def test_an_undo_cannot_be_reached_by_going_forward() -> None:
    events = [vote(1, "a", Verdict.INCLUDE), undo(2, 1)]
    state = fold(events[:1])
    before = fold(events[:1])
    assert not advance(state, events[1:])
    assert state == before
