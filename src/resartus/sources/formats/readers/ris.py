"""RIS in all its dialects, told apart by what each record holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from resartus.domain.ids import Pmid
from resartus.domain.record import Record
from resartus.sources.formats.decisions import without_own_labels
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.extras import EXTRA_RIS
from resartus.sources.formats.values.identifiers import find_doi
from resartus.sources.formats.values.text import one_line

__all__ = ["looks_like_ris", "read_ris"]

_LOOSE = re.compile(
    r"\s{0,3}([A-Z][A-Z0-9]|PMID|PMCID|ISSN)[ \t]{0,4}-(?:[ \t]+(.*)|\s*)$", re.DOTALL
)
_START = re.compile(r"\s{0,3}(?:EF)?TY[ \t]{0,4}-(?:[ \t]+|$)")
_TAG = re.compile(r"[A-Z][A-Z0-9]  -")
_KNOWN = frozenset(
    [
        "TY",
        "TI",
        "T1",
        "T2",
        "T3",
        "BT",
        "CT",
        "AU",
        "A1",
        "A2",
        "A3",
        "A4",
        "ED",
        "AB",
        "N2",
        "N1",
        "KW",
        "PY",
        "Y1",
        "Y2",
        "DA",
        "VL",
        "VO",
        "IS",
        "CP",
        "SP",
        "EP",
        "SE",
        "DO",
        "DI",
        "UR",
        "LK",
        "L1",
        "L2",
        "L3",
        "L4",
        "SN",
        "LA",
        "AN",
        "PMID",
        "PMCID",
        "PM",
        "ID",
        "JF",
        "JO",
        "JA",
        "J1",
        "J2",
        "JI",
        "J9",
        "TA",
        "PB",
        "CY",
        "M1",
        "M2",
        "M3",
        "DB",
        "DP",
        "ET",
        "ST",
        "AD",
        "C1",
        "C2",
        "C3",
        "C4",
        "C5",
        "C6",
        "C7",
        "C8",
        "U1",
        "U2",
        "U3",
        "U4",
        "U5",
        "RN",
        "RP",
        "TT",
        "OP",
        "NV",
        "LB",
        "CN",
        "CA",
        "ISSN",
        "ER",
        "EF",
    ]
)
_LONG_TEXT = frozenset({"AB", "N2", "N1"})
_PUBMED_NAMES = ("pubmed", "medline", "nlm")
_CENTRAL = re.compile(r"\bPUBMED (\d{1,8})\b")


def looks_like_ris(line: str) -> bool:
    """Say whether a line begins a RIS record."""
    return _START.match(line) is not None


@dataclass(slots=True)
class _Entry:
    """The lines of one record while they come in."""

    line: int
    is_strict: bool = True
    raw: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    has_type: bool = True


def read_ris(lines: Iterable[str], into: Collector) -> Iterator[Record]:
    """Read RIS records.

    A record begins at ``TY`` and ends at a bare ``ER``, at the next ``TY`` or
    with the file. Lines without a tag go on with the value before them. A
    line in an abstract that begins with ``ER`` or ``KW -`` is part of the
    abstract. What stands between records is kept as unread.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file with their ends.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    entry: _Entry | None = None
    ended = False
    for number, line in enumerate(lines, start=1):
        tag, value = _split(line, entry)
        if tag == "TY":
            if entry is not None:
                yield from _close(entry, into)
            strict = line.lstrip().startswith(("TY  -", "EFTY  -"))
            entry = _Entry(line=number, is_strict=strict, raw=[line], pairs=[("TY", value)])
            ended = False
        elif tag == "ER" and not value.strip():
            if entry is not None:
                entry.raw.append(line)
                yield from _close(entry, into)
                entry = None
                ended = True
            else:
                into.refuse(number, line, "the end of a record that did not begin")
        elif tag == "EF" and entry is None:
            into.refuse(number, line, "the end of the file, by its tag")
        elif entry is not None:
            entry.raw.append(line)
            if tag is None:
                _go_on(entry, line)
            else:
                entry.pairs.append((tag, value))
        elif tag is not None and not ended:
            # Tags before any TY: some exporters leave the type out.
            entry = _Entry(line=number, raw=[line], pairs=[(tag, value)], has_type=False)
        else:
            ended = ended and bool(line.strip())
            into.refuse(number, line, "outside any record")
    if entry is not None:
        yield from _close(entry, into)


