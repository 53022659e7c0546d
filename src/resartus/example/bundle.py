"""The founding review's evidence as the package bundles it: real citations, decisions and figures.

Facts carry the article they were read in; no abstract and no sentence of an
article is included. The citations are a curated sample, not a PubMed run.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from resartus.domain.extracted import Anchor, Cell, Extracted, Reported
from resartus.domain.ids import Pmid, RecordId, StudyId
from resartus.domain.record import Author, Record
from resartus.domain.state import Contradiction

__all__ = [
    "BUNDLED_ON",
    "CORPUS",
    "CURATOR",
    "FOUNDING_YEARS",
    "BundledDecision",
    "BundledStudy",
    "load_cells",
    "load_conflicts",
    "load_decisions",
    "load_patient_profile",
    "load_protocol_text",
    "load_records",
    "load_studies",
    "record_id",
]

BUNDLED_ON = "2026-11-24"
CURATOR = "Resartus example, curated from published pages"
FOUNDING_YEARS = "1990-2011"
CORPUS = (
    f"bundled sample of 251 real citations, compiled {BUNDLED_ON}, "
    "curated by hand and not a PubMed run"
)

_LANGUAGES = {"English": "eng", "Spanish": "spa", "Romanian": "rum", "Portuguese": "por"}
_NUMBERS = ("_months", "_n", "_1y", "_3y", "_5y", "p_value", "_years", "_cm", "_lesions")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledDecision:
    """What was decided on one citation, and why."""

    record_id: RecordId
    outcome: str
    reason: str
    note: str
    period: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledStudy:
    """One study of the example, with the part of the question it speaks to."""

    study_id: StudyId
    label: str
    design: str
    role: str
    year: int | None
    period: str


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = resources.files("resartus.example") / "data" / name
    yield from csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))


def record_id(citation_id: str) -> RecordId:
    """Return the record id of a bundled citation."""
    return RecordId(f"example:{citation_id}")


def _author(text: str) -> Author:
    name = text.strip()
    last, _, initials = name.rpartition(" ")
    if last and initials.isupper() and len(initials) <= 4:
        return Author(last_name=last, initials=initials)
    return Author(last_name=name)


def _doi(text: str) -> str | None:
    return text if text.startswith("10.") and "/" in text else None


def load_records() -> list[Record]:
    """Return the 251 bundled citations; what a page did not show is ``None``."""
    records = []
    for row in _rows("citations.csv"):
        records.append(
            Record(
                record_id=record_id(row["id"]),
                source="snapshot",
                pmid=Pmid(int(row["pmid"])) if row["pmid"] else None,
                doi=_doi(row["doi"]),
                title=row["title"] or None,
                authors=tuple(_author(name) for name in row["authors"].split(";") if name.strip()),
                journal=row["journal"] or None,
                year=int(row["year"]) if row["year"] else None,
                volume=row["volume"] or None,
                issue=row["issue"] or None,
                pages=row["pages"] or None,
                languages=tuple(filter(None, [_LANGUAGES.get(row["language"])])),
                publication_types=tuple(filter(None, row["publication_types"].split(";"))),
                url=row["read_at"].split(" ")[0] if row["read_at"].startswith("http") else None,
                fields=(("period", row["period"]),) if row["period"] else (),
            )
        )
    return records


def load_decisions() -> list[BundledDecision]:
    """Return one decision per citation, in the citations' order."""
    return [
        BundledDecision(
            record_id=record_id(row["id"]),
            outcome=row["decision"],
            reason=row["reason"],
            note=row["note"],
            period=row["period"] or None,
        )
        for row in _rows("citations.csv")
    ]


def load_studies() -> list[BundledStudy]:
    """Return the studies that were included, with their roles."""
    return [
        BundledStudy(
            study_id=StudyId(row["study_id"]),
            label=row["label"],
            design=row["design"],
            role=row["role"],
            year=int(row["year"]) if row["year"] else None,
            period=row["period"],
        )
        for row in _rows("studies.csv")
    ]


def _value(field: str, text: str) -> str | int | float:
    leaf = field.rpartition(".")[2]
    if leaf == "n" or leaf.startswith("n_") or leaf.endswith(_NUMBERS):
        number = float(text)
        return int(number) if number.is_integer() and not leaf.endswith("months") else number
    return text


def load_cells() -> list[Cell]:
    """Return every extracted value with its anchor; nothing is filled in."""
    cells = []
    for row in _rows("cells.csv"):
        reported = Reported(row["reported"])
        anchor = Anchor(
            record_id=record_id(row["record_id"]),
            place=row["place"],
            detail=row["detail"] or None,
            span=row["span"] or None,
            derivation=row["derivation"] or None,
        )
        is_there = reported is Reported.REPORTED
        cells.append(
            Cell(
                study_id=StudyId(row["study_id"]),
                patient=row["patient"] or None,
                field=row["field"],
                extracted=Extracted(
                    value=_value(row["field"], row["value"]) if is_there else None,
                    reported=reported,
                    anchor=anchor,
                    entered_by=CURATOR,
                    note=row["note"] or None,
                ),
            )
        )
    return cells


def load_conflicts() -> list[Contradiction]:
    """Return the contradictions found between sources, and how each is handled."""
    return [
        Contradiction(
            study_ids=tuple(row["study_ids"].split(";")),
            topic=row["topic"],
            one_side=row["one_side"],
            other_side=row["other_side"],
            handling=row["handling"],
        )
        for row in _rows("conflicts.csv")
    ]


def load_protocol_text() -> str:
    """Return the example's ``review.toml``."""
    path = resources.files("resartus.example") / "data" / "review.toml"
    return path.read_text(encoding="utf-8")


def load_patient_profile() -> str:
    """Return the example patient, as TOML. She is made up to ask a question, and says so."""
    path = resources.files("resartus.example") / "data" / "patient.toml"
    return path.read_text(encoding="utf-8")
