"""Patients from a table: CSV or XLSX, its columns mapped to the form's fields."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from resartus.domain.patient import VitalStatus
from resartus.domain.time_zero import (
    DIAGNOSIS,
    LIVER_METASTASIS,
    LIVER_TREATMENT,
    RECURRENCE,
    UNKNOWN_ZERO,
    TimeZero,
    known_time_zero,
)
from resartus.errors import DataError

__all__ = ["SheetRow", "map_columns", "plain_status", "plain_time_zero", "read_sheet"]

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "patient": ("patient", "patient_no", "patient_id", "case", "case_no", "no", "id", "pt"),
    "age_years": ("age", "age_y", "age_yr", "age_at_diagnosis", "age_at_surgery"),
    "sex": ("sex", "gender"),
    "primary_site": ("primary", "site", "primary_tumour", "primary_tumor", "origin"),
    "histology": ("histology", "histological_type", "pathology", "tumour_type"),
    "figo_stage": ("figo", "stage", "figo_stage", "initial_stage"),
    "interval_months": ("dfi", "dfi_months", "disease_free_interval", "interval", "dfi_mo"),
    "n_lesions": ("number_of_lesions", "lesions", "no_of_lesions", "number_of_metastases"),
    "max_size_cm": ("size", "size_cm", "max_size", "largest_lesion_cm", "tumour_size_cm"),
    "margin": ("margin", "resection_margin", "r", "r_status"),
    "procedure": ("procedure", "operation", "hepatectomy", "liver_procedure", "surgery"),
    "follow_up_months": ("follow_up", "fu", "fu_months", "follow_up_mo", "os", "os_months",
                         "survival_months", "survival", "followup_months", "overall_survival"),
    "follow_up_years": ("fu_years", "survival_years", "os_years", "followup_years"),
    "follow_up_days": ("fu_days", "survival_days", "os_days", "followup_days"),
    "status": ("status", "outcome", "vital_status", "state", "state_at_last_follow_up"),
    "time_zero": ("time_zero", "counted_from", "origin_of_time"),
}  # fmt: skip
_STATUS: Mapping[str, VitalStatus] = {
    **{member.value: member for member in VitalStatus},
    "ned": VitalStatus.ALIVE_NED,
    "alive ned": VitalStatus.ALIVE_NED,
    "disease free": VitalStatus.ALIVE_NED,
    "awd": VitalStatus.ALIVE_WITH_DISEASE,
    "a": VitalStatus.ALIVE,
    "0": VitalStatus.ALIVE,
    "living": VitalStatus.ALIVE,
    "dod": VitalStatus.DEAD_OF_DISEASE,
    "died of disease": VitalStatus.DEAD_OF_DISEASE,
    "doc": VitalStatus.DEAD_OTHER,
    "dead of other cause": VitalStatus.DEAD_OTHER,
    "d": VitalStatus.DEAD,
    "1": VitalStatus.DEAD,
    "dead": VitalStatus.DEAD,
    "died": VitalStatus.DEAD,
    "deceased": VitalStatus.DEAD,
    "unknown": VitalStatus.UNKNOWN,
    "lost to follow up": VitalStatus.ALIVE,
}
_TIME_ZERO: Mapping[str, TimeZero] = {
    "diagnosis": DIAGNOSIS,
    "primary": DIAGNOSIS,
    "primary diagnosis": DIAGNOSIS,
    "liver metastasis": LIVER_METASTASIS,
    "liver resection": LIVER_TREATMENT,
    "hepatectomy": LIVER_TREATMENT,
    "resection": LIVER_TREATMENT,
    "ablation": LIVER_TREATMENT,
    "relapse": RECURRENCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row of the table with its line, counted from 1 with the header as line 1."""

    line: int
    values: Mapping[str, str]


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _csv_table(content: bytes, name: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not UTF-8 at byte {error.start}; save it so") from error
    first = text.partition("\n")[0]
    mark = max((",", ";", "\t"), key=first.count)
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]


