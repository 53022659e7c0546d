"""NBIB, PubMed's MEDLINE display format, and the files of others that borrow it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from sys import intern

from resartus.domain.ids import Pmid
from resartus.domain.record import Author, MeshHeading, MeshQualifier, Record, RelatedReport
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.dates import (
    is_plain_date,
    parse_compact_date,
    parse_date,
    printed_date,
)
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.names import parse_author
from resartus.sources.formats.values.text import clean_text, one_line

__all__ = ["RELATION_TAGS", "looks_like_nbib", "parse_mesh", "read_nbib"]

_LINE = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)$", re.DOTALL)
_LEGACY = re.compile(
    r"(?:PMID- |(?:OWN|FAU|BTI|LID|AID|GN|UI|VI|TI|TT|DP|AB|AU|JT|TA|PT|OT|MH|LA) {1,2}- |STAT- )"
)
_PMID_AT_END = re.compile(r"PMID:\s*(\d{1,8})")
_AFFILIATION_END = re.compile(r"\s+(?=\S+@\S+$)")
# RefType names of PubMed XML for the tags of the display format.
_RELATIONS = {
    "CON": "CommentOn",
    "CIN": "CommentIn",
    "EIN": "ErratumIn",
    "EFR": "ErratumFor",
    "CRI": "CorrectedandRepublishedIn",
    "CRF": "CorrectedandRepublishedFrom",
    "DDIN": "DatasetIn",
    "DRIN": "DatasetDescribedIn",
    "ECI": "ExpressionOfConcernIn",
    "ECF": "ExpressionOfConcernFor",
    "RPI": "RepublishedIn",
    "RPF": "RepublishedFrom",
    "RIN": "RetractionIn",
    "ROF": "RetractionOf",
    "RRI": "RetractedandRepublishedIn",
    "RRF": "RetractedandRepublishedFrom",
    "UIN": "UpdateIn",
    "UOF": "UpdateOf",
    "SPIN": "SummaryForPatientsIn",
    "ORI": "OriginalReportIn",
    "PRIN": "PartialRetractionIn",
    "PROF": "PartialRetractionOf",
}


RELATION_TAGS = {kind: tag for tag, kind in _RELATIONS.items()}


def looks_like_nbib(line: str) -> bool:
    """Say whether a line begins a record in MEDLINE's display format."""
    return _LEGACY.match(line) is not None


@dataclass(slots=True)
class _Entry:
    line: int
    raw: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)


