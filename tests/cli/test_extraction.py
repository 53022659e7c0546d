"""Extraction and appraisal as a person types them, from a form to the certainty of an outcome."""

import json
from pathlib import Path

import openpyxl
import pytest

from resartus.cli.main import main

RIS = (
    "TY  - JOUR\nTI  - Liver resection, a series\nAU  - Roh, S\nPY  - 2011\n"
    "AB  - We operated on 52 women. Complications occurred in 37% of patients. "
    "There were no operative deaths.\nER  - \n"
)
CELLS = "study_id,field,value,record_id,place,span,derivation,design\n"


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = tmp_path / "review"
    assert main(["init", str(folder), "--title", "A small review"]) == 0
    (tmp_path / "one.ris").write_text(RIS)
    assert run(folder, "import", str(tmp_path / "one.ris")) == 0
    record = record_of(folder)
    (tmp_path / "cells.csv").write_text(
        f"{CELLS}roh,n_total,52,{record},abstract,52,,case series\n"
        f"roh,morbidity_n,19,{record},abstract,37%,37 % of 52 = 19,\n"
    )
    assert run(folder, "--as", "ana", "extract", "--import", str(tmp_path / "cells.csv")) == 0
    capsys.readouterr()
    return folder


def record_of(folder: Path) -> str:
    from resartus.app.review import Review

    with Review(folder) as review:
        return review.state().record_ids()[0]


def run(folder: Path, *arguments: str) -> int:
    return main(["--review", str(folder), *arguments])


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_check_says_what_it_found_and_strict_fails(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "check", "--strict") == 0
    assert "2 quotations found in the text on hand" in told(capsys)
    (tmp_path / "bad.csv").write_text(
        f"{CELLS}roh,mortality_n,60,{record_of(folder)},abstract,60,,\n"
    )
    assert run(folder, "--as", "ana", "extract", "--import", str(tmp_path / "bad.csv")) == 0
    assert run(folder, "check", "--strict") == 3
    assert "more than n_total 52" in told(capsys)


def test_two_people_compare_and_settle(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "compare") == 3
    (tmp_path / "ben.csv").write_text(
        f"{CELLS}roh,n_total,52,{record_of(folder)},abstract,52,,\n"
        f"roh,morbidity_n,20,{record_of(folder)},abstract,37%,,\n"
    )
    assert run(folder, "--as", "ben", "extract", "--import", str(tmp_path / "ben.csv")) == 0
    capsys.readouterr()
    assert run(folder, "compare", "--between", "ana", "ben") == 0
    assert "2 values entered by both, 1 differ, 1 wait for a consensus" in told(capsys)
    assert run(folder, "compare", "--settle", "roh/morbidity_n", "--take", "ana") == 0
    assert run(folder, "compare", "--json") == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2])["unsettled"] == []


def test_a_table_of_patients_comes_in_and_their_use_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Case,FU,Counted from,Outcome\n1,22,Treatment,NED\n2,,,\n")
    assert run(
        folder, "patients", "--import", str(table), "--study", "roh",
        "--map", "FU=follow_up_months",
    ) == 0  # fmt: skip
    assert "Entered 2 patients of roh" in told(capsys)
    assert run(folder, "patients", "--from", "treatment", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(u["n_usable"], u["n_patients"]) for u in found["usability"]] == [(1, 2), (1, 2)]
    assert run(folder, "patients", "--import", str(table)) == 2


def test_a_form_is_adopted_sent_out_and_taken_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form, book = tmp_path / "form.toml", tmp_path / "out.xlsx"
    assert run(folder, "form", "surgical-case-series", "--copy", str(form)) == 0
    capsys.readouterr()
    assert run(folder, "form", str(form), "--adopt", "--look") == 0
    assert "in place of" in told(capsys)
    assert run(folder, "--json", "form", str(form), "--adopt", "--look") == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["form"], plan["kept"], plan["unfit"]) == ("surgical-case-series", 2, [])
    # Looking adopts nothing: the same form may be adopted still.
    assert run(folder, "form", str(form), "--adopt") == 0
    assert run(folder, "--as", "ana", "form", "--send", str(book)) == 0
    sheet = (workbook := openpyxl.load_workbook(book))["Values"]
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 3).value == "mortality_n")
    for column, value in ((5, 0), (9, "abstract"), (11, "no operative deaths")):
        sheet.cell(row, column, value)
    workbook.save(book)
    capsys.readouterr()
    assert run(folder, "--as", "ana", "form", "--back", str(book), "--look") == 0
    assert "1 new, 0 changed, 2 known already, 0 refused" in told(capsys)
    assert run(folder, "--as", "ana", "--json", "form", "--back", str(book), "--look") == 0
    [row] = json.loads(capsys.readouterr().out)["rows"]
    assert (row["cell"]["field"], row["cell"]["extracted"]["value"]) == ("mortality_n", 0)
    assert run(folder, "--as", "ana", "form", "--back", str(book)) == 0
    assert "Entered 1 values; 2 were known already" in told(capsys)
    assert run(folder, "form", str(form), "--adopt") == 3


