from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from resartus.app.living.day import FileNotWhole, update_from_files
from resartus.app.living.notices import notices
from resartus.app.living.updating import search_since, update_review
from resartus.app.review import Review
from resartus.app.search.planning import term_of
from resartus.domain.event import EventKind
from resartus.domain.query import Search, SearchRun

Include = Callable[..., None]

ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">
<PMID Version="1">{pmid}</PMID>
<Article PubModel="Print"><Journal><JournalIssue><PubDate><Year>2024</Year></PubDate></JournalIssue>
<Title>Test journal</Title></Journal><ArticleTitle>{title}</ArticleTitle><Language>eng</Language>
</Article>{related}</MedlineCitation></PubmedArticle>"""
RELATED = """<CommentsCorrectionsList><CommentsCorrections RefType="{kind}">
<RefSource>Test J</RefSource>
<PMID Version="1">{pmid}</PMID></CommentsCorrections></CommentsCorrectionsList>"""


def article(pmid: int, title: str, *, kind: str | None = None, to: int = 0) -> str:
    related = RELATED.format(kind=kind, pmid=to) if kind else ""
    return ARTICLE.format(pmid=pmid, title=title, related=related)


def update_file(folder: Path, *articles: str, deleted: tuple[int, ...] = ()) -> Path:
    path = folder / "pubmed24n1300.xml"
    gone = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in deleted)
    path.write_text(
        '<?xml version="1.0"?><PubmedArticleSet>'
        + "\n".join(articles)
        + (f"<DeleteCitation>{gone}</DeleteCitation>" if gone else "")
        + "</PubmedArticleSet>",
        encoding="utf-8",
    )
    return path


def test_an_update_file_brings_hits_notices_corrections_and_deletions(
    review: Review, include: Include, tmp_path: Path
) -> None:
    include(1, events=1, total=20)
    include(2, events=0, total=20)
    path = update_file(
        tmp_path,
        article(1, "Resection in series 1, corrected", kind="RetractionIn", to=90),
        article(50, "Resection of something new"),
        article(51, "Chemotherapy alone"),
        deleted=(2, 77),
    )
    update = update_from_files(review, [path])
    assert update.new_ids == ("pubmed:50",)
    assert update.revised == ("pubmed:1",)
    assert [(n.record_id, n.kind) for n in update.notices] == [
        ("pubmed:1", "retraction"),
        ("pubmed:2", "deleted from PubMed"),
    ]
    assert update.open_notices == 2
    assert not update.is_quiet
    kinds = [e.kind for e in review.store.load_events()]
    assert kinds.count(EventKind.RECORDS_REVISED) == 1
    (newer,) = review.store.iterate_records(["pubmed:1"])  # type: ignore[list-item]
    assert newer.title == "Resection in series 1, corrected"


def test_the_same_file_again_brings_nothing(
    review: Review, include: Include, tmp_path: Path
) -> None:
    include(1, events=1, total=20)
    path = update_file(
        tmp_path,
        article(1, "Resection in series 1", kind="ErratumIn", to=90),
        article(50, "Resection of something new"),
    )
    update_from_files(review, [path])
    again = update_from_files(review, [path])
    assert again.is_quiet
    assert again.revised == ()
    assert again.open_notices == 1
    assert len(notices(review.state())) == 1


def test_records_on_hand_are_searched_without_a_network(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    update = update_review(review)
    assert update.is_quiet
    assert [(run.search.search_id, new) for run, new in update.runs] == [("main", 0)]


def run_of(search: Search, at: datetime) -> SearchRun:
    return SearchRun(
        search=search, translation="", engine="e", corpus="c", ran_at=at, record_ids=()
    )


def test_a_search_that_ended_goes_on_from_the_next_year() -> None:
    search = Search(search_id="s", source="pubmed", query="x", from_year=1990, to_year=2011)
    first = run_of(search, datetime(2012, 3, 1, tzinfo=UTC))
    since = search_since(search, [first], today=date(2024, 5, 1))
    assert (since.from_year, since.to_year, since.entered_since) == (2012, 2024, None)


def test_a_search_that_reached_today_asks_for_what_was_entered_since() -> None:
    search = Search(search_id="s", source="pubmed", query="x[ti]", from_year=1990)
    first = run_of(search, datetime(2024, 3, 8, tzinfo=UTC))
    since = search_since(search, [first], today=date(2024, 5, 1))
    assert since.entered_since == date(2024, 3, 1)
    assert term_of(since) == "(x[ti]) AND 1990:3000[dp] AND 2024/03/01:3000[edat]"


def test_a_second_update_of_an_ended_search_keeps_its_years_and_asks_by_entry() -> None:
    search = Search(search_id="s", source="pubmed", query="x[ti]", from_year=1990, to_year=2011)
    update = search_since(search, [], today=date(2024, 5, 1))
    runs = [
        run_of(search, datetime(2012, 3, 1, tzinfo=UTC)),
        run_of(update, datetime(2024, 5, 1, tzinfo=UTC)),
    ]
    again = search_since(search, runs, today=date(2024, 9, 1))
    assert again.from_year == 2012
    assert again.entered_since == date(2024, 4, 24)


def test_a_file_that_was_cut_is_refused_and_the_review_stays_as_it_was(
    review: Review, include: Include, tmp_path: Path
) -> None:
    include(1, events=1, total=20)
    seq = review.store.last_seq()
    path = tmp_path / "cut.xml.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00 not a gzip file")
    with pytest.raises(FileNotWhole, match=r"cut\.xml\.gz ends in the middle"):
        update_from_files(review, [path])
    assert review.store.last_seq() == seq


@pytest.mark.parametrize("kind", ["RetractionIn", "ExpressionOfConcernIn"])
def test_a_notice_on_a_report_that_was_not_included_stays_out(
    review: Review, include: Include, tmp_path: Path, kind: str
) -> None:
    include(1, events=1, total=20)
    path = update_file(tmp_path, article(50, "Resection, other", kind=kind, to=9))
    assert update_from_files(review, [path]).notices == ()
