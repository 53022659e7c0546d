"""What goes out comes in again: by property, and on every file of the zoo."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from tests.sources.formats.strategies import decisions, records

from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record
from resartus.sources.formats.reading import read_citations
from resartus.sources.formats.result import ImportResult
from resartus.sources.formats.values.text import one_line
from resartus.sources.formats.writing import WRITABLE, Judged, write_citations

SAID = (
    *("title", "abstract", "journal", "year", "volume", "issue", "pages", "doi", "pmid"),
    *("languages", "keywords"),
)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
few = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def round_trip(path: Path, judged: list[Judged], format: str) -> ImportResult:
    with path.open("wb") as stream:
        assert write_citations(stream, judged, format=format) == len(judged)
    result = read_citations(path)
    assert result.format == format
    return result


def names(record: Record) -> list[tuple[str | None, ...]]:
    return [(a.last_name, a.fore_name, a.suffix, a.collective_name) for a in record.authors]


@pytest.mark.parametrize("format", WRITABLE)
@few
@given(record=records)
@example(
    record=Record(
        record_id=RecordId("x:1"),
        source="x",
        title="ER  - ends nothing, TY  - begins nothing, =1+1 @article{x, nothing",
        abstract="ER  -\nTY  - JOUR\n\nKW  - not a keyword\n}\n%0 not a type",
        authors=(Author(last_name="de la Cruz", fore_name="Ana", suffix="Jr", initials="A"),),
        year=2001,
    )
)
def test_a_record_says_the_same_when_it_comes_back(
    record: Record, format: str, tmp_path: Path
) -> None:
    result = round_trip(tmp_path / "x", [(record, ())], format)
    assert not result.unread
    (back,) = result.records
    for name in SAID:
        before, after = getattr(record, name), getattr(back, name)
        if name in ("title", "abstract") and before:
            # NBIB folds lines; runs of spaces and blank lines say nothing in any of them.
            before, after = one_line(before), one_line(after)
        assert after == before, name
    assert names(back) == names(record)


@pytest.mark.parametrize("format", [name for name in WRITABLE if name != "nbib"])
@few
@given(record=records, made=decisions())
def test_decisions_come_back_in_whole(
    record: Record, made: list, format: str, tmp_path: Path
) -> None:
    result = round_trip(tmp_path / "x", [(record, made)], format)
    back = [one.to_decision(decided_by="nobody", decided_at=NOW) for one in result.decisions]
    told = [(d.stage, d.verdict, d.decided_by, d.decided_at, d.reasons, d.note) for d in back]
    assert told == [
        (d.stage, d.verdict, d.decided_by, d.decided_at, d.reasons, d.note) for d in made
    ]
    assert result.records[0].keywords == record.keywords


def comparable(record: Record, *, has_extras: bool) -> dict[str, object]:
    authors = names(record) if not has_extras else list(record.authors)
    said: dict[str, object] = {name: getattr(record, name) for name in SAID if name != "keywords"}
    said["abstract"] = one_line(record.abstract or "")
    said["authors"] = authors
    if has_extras:
        said["fields"] = Counter(record.fields)
        said["mesh"] = record.mesh
        said["related"] = record.related
        said["keywords"] = record.keywords
    if said["pages"] and len(set(str(said["pages"]).split("-"))) == 1:
        # "22-22" is page 22.
        said["pages"] = str(said["pages"]).split("-")[0]
    return said


@pytest.mark.parametrize("format", WRITABLE)
def test_every_export_of_the_zoo_survives_the_way_out_and_in(
    shared_data: Path, tmp_path: Path, format: str
) -> None:
    # CSL-JSON and tables have room for everything; the others for what their format knows.
    has_extras = format in ("csl-json", "csv", "xlsx")
    compared = 0
    for path in sorted((shared_data / "reference-exports").rglob("*")):
        if not path.is_file() or path.name == "SOURCE.txt":
            continue
        before = read_citations(path).records[:12]
        has_content = [r for r in before if has_extras or r.title or r.authors]
        if not has_content:
            continue
        back = round_trip(tmp_path / "x", [(r, ()) for r in has_content], format).records
        assert len(back) == len(has_content), path
        for one, other in zip(has_content, back, strict=True):
            expected = comparable(one, has_extras=has_extras)
            assert comparable(other, has_extras=has_extras) == expected, path
            compared += 1
    assert compared > 350


def test_a_spreadsheet_is_given_no_formula(tmp_path: Path) -> None:
    record = Record(record_id=RecordId("x:1"), source="x", title='=HYPERLINK("http://x")')
    path = tmp_path / "x.csv"
    (back,) = round_trip(path, [(record, ())], "csv").records
    assert back.title == record.title
    assert "\n=HYPER" not in path.read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in path.read_text(encoding="utf-8-sig")


def test_every_bibtex_entry_has_a_key_of_its_own(tmp_path: Path) -> None:
    one = Record(
        record_id=RecordId("x:1"),
        source="x",
        title="T",
        year=2012,
        authors=(Author(last_name="Ramia"),),
    )
    path = tmp_path / "x.bib"
    round_trip(path, [(one, ()), (one, ())], "bibtex")
    text = path.read_text(encoding="utf-8")
    assert "@article{ramia2012," in text
    assert "@article{ramia2012-2," in text
