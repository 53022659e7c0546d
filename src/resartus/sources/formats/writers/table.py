"""Tables for people and spreadsheets: one row a citation, the same columns in CSV and XLSX."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from resartus.domain.decision import Decision
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.sources.formats.values.columns import GOES_ON
from resartus.sources.formats.values.names import render_author
from resartus.sources.formats.values.own import own_part
from resartus.sources.formats.writers.ris import render_mesh

__all__ = ["COLUMNS", "render_row", "write_csv", "write_workbook"]

COLUMNS = (
    *("Title", "Authors", "Year", "Month", "Day", "Journal", "Journal abbreviation"),
    *("Volume", "Issue", "Pages", "DOI", "PMID", "PMCID", "Verdict", "Decision stage"),
    *("Decided by", "Decided at", "Exclusion reason", "Abstract", "Keywords", "MeSH"),
    *("Publication types", "Languages", "ISSN", "URL", "Vernacular title", "Published text"),
    *("Registry numbers", "Substances", "Grants", "Country", "NLM id", "Status of record"),
    *("All decisions", "Other fields", "Resartus record"),
)
# Fields with a column that holds them in whole; all else goes into "Other fields".
_HAS_COLUMN = frozenset(
    {
        *("title", "year", "month", "day", "journal", "journal_abbreviation", "volume", "issue"),
        *("pages", "doi", "pmid", "pmcid", "abstract", "keywords", "publication_types"),
        *("languages", "issn", "url", "vernacular_title", "published_text", "country", "nlm_id"),
        *("registry_numbers", "substances", "grants", "status"),
    }
)
_LISTS = ("keywords", "publication_types", "substances", "registry_numbers", "grants")
_EXCEL_CELL = 32_767
_FORMULA = ("=", "+", "-", "@", "\t", "'=", "'+", "'-", "'@", "'\t")


def render_row(record: Record, *, decisions: Sequence[Decision] = ()) -> list[str]:
    """Return one row under ``COLUMNS``.

    The last decision has columns of its own; where there are several, all of
    them stand in "All decisions", one JSON list.
    """
    names = "; ".join(render_author(author) for author in record.authors)
    last = decisions[-1] if decisions else None
    several = [_decision(one) for one in decisions] if _needs_all(decisions) else []
    # A value that holds the sign between values would come back as two.
    torn = {n for n in _LISTS if any(";" in v or "|" in v for v in getattr(record, n))}
    others = own_part(record, has_place=_HAS_COLUMN - torn)
    return [
        record.title or "",
        # A semicolon at the end says that the commas inside divide no names.
        names + (";" if len(record.authors) == 1 and "," in names else ""),
        str(record.year or ""),
        str(record.month or ""),
        str(record.day or ""),
        record.journal or "",
        record.journal_abbreviation or "",
        record.volume or "",
        record.issue or "",
        record.pages or "",
        record.doi or "",
        str(record.pmid or ""),
        record.pmcid or "",
        last.verdict.value if last else "",
        last.stage.value if last else "",
        last.decided_by if last else "",
        last.decided_at.isoformat() if last else "",
        "; ".join(last.reasons) if last else "",
        record.abstract or "",
        _listed(record.keywords),
        _listed([render_mesh(heading) for heading in record.mesh]),
        _listed(record.publication_types),
        "; ".join(record.languages),
        "; ".join(record.issn),
        record.url or "",
        record.vernacular_title or "",
        record.published_text or "",
        _listed(record.registry_numbers),
        _listed(record.substances),
        _listed(record.grants),
        record.country or "",
        record.nlm_id or "",
        record.status or "",
        json.dumps(several, ensure_ascii=False) if several else "",
        json.dumps(others, ensure_ascii=False) if others else "",
        str(record.record_id),
    ]


def _listed(values: Sequence[str]) -> str:
    return "; ".join(values) + (";" if len(values) == 1 and "," in values[0] else "")


def _needs_all(decisions: Sequence[Decision]) -> bool:
    return len(decisions) > 1 or any(one.note or one.tags for one in decisions)


def _decision(one: Decision) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(one)
    del plain["record_id"]
    return plain


def _guarded(cell: str) -> str:
    # A spreadsheet runs a cell that begins so; the apostrophe makes it text, and our reader
    # takes it away again.
    return "'" + cell if cell.startswith(_FORMULA) else cell


def write_csv(stream: IO[bytes], rows: Iterable[Sequence[str]]) -> None:
    """Write UTF-8 with the mark that Excel needs, cells guarded against formulas."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def write_workbook(stream: IO[bytes], rows: Iterable[Sequence[str]]) -> None:
    """Write an Excel workbook; what exceeds Excel's 32,767 characters goes on in new columns."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Citations")
    sheet.freeze_panes = "B2"
    for name, width in (("A", 60), ("B", 30), ("F", 24), ("S", 60)):
        sheet.column_dimensions[name].width = width

    def cells(row: Iterable[str]) -> Iterator[Any]:
        for value in row:
            cell = WriteOnlyCell(sheet, value=value or None)
            if value:
                # Text, never a formula.
                cell.data_type = "s"
            yield cell

    sheet.append(list(cells(COLUMNS)))
    for row in rows:
        long = [(COLUMNS[i], v[_EXCEL_CELL:]) for i, v in enumerate(row) if len(v) > _EXCEL_CELL]
        cut = [value[:_EXCEL_CELL] for value in row]
        for name, rest in long:
            cut += [
                f"{name}{GOES_ON}{rest[start : start + 32_000]}"
                for start in range(0, len(rest), 32_000)
            ]
        sheet.append(list(cells(cut)))
    book.save(stream)
