"""The checker finds what does not hold, and is quiet about the bundled example."""

import pytest

from resartus.domain.extracted import Anchor, Cell, CellValue, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.protocol import FormField
from resartus.example.bundle import load_cells
from resartus.extraction.checks import check_cells, is_unanchored

ABSTRACT = {RecordId("r"): {"abstract": "Of 52 women 19 (37%) had complications."}}


def cell(
    field: str,
    value: CellValue | None,
    *,
    span: str | None = "x",
    derivation: str | None = None,
    patient: str | None = None,
    place: str = "table",
) -> Cell:
    return Cell(
        study_id=StudyId("s"),
        field=field,
        patient=patient,
        extracted=Extracted(
            value=value,
            reported=Reported.NOT_REPORTED if value is None else Reported.REPORTED,
            entered_by="ana",
            anchor=Anchor(record_id=RecordId("r"), place=place, span=span, derivation=derivation),
        ),
    )


def failing(*cells: Cell, form: tuple[FormField, ...] = ()) -> list[str]:
    by_name = {field.name: field for field in form}
    report = check_cells(cells, field_of=lambda c: by_name.get(c.field), texts=ABSTRACT)
    return [f.check for f in report.failures]


def test_the_bundled_example_has_no_unanchored_number_and_adds_up() -> None:
    report = check_cells(load_cells())
    assert report.n_numbers > 300
    assert report.n_unanchored == 0
    assert report.failures == ()


@pytest.mark.parametrize(
    ("cells", "check"),
    [
        ([cell("n_total", 52, span=None)], "anchor"),
        ([cell("n_total", 53, span="53", place="abstract")], "span"),
        ([cell("morbidity_n", 20, span="37%", derivation="37 % of 52 = 20")], "derivation"),
        ([cell("morbidity_n", 18, span="37%", derivation="37 % of 52 = 19")], "derivation"),
        ([cell("morbidity_n", 18, derivation="4 / 0 = 18")], "derivation"),
        ([cell("n_total", 10), cell("mortality_n", 11)], "total"),
        ([cell("n_total", 52), cell("r0_n", 19), cell("r0_percent", 40)], "percentage"),
        ([cell("n_total", 10), cell("synchronous_n", 6), cell("metachronous_n", 5)], "sum"),
        ([cell("n_total", 10), cell("primary_sites", "ovary:7;cervix:4")], "sum"),
        ([cell("n_total", 9), cell("arm[a].n", 5), cell("arm[b].n", 5)], "sum"),
        ([cell("n_total", 1), cell("age", 5, patient="1"), cell("age", 5, patient="2")], "sum"),
        ([cell("survival[all].os_1y", 0.5), cell("survival[all].os_5y", 0.6)], "survival"),
        ([cell("survival[all].os_5y", 37)], "survival"),
        (
            [cell("survival[a].median_os_months", 42), cell("survival[a].low_months", 50)],
            "median",
        ),
        ([cell("follow_up_median_months", 9), cell("follow_up_max_months", 8)], "median"),
        ([cell("outcome[x].n_2", 10), cell("outcome[x].events_2", 11)], "total"),
        ([cell("outcome[x].estimate", 0.4), cell("outcome[x].estimate_low", 0.5)], "estimate"),
        ([cell("hazard_ratio", 0.9), cell("hazard_ratio_high", 0.8)], "estimate"),
        ([cell("finding[x].p_value", 1.4)], "p"),
        ([cell("recruited", "2011-1990")], "dates"),
        (
            [
                cell("date_diagnosis", "2004-05", patient="1"),
                cell("date_liver_treatment", "2003", patient="1"),
            ],
            "dates",
        ),
        (
            [
                cell("death_30_days", "yes", patient="1"),
                cell("follow_up_months", 22, patient="1"),
            ],
            "dates",
        ),
    ],
)
def test_what_does_not_hold_is_found_and_nothing_else(cells: list[Cell], check: str) -> None:
    assert failing(*cells) == [check]


def test_what_holds_is_left_alone() -> None:
    assert not failing(
        cell("n_total", 52, span="52", place="abstract"),
        cell("morbidity_n", 19, span="37 %", derivation="37 % of 52 = 19", place="abstract"),
        cell("morbidity_percent", 37),
        cell("mortality_n", 0),
        cell("r0_n", None, span=None),
        cell("primary_sites", "ovary:40;cervix:12"),
        cell("outcome[x].n_1", 11),
        cell("outcome[x].events_1", 11),
        cell("outcome[x].estimate", -0.4),
        cell("outcome[x].estimate_low", -0.9),
        cell("outcome[x].estimate_high", 0.1),
        cell("survival[all].os_1y", 0.9),
        cell("survival[all].os_5y", 0.9),
        cell("survival[all].median_os_months", 42),
        cell("survival[all].low_months", 17),
        cell("survival[all].high_months", 66),
        cell("date_diagnosis", "2004-05", patient="1"),
        cell("date_liver_treatment", "2004", patient="1"),
    )


def test_the_form_s_ranges_and_choices_are_held() -> None:
    form = (
        FormField(name="age_years", label="Age", kind="integer", minimum=0, maximum=110),
        FormField(name="margin", label="Margin", kind="choice", choices=("R0", "R1")),
    )
    bad = [cell("age_years", 130), cell("age_years", 54.5), cell("margin", "R7")]
    assert [failing(c, form=form) for c in bad] == [["range"]] * 3
    assert not failing(cell("age_years", 54), cell("margin", "R0"), form=form)


def test_a_failure_names_its_cells_and_its_place() -> None:
    report = check_cells([cell("n_total", 10), cell("mortality_n", 11)])
    assert report.failures[0].cell_ids == ("s/n_total", "s/mortality_n")
    assert report.failures[0].place == "r, table"
    assert report.failures[0].message == "mortality_n 11 is more than n_total 10"


def test_text_and_missing_values_need_no_anchor() -> None:
    assert not is_unanchored(cell("country", "Spain", span=None))
    assert not is_unanchored(cell("n_total", None, span=None))
