from collections.abc import Iterator
from pathlib import Path

import pytest

from resartus.app.dedup.judging import (
    PairVerdict,
    asked_pairs,
    judge_pair,
    linked_groups,
    open_questions,
    pair_view,
    unlink,
)
from resartus.app.dedup.overlaps import judge_overlap, proposed_overlaps, studies_under
from resartus.app.dedup.reports import judge_reports, proposed_studies
from resartus.app.dedup.running import find_and_link
from resartus.app.demo import build_demo
from resartus.app.evidence import assemble
from resartus.app.review import Review
from resartus.app.screening import decide, open_records
from resartus.app.starting import TEMPLATE
from resartus.app.undoing import undo_event
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule, PatientsShared
from resartus.domain.record import Author, Record
from resartus.domain.state import Imported, StudyEntry
from resartus.errors import ConflictError, DataError, NotFoundError

A, B, C, D = (RecordId(r) for r in "abcd")
TITLE = "Hepatic resection for metastatic tumours from gynaecologic carcinomas"


def paper(record_id: str, **changes: object) -> Record:
    plain: dict[str, object] = {
        "title": TITLE,
        "authors": (Author(last_name="Chi", fore_name="D"),),
        "journal": "Gynecologic Oncology",
        "year": 1997,
        "volume": "66",
        "pages": "45-51",
    }
    return Record(record_id=RecordId(record_id), source="ris", **(plain | changes))  # type: ignore[arg-type]


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    (tmp_path / "r").mkdir()
    records = [
        paper("a"),
        paper("b", journal="Gynecol Oncol"),
        paper("c", title="Liver metastases of ovarian cancer: another matter", pages="101-9"),
        # The same work in another journal a year on, with no place: doubtful.
        paper("d", journal="Annual meeting", year=1996, volume=None, pages=None),
    ]
    with Review.create(tmp_path / "r", protocol_text=TEMPLATE, person="ann") as made:
        made.store.save_records(records)
        ids = tuple(record.record_id for record in records)
        made.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=ids))
        yield made


def test_a_run_links_the_sure_and_asks_the_doubtful(review: Review) -> None:
    run = find_and_link(review)
    assert (run.records, run.linked, run.asked) == (4, 1, 1)
    assert [{g.kept, *g.duplicates} for g in linked_groups(review)] == [{A, B}]
    (view,) = asked_pairs(review)
    assert D in (view.record_id, view.other_id)
    assert {f.name: f.agreement for f in view.fields}["journal"] == "different"


def test_a_second_run_finds_nothing_new(review: Review) -> None:
    find_and_link(review)
    again = find_and_link(review)
    assert (again.linked, again.duplicates, again.asked) == (0, 1, 1)


def test_a_duplicate_is_screened_once(review: Review) -> None:
    find_and_link(review)
    assert len(open_records(review, Stage.SCREENING)) == 3


