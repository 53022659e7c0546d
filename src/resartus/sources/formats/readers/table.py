"""Tables of citations: CSV, TSV and XLSX, with the headers of databases and screening tools."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from resartus.domain.decision import Decision, Stage
from resartus.domain.ids import RecordId
from resartus.domain.plain import from_plain
from resartus.domain.record import Record
from resartus.errors import DataError, ParseError
from resartus.sources.formats.decisions import ImportedDecision, read_label
from resartus.sources.formats.encoding import TextLines, first_lines
from resartus.sources.formats.readers.nbib import parse_mesh
from resartus.sources.formats.readers.table_rows import (
    Row,
    csv_rows,
    find_dialect,
    workbook_rows,
)
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.columns import (
    GOES_ON,
    ColumnGuess,
    column_key,
    guess_columns,
    rank_of,
)
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.names import split_authors
from resartus.sources.formats.values.own import take_own
from resartus.sources.formats.values.text import one_line

__all__ = ["read_table", "read_workbook"]

_HEAD_LINES = 60
_SCOPUS_ID = re.compile(r"\s*\(\d{6,}\)")
_LISTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
# As in: Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 2014
_EMBASE_SOURCE = re.compile(
    r"(?P<journal>[^(]+?)\s*\((?P<year>\d{4})\)\s*(?:(?P<volume>[^:(\s]+)?(?::(?P<issue>[^\s(]+))?)?"
    r"(?:\s+Article Number:\s*(?P<number>\S+?))?(?:\s*\((?P<pages>[^)]*)\))?\.?"
    r"(?:\s+Date of Publication:\s*(?P<date>.+))?"
)
# As in: Nature. 2021 Dec 21;1(2):10-11. doi: 10.1111/nature1111.
_PUBMED_LINE = re.compile(
    r"(?P<journal>[^.]+(?:\. [^.\d][^.]*)*?)\.\s+(?P<date>\d{4}[^;:.]*)"
    r"(?:;(?P<volume>[^(:.\s]*)\s?(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.]*?))?)?\.(?:\s.*)?",
    re.DOTALL,
)
_OLD_PUBMED = {"description", "details", "shortdetails", "entrezuid"}


def read_table(
    lines: TextLines, into: Collector, *, columns: Mapping[str, str] | None = None
) -> Iterator[Record]:
    """Read a table in text; ``columns`` maps a field to a header where a person said so.

    Raises
    ------
    ParseError
        If no column holds titles, abstracts or identifiers and nobody said which does.
    """
    dialect = find_dialect(first_lines(lines.path)[:_HEAD_LINES])
    if dialect is None:
        raise ParseError(f"{lines.path.name!r} is no table", where=lines.path.name)
    yield from _read(csv_rows(lines, dialect, into), lines.path.name, into, columns)


def read_workbook(
    lines: TextLines, into: Collector, *, columns: Mapping[str, str] | None = None
) -> Iterator[Record]:
    """Read the first sheet of an Excel workbook; see ``read_table``."""
    yield from _read(workbook_rows(lines.path, into), lines.path.name, into, columns)


def _read(
    rows: Iterator[Row], name: str, into: Collector, columns: Mapping[str, str] | None
) -> Iterator[Record]:
    header = next(rows, None)
    if header is None:
        raise ParseError(f"{name!r} holds no table", where=name)
    guess = guess_columns([cell.lstrip("\ufeff").strip() for cell in header.cells], given=columns)
    if not guess.is_sure:
        raise ParseError(
            f"no column of {name!r} is known to hold titles; it has: {', '.join(guess.columns)}; "
            "say which does with --map title=COLUMN",
            where=name,
        )
    plan = _plan(guess)
    width = len(guess.columns)
    for row in rows:
        cells = row.cells if len(row.cells) <= width else _joined(row.cells, guess.columns)
        draft = Draft()
        for index, fill in plan:
            if index < len(cells) and cells[index].strip():
                fill(draft, _unguarded(cells[index]))
        for index in range(width, len(cells)):
            draft.keep(f"table:column {index + 1}", cells[index])
        _settle(draft)
        record = into.finish(draft, line=row.line, raw=row.raw)
        if record is not None:
            yield record


def _joined(cells: list[str], columns: Sequence[str]) -> list[str]:
    """Put back together what our writer divided at the length of Excel's cells."""
    joined = cells[: len(columns)]
    for cell in cells[len(columns) :]:
        name, goes_on, rest = cell.partition(GOES_ON)
        if goes_on and name in columns:
            joined[columns.index(name)] += rest
        else:
            joined.append(cell)
    return joined


