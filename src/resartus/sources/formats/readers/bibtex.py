"""BibTeX and BibLaTeX, as databases and reference managers write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from resartus.domain.record import Author, Record
from resartus.sources.formats.decisions import without_own_labels
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.extras import EXTRA_BIBTEX
from resartus.sources.formats.values.latex import from_latex
from resartus.sources.formats.values.text import one_line

__all__ = ["looks_like_bibtex", "read_bibtex"]

_START = re.compile(r"\s*@\s*([A-Za-z]+)\s*[{(]")
_ENTRY = re.compile(r"\s*@\s*[A-Za-z]+\s*[{(]\s*[^\s,={}\"]*\s*,?\s*$")
_BRACES = re.compile(r"[{}]")
_NAME = re.compile(r"[\s,]*([^\s=,{}\"#]+)\s*=\s*")
_FIELD_LINE = re.compile(r"(?m)^[\s,]*([A-Za-z][\w-]*)\s*=\s*(?=[{\"\w])")
_BARE = re.compile(r"[^\s,#{}\"]+")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_TEXT_BLOCKS = frozenset({"comment", "preamble"})
_REPEATED = re.compile(r"-\d+$")
_OWN_DECISION = "resartus-decision"
_MONTHS = {
    name: name.capitalize()
    for name in ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
}


def looks_like_bibtex(line: str) -> bool:
    """Say whether a line begins an entry."""
    return _START.match(line) is not None


@dataclass(slots=True)
class _Entry:
    line: int
    raw: list[str] = field(default_factory=list)
    depth: int = 0


def read_bibtex(lines: Iterable[str], into: Collector) -> Iterator[Record]:
    """Read entries.

    An entry ends where its braces close, or where the next one begins at the
    start of a line: one bad brace costs one entry at most. Text between
    entries, comments and preambles are kept as unread.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file with their ends.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    entry: _Entry | None = None
    macros = dict(_MONTHS)
    for number, line in enumerate(lines, start=1):
        if entry is not None and entry.depth > 0 and "@" in line and _ENTRY.match(line):
            yield from _close(entry, macros, into)
            entry = None
        if entry is None:
            if not _START.match(line):
                into.refuse(number, line, "outside any entry")
                continue
            entry = _Entry(line=number)
        entry.raw.append(line)
        entry.depth += _depth_of(line)
        if entry.depth <= 0:
            yield from _close(entry, macros, into)
            entry = None
    if entry is not None:
        yield from _close(entry, macros, into)


def _depth_of(line: str) -> int:
    if "\\" in line:
        line = line.replace("\\{", "").replace("\\}", "")
    return line.count("{") - line.count("}")


def _close(entry: _Entry, macros: dict[str, str], into: Collector) -> Iterator[Record]:
    raw = "".join(entry.raw)
    found = _START.match(raw)
    kind = found.group(1).casefold() if found else ""
    if found is None or kind in _TEXT_BLOCKS:
        into.refuse_all(entry.line, entry.raw, f"a {kind or 'broken'} block")
        return
    if kind == "string":
        macros.update((k.casefold(), v) for k, v in _pairs(raw, found.end(), macros))
        return
    comma = _key_end(raw, found.end())
    key = raw[found.end() : comma].strip()
    # "@article{," has no key; "@article{title = ..." leaves it out.
    start = found.end() if "=" in key else comma
    draft = Draft()
    draft.keep("bibtex:type", kind)
    if key and "=" not in key:
        draft.keep("label", key)
    # Depth left over: a brace is missing, so a value may only end where a line begins a field.
    pairs = list(_pairs(raw, start, macros) if entry.depth <= 0 else _pairs_by_line(raw[start:]))
    if not pairs:
        into.refuse_all(entry.line, entry.raw, "an entry without fields")
        return
    for name, value in pairs:
        _take(draft, name, value)
    record = into.finish(draft, line=entry.line, raw=raw)
    if record is not None:
        yield record


def _key_end(raw: str, start: int) -> int:
    comma = raw.find(",", start)
    return comma if comma >= 0 else len(raw)


