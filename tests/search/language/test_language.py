"""PubMed's language: every tag, what is repaired and said, never an error, linear, round trip."""

import sys
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resartus.search.language import (
    Chain,
    Field,
    LineRef,
    Operator,
    Range,
    Style,
    Term,
    field_by_tag,
    parse_query,
    render_query,
)

# The tags of the reference's table, each with the label Search Details prints.
TAGS = {
    "all": "All Fields", "all fields": "All Fields", "pmid": "UID", "uid": "UID", "ti": "Title",
    "title": "Title", "tiab": "Title/Abstract", "Title/Abstract": "Title/Abstract",
    "tw": "Text Word", "text words": "Text Word", "ot": "Other Term", "mh": "MeSH Terms",
    "mesh": "MeSH Terms", "MeSH Terms": "MeSH Terms", "majr": "MeSH Major Topic",
    "mj": "MeSH Major Topic", "sh": "MeSH Subheading", "subheading": "MeSH Subheading",
    "pa": "Pharmacological Action", "nm": "Supplementary Concept",
    "substance name": "Supplementary Concept", "rn": "EC/RN Number", "pt": "Publication Type",
    "la": "Language", "lang": "Language", "au": "Author", "author": "Author",
    "fau": "Author - Full", "1au": "Author - First", "lastau": "Author - Last",
    "cn": "Author - Corporate", "ir": "Investigator", "fir": "Investigator - Full",
    "auid": "Author - Identifier", "ed": "Editor", "book": "Book", "isbn": "ISBN",
    "pubn": "Publisher", "ps": "Subject - Personal Name", "ad": "Affiliation",
    "affiliation": "Affiliation", "ta": "Journal", "jour": "Journal", "journal": "Journal",
    "jid": "NLM Unique ID", "vi": "Volume", "ip": "Issue", "pg": "Pagination",
    "gr": "Grants and Funding", "si": "Secondary Source ID", "lid": "Location ID",
    "aid": "Article Identifier", "pl": "Place of Publication", "tt": "Transliterated Title",
    "cois": "Conflict of Interest Statements", "sb": "Filter", "filter": "Filter",
    "subset": "Filter", "dp": "Date - Publication", "pdat": "Date - Publication",
    "publication date": "Date - Publication", "epdat": "Electronic Publication Date",
    "ppdat": "Print Publication Date", "edat": "Date - Entry", "crdt": "Date - Create",
    "mhda": "Date - MeSH", "lr": "Date - Modification", "dcom": "Date - Completion",
    "Date - Publication": "Date - Publication", " mesh ": "MeSH Terms", "TIAB": "Title/Abstract",
}  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
def test_every_tag_of_pubmed_is_known(tag: str) -> None:
    found = field_by_tag(tag)
    assert found is not None
    assert found.label == TAGS[tag]


def operators(text: str) -> list[str]:
    tree = parse_query(text).tree
    assert isinstance(tree, Chain)
    return [operator.value for operator in tree.operators]


def codes(text: str) -> set[str]:
    return {note.code for note in parse_query(text).diagnostics}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a1 OR b1 AND c1 NOT d1", ["OR", "AND", "NOT"]),
        ("a1[ti] & b1[ti] | c1[ti]", ["AND", "OR"]),
        ("covid-19[ti] vaccine[ti] children[ti]", ["AND", "AND"]),
        ("asthma or copd", ["OR"]),
        ("a1 AND AND b1", ["AND"]),
        ("a1 AND NOT b1", ["NOT"]),
        ("17170002 16381840", ["OR"]),
    ],
)
def test_operators_are_read_as_pubmed_reads_them(text: str, expected: list[str]) -> None:
    assert operators(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("“liver cancer”[ti]", "curly-quotes"),
        ("asthma and copd", "lower-case-operator"),
        ("liver[xyzzy]", "unknown-tag"),
        ("(liver", "unclosed-parenthesis"),
        ("liver)", "stray-parenthesis"),
        ('"liver cancer', "unpaired-quote"),
        ("liver AND", "dangling-operator"),
        ("NOT liver", "leading-not"),
        ("(a1 OR b1)[tiab]", "tag-on-group"),
        ("()", "empty-parentheses"),
        ('"a1 b1"[mh:~3]', "proximity-field"),
        ("#7 AND liver", "unknown-line"),
        ("", "nothing-to-search"),
        ("liver[tiab", "unclosed-tag"),
    ],
)
def test_what_was_repaired_is_said_with_its_place(text: str, code: str) -> None:
    notes = [note for note in parse_query(text).diagnostics if note.code == code]
    assert notes
    assert all(0 <= note.start <= note.end <= max(1, len(text)) for note in notes)


