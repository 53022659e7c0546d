"""What of a record is searched, and under which words, tokens and days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, MeshHeading, MeshQualifier, Record
from resartus.search.documents import document_of
from resartus.search.near import are_near
from resartus.search.plan import Part
from resartus.search.words import fold_all, words_of


def record(**values: object) -> Record:
    return Record(record_id=RecordId("x"), source="pubmed", pmid=Pmid(1), **values)  # type: ignore[arg-type]


def tokens(**values: object) -> set[str]:
    return set(document_of(record(**values), lambda name: None).tokens)


def dates(**values: object) -> dict[str, list[int]]:
    return document_of(record(**values), lambda name: None).dates


@given(st.lists(st.text(st.sampled_from("aZ9éßŁ肝и"), min_size=1)), st.data())
def test_signs_beyond_ascii_part_words_as_spaces_do(words: list[str], data: st.DataObject) -> None:
    signs = st.text(st.sampled_from(" .-_–—≥±•…’“”«»×→\u00a0\u2009\u2028"), min_size=1)
    text = "".join(word + data.draw(signs) for word in words)
    assert words_of(text) == [w for word in words for w in words_of(word)]
    assert fold_all([text, "x"])[-1] == "x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TGF-β and TGF-beta", ["tgf", "beta", "and", "tgf", "beta"]),
        ("Müller's naïve Ångström", ["muller", "s", "naive", "angstrom"]),
        ("H₂O, 10⁻³ µm", ["h2o", "10", "3", "mum"]),
        ("Łódź Straße Ærø", ["lodz", "strasse", "aero"]),
        ("snake_case p<0.05", ["snake", "case", "p", "0", "05"]),
        ("肝转移 печень", ["肝转移", "печень"]),
        ("", []),
    ],
)
def test_words_are_folded_as_questions_are(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.lists(st.text(max_size=30).filter(bool), max_size=6))
def test_folding_many_texts_at_once_is_folding_each(texts: list[str]) -> None:
    assert [run.split() for run in fold_all(texts)] == [words_of(text) for text in texts]


@given(st.text(max_size=60))
def test_folded_words_fold_to_themselves(text: str) -> None:
    words = words_of(text)
    assert words_of(" ".join(words)) == words


def test_a_pair_stands_with_its_own_heading_and_star() -> None:
    heading = MeshHeading(
        descriptor="Liver Neoplasms",
        ui="D008113",
        qualifiers=(
            MeshQualifier(name="secondary", major=True),
            MeshQualifier(name="drug therapy"),
        ),
    )
    found = tokens(mesh=(heading,))
    assert {"mh:D008113", "mj:D008113", "mh:D008113/drug_therapy", "mj:D008113/secondary"} <= found
    assert "mj:D008113/drug_therapy" not in found


def test_a_heading_without_an_id_is_looked_up_or_kept_by_name() -> None:
    heading = MeshHeading(descriptor="Liver Neoplasms")
    known = document_of(record(mesh=(heading,)), {"Liver Neoplasms": "D008113"}.get)
    assert "mh:D008113" in known.tokens
    assert "mh:=liver_neoplasms" in tokens(mesh=(heading,))


def test_names_tell_surname_initials_and_suffix_apart() -> None:
    author = Author(last_name="O'Brien", fore_name="Jo Ann", initials="JA", suffix="Jr")
    assert {"au:o_brien|ja|jr", "1au:o_brien|ja|jr", "fau:o_brien|jo_ann"} <= tokens(
        authors=(author,)
    )


def test_words_of_two_keywords_are_no_phrase() -> None:
    document = document_of(record(keywords=("liver", "cancer")), lambda name: None)
    assert document.texts[Part.KEYWORD] == ["liver", "cancer"]


def test_a_late_electronic_date_counts_in_ranges_only() -> None:
    late = dates(year=2000, month=5, electronic_on=date(2001, 1, 2))
    assert late["dp"] == [20000501, 20010102]
    assert late["dp1"] == [20000501]
    early = dates(year=2001, electronic_on=date(2000, 12, 2))
    assert early["dp1"] == early["dp"] == [20001202, 20010101]


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"year": 1998}, 19980101),
        ({"year": 1998, "published_text": "1998 Summer"}, 19980701),
        ({"year": 1998, "month": 12, "published_text": "1998 Dec-1999 Jan"}, 19981201),
    ],
)
def test_a_missing_month_is_january_or_the_seasons_first(values: dict, day: int) -> None:
    assert dates(**values)["dp"] == [day]


def test_mesh_date_is_the_entry_date_until_there_is_one() -> None:
    assert dates(entered_on=date(2020, 1, 2))["mhda"] == [20200102]


@pytest.mark.parametrize(
    ("words", "distance", "near"),
    [
        ("a b", 0, True),
        ("b a", 0, True),
        ("a c", 0, False),
        ("c a", 1, True),
        ("a d b", 1, True),
        ("a e", 2, False),
        ("a e b", 1, False),
        ("a c e", 1, True),
        ("a z", 9, False),
    ],
)
def test_distance_counts_the_words_between_neighbours(
    words: str, distance: int, near: bool
) -> None:
    assert are_near(["a", "b", "c", "d", "e"], words.split(), distance) is near
