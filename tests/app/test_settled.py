"""What is settled between two people: one rule, whoever asks and wherever."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.app.appraisal.answering import tools_of_review
from resartus.app.entering import cells_to_show
from resartus.app.review import Review
from resartus.app.screening import outcomes, visible_votes
from resartus.app.settled import settled
from resartus.app.starting import TEMPLATE
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.extracted import Anchor, Cell, Extracted
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.settled import Waiting, is_told
from resartus.domain.state import Imported, StudyEntry
from resartus.stores.sqlite import SqliteStore

PEOPLE = ("ann", "ben", "cy")
RECORDS = (RecordId("r0"), RecordId("r1"))
STUDY = StudyId("s1")

people = st.sampled_from(PEOPLE)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("vote"), people, st.sampled_from(RECORDS), st.sampled_from(list(Verdict)),
                  st.booleans()),
        st.tuples(st.just("value"), people, st.sampled_from(["country", "year"]),
                  st.sampled_from(["1", "2"]), st.booleans()),
        st.tuples(st.just("answer"), people, st.just(0), st.just(""), st.booleans()),
    ),
    max_size=10,
)  # fmt: skip


def cell(field: str, value: str, by: str) -> Cell:
    anchor = Anchor(record_id=RECORDS[0], place="page", detail="1")
    return Cell(
        study_id=STUDY,
        patient=None,
        field=field,
        extracted=Extracted(value=value, entered_by=by, anchor=anchor),
    )


def act(review: Review, what: tuple) -> None:
    kind, by, on, said, is_final = what
    if kind == "vote":
        decision = Decision(
            record_id=on, stage=Stage.SCREENING, verdict=said, decided_by=by,
            decided_at=review.clock(), is_adjudication=is_final and said is not Verdict.SKIP,
        )  # fmt: skip
        review.append(EventKind.DECISION_MADE, decision, by=by)
    elif kind == "value":
        settles = EventKind.CONSENSUS_REACHED if is_final else EventKind.CELL_ENTERED
        review.append(settles, {"cells": [to_plain(cell(on, said, by))]}, by=by)
    else:
        tool = next(t for t in tools_of_review(review) if t.key == "jbi-case-series@2020")
        for item in tool.items if is_final else tool.items[:1]:
            data = {"study_id": STUDY, "tool": tool.key, "item": item.item_id,
                    "answer": item.answers[0].code, "support": None, "by": by}  # fmt: skip
            review.append(EventKind.APPRAISAL_ANSWERED, data, by=by)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("r")
    text = TEMPLATE.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2")
    (folder / "review.toml").write_text(text, encoding="utf-8")
    return folder


def begun(folder: Path, *, person: str) -> Review:
    review = Review(folder, person=person, store=SqliteStore(":memory:"))
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=RECORDS))
    entry = StudyEntry(study_id=STUDY, label="S", design="case series", record_ids=RECORDS[:1])
    review.append(EventKind.STUDY_DEFINED, entry)
    return review


@given(acts)
@settings(max_examples=60)
def test_results_rest_on_nothing_that_one_person_gave_alone(folder: Path, done: list) -> None:
    with begun(folder, person="server") as review:
        for what in done:
            act(review, what)
        state, kept = review.state(), settled(review)
        for cell_id, _ in kept.cells:
            given_by = {by for (known, by) in state.cells if known == cell_id}
            assert len(given_by) >= 2 or cell_id in state.consensus
        for votes in kept.votes.values():
            counted = [v for v in votes.values() if v.verdict is not Verdict.SKIP]
            assert len(counted) >= 2 or any(v.is_adjudication for v in counted)
        assert len({by for *_, by in kept.appraisals}) != 1
        # Where a record stands needs no vote that is hidden.
        reviewers = review.protocol.reviewers
        assert outcomes(kept, reviewers=reviewers) == outcomes(state, reviewers=reviewers)
        left_out = kept.waiting
        assert left_out.n_values == len(state.cells) - len(kept.cells)
        assert left_out.n_votes == len(state.decisions) - len(kept.decisions)


@given(acts, people)
@settings(max_examples=60)
def test_a_page_shows_what_is_settled_and_ones_own(folder: Path, done: list, person: str) -> None:
    with begun(folder, person=person) as review:
        for what in done:
            act(review, what)
        state, kept, own = review.state(), settled(review), settled(review, to=person)
        for record_id in RECORDS:
            seen = visible_votes(review, record_id, stage=Stage.SCREENING)
            assert dict(seen) == own.votes.get((record_id, Stage.SCREENING.value), {})
        shown, hidden = cells_to_show(review, STUDY)
        assert {(c.cell_id, c.extracted.entered_by) for c in shown} == set(own.cells)
        assert len(shown) + hidden == len(state.cells)
        for part in ("cells", "decisions", "appraisals"):
            more = set(getattr(own, part)) - set(getattr(kept, part))
            assert all(key[-1] == person for key in more)
            assert {k for k in getattr(state, part) if k[-1] == person} <= set(getattr(own, part))


@given(acts)
@settings(max_examples=20)
def test_where_one_person_suffices_nothing_waits(
    tmp_path_factory: pytest.TempPathFactory, done: list
) -> None:
    folder = tmp_path_factory.mktemp("one")
    (folder / "review.toml").write_text(TEMPLATE, encoding="utf-8")
    with begun(folder, person="server") as review:
        for what in done:
            act(review, what)
        state, kept = review.state(), settled(review)
        assert (kept.cells, kept.appraisals) == (state.cells, state.appraisals)
        assert not kept.waiting


def test_what_was_settled_is_told_whoever_asks() -> None:
    assert is_told(by="ann", to=None, given=["ann"], needed=2, is_settled=True)
    assert is_told(by="ann", to="ann", given=["ann"], needed=2, is_settled=False)
    assert not is_told(by="ann", to="ben", given=["ann"], needed=2, is_settled=False)


def test_what_waits_is_told_in_a_sentence() -> None:
    assert Waiting(n_votes=3).sentence() == ""
    assert Waiting(n_values=1).sentence() == (
        "1 value waits for a second person, and nothing here rests on it."
    )
    told = Waiting(n_values=2, n_answers=1).sentence()
    assert told.startswith("2 values and 1 answer of an appraisal wait for a second person")


def test_dual_screening_goes_with_values_entered_once(tmp_path: Path) -> None:
    text = TEMPLATE.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2\nextractors = 1")
    (tmp_path / "review.toml").write_text(text, encoding="utf-8")
    with begun(tmp_path, person="ben") as review:
        act(review, ("value", "ann", "country", "1", False))
        assert len(settled(review).cells) == 1
        assert cells_to_show(review, STUDY)[1] == 0