def _unguarded(cell: str) -> str:
    # Our writer puts an apostrophe before what a spreadsheet would take for a formula.
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@\t" else cell


_Fill = Callable[[Draft, str], None]


def _plan(guess: ColumnGuess) -> list[tuple[int, _Fill]]:
    """Return what to do with each column, the better header of a field first."""
    keys = [column_key(column) for column in guess.columns]
    fields = list(guess.fields)
    if set(keys) >= _OLD_PUBMED:
        fields[keys.index("description")] = "authors"
        fields[keys.index("entrezuid")] = "pmid"
        fields[keys.index("details")] = "summary_line"
        # "citation", "pubmed" and a path without its site say nothing of the article.
        fields = [
            None if key in ("type", "db", "url") else f for key, f in zip(keys, fields, strict=True)
        ]
    levels = {key for key, field in zip(keys, fields, strict=True) if field == "verdict"}
    plan: list[tuple[int, int, _Fill]] = []
    for index, (header, field) in enumerate(zip(guess.columns, fields, strict=True)):
        rank = rank_of(header)
        tag = f"table:{header or f'column {index + 1}'}"
        if field == "verdict":
            is_final = keys[index].startswith("final") and len(levels) > 1
            plan.append((1, index, _verdict_filler(tag, keys[index], is_final=is_final)))
        elif field is None:
            plan.append((3, index, _keeper(tag)))
        else:
            late = field in ("summary_line", "pages", "year", "date", "tags", "other_fields")
            plan.append((2 if late else (0 if rank == 0 else 1), index, _filler(field, tag)))
    plan.sort(key=lambda step: (step[0], rank_of(guess.columns[step[1]]), step[1]))
    return [(index, fill) for _, index, fill in plan]


def _keeper(tag: str) -> _Fill:
    return lambda draft, text: draft.keep(tag, text)


def _filler(field: str, tag: str) -> _Fill:
    act = _FILL.get(field)
    if act is not None:
        return lambda draft, text: act(draft, text, tag)
    if field in _KEPT:
        return _keeper(field)
    return lambda draft, text: draft.set_text(field, text, tag=tag)


_KEPT = frozenset(
    {
        *("publisher", "place", "editor", "edition", "series", "accession"),
        *("address", "database", "label", "article_number"),
    }
)


def _verdict_filler(tag: str, key: str, *, is_final: bool) -> _Fill:
    tool = "asreview" if key.startswith("asreview") else "table"
    stage = Stage.ELIGIBILITY if is_final else Stage.SCREENING

    def fill(draft: Draft, text: str) -> None:
        try:
            verdict = read_label(text)
        except DataError:
            # A column named "label" may hold anything.
            draft.keep(tag, text)
            return
        if verdict is not None:
            draft.decisions.append(
                ImportedDecision(record_id=RecordId("-"), verdict=verdict, tool=tool, stage=stage)
            )

    return fill


def _fill_authors(draft: Draft, text: str, tag: str) -> None:
    if draft.authors:
        draft.keep(tag, text)
        return
    text = _SCOPUS_ID.sub("", text).strip()
    if text.endswith(".") and text.count(".") == 1 and ";" not in text:
        # PubMed ends its list as a sentence: "Lim SM, Lau Y."
        text = text[:-1]
    for name in split_authors(text):
        draft.add_author(name, given_first=True, tag="author")


