"""Two people enter for themselves; only agreement or an explicit consensus counts."""

from dataclasses import replace

import pytest

from resartus.app.entering import Entry, enter_value
from resartus.app.evidence import assemble
from resartus.app.extraction.double_entry import compare, settle, settle_with, unsettled
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.domain.extracted import Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.errors import DataError, NotFoundError


@pytest.fixture
def entry(record_id: RecordId) -> Entry:
    return Entry(
        study_id=StudyId("roh"),
        field="morbidity_n",
        value="19",
        record_id=record_id,
        place="abstract",
        span="37%",
        derivation="37 % of 52 = 19",
    )


def enter_as(review: Review, person: str, entry: Entry) -> None:
    with Review(review.folder, person=person) as own:
        enter_value(own, entry)


def test_one_person_s_entry_counts(review: Review, entry: Entry) -> None:
    enter_as(review, "ana", entry)
    assert assemble(review.state())[0].number("morbidity_n") == 19
    with pytest.raises(DataError, match="only 'ana' has entered"):
        compare(review.state())


def test_an_entry_that_differs_counts_for_nobody_until_it_is_settled(
    review: Review, entry: Entry
) -> None:
    enter_as(review, "ana", entry)
    enter_as(review, "ben", replace(entry, value="20", derivation=None))
    standing = assemble(review.state())[0].values["morbidity_n"]
    assert (standing.value, standing.reported) == (None, Reported.UNCLEAR)
    assert standing.note == "entries differ and wait for a consensus: 19 (ana); 20 (ben)"
    assert [c.extracted.entered_by for c in unsettled(review.state())[0]] == ["ana", "ben"]
    assert compare(review.state(), people=("ana", "ben")).n_differ == 1


def test_a_consensus_counts_and_no_entry_is_overwritten(review: Review, entry: Entry) -> None:
    enter_as(review, "ana", entry)
    enter_as(review, "ben", replace(entry, value="20", derivation=None))
    with Review(review.folder, person="cem") as chair:
        settle(chair, "roh/morbidity_n", take="ana")
    state = review.state()
    standing = assemble(state)[0].values["morbidity_n"]
    assert (standing.value, standing.entered_by) == (19, "cem")
    assert standing.note == "consensus: as entered by ana"
    assert {who: c.extracted.value for (_, who), c in state.cells.items()} == {"ana": 19, "ben": 20}
    assert unsettled(state) == []


def test_a_late_entry_does_not_undo_the_consensus_and_undo_does(
    review: Review, entry: Entry
) -> None:
    enter_as(review, "ana", entry)
    enter_as(review, "ben", replace(entry, value="20", derivation=None))
    settled = settle_with(review, replace(entry, value="18", derivation=None, span="37%"))
    assert settled.extracted.value == 18
    enter_as(review, "ben", replace(entry, value="21", derivation=None))
    assert assemble(review.state())[0].number("morbidity_n") == 18
    seq = next(e.seq for e in review.store.load_events() if e.kind.value == "consensus.reached")
    undo_event(review, seq)
    assert assemble(review.state())[0].value("morbidity_n") is None


def test_settling_what_nobody_entered_is_refused(review: Review, entry: Entry) -> None:
    with pytest.raises(NotFoundError, match="was entered"):
        settle(review, "roh/morbidity_n", take="ana")
    with pytest.raises(NotFoundError, match="a consensus follows entries"):
        settle_with(review, entry)
    enter_as(review, "ana", entry)
    with pytest.raises(NotFoundError, match="'ben' has no entry"):
        settle(review, "roh/morbidity_n", take="ben")
