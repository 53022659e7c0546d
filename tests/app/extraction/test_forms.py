"""A form is adopted, changed and sent out in a real review; nothing entered is lost."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from resartus.app.entering import Entry, enter_value
from resartus.app.evidence import assemble
from resartus.app.extraction.checking import check_review
from resartus.app.extraction.double_entry import settle
from resartus.app.extraction.form_in_use import fields_at, times_zero_at
from resartus.app.extraction.forms import (
    adopt_form,
    find_form,
    open_fields,
)
from resartus.app.extraction.workbooks import send_out, take_back
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.time_zero import DEFAULT_TIMES_ZERO
from resartus.errors import ConflictError, DataError

ROH = StudyId("roh")
OWN = """
id = "own"
version = 1
title = "Own"
[[field]]
name = "n_total"
label = "Patients"
kind = "integer"
required = true
[[field]]
name = "margin"
label = "Margin"
kind = "choice"
vocabulary = "r-status"
[[field]]
name = "again"
label = "Resected again"
kind = "boolean"
show_if = "margin in R1, R2"
"""
NEXT = OWN.replace("version = 1", "version = 2").replace("n_total", "n_patients") + (
    '[[change]]\nrename = { n_total = "n_patients" }\n'
)


def form_file(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text)
    return str(path)


@pytest.fixture
def entry(record_id: RecordId) -> Entry:
    return Entry(
        study_id=ROH,
        field="n_total",
        value="52",
        record_id=record_id,
        place="abstract",
        span="52",
    )


def test_an_adopted_form_rules_what_is_entered(
    review: Review, tmp_path: Path, entry: Entry
) -> None:
    adopt_form(review, find_form(form_file(tmp_path, OWN), review=review)[0])
    with pytest.raises(DataError, match="is not a number"):
        enter_value(review, Entry(**{**_of(entry), "value": "many"}))
    assert [f.name for f in open_fields(review, ROH)] == ["n_total", "margin"]
    enter_value(review, Entry(**{**_of(entry), "field": "margin", "value": "positive margin"}))
    assert [f.name for f in open_fields(review, ROH)] == ["n_total", "again"]
    margin = assemble(review.state())[0].values["margin"]
    assert margin.anchor is not None
    assert (margin.value, margin.anchor.derivation) == ("R1", "'positive margin' is R1")


def test_a_value_that_the_adopted_form_does_not_ask_for_is_named(
    review: Review, tmp_path: Path, entry: Entry
) -> None:
    enter_value(review, Entry(**{**_of(entry), "field": "n_totals"}))
    assert "form" not in {failure.check for failure in check_review(review).report.failures}
    adopt_form(review, find_form(form_file(tmp_path, OWN), review=review)[0])
    enter_value(review, entry)
    failures = [f for f in check_review(review).report.failures if f.check == "form"]
    assert [f.cell_ids for f in failures] == [("roh/n_totals",)]
    assert "did you mean 'n_total'?" in failures[0].message


def _of(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def test_a_new_version_carries_over_everybody_s_entries_and_undo_brings_them_back(
    review: Review, tmp_path: Path, entry: Entry
) -> None:
    adopt_form(review, find_form(form_file(tmp_path, OWN), review=review)[0])
    enter_value(review, entry)
    with Review(review.folder, person="ben") as ben:
        enter_value(ben, Entry(**{**_of(entry), "value": "37", "span": "37%"}))
    settle(review, "roh/n_total", take="ana")
    done = adopt_form(review, find_form(form_file(tmp_path, NEXT), review=review)[0])
    assert done.n_changed == 2
    state = review.state()
    assert {k for k, _ in state.cells} == {"roh/n_patients"}
    assert assemble(state)[0].number("n_patients") == 52
    undo_event(review)
    assert assemble(review.state())[0].number("n_total") == 52


def test_a_workbook_goes_out_is_filled_in_and_comes_back(
    review: Review, tmp_path: Path, entry: Entry
) -> None:
    adopt_form(review, find_form(form_file(tmp_path, OWN), review=review)[0])
    enter_value(review, entry)
    path = tmp_path / "out.xlsx"
    assert send_out(review, path) == 1
    with pytest.raises(ConflictError):
        send_out(review, path)
    assert take_back(review, path).entered == 0
    book = openpyxl.load_workbook(path)
    sheet = book["Values"]
    rows = {sheet.cell(r, 3).value: r for r in range(2, sheet.max_row + 1)}
    assert set(rows) == {"n_total", "margin", "again"}
    sheet.cell(rows["margin"], 5, "R1")
    sheet.cell(rows["margin"], 9, "table")
    sheet.cell(rows["margin"], 11, "R1")
    sheet.cell(rows["again"], 7, "not reported")
    book.save(path)
    done = take_back(review, path)
    assert (done.entered, done.unchanged) == (2, 1)
    values = assemble(review.state())[0].values
    assert values["margin"].value == "R1"
    assert values["again"].reported.value == "not reported"
    sheet.cell(rows["margin"], 5, "R9")
    sheet.cell(rows["n_total"], 5, "many")
    book.save(path)
    with pytest.raises(DataError) as caught:
        take_back(review, path)
    assert len(caught.value.message.splitlines()) == 2
    adopt_form(review, find_form(form_file(tmp_path, NEXT), review=review)[0])
    with pytest.raises(DataError, match="send out a new workbook"):
        take_back(review, path)


def test_an_adopted_form_asks_for_the_protocol_s_times_zero(review: Review) -> None:
    adopt_form(review, find_form("surgical-case-series", review=review)[0])
    zeros = ("liver resection or ablation", "diagnosis of the primary", "recurrence")
    asked = [f for f in fields_at(review.protocol, review.state()) if f.name == "time_zero"]
    assert len(asked) > 1
    assert {f.choices for f in asked} == {zeros}
    assert times_zero_at(review.protocol, review.state()) == zeros


def test_without_a_protocol_s_own_times_zero_those_of_the_form_hold(review: Review) -> None:
    plain = replace(review.protocol, times_zero=())
    assert times_zero_at(plain, review.state()) == DEFAULT_TIMES_ZERO
    adopt_form(review, find_form("surgical-case-series", review=review)[0])
    assert times_zero_at(plain, review.state()) == review.protocol.times_zero
