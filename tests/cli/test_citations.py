"""Citations in and out at the command line."""

import json
from pathlib import Path

import pytest

from resartus.cli.main import main


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESARTUS_PERSON", "first reviewer")
    folder = tmp_path / "review"
    assert main(["init", str(folder), "--title", "A small review"]) == 0
    return folder


def run(folder: Path, *arguments: object) -> int:
    return main(["--review", str(folder), *map(str, arguments)])


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_that_does_not_tell_is_mapped_by_option(
    review: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "Was;Wer\nErster Titel;Meier, A\n")
    assert run(review, "import", path) == 3
    assert "--map title=COLUMN" in capsys.readouterr().err
    assert run(review, "import", path, "--map", "title=Was", "--map", "authors=Wer") == 0
    assert "1 records as csv" in capsys.readouterr().out


def test_a_mapping_without_a_column_is_explained(
    review: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(review, "import", written(tmp_path, "a,b\n1,2\n"), "--map", "title") == 2
    assert "is not FIELD=COLUMN" in capsys.readouterr().err


def test_decisions_of_another_tool_are_offered_and_taken(
    review: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "title,abstract,included\nOne,a,1\nTwo,b,0\n")
    assert run(review, "import", path) == 0
    assert "import it again with --decisions-by NAME" in capsys.readouterr().out
    assert run(review, "import", path, "--decisions-by", "Berta") == 0
    assert "2 decisions taken over" in capsys.readouterr().out


def test_a_verdict_without_a_person_is_refused(
    review: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "title,abstract\nOne,a\n")
    assert run(review, "import", path, "--verdict", "exclude") == 2
    assert "whose decisions are they?" in capsys.readouterr().err


def test_citations_go_out_in_the_format_asked_for(
    review: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(review, "import", written(tmp_path, "title,authors,year\nOne,Smith A,2001\n"))
    capsys.readouterr()
    target = tmp_path / "out.bib"
    assert run(review, "--json", "export", "--format", "bibtex", target) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(target), "format": "bibtex", "records": 1, "decisions": 0}
    assert "@article{smith2001," in target.read_text()


def test_without_a_format_the_archive_is_written_as_ever(review: Path) -> None:
    assert run(review, "export") == 0
    assert (review / "out" / "review.zip").exists()