def _fill_journal(draft: Draft, text: str, tag: str) -> None:
    found = _EMBASE_SOURCE.fullmatch(one_line(text)) if "(" in text else None
    # A journal may have a year in its name: "Journal of women's health (2002)".
    if found is None or not (found["volume"] or found["date"]) or draft.journal is not None:
        draft.set_journal(text, tag=tag)
        return
    draft.set_journal(found["journal"], tag=tag)
    for name in ("volume", "issue", "pages"):
        if found[name]:
            draft.set_text(name, found[name], tag=tag)
    if found["number"]:
        draft.keep("article_number", found["number"])
    draft.set_date(found["date"] or found["year"], tag=tag)
    draft.keep(tag, text)


def _fill_summary(draft: Draft, text: str, tag: str) -> None:
    """Take what PubMed's one-line citation says and no column does."""
    draft.keep("citation", text)
    found = _PUBMED_LINE.fullmatch(one_line(text))
    if found is not None:
        if draft.journal is None:
            draft.set_journal(found["journal"], tag=tag)
        for name in ("volume", "issue", "pages"):
            if found[name] and getattr(draft, name) is None:
                draft.set_text(name, found[name], tag=tag)
        draft.set_date(found["date"], tag=tag)
    if draft.doi is None and "doi: 10." in text:
        draft.add_doi(text.split("doi: ", 1)[1].split(" ", 1)[0], tag=tag)


def _fill_list(draft: Draft, text: str, _tag: str) -> None:
    if text.startswith("[") and text.endswith("]") and _LISTED.search(text):
        for first, second in _LISTED.findall(text):
            draft.add_keywords(first or second)
        return
    commas = ";" not in text and "\n" not in text and text.count(",") > 1
    draft.add_keywords(text, separator=r"\s*,(?![^(]*\))\s*" if commas else r"\s*[;\n|]\s*")


def _adder(name: str) -> Callable[[Draft, str, str], None]:
    def add(draft: Draft, text: str, _tag: str) -> None:
        getattr(draft, name).extend(part for part in re.split(r"\s*;\s*", one_line(text)) if part)

    return add


def _fill_mesh(draft: Draft, text: str, _tag: str) -> None:
    draft.mesh.extend(parse_mesh(part) for part in re.split(r"\s*;\s*", text) if part.strip("* "))


def _fill_other(draft: Draft, text: str, tag: str) -> None:
    """Read the column in which our own tables keep what no other column holds."""
    try:
        own = json.loads(text)
    except ValueError:
        own = None
    if isinstance(own, dict):
        take_own(draft, own, tag=tag)
    else:
        draft.keep(tag, text)


def _fill_month(draft: Draft, text: str, tag: str) -> None:
    draft.set_date(text, tag=tag) if not text.strip().isdigit() else _set_number(
        draft, "month", text, tag, 12
    )


def _set_number(draft: Draft, name: str, text: str, tag: str, limit: int) -> None:
    text = text.strip()
    if text.isdigit() and 1 <= int(text) <= limit and getattr(draft, name) is None:
        setattr(draft, name, int(text))
    else:
        draft.keep(tag, text)


def _fill_types(draft: Draft, text: str, _tag: str) -> None:
    for part in re.split(r"\s*;\s*", text):
        draft.add_types(part)


def _hold(draft: Draft, text: str, tag: str) -> None:
    draft.keep(f"decision:{tag.removeprefix('table:')}", text)


