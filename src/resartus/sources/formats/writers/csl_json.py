"""CSL-JSON as Zotero, pandoc and citation processors read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from resartus.domain.decision import Decision
from resartus.domain.record import Author, Record
from resartus.sources.formats.decisions import render_label, render_note
from resartus.sources.formats.values.extras import EXTRA_CSL, type_in
from resartus.sources.formats.values.own import own_part

__all__ = ["render_csl"]

# Fields that CSL's variables hold in whole; all else goes into "custom", under our name.
_HAS_PLACE = frozenset(
    {
        *("title", "vernacular_title", "journal", "journal_abbreviation", "abstract", "volume"),
        *("issue", "pages", "doi", "pmid", "pmcid", "url", "keywords", "year", "month"),
        *("fields",),
    }
)


def render_csl(record: Record, *, decisions: Sequence[Decision] = ()) -> str:
    """Return one item as JSON on one line.

    Decisions go into the note, from which they are read again in whole, and
    into a keyword. What CSL has no variable for goes into ``custom.resartus``.
    """
    item: dict[str, Any] = {
        "id": next((text for tag, text in record.fields if tag == "label"), record.record_id),
        "type": type_in(record.fields, tag="csl:type") or "article-journal",
    }
    simple = (
        ("title", record.title),
        ("original-title", record.vernacular_title),
        ("container-title", record.journal),
        ("container-title-short", record.journal_abbreviation),
        ("abstract", record.abstract),
        ("volume", record.volume),
        ("issue", record.issue),
        ("page", record.pages),
        ("DOI", record.doi),
        ("PMID", str(record.pmid) if record.pmid else None),
        ("PMCID", record.pmcid),
        ("URL", record.url),
        ("ISSN", ", ".join(record.issn) or None),
        ("language", ", ".join(record.languages) or None),
        ("genre", "; ".join(record.publication_types) or None),
    )
    item.update((name, value) for name, value in simple if value)
    if record.authors:
        item["author"] = [_person(author) for author in record.authors]
    if record.year:
        parts = [record.year, record.month, record.day if record.month else None]
        item["issued"] = {"date-parts": [[part for part in parts if part]]}
    label = render_label(decisions)
    keywords = [*record.keywords, *([label] if label else [])]
    if keywords:
        item["keyword"] = "; ".join(keywords)
    notes = [render_note(decision) for decision in decisions]
    if notes:
        item["note"] = "\n".join(notes)
    rest: list[list[str]] = []
    for tag, value in record.fields:
        name = EXTRA_CSL.get(tag) or (tag[4:] if tag.startswith("csl:") else None)
        if name is None or name in item or tag in ("label", "editor", "note"):
            rest.append([tag, value])
        else:
            item[name] = value
    editors = [value for tag, value in record.fields if tag == "editor"]
    if editors:
        # For citation processors; the names as they stood are in the custom object.
        item["editor"] = [_editor(name) for name in editors]
    custom = own_part(record, has_place=_HAS_PLACE)
    if rest:
        custom["fields"] = rest
    item["custom"] = {"resartus": custom}
    return json.dumps(item, ensure_ascii=False)


def _person(author: Author) -> dict[str, str]:
    if author.collective_name:
        return {"literal": author.collective_name}
    parts = (
        ("family", author.last_name),
        ("given", author.fore_name or author.initials),
        ("suffix", author.suffix),
    )
    return {name: value for name, value in parts if value}


def _editor(name: str) -> dict[str, str]:
    family, comma, given = name.partition(",")
    if not comma:
        return {"literal": name}
    return {"family": family.strip(), "given": given.strip()}
