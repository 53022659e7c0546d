import random
import sys
from itertools import combinations
from pathlib import Path

import pytest

from resartus.dedup.finding import Found, find_duplicates
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, Record, RelatedReport

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import dedup_gold


def groups(found: Found) -> set[frozenset[str]]:
    made: dict[str, set[str]] = {}
    for link in found.links:
        made.setdefault(link.same_as, {link.same_as}).add(link.record_id)
    return {frozenset(group) for group in made.values()}


def linked_pairs(found: Found) -> set[tuple[str, str]]:
    return {pair for group in groups(found) for pair in combinations(sorted(group), 2)}


def paper(record_id: str, number: int, **changes: object) -> Record:
    plain: dict[str, object] = {
        "title": f"Survival of {number} women after resection of metastases in segment {number}",
        "authors": (Author(last_name=f"Author{number}", fore_name="A"),),
        "journal": "Annals of Surgery",
        "year": 2000 + number % 20,
        "volume": str(number),
        "pages": f"{number}1-{number}9",
    }
    return Record(record_id=RecordId(record_id), source="test", **(plain | changes))  # type: ignore[arg-type]


LIBRARY = [
    paper(f"{number}{copy}", number, **({"journal": "Ann Surg"} if copy == "b" else {}))
    for number in range(1, 12)
    for copy in "ab"
]


def test_copies_are_linked_and_nothing_else() -> None:
    found = find_duplicates(LIBRARY)
    assert groups(found) == {frozenset({f"{n}a", f"{n}b"}) for n in range(1, 12)}
    assert found.questions == ()


def test_the_order_of_records_does_not_matter() -> None:
    shuffled = list(LIBRARY)
    random.Random(1).shuffle(shuffled)
    assert groups(find_duplicates(shuffled)) == groups(find_duplicates(LIBRARY))


def test_no_records_and_one_record_have_no_duplicates() -> None:
    assert find_duplicates([]).links == ()
    assert find_duplicates(LIBRARY[:1]).links == ()


def test_what_was_judged_different_stays_apart_even_through_a_third() -> None:
    library = [paper("a", 1), paper("b", 1), paper("c", 1)]
    apart = {(RecordId("a"), RecordId("b"))}
    found = find_duplicates(library, apart=apart)
    assert all(not {"a", "b"} <= group for group in groups(found))
    assert all({q.record_id, q.other_id} != {"a", "b"} for q in found.questions)


def test_the_record_with_the_highest_rank_is_kept() -> None:
    found = find_duplicates([paper("a", 1), paper("b", 1)], rank={RecordId("b"): 1})
    assert [(link.record_id, link.same_as) for link in found.links] == [("a", "b")]


def test_a_link_says_what_speaks_for_it() -> None:
    (link,) = find_duplicates([paper("a", 1), paper("b", 1)]).links
    assert link.probability > 0.9
    assert "title same" in link.reasons


def test_an_erratum_is_related_and_not_linked() -> None:
    erratum = paper("b", 1, pages="99")
    title = f"Erratum: {erratum.title}"
    found = find_duplicates([paper("a", 1), paper("b", 1, title=title, pages="99")])
    assert found.links == ()
    assert [pair.relation.value for pair in found.related] == ["erratum"]


def test_what_pubmed_calls_an_update_is_never_linked() -> None:
    old = paper("a", 1, pmid=Pmid(1))
    new = paper("b", 1, pmid=Pmid(2), related=(RelatedReport(kind="UpdateOf", pmid=Pmid(1)),))
    found = find_duplicates([old, new])
    assert found.links == ()
    assert found.questions == ()
    assert [pair.relation.value for pair in found.related] == ["update"]


def test_many_records_of_one_short_title_cost_little() -> None:
    columns = [
        Record(
            record_id=RecordId(str(n)), source="test", title="Editorial", year=2000, volume=str(n)
        )
        for n in range(3000)
    ]
    found = find_duplicates(columns)
    assert found.n_compared < 15 * len(columns)
    assert found.links == ()


@pytest.mark.parametrize(
    ("name", "sensitivity", "precision"),
    [
        ("cytology_screening", 0.995, 0.999),
        ("haematology", 0.80, 0.98),
        ("respiratory", 0.93, 0.995),
        ("stroke", 0.99, 0.995),
    ],
)
def test_the_gold_sets_are_found(
    shared_data: Path, name: str, sensitivity: float, precision: float
) -> None:
    gold = dedup_gold.load(name, shared_data)
    linked, same = linked_pairs(find_duplicates(gold.records)), gold.pairs()
    assert len(linked & same) / len(same) >= sensitivity
    assert len(linked & same) / len(linked) >= precision