def read_nbib(lines: Iterable[str], into: Collector) -> Iterator[Record]:
    """Read MEDLINE records.

    A record begins at ``PMID-`` or after a blank line and goes on while
    lines have a tag or are indented.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file with their ends.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    entry: _Entry | None = None
    for number, line in enumerate(lines, start=1):
        tag = line[:4].rstrip(" ")
        if line[4:6] == "- " and tag in _KNOWN:
            # Nearly every line is of this form; the pattern reads the loose ones.
            value = line[6:].rstrip("\n")
        elif not (text := line.strip()):
            if entry is not None:
                yield from _close(entry, into)
                entry = None
            continue
        elif found := _LINE.match(line):
            tag, value = found.group(1), found.group(2).rstrip("\n")
        else:
            if entry is not None and line[0] in " \t":
                tag, value = entry.pairs[-1]
                entry.pairs[-1] = (tag, f"{value.rstrip()} {text}")
                entry.raw.append(line)
            else:
                into.refuse(number, line, "neither a tag nor an indented line")
            continue
        if tag == "PMID" and entry is not None and any(name == tag for name, _ in entry.pairs):
            yield from _close(entry, into)
            entry = None
        if entry is None:
            entry = _Entry(line=number)
        entry.raw.append(line)
        entry.pairs.append((tag, value))
    if entry is not None:
        yield from _close(entry, into)


def _close(entry: _Entry, into: Collector) -> Iterator[Record]:
    draft = Draft()
    people = _People()
    for tag, value in entry.pairs:
        if not value or value.isspace():
            continue
        if tag in _People.TAGS:
            people.take(draft, tag, one_line(value))
            continue
        act = _ACTIONS.get(tag)
        if act is not None:
            act(draft, value)
        elif tag in _RELATIONS:
            _add_relation(draft, tag, value)
        else:
            draft.keep(f"nbib:{tag}", value)
    people.close(draft)
    key = str(draft.pmid) if draft.pmid is not None else None
    record = into.finish(draft, line=entry.line, raw="".join(entry.raw), key=key)
    if record is not None:
        yield record


class _People:
    """Authors come as FAU (full), AU (short), AUID and AD lines, one after the other."""

    TAGS = frozenset({"FAU", "AU", "AD", "AUID", "CN"})

    def __init__(self) -> None:
        self._full: str | None = None
        self._now: Author | None = None

    def take(self, draft: Draft, tag: str, value: str) -> None:
        if tag == "FAU":
            self._flush(draft)
            self._full = value
        elif tag == "CN":
            self._flush(draft)
            self._now = Author(collective_name=value)
        elif tag == "AU":
            full, self._full = self._full, None
            if full is None:
                self._flush(draft)
            self._now = _join_names(full, value)
        elif tag == "AUID":
            self._now_or_full()
            orcid = re.search(r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dX]", value)
            if self._now is not None and orcid is not None:
                digits = orcid.group().replace("-", "")
                spaced = "-".join(digits[i : i + 4] for i in range(0, 16, 4))
                self._now = replace(self._now, orcid=spaced)
            else:
                draft.keep("nbib:AUID", value)
        else:
            self._now_or_full()
            if self._now is not None:
                affiliations = (*self._now.affiliations, intern(value))
                self._now = replace(self._now, affiliations=affiliations)
            else:
                draft.keep("address", value)

    def _now_or_full(self) -> None:
        if self._full is not None:
            self._now = _join_names(self._full, None)
            self._full = None

    def _flush(self, draft: Draft) -> None:
        self._now_or_full()
        if self._now is not None:
            draft.authors.append(self._now)
            self._now = None

    def close(self, draft: Draft) -> None:
        self._flush(draft)


def _join_names(full: str | None, short: str | None) -> Author | None:
    if full is None:
        return parse_author(short or "")
    author = parse_author(full)
    if author is None or short is None or author.collective_name:
        return author
    brief = parse_author(short)
    if brief is None:
        return author
    suffix = brief.suffix or author.suffix
    return replace(author, initials=brief.initials or author.initials, suffix=suffix)


@lru_cache(maxsize=100_000)
def parse_mesh(text: str) -> MeshHeading:
    """Read ``*Neoplasms/drug therapy/*surgery``."""
    name, *rest = text.split("/")
    qualifiers = tuple(
        MeshQualifier(name=intern(part.removeprefix("*").strip()), major=part.startswith("*"))
        for part in rest
        if part.strip("* ")
    )
    descriptor = intern(name.removeprefix("*").strip())
    return MeshHeading(descriptor=descriptor, major=name.startswith("*"), qualifiers=qualifiers)


def _add_mesh(draft: Draft, value: str) -> None:
    text = one_line(value)
    if text.split("/")[0].strip("* "):
        draft.mesh.append(parse_mesh(text))
    else:
        draft.keep("nbib:MH", value)


def _add_relation(draft: Draft, tag: str, value: str) -> None:
    text = one_line(value)
    found = _PMID_AT_END.search(text)
    pmid = Pmid(int(found.group(1))) if found is not None and int(found.group(1)) else None
    draft.related.append(RelatedReport(kind=_RELATIONS[tag], pmid=pmid, citation=text))


def _add_printed_date(draft: Draft, value: str) -> None:
    text = one_line(value)
    found = parse_date(text)
    draft.year, draft.month, draft.day = found
    if found.year is None or not (is_plain_date(text, found) or text == printed_date(found)):
        draft.published_text = text


def _add_identifier(tag: str) -> Callable[[Draft, str], None]:
    def add(draft: Draft, value: str) -> None:
        text = one_line(value)
        if text.endswith("[doi]"):
            draft.add_doi(text.removesuffix("[doi]"), tag=f"nbib:{tag}")
        elif "doi.org/10." in text:
            draft.add_doi(text, tag=f"nbib:{tag}")
        elif text.startswith(("http://", "https://")):
            draft.add_url(text, tag=f"nbib:{tag}")
        else:
            draft.keep(f"nbib:{tag}", text)

    return add


def _set_day(name: str, tag: str) -> Callable[[Draft, str], None]:
    def add(draft: Draft, value: str) -> None:
        day = parse_compact_date(value)
        if day is None or getattr(draft, name) is not None:
            draft.keep(f"nbib:{tag}", value)
            return
        setattr(draft, name, day)
        if ":" in value and not value.strip().endswith("00:00"):
            # The time of day, which PubMed gives and a date cannot hold.
            draft.keep(f"nbib:{tag}", value)

    return add


def _set_text(name: str, tag: str) -> Callable[[Draft, str], None]:
    return lambda draft, value: draft.set_text(name, value, tag=f"nbib:{tag}")


def _adder(name: str) -> Callable[[Draft, str], None]:
    def add(draft: Draft, value: str) -> None:
        getattr(draft, name).append(intern(one_line(value)))

    return add


_ACTIONS: dict[str, Callable[[Draft, str], None]] = {
    "PMID": lambda draft, value: draft.add_pmid(value, tag="nbib:PMID"),
    "PMC": lambda draft, value: draft.add_pmcid(value, tag="nbib:PMC"),
    "TI": lambda draft, value: draft.set_title(value, tag="nbib:TI"),
    "BTI": lambda draft, value: draft.set_text("journal", value, tag="nbib:BTI"),
    "TT": _set_text("vernacular_title", "TT"),
    "AB": lambda draft, value: draft.set_abstract(value, tag="nbib:AB"),
    "JT": _set_text("journal", "JT"),
    "TA": _set_text("journal_abbreviation", "TA"),
    "JID": _set_text("nlm_id", "JID"),
    "PL": _set_text("country", "PL"),
    "STAT": _set_text("status", "STAT"),
    "VI": _set_text("volume", "VI"),
    "IP": _set_text("issue", "IP"),
    "PG": _set_text("pages", "PG"),
    "DP": _add_printed_date,
    "DEP": _set_day("electronic_on", "DEP"),
    "EDAT": _set_day("entered_on", "EDAT"),
    "CRDT": _set_day("created_on", "CRDT"),
    "LR": _set_day("revised_on", "LR"),
    "IS": lambda draft, value: draft.add_issn(value, tag="nbib:IS"),
    "ISSN": lambda draft, value: draft.add_issn(value.replace("ISSN-", ""), tag="nbib:ISSN"),
    "ISBN": lambda draft, value: draft.add_issn(value, tag="nbib:ISBN"),
    "LA": lambda draft, value: draft.add_language(value),
    "PT": lambda draft, value: draft.add_types(value),
    "MH": _add_mesh,
    "OT": lambda draft, value: draft.add_keywords(one_line(value)),
    "NM": _adder("substances"),
    "RN": _adder("substances"),
    "SI": _adder("registry_numbers"),
    "GR": _adder("grants"),
    "LID": _add_identifier("LID"),
    "AID": _add_identifier("AID"),
    "GN": lambda draft, value: draft.add_note(clean_text(value)),
    "PB": lambda draft, value: draft.keep("publisher", value),
    "CY": lambda draft, value: draft.keep("place", value),
    "EN": lambda draft, value: draft.keep("edition", value),
    "FED": lambda draft, value: draft.keep("editor", value),
    "CTI": lambda draft, value: draft.keep("series", value),
}
_KNOWN = frozenset({*_ACTIONS, *_RELATIONS, *_People.TAGS})
