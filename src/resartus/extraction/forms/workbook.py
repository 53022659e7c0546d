"""Forms as a workbook: sent to a co-author, filled in, taken back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resartus.domain.extracted import Cell, Reported
from resartus.errors import DataError
from resartus.extraction.forms.form import Field, Form

__all__ = ["COLUMNS", "SheetValue", "read_workbook", "write_workbook"]

COLUMNS = (
    "study_id", "patient", "field", "label", "value", "unit", "reported", "record_id", "place",
    "detail", "span", "derivation", "note",
)  # fmt: skip
_PLACES = ("abstract", "title", "text", "page", "table", "figure", "supplement", "citation")
_VALUES = "Values"
_FORM = "Form"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetValue:
    """One filled-in row with its line in the workbook."""

    line: int
    values: Mapping[str, str]


def _fields_to_fill(form: Form, entered: Sequence[Cell]) -> Iterable[tuple[str | None, str, Field]]:
    """Yield patient, cell name and field: what was entered, then what is still open."""
    names = {(cell.patient, cell.field) for cell in entered}
    patients = dict.fromkeys(cell.patient for cell in entered if cell.patient is not None)
    for cell in entered:
        asked = form.field(cell.field)
        if asked is not None:
            yield cell.patient, cell.field, asked
    for asked in form.fields:
        owners: Sequence[str | None] = [None] if asked.level == "study" else list(patients)
        for owner in owners:
            if asked.group is None:
                if (owner, asked.name) not in names:
                    yield owner, asked.name, asked
            elif not any(
                p == owner and f.startswith(f"{asked.group}[") and f.endswith(f"].{asked.name}")
                for p, f in names
            ):
                yield owner, f"{asked.group}[?].{asked.name}", asked


def _drop_down(sheet: Any, choices: Sequence[str], cells: str) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ",".join(choices)
    # Excel takes a list of up to 255 characters, without commas in its entries.
    if len(listed) > 250 or any("," in choice for choice in choices):
        return
    rule = DataValidation(
        type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True
    )
    sheet.add_data_validation(rule)
    rule.add(cells)


def write_workbook(
    form: Form, studies: Mapping[str, tuple[str, Sequence[Cell]]], *, person: str
) -> bytes:
    """Return an XLSX with one row per value to read, lists to choose from, and the form itself.

    Parameters
    ----------
    form : Form
        What is asked.
    studies : mapping
        By study id: the record id of its report, and this person's own entries.
    person : str
        Whose entries they are.
    """
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _VALUES
    sheet.append(list(COLUMNS))
    line = 1
    for study_id, (record_id, entered) in studies.items():
        own = {(cell.patient, cell.field): cell for cell in entered}
        for patient, name, asked in _fields_to_fill(form, entered):
            line += 1
            cell = own.get((patient, name))
            row: dict[str, Any] = {
                "study_id": study_id, "patient": patient, "field": name, "label": asked.label,
                "unit": asked.unit, "record_id": record_id,
            }  # fmt: skip
            if cell is not None:
                anchor = cell.extracted.anchor
                row |= {"value": _plain(cell.extracted.value), "note": cell.extracted.note,
                        "reported": cell.extracted.reported.value}  # fmt: skip
                if anchor is not None:
                    row |= {"record_id": anchor.record_id, "place": anchor.place,
                            "detail": anchor.detail, "span": anchor.span,
                            "derivation": anchor.derivation}  # fmt: skip
            sheet.append([row.get(column) for column in COLUMNS])
            if asked.kind == "choice":
                _drop_down(sheet, asked.allowed(), f"E{line}")
            elif asked.kind == "boolean":
                _drop_down(sheet, ("yes", "no"), f"E{line}")
    if line > 1:
        _drop_down(sheet, [r.value for r in Reported], f"G2:G{line}")
        _drop_down(sheet, _PLACES, f"I2:I{line}")
    _dress(sheet, Font, PatternFill, Alignment)
    _form_sheet(book, form, person, Font)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _dress(sheet: Any, font: Any, fill: Any, alignment: Any) -> None:
    widths = (16, 10, 30, 36, 22, 9, 16, 20, 12, 20, 36, 26, 26)
    for column, width in zip("ABCDEFGHIJKLM", widths, strict=True):
        sheet.column_dimensions[column].width = width
        head = sheet[f"{column}1"]
        head.font = font(bold=True)
        head.fill = fill("solid", fgColor="F0F3F4")
        head.alignment = alignment(vertical="top")
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = sheet.dimensions


def _form_sheet(book: Any, form: Form, person: str, font: Any) -> None:
    sheet = book.create_sheet(_FORM)
    sheet.append(["form", form.form_id, "version", form.version, "entered by", person])
    sheet.append(
        ["field", "label", "level", "group", "kind", "unit", "answers", "asked if", "help"]
    )
    for f in form.fields:
        answers = "; ".join(f.allowed()) if f.kind == "choice" else None
        sheet.append(
            [f.name, f.label, f.level, f.group, f.kind, f.unit, answers, f.show_if, f.help]
        )
    for cell in sheet[2]:
        cell.font = font(bold=True)
    for column, width in zip("ABCDEFGHI", (28, 44, 10, 12, 10, 10, 60, 36, 30), strict=True):
        sheet.column_dimensions[column].width = width


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def read_workbook(content: bytes, *, name: str, form: Form) -> list[SheetValue]:
    """Return the rows of a workbook that say something: a value, or that there is none.

    Raises
    ------
    DataError
        If it is no workbook, belongs to another form or version, or lacks a column.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
        raise DataError(f"{name} cannot be read as XLSX ({error}); save it again") from error
    for wanted in (_VALUES, _FORM):
        if wanted not in book.sheetnames:
            raise DataError(
                f"{name} has no sheet {wanted!r}; fill in the workbook that was sent out"
            )
    made_for = (book[_FORM]["B1"].value, book[_FORM]["D1"].value)
    if made_for != (form.form_id, form.version):
        raise DataError(
            f"{name} was made for form {made_for[0]!r}, version {made_for[1]}; the review is at "
            f"{form.form_id!r}, version {form.version}: send out a new workbook"
        )
    rows = book[_VALUES].iter_rows(values_only=True)
    header = [_text(value) for value in next(rows, ())]
    for column in COLUMNS:
        if column not in header:
            raise DataError(f"{name}, sheet {_VALUES!r}: column {column!r} is missing")
    found = []
    for line, cells in enumerate(rows, 2):
        values = dict(zip(header, (_text(value) for value in cells), strict=False))
        if values.get("value") or values.get("reported"):
            if "[?]" in values["field"]:
                raise DataError(
                    f"{name}, line {line}: put the group's name in place of ? in "
                    f"{values['field']!r}, for example {values['field'].replace('?', 'R0')!r}"
                )
            found.append(SheetValue(line=line, values=values))
    return found