def _xlsx_table(content: bytes, name: str, sheet: str | None) -> list[list[str]]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
        raise DataError(
            f"{name} cannot be read as XLSX ({error}); save it as XLSX or CSV again", where=name
        ) from error
    if sheet is not None and sheet not in book.sheetnames:
        raise DataError(f"{name} has no sheet {sheet!r}; it has: {', '.join(book.sheetnames)}")
    chosen = book[sheet] if sheet is not None else book.worksheets[0]
    table = [[_cell_text(value) for value in row] for row in chosen.iter_rows(values_only=True)]
    book.close()
    return table


def read_sheet(
    content: bytes, *, name: str, sheet: str | None = None
) -> tuple[tuple[str, ...], list[SheetRow]]:
    """Return the columns and the rows of a CSV (comma, semicolon, tab) or XLSX file.

    Rows without any value are left out; a row with more cells than the header is refused.

    Raises
    ------
    DataError
        If the file cannot be read, a column stands twice or a row does not fit.
    """
    is_xlsx = content[:4] == b"PK\x03\x04"
    table = _xlsx_table(content, name, sheet) if is_xlsx else _csv_table(content, name)
    if not table or not any(cell.strip() for cell in table[0]):
        raise DataError(f"{name} has no header in its first line; name the columns", where=name)
    columns = tuple(cell.strip() for cell in table[0])
    while columns and not columns[-1]:
        columns = columns[:-1]
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        raise DataError(f"{name} has the column {twice[0]!r} twice; rename one", field=twice[0])
    rows = []
    for line, cells in enumerate(table[1:], 2):
        extra = [cell for cell in cells[len(columns) :] if cell.strip()]
        if extra:
            raise DataError(
                f"{name}, line {line}: {extra[0]!r} stands under no column; "
                "put texts with commas in quotes",
                where=f"{name}:{line}",
            )
        values = {c: cell.strip() for c, cell in zip(columns, cells, strict=False)}
        if any(values.values()):
            rows.append(SheetRow(line=line, values=values))
    return columns, rows


def map_columns(
    columns: Sequence[str], *, fields: Sequence[str], given: Mapping[str, str] | None = None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return which column is which field, and the columns that are none.

    What is ``given`` (column to field) goes first; then a column named as a
    field; then the usual names of tables of patients. A field is taken once.

    Raises
    ------
    DataError
        If a given column is not in the table.
    """
    given = given or {}
    for column in given:
        if column not in columns:
            raise DataError(
                f"column {column!r} is not in the table; it has: {', '.join(columns)}", field=column
            )
    mapping = dict(given)
    known = {_plain(field): field for field in fields}
    for column in columns:
        if column in mapping:
            continue
        plain = _plain(column)
        field = known.get(plain) or next(
            (f for f, names in _SYNONYMS.items() if plain == f or plain in names), None
        )
        if field is not None and field not in mapping.values():
            mapping[column] = field
    return mapping, tuple(column for column in columns if column not in mapping)


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.strip().lower())


_STATUS_BY_KEY = {_key(name): member for name, member in _STATUS.items()}
_TIME_ZERO_BY_KEY = {_key(name): member for name, member in _TIME_ZERO.items()}


def plain_status(text: str) -> VitalStatus:
    """Return the state at last follow-up that a table's word means ("NED", "DOD", "1").

    Raises
    ------
    DataError
        If the word is not known.
    """
    found = _STATUS_BY_KEY.get(_key(text))
    if found is None:
        allowed = ", ".join(member.value for member in VitalStatus)
        raise DataError(f"status {text!r} is not known; write one of: {allowed}", field="status")
    return found


def plain_time_zero(text: str, known: Iterable[TimeZero]) -> TimeZero:
    """Return the time zero that a table's word means, one of ``known`` ("hepatectomy").

    Raises
    ------
    DataError
        If the word is not known.
    """
    by_key = {_key(zero): zero for zero in (*known, UNKNOWN_ZERO)}
    found = by_key.get(_key(text)) or _TIME_ZERO_BY_KEY.get(_key(text))
    return known_time_zero(text if found is None else found, by_key.values())
