"""CSL-JSON, the form of citation processors, Zotero and pandoc."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from resartus.domain.record import Author, Record
from resartus.sources.formats.decisions import without_own_labels
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.dates import PartialDate, render_date
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.extras import EXTRA_CSL
from resartus.sources.formats.values.names import initials_of
from resartus.sources.formats.values.own import take_own

__all__ = ["read_csl_json"]

_DECODER = json.JSONDecoder(strict=False)


def read_csl_json(lines: Iterable[str], into: Collector) -> Iterator[Record]:
    """Read an array of items, one item, or ``{"items": [...]}``, item by item.

    What is not JSON is kept as unread, and reading goes on at the next line
    that begins an item.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file with their ends.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    for line, raw, item in _items(lines, into):
        found = item.get("items") if "type" not in item and "title" not in item else None
        inside = found if isinstance(found, list) else [item]
        for one in inside:
            if not isinstance(one, dict):
                into.refuse(line, json.dumps(one, ensure_ascii=False), "not an item")
                continue
            text = raw if one is item else json.dumps(one, ensure_ascii=False)
            record = into.finish(_draft(one), line=line, raw=text)
            if record is not None:
                yield record


def _items(lines: Iterable[str], into: Collector) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield each outermost object with its line and text."""
    buffer, start = "", 1
    depth, in_string, escaped, position = 0, False, False, 0
    for number, line in enumerate(lines, start=1):
        if not buffer:
            line = _skip_between(line, number, into)
            if not line:
                continue
            start, position = number, 0
        buffer += line
        # A line end that closes nothing needs no attempt: count brackets as they come.
        while position < len(buffer):
            position, depth, in_string, escaped = _scan(buffer, position, depth, in_string, escaped)
            if depth or in_string:
                break
            raw, buffer = buffer[:position], buffer[position:]
            yield from _decoded(raw, start, into)
            buffer, position = _skip_between(buffer, number, into), 0
            start = number
    if buffer.strip():
        into.refuse_all(start, buffer.splitlines(), "an item that never ends")


def _scan(
    text: str, position: int, depth: int, in_string: bool, escaped: bool
) -> tuple[int, int, bool, bool]:
    """Go on to the end of the object or of the text; return where, and the state there."""
    if in_string and escaped and position < len(text):
        position, escaped = position + 1, False
    while position < len(text):
        if in_string:
            quote = text.find('"', position)
            slash = text.find("\\", position, quote if quote >= 0 else len(text))
            if slash >= 0:
                if slash + 1 >= len(text):
                    return len(text), depth, True, True
                position = slash + 2
                continue
            if quote < 0:
                return len(text), depth, True, False
            position, in_string = quote + 1, False
            continue
        letter = text[position]
        position += 1
        if letter == '"':
            in_string = True
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
            if depth == 0:
                return position, 0, False, False
    return position, depth, in_string, False


def _skip_between(text: str, number: int, into: Collector) -> str:
    """Return the text from the next object on; refuse what else stands between objects."""
    at = text.find("{")
    between = text if at < 0 else text[:at]
    if between.strip(" \t\r\n,[]\ufeff"):
        into.refuse(number, between.strip(), "between items")
    return "" if at < 0 else text[at:]


def _decoded(raw: str, start: int, into: Collector) -> Iterator[tuple[int, str, dict[str, Any]]]:
    try:
        value = _DECODER.decode(raw)
    except ValueError as error:
        into.refuse_all(start, raw.splitlines(), f"not JSON: {error}")
        return
    yield start, raw, value


def _draft(item: Mapping[str, Any]) -> Draft:
    draft = Draft()
    for name, value in item.items():
        if name == "custom" or value is None or value in ("", [], {}):
            continue
        act = _ACTIONS.get(name)
        if act is not None:
            act(draft, value)
        elif name in _DATES:
            _add_date(draft, name, value)
        else:
            draft.keep(_NAMES.get(name, f"csl:{name}"), _plain(value))
    _take_custom(draft, item.get("custom"))
    return draft


def _take_custom(draft: Draft, custom: Any) -> None:
    """Take what our writer put where CSL has no variable; keep what another did."""
    if isinstance(custom, dict) and isinstance(custom.get("resartus"), dict):
        # An item must have a type and an id; ours says which of them the record had.
        draft.extras = [
            (tag, text) for tag, text in draft.extras if tag not in ("label", "csl:type")
        ]
        take_own(draft, custom["resartus"], tag="csl:custom")
        custom = {name: value for name, value in custom.items() if name != "resartus"}
    if custom:
        draft.keep("csl:custom", _plain(custom))


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "; ".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _add_authors(draft: Draft, value: Any) -> None:
    for person in value if isinstance(value, list) else [value]:
        if isinstance(person, str):
            draft.add_author(person)
        elif isinstance(person, dict):
            author = _author(person)
            if author is not None:
                draft.authors.append(author)
            else:
                draft.keep("author", _plain(person))


def _author(person: Mapping[str, Any]) -> Author | None:
    literal = str(person.get("literal") or "").strip()
    family = str(person.get("family") or "").strip()
    given = str(person.get("given") or "").strip()
    particles = [person.get("dropping-particle"), person.get("non-dropping-particle")]
    last = " ".join(str(part) for part in (*particles, family) if part)
    if not last and not given:
        return Author(collective_name=literal) if literal else None
    return Author(
        last_name=last or None,
        fore_name=given or None,
        initials=initials_of(given) if given else None,
        suffix=str(person["suffix"]) if person.get("suffix") else None,
    )


def _add_editors(draft: Draft, value: Any) -> None:
    for person in value if isinstance(value, list) else [value]:
        author = _author(person) if isinstance(person, dict) else None
        name = ", ".join(p for p in (author.last_name, author.fore_name) if p) if author else ""
        draft.keep("editor", name or (author.short_name if author else _plain(person)))


def _add_date(draft: Draft, name: str, value: Any) -> None:
    parts = value.get("date-parts") if isinstance(value, dict) else None
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        numbers = [int(part) for part in parts[0] if str(part).strip().isdigit()][:3]
        is_range = len(parts) > 1
        if numbers and not is_range and set(value) <= {"date-parts"}:
            text = render_date(PartialDate(*numbers))
            draft.set_date(text, tag=f"csl:{name}")
            return
        if numbers:
            draft.set_date(str(numbers[0]), tag=f"csl:{name}")
        draft.keep(f"csl:{name}", _plain(value))
        return
    words = value.get("raw") or value.get("literal") if isinstance(value, dict) else value
    if isinstance(words, str | int):
        draft.set_date(str(words), tag=f"csl:{name}")
    else:
        draft.keep(f"csl:{name}", _plain(value))


def _set(name: str) -> Callable[[Draft, Any], None]:
    return lambda draft, value: draft.set_text(name, _plain(value), tag=f"csl:{name}")


def _add_keywords(draft: Draft, value: Any) -> None:
    parts = value if isinstance(value, list) else [value]
    for part in parts:
        draft.add_keywords(without_own_labels(_plain(part)), separator=r"\s*[;\n]\s*")


def _add_note(draft: Draft, value: Any) -> None:
    text = _plain(value)
    lines = [line for line in text.split("\n") if line.startswith("RESARTUS-DECISION")]
    for line in lines:
        draft.add_note(line)
    rest = "\n".join(line for line in text.split("\n") if line not in lines)
    if rest.strip():
        draft.add_note(rest)


_DATES = frozenset({"issued", "published", "published-print", "published-online"})
_NAMES = {tag: name for name, tag in EXTRA_CSL.items()}
_ACTIONS: dict[str, Callable[[Draft, Any], None]] = {
    "type": lambda draft, value: draft.keep("csl:type", _plain(value)),
    "title": lambda draft, value: draft.set_title(_plain(value), tag="csl:title"),
    "original-title": _set("vernacular_title"),
    "abstract": lambda draft, value: draft.set_abstract(_plain(value), tag="csl:abstract"),
    "container-title": lambda draft, value: draft.set_journal(
        _plain(value), tag="csl:container-title"
    ),
    "container-title-short": _set("journal_abbreviation"),
    "journalAbbreviation": _set("journal_abbreviation"),
    "author": _add_authors,
    "editor": _add_editors,
    "volume": _set("volume"),
    "issue": _set("issue"),
    "page": _set("pages"),
    "DOI": lambda draft, value: draft.add_doi(_plain(value), tag="csl:DOI"),
    "PMID": lambda draft, value: draft.add_pmid(_plain(value), tag="csl:PMID"),
    "PMCID": lambda draft, value: draft.add_pmcid(_plain(value), tag="csl:PMCID"),
    "URL": lambda draft, value: draft.add_url(_plain(value), tag="csl:URL"),
    "ISSN": lambda draft, value: draft.add_issn(_plain(value), tag="csl:ISSN"),
    "ISBN": lambda draft, value: draft.add_issn(_plain(value), tag="csl:ISBN"),
    "language": lambda draft, value: draft.add_language(_plain(value)),
    "genre": lambda draft, value: draft.add_types(_plain(value)),
    "keyword": _add_keywords,
    "note": _add_note,
    "id": lambda draft, value: draft.keep("label", _plain(value)),
    "citation-key": lambda draft, value: draft.keep("label", _plain(value)),
}
