from typing import Any

import pytest

from resartus.dedup.investigation import period_in, registrations
from resartus.dedup.reports import propose_studies
from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record

TEAM = tuple(Author(last_name=name, initials="A") for name in ("Coleman", "Enserro", "Spirtos"))


def report(record_id: str, **fields: Any) -> Record:
    return Record(record_id=RecordId(record_id), source="test", **fields)


def proposed(*records: Record) -> list[tuple[str, str]]:
    return [(p.record_id, p.other_id) for p in propose_studies(records)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ClinicalTrials.gov number, NCT00565851.", "NCT00565851"),
        ("registered as ISRCTN 12345678", "ISRCTN12345678"),
        ("EudraCT number: 2010-018481-23", "2010-018481-23"),
        ("ChiCTR-TRC-10001234", "CHICTR-TRC-10001234"),
    ],
)
def test_registration_numbers_are_read_in_one_spelling(text: str, number: str) -> None:
    assert registrations(report("a", abstract=text)) == {number}


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("between January 1990 and December 2010", "1990–2010"),
        ("from 1988 to 2012", "1988–2012"),
        ("1991–2007", "1991–2007"),
        ("2004", "2004–2004"),
    ],
)
def test_periods_are_read_from_sentences(text: str, period: str) -> None:
    assert str(period_in(text)) == period


def test_a_year_in_passing_is_no_period() -> None:
    assert period_in("as Chi reported in 1997, survival is long") is None


def test_one_registration_makes_one_study_whoever_wrote() -> None:
    a = report("a", abstract="NCT00565851", title="Secondary surgery", authors=TEAM)
    b = report("b", abstract="See NCT00565851.", title="Quality of life after a trial")
    assert proposed(a, b) == [("a", "b")]


def test_two_registrations_are_two_studies() -> None:
    a = report("a", abstract="NCT00565851", title="Secondary surgery", authors=TEAM)
    b = report("b", abstract="NCT00000001", title="Secondary surgery", authors=TEAM)
    assert proposed(a, b) == []


def test_one_team_in_one_period_is_proposed_and_another_period_is_not() -> None:
    a = report("a", title="Hepatectomy", abstract="from 1988 to 2012", authors=TEAM)
    b = report("b", title="Quality of life", abstract="from 1988 to 2012", authors=TEAM)
    c = report("c", title="Hepatectomy, again", abstract="from 1970 to 1980", authors=TEAM)
    assert proposed(a, b, c) == [("a", "b")]
