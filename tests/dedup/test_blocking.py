import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.dedup.blocking import candidate_pairs
from resartus.dedup.citation import Citation, normalise
from resartus.dedup.sieve import Sieve
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, Record

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import dedup_gold


def citation(record_id: str, title: str | None, **fields: object) -> Citation:
    record = Record(record_id=RecordId(record_id), source="test", title=title, **fields)  # type: ignore[arg-type]
    return normalise(record)


def is_kept(a: Citation, b: Citation) -> bool:
    return bool(Sieve([a, b]).keeps(np.array([0], np.int32), np.array([1], np.int32))[0])


PLACE = {
    "authors": (Author(last_name="Adam", fore_name="R"),),
    "volume": "12", "pages": "123-9", "year": 2006,
}  # fmt: skip
GERMAN = "Chirurgische Behandlung der Lebermetastasen"
ENGLISH = "Surgical treatment of hepatic secondaries"


def test_a_translation_on_the_same_pages_is_kept() -> None:
    assert is_kept(citation("a", GERMAN, **PLACE), citation("b", ENGLISH, **PLACE))


def test_an_ending_in_common_and_nothing_else_is_let_go() -> None:
    other = {"volume": "3", "pages": "1-8", "authors": (Author(last_name="Chi", fore_name="D"),)}
    a = citation("a", "Outcome of resection for ovarian cancer", **PLACE)
    b = citation("b", "Prognostic markers in ovarian cancer", **other)
    assert not is_kept(a, b)


def test_a_shared_identifier_is_always_kept() -> None:
    a = citation("a", GERMAN, pmid=Pmid(7), volume="1", pages="1-2")
    b = citation("b", ENGLISH, pmid=Pmid(7), volume="2", pages="3-4")
    assert is_kept(a, b)


titles = st.none() | st.text("ab é中 ", min_size=1, max_size=40).filter(str.strip)


@given(
    a=titles,
    b=titles,
    pages=st.none() | st.from_regex(r"[1-9]\d{0,3}-[1-9]\d{0,3}", fullmatch=True),
)
def test_the_sieve_does_not_depend_on_the_order(
    a: str | None, b: str | None, pages: str | None
) -> None:
    one, two = citation("a", a, pages=pages), citation("b", b, volume="3")
    assert is_kept(one, two) == is_kept(two, one)


@given(titles)
def test_a_record_and_its_copy_are_kept(title: str | None) -> None:
    assert is_kept(citation("a", title, **PLACE), citation("b", title, **PLACE))


@pytest.mark.parametrize(("name", "missed"), [("cytology_screening", 0), ("respiratory", 0)])
def test_pairs_of_the_gold_sets_meet_at_less_than_one_comparison_a_record(
    shared_data: Path, name: str, missed: int
) -> None:
    gold = dedup_gold.load(name, shared_data)
    pairs = candidate_pairs([normalise(record) for record in gold.records])
    ids = [str(record.record_id) for record in gold.records]
    met = {tuple(sorted((ids[a], ids[b]))) for a, b in pairs.tolist()}
    assert len(gold.pairs() - met) == missed
    assert len(pairs) < len(gold.records)
