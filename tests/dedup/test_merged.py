import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.dedup.merged import merge_records
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, Record
from resartus.errors import DataError


def record(record_id: str, source: str = "ris", **fields: object) -> Record:
    return Record(record_id=RecordId(record_id), source=source, **fields)  # type: ignore[arg-type]


def test_each_field_comes_from_the_record_that_tells_it_best() -> None:
    a = record(
        "a", title="HEPATIC RESECTION FOR METASTASES", year=1998, pages="45", doi="10.1234/x"
    )
    b = record("b", title="Hepatic resection for metastases", year=1997, pages="45-51")
    c = record(
        "c",
        source="pubmed",
        pmid=Pmid(1),
        year=1997,
        abstract="Long.",
        authors=(Author(last_name="Chi", fore_name="Dennis"),),
        keywords=("liver",),
    )
    view = merge_records([a, b, c])
    assert view.record.record_id == "a"
    assert view.record.title == "Hepatic resection for metastases"
    assert (view.record.pages, view.record.year, view.record.doi) == ("45-51", 1997, "10.1234/x")
    assert (view.record.pmid, view.record.abstract) == (1, "Long.")
    assert view.sources["title"] == ("b",)
    assert view.sources["year"] == ("c",)
    assert view.sources["keywords"] == ("c",)


def test_a_cut_author_list_gives_way_to_the_whole() -> None:
    whole = tuple(Author(last_name=n, initials="A") for n in ("Chi", "Fong", "Blumgart"))
    view = merge_records([record("a", authors=whole[:1]), record("b", authors=whole)])
    assert view.record.authors == whole


def test_nothing_is_invented_where_no_record_tells() -> None:
    view = merge_records([record("a", title="T"), record("b")])
    assert view.record == record("a", title="T")


def test_no_record_is_refused() -> None:
    with pytest.raises(DataError, match="none was given"):
        merge_records([])


texts = st.one_of(st.none(), st.text(min_size=1, max_size=10))
records = st.lists(
    st.builds(
        record, st.sampled_from("abc"), title=texts, volume=texts, pages=texts, abstract=texts
    ),
    min_size=1,
    max_size=4,
)


@given(records)
def test_every_value_of_the_view_is_some_record_s_own(given_: list[Record]) -> None:
    view = merge_records(given_).record
    for name in ("title", "volume", "pages", "abstract"):
        assert getattr(view, name) in {getattr(r, name) for r in given_}