def _split(line: str, entry: _Entry | None) -> tuple[str | None, str]:
    """Return tag and value, or ``None`` and the line where it goes on with a value."""
    if line[2:5] == "  -" and _TAG.match(line):
        if line[5:6] in (" ", "\n", "\t", ""):
            return line[:2], line[6:].rstrip("\n")
        # "DO  -10.1/x": no space; a letter or digit must follow.
        return line[:2], line[5:].rstrip("\n")
    if "-" not in line[:9]:
        return None, line
    if line.startswith("EFTY"):
        line = line[2:]
    found = _LOOSE.match(line)
    if found is None or found.group(1) not in _KNOWN:
        return None, line
    tag = found.group(1)
    if entry is not None and entry.is_strict and "\t" not in line[:6]:
        inside = entry.pairs[-1][0]
        if inside in _LONG_TEXT and tag != "TY":
            return None, line
    return tag, (found.group(2) or "").rstrip("\n")


def _go_on(entry: _Entry, line: str) -> None:
    text = line.strip()
    if text:
        tag, value = entry.pairs[-1]
        entry.pairs[-1] = (tag, f"{value}\n{text}" if value.strip() else text)


def _close(entry: _Entry, into: Collector) -> Iterator[Record]:
    if not entry.has_type and not any(tag in ("TI", "T1", "AU", "A1") for tag, _ in entry.pairs):
        into.refuse_all(entry.line, entry.raw, "outside any record")
        return
    draft = Draft()
    late: dict[str, list[str]] = {}
    for tag, value in entry.pairs:
        if not value or value.isspace():
            continue
        act = _ACTIONS.get(tag)
        if act is not None:
            act(draft, value)
        elif tag in _LATE:
            late.setdefault(tag, []).append(value)
        else:
            draft.keep(f"ris:{tag}", value)
    _settle(draft, late)
    record = into.finish(draft, line=entry.line, raw="".join(entry.raw))
    if record is not None:
        yield record


def _settle(draft: Draft, late: dict[str, list[str]]) -> None:
    """Read the tags whose meaning hangs on the others."""
    names = " ".join(late.get("DB", []) + late.get("DP", [])).casefold()
    is_pubmed = any(name in names for name in _PUBMED_NAMES)
    for value in late.get("JO", ()):
        if draft.journal is None:
            draft.set_journal(value, tag="ris:JO")
        elif one_line(value) != draft.journal:
            draft.set_text("journal_abbreviation", value, tag="ris:JO")
    for tag in ("AN", "C7"):
        for value in late.get(tag, ()):
            if is_pubmed and draft.pmid is None and value.strip().isdigit():
                draft.add_pmid(value, tag="accession")
            else:
                draft.keep("accession" if tag == "AN" else "article_number", value)
    for value in late.get("C5", ()):
        if "embase" in names and draft.pmid is None:
            draft.add_pmid(value, tag="ris:C5")
        else:
            draft.keep("ris:C5", value)
    for value in late.get("C3", ()):
        inside = _CENTRAL.search(value)
        if inside is not None and draft.pmid is None and int(inside.group(1)):
            draft.pmid = Pmid(int(inside.group(1)))
        draft.keep("ris:C3", value)
    for value in late.get("DB", ()):
        draft.keep("database", value)
    for value in late.get("DP", ()):
        draft.keep("provider", value)


def _add_keywords(draft: Draft, value: str) -> None:
    draft.add_keywords(without_own_labels(value))


def _add_custom_3(draft: Draft, value: str) -> None:
    if find_doi(value) == one_line(value):
        draft.add_doi(value, tag="ris:M3")
    else:
        draft.add_types(value)


def _add_link(tag: str) -> Callable[[Draft, str], None]:
    def add(draft: Draft, value: str) -> None:
        if draft.doi is None and "10." in value and ("doi" in value or value.startswith("10.")):
            draft.doi = find_doi(value)
            if draft.doi == one_line(value):
                return
        draft.keep(tag, value)

    return add


