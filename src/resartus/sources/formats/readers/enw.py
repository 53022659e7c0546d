"""ENW, EndNote's tagged format (``%T Title``), which Google Scholar and AISeL give too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from resartus.domain.record import Record
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.extras import EXTRA_ENW

__all__ = ["looks_like_enw", "read_enw"]

_LINE = re.compile(r"%([0-9A-Za-z!@#$&()*+,\-./:;<=>?\[\]^_{|}~\\])(?:[ \t]+(.*))?$", re.DOTALL)
_HEAD = re.compile(r"%[0TAD] \S")


def looks_like_enw(line: str) -> bool:
    """Say whether a line begins a record in EndNote's tagged format."""
    return _HEAD.match(line) is not None


@dataclass(slots=True)
class _Entry:
    line: int
    raw: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    is_after_blank: bool = False


def read_enw(lines: Iterable[str], into: Collector) -> Iterator[Record]:
    """Read tagged records.

    A record begins at ``%0``, or at a tag after a blank line. A line without
    a tag goes on with the value before it, after a blank line too.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file with their ends.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    entry: _Entry | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            if entry is not None:
                entry.is_after_blank = True
                entry.raw.append(line)
            continue
        found = _LINE.match(line)
        if found is None:
            if entry is None:
                into.refuse(number, line, "outside any record")
                continue
            tag, value = entry.pairs[-1]
            entry.pairs[-1] = (tag, f"{value}\n{line.strip()}")
            entry.is_after_blank = False
            entry.raw.append(line)
            continue
        tag, value = f"%{found.group(1)}", (found.group(2) or "").rstrip("\n")
        is_second = entry is not None and tag == "%0" and any(t == tag for t, _ in entry.pairs)
        if entry is not None and (entry.is_after_blank or is_second):
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
    for tag, value in entry.pairs:
        if not value or value.isspace():
            continue
        act = _ACTIONS.get(tag)
        if act is not None:
            act(draft, value)
        else:
            draft.keep(f"enw:{tag}", value)
    draft.take_pmid_of_accession()
    record = into.finish(draft, line=entry.line, raw="".join(entry.raw).rstrip() + "\n")
    if record is not None:
        yield record


def _keeper(name: str) -> Callable[[Draft, str], None]:
    return lambda draft, value: draft.keep(name, value)


_ACTIONS: dict[str, Callable[[Draft, str], None]] = {
    **{tag: _keeper(name) for name, tag in EXTRA_ENW.items()},
    "%0": _keeper("endnote:type"),
    "%T": lambda draft, value: draft.set_title(value, tag="enw:%T"),
    "%A": lambda draft, value: draft.add_author(value, tag="author"),
    "%J": lambda draft, value: draft.set_journal(value, tag="enw:%J"),
    "%B": lambda draft, value: draft.set_journal(value, tag="enw:%B"),
    "%O": lambda draft, value: draft.set_text("journal_abbreviation", value, tag="enw:%O"),
    "%X": lambda draft, value: draft.set_abstract(value, tag="enw:%X"),
    "%D": lambda draft, value: draft.set_date(value, tag="enw:%D"),
    "%8": lambda draft, value: draft.set_date(value, tag="enw:%8"),
    "%V": lambda draft, value: draft.set_text("volume", value, tag="enw:%V"),
    "%N": lambda draft, value: draft.set_text("issue", value, tag="enw:%N"),
    "%P": lambda draft, value: draft.set_text("pages", value, tag="enw:%P"),
    "%R": lambda draft, value: draft.add_doi(value, tag="enw:%R"),
    "%U": lambda draft, value: draft.add_url(value, tag="enw:%U"),
    "%@": lambda draft, value: draft.add_issn(value, tag="enw:%@"),
    "%G": lambda draft, value: draft.add_language(value),
    "%K": lambda draft, value: draft.add_keywords(value, separator=r"\n|;"),
    "%9": lambda draft, value: draft.add_types(value),
    "%2": lambda draft, value: draft.add_pmcid(value, tag="enw:%2"),
    "%Z": lambda draft, value: draft.add_note(value, tag="note"),
}
