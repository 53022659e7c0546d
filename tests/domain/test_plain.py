from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.domain.extracted import Anchor, Cell, Extracted, Reported
from resartus.domain.ids import Pmid, RecordId, StudyId
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.record import Author, MeshHeading, MeshQualifier, Record, RelatedReport
from resartus.errors import DataError

words = st.text(min_size=1, max_size=20).filter(lambda t: bool(t.strip()))
maybe = st.none() | words


@st.composite
def records(draw: st.DrawFn) -> Record:
    return Record(
        record_id=RecordId(draw(words)),
        source=draw(words),
        pmid=draw(st.none() | st.integers(1, 10**8).map(Pmid)),
        title=draw(maybe),
        authors=tuple(
            Author(last_name=name, affiliations=tuple(draw(st.lists(words, max_size=2))))
            for name in draw(st.lists(words, max_size=3))
        ),
        year=draw(st.none() | st.integers(1500, 2200)),
        entered_on=draw(st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))),
        mesh=tuple(
            MeshHeading(
                descriptor=name,
                major=draw(st.booleans()),
                qualifiers=(MeshQualifier(name="secondary", major=draw(st.booleans())),),
            )
            for name in draw(st.lists(words, max_size=2))
        ),
        related=(RelatedReport(kind="ErratumIn", pmid=Pmid(7)),),
        fields=tuple((a, b) for a, b in draw(st.lists(st.tuples(words, words), max_size=2))),
        fetched_at=draw(st.none() | st.just(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))),
    )


@given(records())
@settings(deadline=None, max_examples=60)
def test_a_record_survives_the_way_to_plain_values_and_back(record: Record) -> None:
    assert from_plain(Record, to_plain(record)) == record


def test_nested_optional_types_and_enums_come_back() -> None:
    cell = Cell(
        study_id=StudyId("kamel2011"),
        field="morbidity_n",
        extracted=Extracted(
            value=19,
            entered_by="extractor",
            reported=Reported.REPORTED,
            anchor=Anchor(
                record_id=RecordId("example:kamel2011"),
                place="abstract",
                span="37%",
                derivation="37 % of 52 = 19",
            ),
        ),
    )
    assert from_plain(Cell, to_plain(cell)) == cell


def test_a_field_at_its_default_is_not_written() -> None:
    plain = to_plain(Record(record_id=RecordId("a"), source="ris"))
    assert plain == {"record_id": "a", "source": "ris"}


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(DataError, match="field 'titel' is not one of Record's"):
        from_plain(Record, {"record_id": "a", "source": "ris", "titel": "x"})


def test_a_missing_field_is_named() -> None:
    with pytest.raises(DataError, match=r"lacks a field.*source"):
        from_plain(Record, {"record_id": "a"})
