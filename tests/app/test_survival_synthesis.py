"""Survival over mixed evidence of invented series; no evidence is meant."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resartus.app.dedup.overlaps import judge_overlap
from resartus.app.pooling.survival import survival_sensitivity, survival_synthesis
from resartus.app.pooling.viewing import survival_svg
from resartus.app.reporting.build import build_report
from resartus.app.reporting.material import gather
from resartus.app.reporting.mixed_survival import mixed_survival_section
from resartus.app.review import Review
from resartus.app.versions import draft_version
from resartus.domain.curve import PublishedCurve
from resartus.domain.event import EventKind
from resartus.domain.extracted import Cell, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule, PatientsShared
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import Imported, StudyEntry
from resartus.domain.time_zero import LIVER_TREATMENT, RECURRENCE
from resartus.reporting.reading import named_numbers

PROTOCOL = """
title = "Survival of the test"
question = "How long?"
population = "Patients of the test"
intervention = "Resection"
times_zero = ["liver resection or ablation", "diagnosis of the primary", "recurrence"]

[analysis]
treatment = "resection"
"""
ORIGIN = LIVER_TREATMENT


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    folder = tmp_path / "r"
    folder.mkdir()
    with Review.create(folder, protocol_text=PROTOCOL, person="ann") as made:
        names = ("rows", "curve", "figure", "silent")
        made.store.save_records(Record(record_id=RecordId(n), source="ris") for n in names)
        ids = tuple(RecordId(n) for n in names)
        made.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=ids))
        for name in names:
            made.append(
                EventKind.STUDY_DEFINED,
                StudyEntry(
                    study_id=StudyId(name),
                    label=name.capitalize(),
                    design="case series",
                    record_ids=(RecordId(name),),
                ),
            )
        yield made


def enter(review: Review, study: str, patient: str | None, **values: object) -> None:
    cells = [
        Cell(
            study_id=StudyId(study),
            patient=patient,
            field=field.replace("__", "."),
            extracted=Extracted(
                value=value,  # type: ignore[arg-type]
                reported=Reported.REPORTED,
                entered_by="ann",
            ),
        )
        for field, value in values.items()
    ]
    review.append(EventKind.CELL_ENTERED, {"cells": [to_plain(cell) for cell in cells]})


def rows(review: Review) -> None:
    for number, (months, status) in enumerate(
        ((6.0, "dead of disease"), (20.0, "alive"), (31.0, "dead of disease"), (44.0, "alive"))
    ):
        enter(
            review,
            "rows",
            str(number + 1),
            follow_up_months=months,
            status=status,
            time_zero=ORIGIN,
            treatment="resection",
        )


def curve(review: Review) -> None:
    review.append(
        EventKind.CURVE_DIGITISED,
        PublishedCurve(
            study_id=StudyId("curve"),
            arm="all",
            outcome="overall survival",
            record_id=RecordId("curve"),
            figure="Figure 2",
            points=((0, 1.0), (10, 0.8), (20, 0.6), (40, 0.4)),
            at_risk=((0, 20), (20, 12)),
            entered_by="ann",
            time_zero=ORIGIN,
        ),
    )


def figure(review: Review) -> None:
    cells = {
        "treatment": "surgery",
        "n": 30,
        "time_zero": ORIGIN,
        "median_os_months": 36.0,
        "low_months": 24.0,
        "high_months": 50.0,
        "interval_kind": "95% CI",
    }
    plain = [
        to_plain(
            Cell(
                study_id=StudyId("figure"),
                field=f"survival[all].{name}",
                extracted=Extracted(value=value, entered_by="ann"),  # type: ignore[arg-type]
            )
        )
        for name, value in cells.items()
    ]
    review.append(EventKind.CELL_ENTERED, {"cells": plain})


def test_patients_curves_and_figures_enter_one_model(review: Review) -> None:
    rows(review)
    curve(review)
    figure(review)
    found = survival_synthesis(review, origin=ORIGIN)
    kinds = {c.study_id: (c.kind, c.n_patients) for c in found.contributions}
    assert kinds["rows"] == ("reported patients", 4)
    assert kinds["curve"] == ("reconstructed patients", 20)
    assert kinds["figure"] == ("published figure", 30)
    silent = next(c for c in found.contributions if c.study_id == "silent")
    assert silent.reason == "nothing is counted from this time zero"
    assert found.model is not None
    assert (found.model.n_reported, found.model.n_reconstructed) == (4, 20)
    assert found.model.n_figures_only == 30
    assert found.curve is not None
    assert found.curve.n_patients == 24
    median = found.model.median().value
    assert median is not None
    assert 15 < median < 60


def test_below_three_studies_they_are_shown_and_not_pooled(review: Review) -> None:
    rows(review)
    figure(review)
    found = survival_synthesis(review, origin=ORIGIN)
    assert found.model is None
    assert "2 studies give survival from liver resection" in (found.why_not or "")
    assert found.curve is not None
    drawn = survival_svg(found)
    assert drawn is not None
    assert "<svg" in drawn[0]
    assert "patients alone" in drawn[1]


def test_another_time_zero_brings_nothing_in(review: Review) -> None:
    rows(review)
    figure(review)
    found = survival_synthesis(review, origin=RECURRENCE)
    assert not found.used
    assert found.curve is None
    assert survival_svg(found) is None


def test_an_overlap_verdict_leaves_out_the_smaller_and_is_told(review: Review) -> None:
    rows(review)
    curve(review)
    figure(review)
    enter(review, "figure", None, n_total=30)
    enter(review, "rows", None, n_total=4)
    judge_overlap(review, StudyId("rows"), StudyId("figure"), verdict=PatientsShared.SHARED)
    everyone = survival_synthesis(review, origin=ORIGIN)
    largest = survival_synthesis(review, origin=ORIGIN, rule=OverlapRule.KEEP_LARGEST)
    assert len(everyone.used) == 3
    assert [c.study_id for c in largest.used] == ["curve", "figure"]
    left = next(c for c in largest.contributions if c.study_id == "rows")
    assert left.reason == "shares patients with a kept study (keep largest)"
    choices = [s.choice for s in survival_sensitivity(review, origin=ORIGIN)]
    assert choices[:3] == ["keep all", "keep largest", "keep longest"]


def test_the_stress_test_asks_about_the_patients(review: Review) -> None:
    rows(review)
    curve(review)
    found = survival_synthesis(review, origin=ORIGIN, stress_threshold_months=12)
    assert found.stress is not None
    assert found.stress.to_lose_estimate is not None
    assert found.stress.n_patients == 24


def test_a_study_left_out_is_named(review: Review) -> None:
    rows(review)
    found = survival_synthesis(review, origin=ORIGIN, left_out={StudyId("rows")})
    named = next(c for c in found.contributions if c.study_id == "rows")
    assert named.reason == "left out in this analysis"
    assert found.curve is None


def test_the_report_shows_it_with_every_number_traced(review: Review) -> None:
    rows(review)
    curve(review)
    figure(review)
    # A report whose numbers do not lead to their rows is refused.
    numbers = named_numbers(build_report(gather(review, draft_version(review))))
    key = "survival.liver-resection-or-ablation"
    assert numbers[f"{key}.curve.n"].text == "20"
    assert numbers[f"{key}.curve.n"].inputs == ("curve:curve/all/overall survival",)
    assert "months" in numbers[f"{key}.median"].text
    estimate = numbers[f"{key}.median"].estimate
    assert estimate is not None
    assert "curve:curve/all/overall survival" in estimate.inputs
    assert "rows/1/follow_up_months" in estimate.inputs


def test_nothing_counted_is_no_section(review: Review) -> None:
    assert mixed_survival_section(gather(review, draft_version(review))) is None