@pytest.mark.parametrize(
    "text",
    [
        "liver metastasis",
        '"liver cancer"[tiab:~3]',
        "neoplasms[mh:noexp]",
        "liver neoplasms/secondary[majr]",
        "2001/02:2005[dp]",
        '"last 5 years"[dp]',
        "1:1000[uid]",
        "colo* cancer*[ti]",
        "(a1 OR (b1 AND c1[ti])) NOT d1",
        "#1 liver\n#2 spleen\n#3 #1 AND #2",
        '"2005/01/01"[Date - Publication] : "3000"[Date - Publication]',
        '"Proc Natl Acad Sci U S A"[Journal:__jid7505876]',
        "17170002 16381840",
    ],
)
@pytest.mark.parametrize("style", list(Style))
def test_rendered_and_read_again_is_the_same(text: str, style: Style) -> None:
    parsed = parse_query(text)
    again = parse_query(render_query(parsed, style=style))
    assert [line.node for line in again.lines] == [line.node for line in parsed.lines]


def test_ranges_and_dates_stand_in_both_forms() -> None:
    web = parse_query('"2005/01/01"[Date - Publication] : "3000"[Date - Publication]').tree
    assert web == Range(low="2005/01/01", high="3000", tag=web.tag)  # type: ignore[union-attr]
    assert isinstance(parse_query("2010[edat]:2020[edat]").tree, Range)


@pytest.mark.parametrize(
    "text",
    [
        "1. liver\n2. spleen\n3. 1 AND 2",
        "#1 liver\n#2 spleen\n#3 #1 AND #2",
        "3 #1 AND #2\n2 spleen\n1 liver",
        "1. liver\n2. spleen\n3. and/1-2",
    ],
)
def test_numbered_strategies_refer_to_their_lines(text: str) -> None:
    parsed = parse_query(text)
    last = parsed.lines[-1].node
    assert parsed.is_list
    assert isinstance(last, Chain)
    assert [item.number for item in last.items if isinstance(item, LineRef)] == [1, 2]
    assert last.operators == (Operator.AND,)


def test_a_decimal_number_at_the_start_is_no_line_number() -> None:
    parsed = parse_query('"1.5 tesla"[tiab] AND mri[tiab]')
    assert not parsed.is_list
    assert isinstance(parsed.tree, Chain)
    assert isinstance(parsed.tree.items[0], Term)
    assert parsed.tree.items[0].text == "1.5 tesla"


def test_the_cochrane_filter_as_pasted_is_read_without_an_error() -> None:
    text = """((randomized controlled trial [pt]) OR (controlled clinical trial [pt]) OR (randomized
    [tiab]) OR (placebo [tiab]) OR (clinical trials as topic [mesh: noexp]) OR (randomly [tiab]) OR
    (trial [ti])) NOT (animals [mh] NOT humans [mh])"""
    parsed = parse_query(text)
    assert not [note for note in parsed.diagnostics if note.severity.value == "error"]
    assert "[mh:noexp]" in render_query(parsed)


PIECES = ["AND ", "OR ", "NOT ", "[tiab]", "[mh:noexp]", "[tiab:~3]", "[dp]", "last 5 years", "#1 ",
          "2001:2003[dp]", "liver ", "neoplasms/surgery", "1. ", "or/1-3", "\x00",
          "\ud800"]  # fmt: skip
ALPHABET = st.sampled_from([*"ab1 \"()[]:*/&|#'-~.,\n“”’’βé", *PIECES])


@given(st.lists(ALPHABET, max_size=60).map("".join))
@example("a\n1([tiab]#1 ")
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_is_read_and_its_reading_is_stable(text: str) -> None:
    parsed = parse_query(text)
    for note in parsed.diagnostics:
        assert 0 <= note.start <= note.end <= len(text) + 1
    rendered = render_query(parsed)
    again = parse_query(rendered)
    if parsed.is_list == again.is_list:
        assert render_query(again) == rendered


def steps(text: str) -> int:
    """Count the calls that parsing makes: of functions, and of what is written in C."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    known = sys.getprofile()
    sys.setprofile(note)
    try:
        parse_query(text)
    finally:
        sys.setprofile(known)
    return count


@pytest.mark.parametrize(
    "unit",
    ["word{}[tiab] OR ", "word{} ", "(a{} AND ", '"phrase {}"[ti] ', "[x{} ", "#{} AND ", "a{}:b ",
     '"', "2001:", "NOT "],
)  # fmt: skip
def test_steps_grow_with_the_length_and_not_with_its_square(unit: str) -> None:
    small, large = (steps("".join(unit.format(i) for i in range(n))) for n in (300, 2_400))
    # Eight times the text; a square would take sixty-four times as many.
    assert large < 9 * small + 100


def test_fields_that_take_distance_noexp_and_ranges_are_those_of_pubmed() -> None:
    assert {f for f in Field if f.takes_proximity} == {
        Field.TITLE, Field.TITLE_ABSTRACT, Field.AFFILIATION,
    }  # fmt: skip
    assert {f for f in Field if f.takes_noexp} == {
        Field.MESH, Field.MESH_MAJOR, Field.SUBHEADING, Field.PUBLICATION_TYPE,
    }  # fmt: skip
