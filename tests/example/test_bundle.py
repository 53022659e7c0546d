"""The bundle against the public facts it was made from: nothing added, nothing lost."""

import csv
from pathlib import Path

import pytest

from resartus.domain.extracted import Reported
from resartus.example import bundle


def rows(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / "evidence" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_citation_is_bundled_with_its_identifiers(shared_data: Path) -> None:
    facts = {row["id"]: row for row in rows(shared_data, "citations.csv")}
    records = {str(r.record_id).partition(":")[2]: r for r in bundle.load_records()}
    assert records.keys() == facts.keys()
    for key, record in records.items():
        fact = facts[key]
        assert (record.title or "") == fact["title"]
        assert str(record.pmid or "") == fact["pmid"]
        assert str(record.year or "") == fact["year"]
        assert (record.doi or "") == fact["doi"]
        assert record.abstract is None


def test_every_relevant_citation_goes_to_full_text_and_no_other_but_context(
    shared_data: Path,
) -> None:
    facts = {row["id"]: row for row in rows(shared_data, "citations.csv")}
    for decision in bundle.load_decisions():
        fact = facts[decision.record_id.partition(":")[2]]
        if fact["relevant"] == "yes":
            assert decision.outcome != "exclude", fact["id"]
        elif decision.outcome != "exclude":
            # Kept for the first aim (natural history) or as a neighbouring trial.
            assert "context" in fact["relevance_reason"], fact["id"]
        assert decision.note == fact["relevance_reason"]


def test_counts_of_every_series_are_as_extracted(shared_data: Path) -> None:
    cells = {c.cell_id: c.extracted for c in bundle.load_cells()}
    names = {
        "n_patients_liver_surgery": "n_liver_surgery",
        "n_total": "n_total",
        "mortality_n": "mortality_n",
        "synchronous_n": "synchronous_n",
    }
    studies = {study.study_id for study in bundle.load_studies() if study.role != "case report"}
    seen = 0
    for fact in rows(shared_data, "studies.csv"):
        for column, field in names.items():
            cell = cells.get(f"{fact['id']}/{field}")
            if fact["id"] not in studies or cell is None:
                continue
            if cell.anchor is not None and cell.anchor.derivation:
                assert cell.anchor.derivation.endswith(f"= {cell.value}")
            else:
                assert ("" if cell.value is None else f"{cell.value:g}") == fact[column]  # type: ignore[str-format]
            seen += 1
    assert seen > 100


def test_the_series_of_resection_add_up_to_the_426_patients_of_the_source() -> None:
    series = {s.study_id for s in bundle.load_studies() if s.role == "resection series"}
    sizes = [
        int(c.extracted.value or 0)
        for c in bundle.load_cells()
        if c.field == "n_liver_surgery" and c.study_id in series and c.extracted.value is not None
    ]
    assert (len(series), sum(sizes)) == (19, 426)


def test_every_patient_row_is_there_and_blank_means_not_reported(shared_data: Path) -> None:
    cells = {c.cell_id: c.extracted for c in bundle.load_cells()}
    facts = rows(shared_data, "patients.csv")
    for fact in facts:
        stem = f"{fact['study_id']}/{fact['patient']}"
        months = cells[f"{stem}/follow_up_months"]
        assert ("" if months.value is None else f"{months.value:g}") == fact["followup_months"]  # type: ignore[str-format]
        age = cells[f"{stem}/age_years"]
        assert ("" if age.value is None else str(age.value)) == fact["age"]
        if not fact["margin"]:
            assert cells[f"{stem}/margin"].reported is Reported.NOT_REPORTED
    assert len({c.patient for c in bundle.load_cells() if c.patient}) > 0
    assert len(facts) == 18


def test_no_number_is_without_an_anchor_in_a_bundled_citation() -> None:
    known = {record.record_id for record in bundle.load_records()}
    for cell in bundle.load_cells():
        anchor = cell.extracted.anchor
        assert anchor is not None
        assert anchor.record_id in known, cell.cell_id
        value = cell.extracted.value
        if isinstance(value, int | float):
            assert anchor.span or anchor.derivation, cell.cell_id


@pytest.mark.parametrize("conflict", bundle.load_conflicts(), ids=lambda c: c.topic)
def test_a_contradiction_names_citations_of_the_bundle(conflict: object) -> None:
    known = {str(r.record_id).partition(":")[2] for r in bundle.load_records()}
    assert set(conflict.study_ids) <= known  # type: ignore[attr-defined]
