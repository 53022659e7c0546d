from typing import Any

from resartus.dedup.citation import Citation, normalise
from resartus.dedup.corpus import seen_together
from resartus.dedup.finding import find_duplicates
from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record


def record(number: int, **changes: Any) -> Record:
    plain: dict[str, Any] = {
        "record_id": RecordId(str(number)),
        "source": "one export",
        "title": f"Resection of {number} liver metastases from ovarian cancer",
        "authors": (Author(last_name="Chi", fore_name="D"),),
        "journal": "Gynecologic Oncology",
        "volume": str(number // 12),
    }
    return Record(**(plain | changes))


def seen(records: list[Record]) -> list[Citation]:
    return seen_together([normalise(r) for r in records])


def test_an_issue_column_that_numbers_the_rows_is_no_issue() -> None:
    rows = [record(n, issue=str(n)) for n in range(100)]
    assert {citation.issue for citation in seen(rows)} == {None}


def test_issues_of_another_source_stay() -> None:
    rows = [record(n, issue=str(n)) for n in range(100)]
    journal = [record(200 + n, issue=str(n % 12 + 1), source="another") for n in range(100)]
    after = seen(rows + journal)
    assert all((c.issue is None) == (c.source == "one export") for c in after)


def test_a_few_records_tell_nothing_about_their_issues() -> None:
    assert all(c.issue for c in seen([record(n, issue=str(n + 1)) for n in range(20)]))


def test_a_title_in_four_issues_heads_a_column_and_its_papers_are_neither_linked_nor_asked() -> (
    None
):
    title = "Remarks from the editor of this journal: comments on the issue"
    rows = [record(n, title=title, volume="24", issue=str(n)) for n in range(1, 5)]
    assert all(citation.heads_a_column for citation in seen(rows))
    found = find_duplicates(rows)
    assert (found.links, found.questions) == ((), ())


def test_a_title_in_three_places_is_one_paper_that_databases_place_apart() -> None:
    rows = [record(1, record_id=RecordId(str(v)), volume=str(v)) for v in (1, 2, 3)]
    assert not any(citation.heads_a_column for citation in seen(rows))
