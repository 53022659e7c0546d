import gzip
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from resartus.dedup.investigation import period_in, registrations
from resartus.dedup.naming import study_names
from resartus.dedup.reports import propose_studies
from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
import dedup_noise

TEAM = tuple(Author(last_name=name, initials="A") for name in ("Coleman", "Enserro", "Spirtos"))
# SAUL, the Family and Community Health Study, the National Lung Screening Trial.
PMIDS = (33984672, 33984678, 31621340, 31945595, 33494231, 32504466, 34091050)


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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Final analysis of the SOLO2 trial.", "SOLO2"),
        ("in the placebo-controlled phase III SOLO-2 randomised trial", "SOLO-2"),
        ("secondary prevention of small strokes (SPS3) trial", "SPS3"),
        ("a randomised trial (ICON7) of bevacizumab", "ICON7"),
        ("bevacizumab in GOG-0218", "GOG-0218"),
        ("women of the Nurses' Health Study were asked", "Nurses' Health Study"),
    ],
)
def test_studies_are_known_by_the_name_they_go_by(text: str, name: str) -> None:
    assert list(study_names(report("a", abstract=text)).values()) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "an MRI study of the liver",
        "a GWAS study of salt tolerance",
        "density functional theory (DFT) was used; the DFT study shows",
        "quality of life by EORTC QLQ-C30, ECOG 1",
        "registered in the Australian Clinical Trials Registry",
    ],
)
def test_methods_and_questionnaires_name_no_study(text: str) -> None:
    assert study_names(report("a", abstract=text)) == {}


def test_a_title_in_capitals_names_no_cohort() -> None:
    assert study_names(report("a", title="Outcomes in the Modern Liver Resection Study")) == {}


def test_one_trial_by_name_and_an_author_make_one_study() -> None:
    a = report("a", title="Olaparib in relapse", abstract="The SOLO2 trial.", authors=TEAM)
    b = report("b", title="Quality of life", abstract="In the SOLO-2 study.", authors=TEAM[:1])
    (proposal,) = propose_studies([a, b])
    assert proposal.evidence[0] == "both name SOLO2"
    assert not proposal.is_registered


def test_a_name_alone_proposes_nothing() -> None:
    a = report("a", title="Olaparib in relapse", abstract="The SOLO2 trial.", authors=TEAM)
    b = report("b", title="Costs of care", abstract="Unlike the SOLO2 trial, we found none.")
    assert proposed(a, b) == []


def test_two_trials_of_one_programme_are_two_studies() -> None:
    fields: dict[str, Any] = {"authors": TEAM, "title": "Olaparib as maintenance"}
    a = report("a", abstract="the SOLO1 trial", **fields)
    b = report("b", abstract="the SOLO2 trial", **fields)
    assert proposed(a, b) == []


def test_reports_of_one_named_trial_are_found_among_real_records(shared_data: Path) -> None:
    path = shared_data / "pubmed-baseline" / "pubmed21n1298.xml.gz"
    whole = gzip.decompress(path.read_bytes())
    records = []
    for pmid in PMIDS:
        at = whole.index(b">%d</PMID>" % pmid)
        start, end = whole.rindex(b"<PubmedArticle>", 0, at), whole.index(b"</PubmedArticle>", at)
        article = etree.fromstring(whole[start : end + len(b"</PubmedArticle>")])
        records.append(dedup_noise.record_of(article))
    named = {
        frozenset((p.record_id, p.other_id)): p.evidence[0]
        for p in propose_studies(records)
        if p.evidence[0].startswith("both name")
    }
    # Two papers of the SAUL trial in one issue, by two teams that share two people.
    saul = frozenset(("pubmed:33984672", "pubmed:33984678"))
    assert named[saul] == "both name SAUL"
    assert sum("Family and Community Health Study" in name for name in named.values()) == 3
    # Two teams read the images of one trial; they have nothing else in common.
    assert not any("Lung Screening" in name for name in named.values())


def test_two_registrations_are_two_studies() -> None:
    a = report("a", abstract="NCT00565851", title="Secondary surgery", authors=TEAM)
    b = report("b", abstract="NCT00000001", title="Secondary surgery", authors=TEAM)
    assert proposed(a, b) == []


def test_one_team_in_one_period_is_proposed_and_another_period_is_not() -> None:
    a = report("a", title="Hepatectomy", abstract="from 1988 to 2012", authors=TEAM)
    b = report("b", title="Quality of life", abstract="from 1988 to 2012", authors=TEAM)
    c = report("c", title="Hepatectomy, again", abstract="from 1970 to 1980", authors=TEAM)
    assert proposed(a, b, c) == [("a", "b")]