def test_the_record_that_was_voted_on_stays_in_view(review: Review) -> None:
    decide(review, B, stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
    find_and_link(review)
    assert review.state().duplicate_of == {A: B}


def test_two_records_that_were_both_screened_are_asked_about(review: Review) -> None:
    decide(review, A, stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
    decide(review, B, stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    assert find_and_link(review).linked == 0
    assert any("both were screened" in q.reasons for q in open_questions(review))


def test_an_unlinked_record_stays_apart_for_ever(review: Review) -> None:
    find_and_link(review)
    (linked,) = review.state().duplicate_of
    unlink(review, linked)
    assert find_and_link(review).linked == 0
    assert review.state().duplicate_of == {}


def test_a_run_can_be_taken_back_as_a_whole(review: Review) -> None:
    find_and_link(review)
    while review.state().duplicate_of:
        undo_event(review)
    assert len(open_records(review, Stage.SCREENING)) == 4


def test_each_verdict_closes_its_question(review: Review) -> None:
    find_and_link(review)
    (question,) = open_questions(review)
    pair = (question.record_id, question.other_id)
    judge_pair(review, *pair, verdict=PairVerdict.RELATED, relation="conference abstract")
    assert open_questions(review) == []
    assert review.state().related[-1]["relation"] == "conference abstract"
    undo_event(review)
    assert open_questions(review) == [question]
    judge_pair(review, *pair, verdict=PairVerdict.DIFFERENT)
    assert open_questions(review) == []
    undo_event(review)
    judge_pair(review, *pair, verdict=PairVerdict.SAME)
    assert len(review.state().duplicate_of) == 2


def test_judging_linked_records_different_parts_them(review: Review) -> None:
    find_and_link(review)
    judge_pair(review, A, B, verdict=PairVerdict.DIFFERENT)
    assert review.state().duplicate_of == {}
    undo_event(review)
    assert len(review.state().duplicate_of) == 1


def test_wrong_pairs_are_refused_with_a_sentence(review: Review) -> None:
    find_and_link(review)
    with pytest.raises(DataError, match="given twice"):
        judge_pair(review, A, A, verdict=PairVerdict.SAME)
    with pytest.raises(NotFoundError, match="'x' is not in this review"):
        judge_pair(review, A, RecordId("x"), verdict=PairVerdict.SAME)
    with pytest.raises(ConflictError, match="linked already"):
        judge_pair(review, A, B, verdict=PairVerdict.SAME)
    with pytest.raises(NotFoundError, match="not linked"):
        unlink(review, C)


def test_any_two_records_can_be_looked_at_side_by_side(review: Review) -> None:
    fields = {f.name: f for f in pair_view(review, A, B).fields}
    assert fields["journal"].agreement == "same"
    assert fields["pages"].left == "45-51"
    assert "doi" not in fields


def test_reports_of_one_study_are_proposed_until_judged(review: Review) -> None:
    e, f = RecordId("e"), RecordId("f")
    team = tuple(Author(last_name=name, initials="A") for name in ("Coleman", "Enserro"))
    review.store.save_records(
        Record(record_id=r, source="ris", title=t, abstract="NCT00565851", authors=team)
        for r, t in ((e, "Secondary surgery"), (f, "Quality of life"))
    )
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="g", record_ids=(e, f)))
    (proposal,) = proposed_studies(review)
    assert (proposal.record_id, proposal.other_id, proposal.is_registered) == (e, f, True)
    review.append(
        EventKind.STUDY_DEFINED,
        StudyEntry(study_id=StudyId("s"), label="S", design="trial", record_ids=(e,)),
    )
    judge_reports(review, e, f, is_same_study=True)
    assert review.state().studies[StudyId("s")].record_ids == (e, f)
    assert proposed_studies(review) == ()
    # Two reports of one study are two reports: never linked as duplicates.
    assert find_and_link(review).linked == 1


def test_an_overlap_is_proposed_judged_and_drives_what_is_kept(tmp_path: Path) -> None:
    with build_demo(tmp_path / "demo") as demo:
        found = {frozenset(p.study_ids) for p in proposed_overlaps(demo)}
        # Two papers on the same registry, years and organ; one surgeon's case and series.
        assert found == {
            frozenset({"seer_oclm2020", "biocloudy_singlesite"}),
            frozenset({"bacalbasa_uterine", "bacalbasa_cervix"}),
        }
        pair = (StudyId("seer_oclm2020"), StudyId("biocloudy_singlesite"))
        judge_overlap(demo, *pair, verdict=PatientsShared.SHARED, note="both SEER 2010-2016")
        assert len(proposed_overlaps(demo)) == 1
        studies = assemble(demo.state())
        left = studies_under(demo.state(), studies, OverlapRule.KEEP_LARGEST)
        assert {s.study_id for s in studies} - {s.study_id for s in left} == {pair[1]}
        with pytest.raises(NotFoundError, match="'x' is not in this review"):
            judge_overlap(demo, pair[0], StudyId("x"), verdict=PatientsShared.SHARED)
