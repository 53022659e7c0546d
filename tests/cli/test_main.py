"""The command line as a person meets it: every command, its errors and its exit codes."""

import json
import sqlite3
from pathlib import Path

import pytest

from resartus.cli.main import main


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESARTUS_PERSON", "first reviewer")
    folder = tmp_path / "review"
    assert main(["init", str(folder), "--title", "A small review"]) == 0
    return folder


def plan(folder: Path, text: str) -> None:
    path = folder / "review.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


SEARCH = """
[[search]]
id = "sample"
source = "snapshot"
query = "hepatectomy[ti]"
"""


def run(folder: Path, *arguments: str) -> int:
    return main(["--review", str(folder), *arguments])


def out_json(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_an_unknown_command_is_met_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serch"]) == 2
    assert "no command 'serch'; did you mean 'search'?" in capsys.readouterr().err


def test_a_command_like_no_other_is_met_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["xyzzy"]) == 2
    assert "'resartus --help' lists them" in capsys.readouterr().err


def test_help_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in (
        "demo",
        "init",
        "import",
        "search",
        "screen",
        "extract",
        "synthesise",
        "tailor",
        "report",
        "update",
        "status",
        "export",
        "undo",
    ):
        assert f"\n  {command} " in text
    assert "Exit codes" in text


def test_a_folder_without_a_review_is_told_how_to_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "status") == 4
    assert "resartus init" in capsys.readouterr().err