def _pairs(raw: str, start: int, macros: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each field, with its LaTeX."""
    position = start
    while True:
        found = _NAME.match(raw, position)
        if found is None:
            # Skip what is no field, up to the next comma or line.
            ahead = re.compile(r"[,\n]").search(raw, position + 1)
            if ahead is None:
                return
            position = ahead.start()
            continue
        value, position = _value(raw, found.end(), macros)
        if value.strip():
            yield found.group(1), value


def _pairs_by_line(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of an entry whose braces do not balance."""
    _, *parts = _FIELD_LINE.split(text)
    for name, value in zip(parts[::2], parts[1::2], strict=True):
        value = value.strip().rstrip("},").strip().lstrip('{"').rstrip('"')
        if value.strip():
            yield name, value


def _value(raw: str, position: int, macros: dict[str, str]) -> tuple[str, int]:
    """Return the parts of a value joined by ``#``, and where it ends."""
    parts = []
    while position < len(raw):
        letter = raw[position]
        if letter == "{":
            end = _closing(raw, position)
            parts.append(raw[position + 1 : end])
            position = end + 1
        elif letter == '"':
            end = _closing_quote(raw, position)
            parts.append(raw[position + 1 : end])
            position = end + 1
        else:
            bare = _BARE.match(raw, position)
            if bare is None:
                break
            word = bare.group()
            parts.append(macros.get(word.casefold(), word))
            position = bare.end()
        joined = re.compile(r"\s*#\s*").match(raw, position)
        if joined is None:
            break
        position = joined.end()
    return "".join(parts), position


def _closing(raw: str, position: int) -> int:
    """Return where the brace at ``position`` closes; the end of a field when it never does."""
    depth = 0
    for found in _BRACES.finditer(raw, position):
        at = found.start()
        if at and raw[at - 1] == "\\" and raw[at - 2 : at - 1] != "\\":
            continue
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return at
    # Never closed: take the value to the next line that looks like a field.
    ahead = re.compile(r"[}\"]?,?\s*\n\s*[A-Za-z-]+\s*=\s*[{\"]").search(raw, position)
    return ahead.start() if ahead else len(raw.rstrip().rstrip("}").rstrip())


def _closing_quote(raw: str, position: int) -> int:
    depth = 0
    for found in re.compile(r'[{}"]').finditer(raw, position + 1):
        if found.group() == '"':
            if depth <= 0:
                return found.start()
        else:
            depth += 1 if found.group() == "{" else -1
    return len(raw)


def _take(draft: Draft, name: str, value: str) -> None:
    name = name.casefold()
    base = _REPEATED.sub("", name)
    if base in _ACTIONS or base in _KEPT or base in _NAMES or base == _OWN_DECISION:
        # BibTeX allows a field once; our writer numbers the second.
        name = base
    if name in _NAMES:
        _add_names(draft, name, value)
        return
    act = _ACTIONS.get(name)
    text = from_latex(value) if name not in _VERBATIM else value.strip().strip("{}")
    if act is not None:
        act(draft, text)
    else:
        draft.keep(_KEPT.get(name, f"bibtex:{name}"), text)


def _names_in(text: str) -> list[str]:
    """Split at "and", which divides no name that stands in braces."""
    names: list[str] = []
    for part in _AND.split(text):
        if names and _depth_of(names[-1]) > 0:
            names[-1] = f"{names[-1]} and {part}"
        else:
            names.append(part)
    return [name.strip() for name in names if name.strip()]


def _add_names(draft: Draft, name: str, value: str) -> None:
    for part in _names_in(one_line(value)):
        # Braces around a whole name mark a group.
        is_group = (
            part.startswith("{") and part.endswith("}") and _closing(part, 0) == len(part) - 1
        )
        text = one_line(from_latex(part))
        if not text or text == "others":
            if text:
                draft.keep(f"bibtex:{name}", "others")
            continue
        if name == "author":
            pieces = [p.strip() for p in text.split(",")]
            if len(pieces) == 3 and not is_group and len(pieces[1]) <= 4:
                # BibTeX puts the suffix between: "Articlewriter, III, Laura".
                text = f"{pieces[0]}, {pieces[2]}, {pieces[1]}"
            if text.endswith(",") and not is_group:
                draft.authors.append(Author(last_name=text.rstrip(" ,") or text))
                continue
            draft.add_author(f"{text}," if is_group else text, given_first=True)
        else:
            draft.keep("editor" if name == "editor" else f"bibtex:{name}", text)


def _set(name: str) -> Callable[[Draft, str], None]:
    return lambda draft, text: draft.set_text(name, text, tag=f"bibtex:{name}")


def _add_keywords(draft: Draft, text: str) -> None:
    text = without_own_labels(text)
    draft.add_keywords(text, separator=r"\s*;\s*" if ";" in text else r"\s*,\s*")


def _add_types(draft: Draft, text: str) -> None:
    for part in text.split(";"):
        draft.add_types(part)


def _set_month(draft: Draft, text: str) -> None:
    text = one_line(text)
    if text.isdigit() and 1 <= int(text) <= 12 and draft.month is None:
        draft.month = int(text)
    else:
        draft.set_date(text, tag="bibtex:month")


def _set_pages(draft: Draft, text: str) -> None:
    draft.set_text("pages", text, tag="bibtex:pages")


def _add_day(draft: Draft, text: str) -> None:
    if text.isdigit() and 1 <= int(text) <= 31 and draft.day is None:
        draft.day = int(text)
    else:
        draft.keep("bibtex:day", text)


_NAMES = frozenset({"author", "editor", "translator"})
_VERBATIM = frozenset({"file", "eprint"})
_KEPT = {
    **{tag: name for name, tag in EXTRA_BIBTEX.items()},
    "organization": "publisher",
    "location": "place",
    "shorttitle": "short_title",
    "articleno": "article_number",
    "art_number": "article_number",
    "eid": "article_number",
}
_ACTIONS: dict[str, Callable[[Draft, str], None]] = {
    "title": lambda draft, text: draft.set_title(text, tag="bibtex:title"),
    "abstract": lambda draft, text: draft.set_abstract(text, tag="bibtex:abstract"),
    "journal": lambda draft, text: draft.set_journal(text, tag="bibtex:journal"),
    "journaltitle": lambda draft, text: draft.set_journal(text, tag="bibtex:journaltitle"),
    "booktitle": lambda draft, text: draft.set_journal(text, tag="bibtex:booktitle"),
    "shortjournal": _set("journal_abbreviation"),
    "journal-iso": _set("journal_abbreviation"),
    "abbrev_source_title": _set("journal_abbreviation"),
    "origtitle": _set("vernacular_title"),
    "year": lambda draft, text: draft.set_date(text, tag="bibtex:year"),
    "date": lambda draft, text: draft.set_date(text, tag="bibtex:date"),
    "month": _set_month,
    "day": _add_day,
    "date-printed": lambda draft, text: draft.set_text(
        "published_text", text, tag="bibtex:date-printed"
    ),
    "volume": _set("volume"),
    "number": _set("issue"),
    "issue": _set("issue"),
    "pages": _set_pages,
    "doi": lambda draft, text: draft.add_doi(text, tag="bibtex:doi"),
    "pmid": lambda draft, text: draft.add_pmid(text, tag="bibtex:pmid"),
    "pubmed_id": lambda draft, text: draft.add_pmid(text, tag="bibtex:pubmed_id"),
    "pmcid": lambda draft, text: draft.add_pmcid(text, tag="bibtex:pmcid"),
    "url": lambda draft, text: draft.add_url(text, tag="bibtex:url"),
    "issn": lambda draft, text: draft.add_issn(text, tag="bibtex:issn"),
    "eissn": lambda draft, text: draft.add_issn(text, tag="bibtex:eissn"),
    "isbn": lambda draft, text: draft.add_issn(text, tag="bibtex:isbn"),
    "language": lambda draft, text: draft.add_language(text),
    "langid": lambda draft, text: draft.add_language(text),
    "keywords": _add_keywords,
    "keyword": _add_keywords,
    "keywords-plus": _add_keywords,
    "author_keywords": _add_keywords,
    "document_type": _add_types,
    "type": _add_types,
    _OWN_DECISION: lambda draft, text: draft.add_note(text),
    "note": lambda draft, text: draft.add_note(text),
}
