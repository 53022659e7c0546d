"""Forms are data: read with the place of a mistake, asked by condition, carried over whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.domain.extracted import Cell, CellValue, Extracted, Reported
from resartus.domain.ids import StudyId
from resartus.errors import DataError, NotFoundError
from resartus.extraction.forms.condition import parse_condition
from resartus.extraction.forms.form import Form, parse_form, ready_form, ready_forms
from resartus.extraction.forms.migration import plan_migration
from resartus.extraction.forms.preview import preview_html, preview_text

ONE = """
id = "own"
version = 1
title = "Own"
[[group]]
name = "arm"
label = "Arms"
key = "arm"
[[field]]
name = "n"
label = "Patients"
kind = "integer"
minimum = 0
group = "arm"
[[field]]
name = "follow_up"
label = "Follow-up"
kind = "number"
unit = "months"
[[field]]
name = "margin"
label = "Margin"
kind = "choice"
vocabulary = "r-status"
[[field]]
name = "re_resected"
label = "Resected again"
kind = "boolean"
show_if = "margin in R1, R2"
[[field]]
name = "operated_on"
label = "Date"
kind = "date"
"""
TWO = (
    ONE.replace("version = 1", "version = 2")
    .replace('name = "follow_up"', 'name = "follow_up_days"')
    .replace('unit = "months"', 'unit = "days"')
    .replace('[[field]]\nname = "operated_on"\nlabel = "Date"\nkind = "date"\n', "")
    + '[[change]]\nto = 2\nrename = { follow_up = "follow_up_days" }\n'
    'rescale = { follow_up = 30.4375 }\nrecode = { margin = { RX = "R0" } }\n'
    'drop = ["operated_on"]\n'
)


@pytest.mark.parametrize("name", sorted(ready_forms()))
def test_every_ready_form_is_whole_and_can_be_looked_at(name: str) -> None:
    form, text = ready_form(name)
    assert parse_form(text) == form
    lines = list(preview_text(form))
    page = preview_html(form)
    for f in form.fields:
        assert any(line.strip().startswith(f.name) for line in lines)
        assert f.label.split("(")[0].strip().replace("'", "&#x27;") in page
    assert {
        "surgical-case-series",
        "surgical-case-report",
        "case-report",
        "case-series",
        "cohort-two-groups",
        "randomised-trial",
        "prognostic-factor",
        "comparative-cohort",
    } == set(ready_forms())


ANY_CONDITION = ("case-report", "case-series", "cohort-two-groups", "randomised-trial")


@pytest.mark.parametrize("name", ANY_CONDITION)
def test_forms_for_any_condition_name_no_organ(name: str) -> None:
    text = ready_form(name)[1].lower()
    for word in ("liver", "hepat", "figo", "primary tumour", "metastas", "resection margin"):
        assert word not in text, word


@pytest.mark.parametrize(
    ("name", "standard", "items"),
    [
        ("case-report", "CARE", set(map(str, range(1, 14)))),
        ("cohort-two-groups", "STROBE",
         set(map(str, (*range(4, 10), *range(12, 17), 22)))),
        ("randomised-trial", "CONSORT",
         set(map(str, (*range(3, 10), *range(11, 18), 19, 23, 25)))),
    ],
)  # fmt: skip
def test_a_form_asks_what_its_reporting_standard_asks(
    name: str, standard: str, items: set[str]
) -> None:
    form = ready_form(name)[0]
    assert form.source is not None
    assert standard in form.source
    labels = [f.label for f in form.fields] + [group.label for group in form.groups]
    asked = {m for label in labels for m in re.findall(rf"{standard} (\d+)[a-d]?\)", label)}
    assert asked == items


@pytest.mark.parametrize("name", ANY_CONDITION)
def test_every_length_of_time_and_age_has_its_unit(name: str) -> None:
    for f in ready_form(name)[0].fields:
        for unit in ("months", "years", "days"):
            if f.kind in ("integer", "number") and (f.name.endswith(unit) or f"{unit}_" in f.name):
                assert f.unit == unit, f.name
        if f.name.startswith("age_"):
            assert f.unit == "years", f.name


def test_an_unknown_form_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="surgical-case-series"):
        ready_form("nonesuch")


@pytest.mark.parametrize(
    ("name", "text", "value", "derivation"),
    [
        ("arm[R0].n", "12", 12, None),
        ("follow_up", "7,5", 7.5, None),
        ("follow_up", "5 years", 60, "5 years * 12 = 60"),
        ("follow_up", "22 months", 22, ""),
        ("follow_up", "2 yrs", 24, "2 yrs * 12 = 24"),
        ("margin", "r0", "R0", None),
        ("margin", "negative margin", "R0", "'negative margin' is R0"),
        ("re_resected", "No", False, None),
        ("operated_on", "2004-05", "2004-05", None),
    ],
)
def test_a_field_reads_what_people_type(
    name: str, text: str, value: CellValue, derivation: str | None
) -> None:
    asked = parse_form(ONE).field(name)
    assert asked is not None
    reading = asked.read(text, where="here")
    assert (reading.value, reading.derivation) == (value, derivation)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("arm[R0].n", "-1", "below 0"),
        ("arm[R0].n", "1.5", "not whole"),
        ("follow_up", "long", "give it in months"),
        ("follow_up", "5 cm", "give it in months"),
        ("margin", "R9", "not one of: R0, R1, R2, RX"),
        ("re_resected", "perhaps", "not yes or no"),
        ("operated_on", "May 2004", "is not of the form"),
    ],
)
def test_a_value_against_the_rule_is_named(name: str, text: str, words: str) -> None:
    asked = parse_form(ONE).field(name)
    assert asked is not None
    with pytest.raises(DataError, match=words):
        asked.read(text, where="here")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "boolean"', 'kind = "tick"', "kind 'tick' is not one of"),
        ('group = "arm"', 'group = "leg"', "group 'leg' is not one of: arm"),
        ('vocabulary = "r-status"', 'vocabulary = "r"', "vocabulary 'r' is not known"),
        ('show_if = "margin in R1, R2"', 'show_if = "margin"', "field 're_resected': condition"),
        ("margin in R1, R2", "colour = red", "show_if names 'colour', no field beside it"),
        ('name = "margin"', 'name = "follow_up"', "'follow_up' stands twice"),
        ("version = 1", "version = 0", "not a whole number from 1"),
        ('unit = "months"', 'units = "months"', "'units' is not a known key"),
    ],
)
def test_a_broken_form_says_where(old: str, new: str, words: str) -> None:
    with pytest.raises((DataError, NotFoundError)) as caught:
        parse_form(ONE.replace(old, new, 1))
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("margin in R1, R2", {"margin": "R2"}, True),
        ("margin in R1, R2", {"margin": "R0"}, False),
        ("margin = R1", {}, False),
        ("margin != R1", {"margin": "R0"}, True),
        ("n > 1 and way = cut and burn", {"n": 2, "way": "cut and burn"}, True),
        ("n >= 2", {"n": "many"}, False),
        ("n is reported", {"n": 0}, True),
        ("n is not reported", {"n": None}, True),
        ("dead = yes", {"dead": True}, True),
    ],
)  # fmt: skip
def test_conditions_hold_by_the_values_beside_them(
    text: str, values: dict[str, CellValue | None], holds: bool
) -> None:
    assert parse_condition(text).holds(values) is holds


def cell(field: str, value: CellValue | None, who: str = "ana") -> Cell:
    reported = Reported.NOT_REPORTED if value is None else Reported.REPORTED
    return Cell(
        study_id=StudyId("s"),
        field=field,
        extracted=Extracted(value=value, reported=reported, entered_by=who),
    )


def forms() -> tuple[Form, Form]:
    return parse_form(ONE), parse_form(TWO)


def test_a_change_of_form_carries_over_what_was_entered() -> None:
    before, after = forms()
    cells = [
        cell("follow_up", 2),
        cell("follow_up", None, "ben"),
        cell("margin", "RX"),
        cell("arm[a].n", 5),
        cell("operated_on", "2004"),
    ]
    plan = plan_migration(cells, before=before, after=after)
    moved = {m.before.cell_id + m.before.extracted.entered_by: m.after for m in plan.moves}
    days = moved["s/follow_upana"]
    assert days is not None
    assert (days.field, days.extracted.value, days.extracted.entered_by) == (
        "follow_up_days",
        60.875,
        "ana",
    )
    assert days.extracted.note == (
        "form version 2: rescaled from 2 by 30.4375, renamed from follow_up"
    )
    nothing = moved["s/follow_upben"]
    assert nothing is not None
    assert nothing.extracted.reported is Reported.NOT_REPORTED
    margin = moved["s/marginana"]
    assert margin is not None
    assert margin.extracted.value == "R0"
    assert moved["s/operated_onana"] is None
    assert "s/arm[a].nana" not in moved
    assert (plan.n_changed, plan.n_set_aside, plan.unfit) == (3, 1, ())


def test_a_value_that_no_longer_fits_stays_and_is_named() -> None:
    before, after = forms()
    plan = plan_migration([cell("margin", "R9")], before=before, after=after)
    assert plan.moves == ()
    assert "'R9' is not one of" in plan.unfit[0]


def test_two_fields_never_become_one_unsaid_and_versions_rise() -> None:
    before, after = forms()
    clash = [cell("follow_up", 2), cell("follow_up_days", 3)]
    with pytest.raises(DataError, match="would both become 's/follow_up_days'"):
        plan_migration(clash, before=before, after=after)
    with pytest.raises(DataError, match="raise the version"):
        plan_migration([], before=after, after=before)


@given(
    st.lists(st.sampled_from(["follow_up", "margin", "arm[a].n", "arm[b].n", "other"]), unique=True)
)
def test_no_entry_is_lost_by_a_change_of_form(names: list[str]) -> None:
    before, after = forms()
    cells = [cell(name, None) for name in names]
    plan = plan_migration(cells, before=before, after=after)
    moved = {m.before.cell_id for m in plan.moves}
    kept = [c.cell_id for c in cells if c.cell_id not in moved]
    carried = [m.after.cell_id for m in plan.moves if m.after is not None]
    assert len({*kept, *carried}) == len(cells)
