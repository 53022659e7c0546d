"""Every real export loads, and every line of it is in a record or is named."""

import csv
import gzip
import re
from pathlib import Path

import pytest

from resartus.sources.formats.reading import READABLE, read_citations

# Records that hold a type and nothing else: their lines are kept as unread.
EMPTY = {"baseline_reference_types.ris": 1}
STARTS = {
    "ris": r"(?m)^\ufeff?(?:EF)?TY  ?- *\w",
    "bibtex": r"(?m)^\s*@\w+\s*\{",
    "endnote-xml": r"<record>",
    "ciw": r"(?m)^PT ",
    "enw": r"(?m)^%T ",
    "nbib": r"(?m)^OWN - ",
}


def counted(path: Path, format: str) -> int:
    """Count records by the plainest means: lines that begin one, rows under the header."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    if format != "csv":
        return len(re.findall(STARTS[format], text))
    delimiter = max(",;\t", key=text.splitlines()[0].count)
    rows = [row for row in csv.reader(text.splitlines(True), delimiter=delimiter) if any(row)]
    return len(rows) - 1


def exports(shared_data: Path) -> list[Path]:
    folder = shared_data / "reference-exports"
    found = [p for p in folder.rglob("*") if p.is_file() and p.name != "SOURCE.txt"]
    return sorted(found)


@pytest.fixture(scope="module")
def zoo(shared_data: Path) -> dict[Path, object]:
    return {path: read_citations(path) for path in exports(shared_data)}


def test_every_file_of_the_zoo_gives_its_records(zoo: dict) -> None:
    assert len(zoo) == 94
    assert all(result.records for result in zoo.values())
    for path, result in zoo.items():
        assert result.format in READABLE
        empty = EMPTY.get(path.name, 0)
        assert len(result.records) + empty == counted(path, result.format), path


def test_what_was_not_read_is_named_line_by_line(zoo: dict) -> None:
    unread = {path.name: result.unread for path, result in zoo.items() if result.unread}
    assert sum(map(len, unread.values())) < 80
    for path, result in zoo.items():
        if path.suffix == ".gz":
            continue
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
        for one in result.unread:
            assert lines[one.line - 1].strip() == one.text.strip()


def test_reading_twice_gives_the_same_records(shared_data: Path) -> None:
    path = shared_data / "reference-exports" / "asreview" / "ris_issue_992.txt"
    assert read_citations(path) == read_citations(path)
