"""Files as they come: torn, mixed, mis-encoded, half-closed; nothing of them is lost."""

import gzip
from pathlib import Path

import pytest

from resartus.errors import ParseError
from resartus.sources.formats.reading import guess_table, open_citations, read_citations
from resartus.sources.formats.result import ImportResult


def read(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> ImportResult:
    path = tmp_path / "export"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return read_citations(path)


RIS = "TY  - JOUR\nTI  - Métastases {n}\nER  - \n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_letters_survive_any_encoding(tmp_path: Path, encoding: str) -> None:
    result = read(tmp_path, RIS.replace("{n}", "du foie"), encoding)
    assert [r.title for r in result.records] == ["Métastases du foie"]


def test_a_file_joined_from_two_encodings_is_read_line_by_line(tmp_path: Path) -> None:
    joined = RIS.replace("{n}", "1").encode("utf-8") + RIS.replace("{n}", "2").encode("cp1252")
    result = read(tmp_path, joined)
    assert [r.title for r in result.records] == ["Métastases 1", "Métastases 2"]
    assert "1 of 6 lines windows-1252" in result.encoding


def test_of_a_torn_gzip_the_records_before_the_tear_are_read(tmp_path: Path) -> None:
    text = "".join(RIS.replace("{n}", f"{n * 7919}") for n in range(3000))
    packed = gzip.compress(text.encode())
    result = read(tmp_path, packed[: len(packed) // 2])
    assert 500 < len(result.records) < 3000
    assert "cut off here" in result.unread[-1].text


def test_an_unclosed_quote_costs_one_row(tmp_path: Path) -> None:
    rows = [f'Title {n},"Smith A",{2000 + n % 20}' for n in range(900)]
    rows[10] = 'Title 10,"Smith A,2010'
    result = read(tmp_path, "title,authors,year\n" + "\n".join(rows) + "\n")
    titles = {r.title for r in result.records}
    assert titles >= {f"Title {n}" for n in range(900) if n != 10}
    assert [(u.line, u.reason) for u in result.unread] == [
        (12, "a quote is opened and never closed")
    ]


def test_lines_before_a_tables_header_are_kept(tmp_path: Path) -> None:
    result = read(tmp_path, "Search of 2026;\nsep=;\nTitle;Authors;Year\nOne;Smith A;2001.0\n")
    assert [(r.title, r.year) for r in result.records] == [("One", 2001)]
    assert result.unread[0].text.startswith("Search of 2026")


def test_a_brace_never_closed_costs_one_entry_at_most(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        "@article{a,\n  title = {One},\n}\n"
        "@article{b,\n  title = {Two {never closed},\n  year = {2002},\n}\n"
        "@article{c,\n  title = {Three},\n}\n",
    )
    titles = [r.title for r in result.records]
    assert titles[0] == "One"
    assert titles[-1] == "Three"
    assert result.records[1].year == 2002


def test_bibtex_macros_accents_and_groups_are_read(tmp_path: Path) -> None:
    (record,) = read(
        tmp_path,
        '@string{jso = "J Surg " # "Oncol"}\n'
        "@Article{key,\n"
        '  author = "M{\\"u}ller, J{\\\'e}r{\\^o}me and {Liver and Spleen Group} and \\O. Berg",\n'
        "  title = {{HIPEC} \\& liver: 50\\% of {\\'e}l\\`eves},\n"
        "  journal = jso, year = 2001, month = mar, pages = {1--9},\n}\n",
    ).records
    assert [a.short_name for a in record.authors] == [
        "Müller J",
        "Liver and Spleen Group",
        "Berg Ø",
    ]
    assert record.title == "HIPEC & liver: 50% of élèves"
    assert (record.journal, record.year, record.month, record.pages) == (
        *("J Surg Oncol", 2001, 3),
        "1-9",
    )


def test_json_that_breaks_in_one_item_gives_the_others(tmp_path: Path) -> None:
    result = read(tmp_path, '[\n{"id":1,"title":"One"},\n{"id":2 "title":"x"},\n{"title":"Three"}]')
    assert [r.title for r in result.records] == ["One", "Three"]
    assert result.unread[0].line == 3


def test_enw_goes_on_after_a_blank_line(tmp_path: Path) -> None:
    result = read(
        tmp_path, "%0 Journal Article\n%T One\n%X First.\n\nSecond paragraph.\n\n%0 Book\n%T Two\n"
    )
    assert [r.title for r in result.records] == ["One", "Two"]
    assert result.records[0].abstract == "First.\nSecond paragraph."


def test_what_is_no_list_of_citations_is_told_what_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="begins with 'Dear colleague', which is none of"):
        read(tmp_path, "Dear colleague\nplease find attached\n")
    with pytest.raises(ParseError, match="cannot be opened"):
        read(tmp_path, b"PK\x03\x04 and then nothing")
    with pytest.raises(ParseError, match="which is none of"):
        read(tmp_path, b"")


def test_a_table_is_guessed_with_samples_and_a_mapping_wins(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Title,Titre long,DOI\nshort,the long one,10.1000/x\n")
    guess = guess_table(path)
    assert guess is not None
    assert (guess.is_sure, guess.fields) == (True, ("title", None, "doi"))
    (record,) = open_citations(path, columns={"title": "Titre long"})
    assert record.title == "the long one"
    assert ("table:Title", "short") in record.fields