def test_a_workbook_that_is_refused_names_every_row_when_it_is_looked_at(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "out.xlsx"
    assert run(folder, "form", "surgical-case-series", "--adopt") == 0
    assert run(folder, "--as", "ana", "form", "--send", str(book)) == 0
    sheet = (workbook := openpyxl.load_workbook(book))["Values"]
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 3).value == "mortality_n")
    sheet.cell(row, 5, "many")
    workbook.save(book)
    capsys.readouterr()
    assert run(folder, "--as", "ana", "form", "--back", str(book), "--look") == 0
    said = told(capsys)
    assert f"line {row}" in said
    assert "1 refused; nothing is taken until these are mended" in said
    assert run(folder, "--as", "ana", "form", "--back", str(book)) == 3


@pytest.mark.parametrize("options", [["--look"], ["surgical-case-series", "--look"]])
def test_a_look_says_what_it_goes_with(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert run(folder, "form", *options) == 3
    assert "--look goes with a form and --adopt, or with --back" in capsys.readouterr().err


def test_a_study_is_appraised_and_an_outcome_graded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "appraise") == 0
    assert "jbi-case-series" in told(capsys)
    assert run(folder, "appraise", "roh", "--answer", "consecutive=no: chosen") == 0
    assert run(folder, "appraise", "roh", "--settle", "consecutive=unclear") == 0
    assert run(folder, "appraise", "roh", "--answer", "consecutive=maybe") == 3
    assert run(folder, "appraise", "--figures", "--tool", "jbi-case-series") == 0
    assert len(list((folder / "out").glob("risk-of-bias-*"))) == 4
    capsys.readouterr()
    grade = ("grade", "death", "--start", "case series and case reports")
    assert run(folder, *grade, "--down", "imprecision: few", "--certainty", "low") == 3
    assert run(folder, *grade, "--down", "imprecision: few", "--certainty", "very low") == 0
    assert "Down one level for imprecision: few." in told(capsys)


def test_suggestions_are_off_and_then_decided_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "suggest", "roh") == 3
    (folder / "suggestions.toml").write_text("rules = true\n")
    capsys.readouterr()
    assert run(folder, "suggest", "roh", "--json") == 0
    waiting = {s["field"]: s for s in json.loads(capsys.readouterr().out)["waiting"]}
    assert waiting["mortality_n"]["value"] == 0
    assert run(folder, "suggest", "--accept", waiting["mortality_n"]["suggestion_id"]) == 0
    assert run(folder, "suggest", "--reject", waiting["n_total"]["suggestion_id"]) == 0
    assert run(folder, "suggest", "--disclosure") == 0
    assert "without a person's acceptance" in told(capsys)


def test_a_curve_is_kept_in_the_review(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.csv").write_text("time,survival\n0,1\n1,0.75\n2,0.5\n3,0.25\n")
    (tmp_path / "r.csv").write_text("time,at_risk\n0,4\n")
    out = tmp_path / "patients.csv"
    curve = ("curve", str(tmp_path / "p.csv"), "--at-risk", str(tmp_path / "r.csv"))
    assert run(folder, *curve, "--out", str(out), "--study", "roh") == 2
    assert run(
        folder, *curve, "--out", str(out), "--study", "roh", "--record", record_of(folder),
        "--unit", "years",
    ) == 0  # fmt: skip
    assert "4 patients reconstructed, 3 events" in told(capsys)
    assert out.read_text().splitlines()[1] == "1,1.0000,1,reconstructed"


def test_words_are_looked_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "vocabulary", "liver capsule") == 0
    assert "figo-ovary-2014: stage III" in told(capsys)
    assert run(tmp_path, "vocabulary", "nonesuch") == 4
    assert run(tmp_path, "vocabulary") == 0


def test_survival_is_told_by_the_review_s_own_times_zero(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = folder / "review.toml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(
        text.replace("# times_zero = [", 'times_zero = ["drainage", '), encoding="utf-8"
    )
    table = tmp_path / "t.csv"
    table.write_text(
        "Case,FU,Counted from,Outcome,Treatment\n1,22,Drainage,NED,\n2,9,Drainage,DOD,\n"
    )
    assert run(
        folder, "patients", "--import", str(table), "--study", "roh",
        "--map", "FU=follow_up_months",
    ) == 0  # fmt: skip
    assert run(folder, "survival") == 0
    assert "Overall survival from drainage" in told(capsys)
    assert run(folder, "survival", "--from", "the moon") == 3
    assert "time zero 'the moon' is not one of: drainage, treatment" in capsys.readouterr().err
    assert run(folder, "patients", "--from", "diagnosis", "--json") == 0
    assert "no date or interval leads to diagnosis" in capsys.readouterr().out