_FILL: dict[str, Callable[[Draft, str, str], None]] = {
    "title": lambda draft, text, tag: draft.set_title(text, tag=tag),
    "abstract": lambda draft, text, tag: draft.set_abstract(text, tag=tag),
    "authors": _fill_authors,
    "journal": _fill_journal,
    "year": lambda draft, text, tag: draft.set_date(text.strip().removesuffix(".0"), tag=tag),
    "date": lambda draft, text, tag: draft.set_date(text, tag=tag),
    "published_text": lambda draft, text, tag: draft.set_text("published_text", text, tag=tag),
    "month": _fill_month,
    "day": lambda draft, text, tag: _set_number(draft, "day", text, tag, 31),
    "doi": lambda draft, text, tag: draft.add_doi(text, tag=tag),
    "pmid": lambda draft, text, tag: draft.add_pmid(text, tag=tag),
    "entrez": lambda draft, text, tag: draft.keep(tag, text),
    "pmcid": lambda draft, text, tag: draft.add_pmcid(text, tag=tag),
    "url": lambda draft, text, tag: draft.add_url(text, tag=tag),
    "issn": lambda draft, text, tag: draft.add_issn(text, tag=tag),
    "languages": lambda draft, text, tag: draft.add_language(text),
    "publication_types": _fill_types,
    "keywords": _fill_list,
    "mesh": _fill_mesh,
    "substances": _adder("substances"),
    "registry_numbers": _adder("registry_numbers"),
    "grants": _adder("grants"),
    "note": lambda draft, text, tag: draft.add_note(text, tag="note"),
    "summary_line": _fill_summary,
    "other_fields": _fill_other,
    "stage": _hold,
    "decided_by": _hold,
    "decided_at": _hold,
    "reasons": _hold,
    "tags": _hold,
    "all_decisions": _hold,
    # The record gets its id anew, from the text of its row.
    "own_id": lambda _draft, _text, _tag: None,
}


def _settle(draft: Draft) -> None:
    """Give a row's verdict the stage, person, time, reasons and tags of the columns beside it."""
    held = {tag: text for tag, text in draft.extras if tag.startswith("decision:")}
    if not held:
        return
    everything = held.pop("decision:All decisions", None)
    if everything is not None and _take_all(draft, everything):
        return
    if not draft.decisions:
        draft.extras = [(tag.replace("decision:", "table:"), text) for tag, text in draft.extras]
        return
    by_key = {column_key(tag.partition(":")[2]): text for tag, text in held.items()}
    changes: dict[str, object] = {}
    try:
        if "decision stage" in by_key:
            changes["stage"] = Stage(by_key["decision stage"])
        if "decided at" in by_key:
            changes["decided_at"] = datetime.fromisoformat(by_key["decided at"])
    except ValueError:
        draft.extras = [(t.replace("decision:", "table:"), x) for t, x in draft.extras]
        return
    if "decided by" in by_key:
        changes["decided_by"] = by_key["decided by"]
    reasons = next((text for key, text in by_key.items() if "reason" in key), None)
    if reasons:
        changes["reasons"] = tuple(p.strip() for p in reasons.split(";") if p.strip())
    if "tags" in by_key:
        changes["tags"] = tuple(p.strip() for p in by_key["tags"].split(";") if p.strip())
    draft.decisions = [replace(one, **changes) for one in draft.decisions]  # type: ignore[arg-type]
    draft.extras = [(tag, text) for tag, text in draft.extras if not tag.startswith("decision:")]


def _take_all(draft: Draft, text: str) -> bool:
    """Read the decisions that our own tables keep in one cell."""
    try:
        votes = [from_plain(Decision, {"record_id": "-", **one}) for one in json.loads(text)]
    except (DataError, ValueError, TypeError, AttributeError):
        return False
    draft.decisions = [
        ImportedDecision(
            record_id=vote.record_id,
            verdict=vote.verdict,
            tool="resartus",
            stage=vote.stage,
            decided_by=vote.decided_by,
            decided_at=vote.decided_at,
            reasons=vote.reasons,
            tags=vote.tags,
            note=vote.note,
            is_adjudication=vote.is_adjudication,
            ranked_by=vote.ranked_by,
        )
        for vote in votes
    ]
    draft.extras = [(tag, text) for tag, text in draft.extras if not tag.startswith("decision:")]
    return True
