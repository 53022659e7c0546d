"""A strategy is taken apart: what it misses and why, and what brings nothing."""

from datetime import date
from pathlib import Path

import pytest

from resartus.app.review import Review
from resartus.app.search.checking import StrategyCheck, check_strategy
from resartus.app.search.on_hand import OnHand
from resartus.app.search.prisma_s import prisma_s, render_prisma_s
from resartus.app.search.running import run_search
from resartus.cli.search.check import year_chart
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.query import Search
from resartus.domain.record import Record
from resartus.errors import DataError

PROTOCOL = """
title = "Liver metastases"
question = "Does resection help?"
population = "women"
intervention = "resection"

[prisma_s]
contacts = "Nobody was asked."
"""
TITLES = {
    1: ("Liver metastasis of ovarian cancer", 2001),
    2: ("Hepatic metastases of ovarian cancer", 2002),
    3: ("Liver metastasis in a rat", 2003),
    4: ("Resection of the liver", 2004),
    5: ("Liver metastasis of ovarian cancer", 1970),
}
RECORDS = tuple(
    Record(record_id=RecordId(f"pubmed:{n}"), source="pubmed", pmid=Pmid(n), title=title, year=year)
    for n, (title, year) in TITLES.items()
)


@pytest.fixture
def review(tmp_path: Path) -> Review:
    with Review.create(tmp_path, protocol_text=PROTOCOL, person="ana") as review:
        yield review


def search(query: str, **limits: int) -> Search:
    return Search(search_id="s", source="file", query=query, **limits)  # type: ignore[arg-type]


def checked(review: Review, query: str, *known: int, **limits: int) -> StrategyCheck:
    engine = OnHand(RECORDS, "five records", today=date(2026, 1, 1), payloads=review.payloads)
    return check_strategy(
        review, search(query, **limits), engine=engine, known=tuple(map(Pmid, known))
    )


def test_each_missed_record_is_blamed_on_every_part_that_loses_it(review: Review) -> None:
    check = checked(
        review,
        "#1 liver[ti] OR hepatic[ti]\n#2 metastasis[ti]\n#3 ovarian[ti]\n"
        "#4 (#1 AND #2 AND #3) NOT rat[ti]",
        1, 2, 3, 4, 5, 99, from_year=1990,
    )  # fmt: skip
    assert check.count == 1
    assert check.recall == pytest.approx(1 / 6)
    assert {m.pmid: m.lost_by for m in check.missed} == {
        2: ("line 2: metastasis[ti]",),
        3: ("line 3: ovarian[ti]",),
        4: ("line 2: metastasis[ti]", "line 3: ovarian[ti]"),
        5: ("the limits 1990:3000[dp]",),
        99: (),
    }


def test_a_record_lost_by_not_is_told_so(review: Review) -> None:
    check = checked(review, "liver[ti] NOT rat[ti]", 3)
    assert check.missed[0].lost_by == ("NOT rat[ti]",)


def test_a_term_that_brings_nothing_is_told_from_one_that_brings_records(review: Review) -> None:
    check = checked(review, "(liver[ti] OR hepatic[ti] OR rat[ti] OR spleen[ti]) AND metasta*[ti]")
    told = {term.term: (term.alone, term.only, term.brings_nothing) for term in check.terms}
    assert told == {
        "liver[ti]": (4, 2, False),
        "hepatic[ti]": (1, 1, False),
        "rat[ti]": (1, 0, True),
        "spleen[ti]": (0, None, True),
    }


def test_concepts_and_lines_are_counted(review: Review) -> None:
    single = checked(review, "(liver[ti] OR hepatic[ti]) AND ovarian[ti]", from_year=2000)
    assert single.lines == (
        ("concept 1", "liver[ti] OR hepatic[ti]", 5),
        ("concept 2", "ovarian[ti]", 3),
        ("limits", "2000:3000[dp]", 4),
    )
    listed = checked(review, "#1 liver[ti]\n#2 ovarian[ti]\n#3 #1 AND #2")
    assert [(name, count) for name, _, count in listed.lines] == [
        ("line 1", 4), ("line 2", 3), ("line 3", 2),
    ]  # fmt: skip


def test_recall_is_unknown_without_known_records(review: Review) -> None:
    assert checked(review, "liver").recall is None


def test_a_query_of_nothing_is_refused(review: Review) -> None:
    with pytest.raises(DataError, match="holds nothing to search for"):
        checked(review, "( )")


def test_years_are_those_of_the_last_run_without_gaps(review: Review) -> None:
    engine = OnHand(RECORDS, "five records", today=date(2026, 1, 1))
    run_search(review, search("liver[ti]", from_year=2000), engine=engine)
    assert checked(review, "liver[ti]").years == ((2001, 1), (2002, 0), (2003, 1), (2004, 1))


def test_the_chart_shows_every_year_and_puts_many_together() -> None:
    assert year_chart(((2001, 4), (2002, 0), (2003, 1)), width=8) == [
        "  2001    ████████ 4", "  2002    0", "  2003    ██ 1",
    ]  # fmt: skip
    long = year_chart(tuple((year, 1) for year in range(1950, 2020)))
    assert len(long) == 14
    assert long[0].startswith("  1950-54")


def test_prisma_s_comes_from_the_log_and_asks_people_for_the_rest(review: Review) -> None:
    engine = OnHand(RECORDS, "five records", today=date(2026, 1, 1), payloads=review.payloads)
    run_search(review, search("liver[ti]", from_year=1990), engine=engine)
    items = {item.number: item for item in prisma_s(review)}
    assert len(items) == 16
    assert items[1].text == "five records."
    assert items[6].text == "Nobody was asked."
    assert items[14].text is None
    assert items[14].to_fill == "peer_review"
    assert "(liver[ti]) AND 1990:3000[dp]" in (items[8].text or "")
    assert items[9].text == "“s”: 1990:3000[dp] (publication dates). [Say why: limits]"
    assert "3 records" in (items[15].text or "")
    text = render_prisma_s(tuple(items.values()))
    assert "[To be filled in: peer_review in the [prisma_s] table of review.toml]" in text


def test_prisma_s_of_a_review_that_has_not_searched_claims_nothing(review: Review) -> None:
    items = {item.number: item.text for item in prisma_s(review)}
    assert [items[n] for n in (1, 2, 8, 9, 12, 13, 15, 16)] == [None] * 8