def test_a_broken_protocol_names_line_and_value(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(review, "\n[livin]\n")
    assert run(review, "status") == 3
    assert "did you mean 'living'?" in capsys.readouterr().err


def test_an_error_for_machines_has_one_shape(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(review, "\nreviewers = 2\n")
    assert run(review, "status", "--json") == 3
    error = json.loads(capsys.readouterr().err)["error"]
    assert error.keys() == {"kind", "message", "where", "field"}
    assert error["kind"] == "DataError"
    assert error["where"].startswith("review.toml:")


def test_a_damaged_database_is_refused_and_can_be_salvaged(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(review, SEARCH)
    assert run(review, "search") == 0
    connection = sqlite3.connect(review / "review.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    path = review / "review.db"
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\x55" * 4096
    path.write_bytes(bytes(content))
    capsys.readouterr()
    assert run(review, "status") == 7
    assert "export --salvage" in capsys.readouterr().err
    assert run(review, "export", "--salvage", "--json") == 0
    saved = out_json(capsys)
    assert isinstance(saved, dict)
    assert saved["events"] + saved["records"] > 0
    assert (review / "salvaged.records.jsonl").exists()


def test_a_review_is_never_overwritten(review: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(review)]) == 5
    assert "already holds a review" in capsys.readouterr().err


def test_a_review_goes_from_search_to_report(
    review: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plan(review, SEARCH)
    assert run(review, "status", "--json") == 0
    capsys.readouterr()
    assert run(review, "search", "--json") == 0
    [found] = json.loads(capsys.readouterr().out)
    ids = found["record_ids"]
    assert len(ids) >= 3
    for record_id in ids[1:]:
        assert run(review, "screen", "--record", record_id, "--verdict", "exclude") == 0
    assert run(review, "screen", "--record", ids[0], "--verdict", "include") == 0
    arguments = ("screen", "--stage", "full-text", "--record", ids[0], "--verdict", "include")
    assert run(review, *arguments) == 0
    table = tmp_path / "cells.csv"
    table.write_text(
        "study_id,field,value,record_id,place,span,design\n"
        f"s1,n_total,18,{ids[0]},abstract,18 patients,case series\n"
        f"s1,mortality_n,,{ids[0]},abstract,,case series\n",
        encoding="utf-8",
    )
    assert run(review, "extract", "--import", str(table)) == 0
    assert run(review, "extract", "--study", "s1") == 0
    assert run(review, "synthesise") == 0
    assert run(review, "report", "--pin", "--why", "first version") == 0
    assert (review / "out" / "report.html").stat().st_size > 10_000
    assert (review / "out" / "report.docx").stat().st_size > 5_000
    capsys.readouterr()
    assert run(review, "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["studies"], status["versions"]) == (1, 1)
    assert run(review, "update", "--json") == 0
    assert json.loads(capsys.readouterr().out)["new"] == []
    assert run(review, "export") == 0


def test_an_included_record_can_be_taken_back(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(review, SEARCH)
    run(review, "search")
    capsys.readouterr()
    run(review, "screen", "--list", "--json")
    waiting = json.loads(capsys.readouterr().out)
    run(review, "screen", "--record", waiting[0], "--verdict", "exclude")
    capsys.readouterr()
    run(review, "screen", "--list", "--json")
    assert len(json.loads(capsys.readouterr().out)) == len(waiting) - 1
    assert run(review, "undo") == 0
    capsys.readouterr()
    run(review, "screen", "--list", "--json")
    assert json.loads(capsys.readouterr().out) == waiting


def test_a_record_that_is_not_there_is_named(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(review, "screen", "--record", "pubmed:1", "--verdict", "include") == 4
    assert "'pubmed:1'" in capsys.readouterr().err


def test_a_reason_that_is_not_planned_is_met_with_those_that_are(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(review, SEARCH)
    run(review, "search", "--json")
    [found] = json.loads(capsys.readouterr().out)[-1:]
    record = found["record_ids"][0]
    code = run(review, "screen", "--record", record, "--verdict", "exclude", "--reason", "dull")
    assert code == 3
    assert "reason 'dull'" in capsys.readouterr().err


def test_two_reviewers_who_disagree_are_a_conflict_until_a_third_settles_it(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = review / "review.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2"), encoding="utf-8"
    )
    plan(review, SEARCH)
    run(review, "search", "--json")
    record = json.loads(capsys.readouterr().out)[0]["record_ids"][0]
    vote = ("screen", "--record", record, "--verdict")
    main(["--review", str(review), "--as", "ann", *vote, "include"])
    main(["--review", str(review), "--as", "ben", *vote, "exclude"])
    capsys.readouterr()
    run(review, "screen", "--conflicts", "--json")
    assert [c["record_id"] for c in json.loads(capsys.readouterr().out)] == [record]
    main(["--review", str(review), "--as", "cat", *vote, "include", "--final"])
    capsys.readouterr()
    run(review, "screen", "--conflicts", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_a_search_of_pubmed_without_a_network_says_what_to_do(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(review, SEARCH.replace("snapshot", "pubmed"))
    assert run(review, "search") == 8
    assert "resartus import" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("study_id,field,value\n", "has no column 'record_id'"),
        ("study_id,field,value,record_id,place,x\n", "unknown column 'x'"),
        ("study_id,field,value,record_id,place\ns,n,1,nowhere,abstract\n", "line 2.*'nowhere'"),
    ],
)
def test_a_table_of_values_with_a_mistake_enters_nothing(
    review: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: str, complaint: str
) -> None:
    import re

    table = tmp_path / "cells.csv"
    table.write_text(rows, encoding="utf-8")
    assert run(review, "extract", "--import", str(table)) in (3, 4)
    assert re.search(complaint, capsys.readouterr().err)
    run(review, "extract", "--json")
    assert json.loads(capsys.readouterr().out) == []


RIS = (
    "TY  - JOUR\nAU  - Kamel, SI\nTI  - The role of liver-directed surgery\n"
    "PY  - 2011\nDO  - 10.1007/s00268-011-1074-y\nER  - \n\n"
)


def test_citations_come_in_from_a_ris_file_under_any_name(
    review: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "export.txt"
    path.write_text(RIS, encoding="utf-8")
    capsys.readouterr()
    assert run(review, "import", str(path), "--json") == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["format"], told["records"], told["new"]) == ("ris", 1, 1)
    assert run(review, "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["screening"]["total"] == 1


def test_a_file_that_is_no_citation_file_is_met_with_its_first_line(
    review: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "notes.ris"
    path.write_text("Dear colleague,\nplease find attached\n", encoding="utf-8")
    assert run(review, "import", str(path)) == 3
    assert "'Dear colleague,'" in capsys.readouterr().err


TRIALS = """study,events_1,total_1,events_2,total_2
A,4,123,11,139
B,6,306,29,303
C,3,231,11,220
"""


def test_a_file_of_trials_is_pooled_without_a_review(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text(TRIALS, encoding="utf-8")
    asked = ("synthesise", "--from", str(path), "--measure", "RR", "--leave-one-out")
    assert main([*asked]) == 0
    words = capsys.readouterr().out
    assert "RR: risk ratio 0.26" in words
    assert "Without each study" in words
    assert main(["--json", *asked]) == 0
    effect = out_json(capsys)["effects"][0]  # type: ignore[index]
    assert effect["pooled"]["n_studies"] == 3
    assert len(effect["leave_one_out"]) == 3


def test_an_effect_that_is_not_planned_is_marked_so(
    review: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(review, "synthesise", "--measure", "OR") == 0
    assert "Not in the protocol's plan" in capsys.readouterr().out
    assert run(review, "synthesise", "--effect", "mortality") != 0
    assert "no effect 'mortality' in the plan" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--measure", "OR", "--field", "deaths=x"), "is not INPUT=FIELD"),
        (("--measure", "XR"), "is not one of: RR"),
        (("--from", "nowhere.csv", "--measure", "RR"), "there is no file"),
        (("--from", "nowhere.csv"), "--from needs --measure"),
        (("--measure", "OR", "--model", "magic"), "is not one of: auto, random, common, MH, Peto"),
    ],
)
def test_a_wrong_question_to_synthesise_is_one_sentence(
    review: Path, arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(review, "synthesise", *arguments) != 0
    assert complaint in capsys.readouterr().err.replace("\n", " ")
