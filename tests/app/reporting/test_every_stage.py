"""A report can be written at every stage of a review, of any question, and says what is missing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from resartus.app.entering import Entry, define_study, enter_value
from resartus.app.fulltexts import mark_missing
from resartus.app.reporting.build import build_report
from resartus.app.reporting.flow import flow_counts
from resartus.app.reporting.material import gather
from resartus.app.reporting.sheet import build_sheet
from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.app.tailoring import review_factors, tailor
from resartus.app.versions import is_protocol_changed, pin_version
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.reporting.figures.prisma_flow import prisma_flow
from resartus.reporting.html import render_html
from resartus.tailoring.factors import Side
from resartus.tailoring.profile import parse_profile

TOML = """
title = "Drainage of the subdural space"
question = "Does drainage after evacuation lower recurrence?"
population = "Adults"
intervention = "Drainage"
outcomes = ["Recurrence"]
times_zero = ["drainage", "diagnosis"]

[[eligibility.exclude]]
name = "other question"
text = "Does not answer the question"

[analysis]
proportions = ["recurrence_n"]
"""
IDS = tuple(RecordId(f"r:{n}") for n in range(1, 5))
STUDY = StudyId("one2001")


def begin(review: Review) -> None:
    """Nothing but a protocol."""


def bring(review: Review) -> None:
    review.store.save_records(
        [Record(record_id=r, source="s", title=f"Report {r[-1]}", year=2001) for r in IDS]
    )
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="a file", record_ids=IDS))


def screen_some(review: Review) -> None:
    decide(review, IDS[0], stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
    decide(review, IDS[1], stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
    decide(review, IDS[2], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)


def read_some(review: Review) -> None:
    decide(review, IDS[0], stage=Stage.ELIGIBILITY, verdict=Verdict.INCLUDE)
    mark_missing(review, IDS[1], reason="no library has it")


def define(review: Review) -> None:
    define_study(review, STUDY, record_id=IDS[0], design="case series", role="included")


def enter(review: Review, field: str, value: str) -> None:
    entry = Entry(study_id=STUDY, field=field, value=value, record_id=IDS[0], place="abstract")
    enter_value(review, entry)


def enter_events(review: Review) -> None:
    enter(review, "recurrence_n", "3")


def enter_total(review: Review) -> None:
    enter(review, "n_total", "40")


STAGES = (begin, bring, screen_some, read_some, define, enter_events, enter_total)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with Review.create(tmp_path, protocol_text=TOML, person="ana") as review:
        yield review


def text_at(review: Review) -> str:
    return render_html(build_report(gather(review, pin_version(review, trigger="a look"))))


def test_a_report_can_be_written_at_every_stage(review: Review) -> None:
    for stage in STAGES:
        stage(review)
        text = text_at(review)
        assert "Drainage of the subdural space" in text
        # What only the worked example knows has no place in another review.
        for word in ("liver", "platinum", "resection"):
            assert word not in text.lower(), (stage.__name__, word)


def test_records_that_nobody_judged_are_not_called_excluded(review: Review) -> None:
    for stage in STAGES[:3]:
        stage(review)
    counts = flow_counts(gather(review, pin_version(review, trigger="a look")))
    assert (counts.unscreened, counts.screened, counts.excluded) == (1, 3, 1)
    assert (counts.sought, counts.unassessed, counts.assessed) == (2, 2, 0)
    assert "This version is not finished" in text_at(review)


def test_a_finished_flow_has_nothing_waiting(review: Review) -> None:
    for stage in STAGES:
        stage(review)
    decide(review, IDS[3], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    counts = flow_counts(gather(review, pin_version(review, trigger="a look")))
    assert (counts.unscreened, counts.unassessed, counts.not_retrieved) == (0, 0, 1)
    assert (counts.assessed, counts.new_reports) == (1, 1)
    assert "not finished" not in text_at(review)


def test_a_count_without_its_denominator_is_named_and_not_pooled(review: Review) -> None:
    for stage in STAGES[:6]:
        stage(review)
    assert "No series reports recurrence together with the number of the treated" in text_at(review)
    enter_total(review)
    assert "Pooled recurrence" in text_at(review)


def test_a_record_left_open_before_is_counted_where_it_is_judged(review: Review) -> None:
    for stage in STAGES[:3]:
        stage(review)
    pin_version(review, trigger="first")
    read_some(review)
    decide(review, IDS[3], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    counts = flow_counts(gather(review, pin_version(review, trigger="second")))
    assert [item.count for item in counts.databases] == [3]
    assert (counts.screened, counts.excluded, counts.new_reports) == (3, 1, 1)
    assert counts.disagreements() == ()


def test_a_report_taken_out_again_is_told(review: Review) -> None:
    for stage in STAGES:
        stage(review)
    pin_version(review, trigger="first")
    decide(
        review,
        IDS[0],
        stage=Stage.ELIGIBILITY,
        verdict=Verdict.EXCLUDE,
        reasons=("other question",),
    )
    counts = flow_counts(gather(review, pin_version(review, trigger="second")))
    assert (counts.previous_reports, counts.withdrawn_reports, counts.total_reports) == (1, 1, 0)
    assert counts.disagreements() == ()


FACTORS = """
[[factor]]
name = "anticoagulation"
field = "anticoagulated"
kind = "boolean"
bands = [{ value = true, side = "adverse" }, { value = false, side = "favourable" }]
"""


def test_another_disease_has_its_own_factors_times_zero_and_sheet(review: Review) -> None:
    (review.folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
    for stage in STAGES:
        stage(review)
    for patient, months, state in (("1", "6", "alive"), ("2", "9", "dead, cause not reported")):
        for field, value in (
            ("follow_up_months", months),
            ("status", state),
            ("time_zero", "Drainage"),
            ("anticoagulated", "true"),
        ):
            entry = Entry(
                study_id=STUDY,
                field=field,
                value=value,
                record_id=IDS[0],
                place="abstract",
                patient=patient,
            )
            enter_value(review, entry)
    profile = parse_profile(
        'name = "A person"\nanticoagulated = true', factors=review_factors(review.folder)
    )
    material = gather(review, pin_version(review, trigger="a look"))
    assert [factor.name for factor in material.factors] == ["anticoagulation"]
    assert [p.follow_up.time_zero for p in material.patients] == ["drainage", "drainage"]
    for report in (build_report(material, profile=profile), build_sheet(material, profile)):
        text = render_html(report)
        assert "anticoagulation" in text
        for word in ("liver", "platinum", "resection", "primary", "cytoreduction"):
            assert word not in text.lower(), word


def test_a_bundled_factor_takes_no_side_in_a_review_that_does_not_plan_it(review: Review) -> None:
    for stage in STAGES:
        stage(review)
    profile = parse_profile(
        'name = "A person"\nage_years = 72', factors=review_factors(review.folder)
    )
    [standing] = tailor(review, profile).standings
    assert (standing.factor.name, standing.side) == ("age", Side.UNKNOWN)
    material = gather(review, pin_version(review, trigger="a look"))
    assert "adverse" not in render_html(build_report(material, profile=profile))


def test_a_version_is_reported_by_the_protocol_it_was_pinned_with(review: Review) -> None:
    first = pin_version(review, trigger="first")
    assert not is_protocol_changed(review, first)
    text = TOML.replace("Drainage of the subdural space", "Another name")
    (review.folder / "review.toml").write_text(text, encoding="utf-8")
    with Review(review.folder, person="ana") as again:
        assert is_protocol_changed(again, first)
        assert build_report(gather(again, first)).title == "Drainage of the subdural space"
        second = pin_version(again, trigger="second")
        assert build_report(gather(again, second)).title == "Another name"


def test_an_older_version_keeps_the_prose_and_the_factors_it_was_pinned_with(
    review: Review,
) -> None:
    for stage in STAGES:
        stage(review)
    (review.folder / "text").mkdir()
    prose, factors = review.folder / "text" / "discussion.md", review.folder / "factors.toml"
    prose.write_text("Drains seem safe.", encoding="utf-8")
    factors.write_text(FACTORS, encoding="utf-8")
    first = pin_version(review, trigger="first")
    prose.write_text("Drains are in doubt.", encoding="utf-8")
    factors.unlink()
    # The newest version is reported with what stands in the folder.
    assert "Drains are in doubt." in render_html(build_report(gather(review, first)))
    second = pin_version(review, trigger="second")
    old, new = gather(review, first), gather(review, second)
    assert [f.name for f in old.factors] == ["anticoagulation"]
    assert new.factors == ()
    assert "Drains seem safe." in render_html(build_report(old))
    assert "Drains are in doubt." in render_html(build_report(new))


def ask_for_two(review: Review) -> None:
    text = "reviewers_per_stage = 2\nextractors = 1\n" + TOML
    (review.folder / "review.toml").write_text(text, encoding="utf-8")


def versions_row(text: str, number: int) -> list[str]:
    table = text.split('id="table-versions"')[1].split("</table>")[0]
    row = next(r for r in table.split("<tr") if f">{number} (" in r)
    return re.findall(r'<td class="right">([^<]*)</td>', row)


@pytest.fixture
def two_versions(review: Review) -> Iterator[Review]:
    """One reviewer included one report of 40 patients; two are asked for since."""
    for stage in STAGES:
        stage(review)
    decide(review, IDS[3], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    pin_version(review, trigger="one reviewer")
    ask_for_two(review)
    with Review(review.folder, person="ana") as again:
        yield again


def test_an_earlier_version_is_judged_by_its_own_number_of_reviewers(two_versions: Review) -> None:
    first = two_versions.state().versions[0]
    second = pin_version(two_versions, trigger="two reviewers")
    was = flow_counts(gather(two_versions, first))
    now = flow_counts(gather(two_versions, second))
    assert (was.screened, was.excluded, was.sought, was.new_reports) == (4, 2, 2, 1)
    assert (was.new_studies, was.new_patients, was.unscreened) == (1, 40, 0)
    # What one reviewer had settled is what the version before had; two have settled nothing yet.
    assert (now.previous_studies, now.previous_reports, now.previous_patients) == (1, 1, 40)
    assert (now.unscreened, now.screened, now.new_reports, now.total_reports) == (4, 0, 0, 0)
    assert (now.withdrawn_reports, now.total_studies, now.total_patients) == (1, 1, 40)
    assert now.disagreements() == ()
    text = render_html(build_report(gather(two_versions, second)))
    # Records, reports included, studies, single patients.
    assert versions_row(text, 1) == ["4", "1", "1", "0"]
    assert versions_row(text, 2) == ["4", "0", "1", "0"]
    waits = "waiting for the votes that the protocol wants now"
    assert waits in text
    assert waits not in render_html(build_report(gather(two_versions, first)))


def test_votes_of_a_second_reviewer_make_the_later_version_whole(two_versions: Review) -> None:
    with Review(two_versions.folder, person="ben") as ben:
        screen_some(ben)
        decide(ben, IDS[0], stage=Stage.ELIGIBILITY, verdict=Verdict.INCLUDE)
        decide(ben, IDS[3], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
        now = flow_counts(gather(ben, pin_version(ben, trigger="two reviewers")))
    assert (now.previous_reports, now.withdrawn_reports, now.total_reports) == (1, 0, 1)
    assert (now.identified, now.screened, now.new_reports) == (0, 0, 0)
    assert now.disagreements() == ()


def test_patients_counted_anew_are_told_beside_what_the_version_before_said(
    two_versions: Review,
) -> None:
    enter(two_versions, "n_total", "38")
    material = gather(two_versions, pin_version(two_versions, trigger="a correction"))
    counts = flow_counts(material)
    assert (counts.previous_patients, counts.recounted_patients, counts.total_patients) == (
        40,
        -2,
        38,
    )
    assert counts.disagreements() == ()
    assert "counted anew in earlier studies: −2 patients" in prisma_flow(counts).alt


def test_agreement_at_a_version_is_over_the_votes_its_protocol_asked_for(review: Review) -> None:
    ask_for_two(review)
    with Review(review.folder, person="ana") as ana:
        bring(ana)
        screen_some(ana)
        with Review(review.folder, person="ben") as ben:
            screen_some(ben)
        first = pin_version(ana, trigger="two reviewers")
    (review.folder / "review.toml").write_text(TOML, encoding="utf-8")
    with Review(review.folder, person="ana") as ana:
        pin_version(ana, trigger="one reviewer")
        [pair] = gather(ana, first).agreement
        assert pair.verdicts.n == 3
        assert gather(ana, ana.state().versions[-1]).agreement == ()


def test_what_moved_between_versions_rests_on_the_factors_of_each(review: Review) -> None:
    for stage in STAGES:
        stage(review)
    path = review.folder / "factors.toml"
    path.write_text(FACTORS, encoding="utf-8")
    pin_version(review, trigger="first")
    path.unlink()
    diff = gather(review, pin_version(review, trigger="second")).diff
    assert diff is not None
    assert [row.factor for row in diff.conclusions_before.matrix] == ["anticoagulation"]
    assert diff.conclusions_after.matrix == ()
