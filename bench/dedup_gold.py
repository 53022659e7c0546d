"""The gold sets of de-duplication as records and clusters."""

import csv
import gzip
import re
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record

DEVELOPMENT = ("cytology_screening", "haematology", "respiratory", "stroke", "digital_work")
HARD = ("special_cases", "test_data")
_DOI = re.compile(r"10\.\d{3,9}/\S+")


@dataclass(frozen=True)
class GoldSet:
    name: str
    rows: list[dict[str, str]]
    records: list[Record]
    clusters: list[list[str]]

    def pairs(self) -> set[tuple[str, str]]:
        """Every pair of records that the set calls the same."""
        return {p for c in self.clusters for p in combinations(sorted(c), 2)}


def shared_data() -> Path:
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    raise SystemExit("no shared/data beside the repository")


def _author(text: str) -> Author | None:
    last, comma, fore = text.partition(",")
    if comma:
        return (
            Author(last_name=last.strip() or None, fore_name=fore.strip() or None)
            if (last.strip() or fore.strip())
            else None
        )
    return Author(last_name=text.strip()) if text.strip() else None


def record_of(row: dict[str, str]) -> Record:
    def text(*names: str) -> str | None:
        return next((row[n].strip() for n in names if (row.get(n) or "").strip()), None)

    authors = (_author(name) for name in re.split(r"\s+and\s+|;", row.get("author") or ""))
    year, doi = text("year"), _DOI.search(text("doi") or "")
    return Record(
        record_id=RecordId(row["ID"]),
        source="gold",
        title=text("title"),
        authors=tuple(a for a in authors if a),
        journal=text("journal", "booktitle"),
        year=int(year) if year and year.isdigit() and 1500 <= int(year) <= 2200 else None,
        volume=text("volume"),
        issue=text("number", "issue"),
        pages=text("pages"),
        doi=doi.group() if doi else None,
        abstract=text("abstract"),
        issn=tuple((text("isbn") or "").split()),
        publication_types=(row["ENTRYTYPE"],) if row.get("ENTRYTYPE") else (),
    )


def load(name: str, folder: Path | None = None) -> GoldSet:
    folder = (folder or shared_data()) / "dedupe-gold" / "bib-dedupe"
    with gzip.open(folder / f"{name}.records_pre_merged.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["ID"]]
    with (folder / f"{name}.merged_record_ids.csv").open(encoding="utf-8") as file:
        clusters = [row["merged_ids"].split(";") for row in csv.DictReader(file)]
    # Clusters that share a record say the same thing twice: join them.
    joined: list[set[str]] = []
    for cluster in map(set, clusters):
        touching = [c for c in joined if c & cluster]
        joined = [c for c in joined if not c & cluster] + [cluster.union(*touching)]
    return GoldSet(name, rows, [record_of(r) for r in rows], [sorted(c) for c in joined])