def _add_urls(draft: Draft, value: str) -> None:
    for part in value.split("\n"):
        draft.add_url(part, tag="ris:UR")


def _add_custom_2(draft: Draft, value: str) -> None:
    if value.strip().startswith("PMC"):
        draft.add_pmcid(value, tag="ris:C2")
    else:
        draft.keep("ris:C2", value)


def _keeper(tag: str) -> Callable[[Draft, str], None]:
    return lambda draft, value: draft.keep(tag, value)


_LATE = frozenset({"JO", "AN", "C7", "C5", "C3", "DB", "DP"})
_ACTIONS: dict[str, Callable[[Draft, str], None]] = {
    "TY": lambda draft, value: draft.keep("ris:TY", value),
    "TI": lambda draft, value: draft.set_title(value, tag="ris:TI"),
    "T1": lambda draft, value: draft.set_title(value, tag="ris:T1"),
    "TT": lambda draft, value: draft.set_text("vernacular_title", value, tag="ris:TT"),
    "JF": lambda draft, value: draft.set_journal(value, tag="ris:JF"),
    "T2": lambda draft, value: draft.set_journal(value, tag="ris:T2"),
    "BT": lambda draft, value: draft.set_journal(value, tag="ris:BT"),
    **{
        tag: (
            lambda draft, value, tag=tag: draft.set_text(  # type: ignore[misc]
                "journal_abbreviation", value, tag=f"ris:{tag}"
            )
        )
        for tag in ("J2", "JA", "J1", "JI", "J9", "TA")
    },
    "AU": lambda draft, value: draft.add_author(value, tag="author"),
    "A1": lambda draft, value: draft.add_author(value, tag="author"),
    "AB": lambda draft, value: draft.set_abstract(value, tag="ris:AB"),
    "N2": lambda draft, value: draft.set_abstract(value, tag="ris:N2"),
    "KW": _add_keywords,
    "PY": lambda draft, value: draft.set_date(value, tag="ris:PY"),
    "Y1": lambda draft, value: draft.set_date(value, tag="ris:Y1"),
    "DA": lambda draft, value: draft.set_date(value, tag="ris:DA"),
    "VL": lambda draft, value: draft.set_text("volume", value, tag="ris:VL"),
    "VO": lambda draft, value: draft.set_text("volume", value, tag="ris:VO"),
    "IS": lambda draft, value: draft.set_text("issue", value, tag="ris:IS"),
    "SP": lambda draft, value: draft.set_text("start_page", value, tag="ris:SP"),
    "EP": lambda draft, value: draft.set_text("end_page", value, tag="ris:EP"),
    "DO": lambda draft, value: draft.add_doi(value, tag="ris:DO"),
    "DI": lambda draft, value: draft.add_doi(value, tag="ris:DI"),
    "M3": _add_custom_3,
    "UR": _add_urls,
    "LK": lambda draft, value: draft.add_url(value, tag="ris:LK"),
    "L1": _keeper("file"),
    "L2": _add_link("link"),
    "L3": _add_link("ris:L3"),
    "SN": lambda draft, value: draft.add_issn(value, tag="ris:SN"),
    "ISSN": lambda draft, value: draft.add_issn(value, tag="ris:SN"),
    "LA": lambda draft, value: draft.add_language(value),
    "PMID": lambda draft, value: draft.add_pmid(value, tag="ris:PMID"),
    "PM": lambda draft, value: draft.add_pmid(value, tag="ris:PM"),
    "PMCID": lambda draft, value: draft.add_pmcid(value, tag="ris:PMCID"),
    "C2": _add_custom_2,
    "N1": lambda draft, value: draft.add_note(value, tag="note"),
    **{
        tag: _keeper(name)
        for name, tag in EXTRA_RIS.items()
        if tag not in {"AN", "C7", "DB", "DP", "N1", "L1", "L2"}
    },
    "ED": _keeper("editor"),
    "PU": _keeper("publisher"),
}
