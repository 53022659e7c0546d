"""ecitmatch: a citation's journal, year, volume, page and author to its PMID."""

from __future__ import annotations

import re

from resartus.api.eutils.asked import Asked
from resartus.app.eutils.collection import Collection

__all__ = ["ecitmatch"]


def _matches(line: str, collection: Collection) -> str:
    """Return the PMID, ``NOT_FOUND``, or ``AMBIGUOUS`` with the candidates."""
    journal, year, volume, page, author = [*line.split("|"), "", "", "", "", ""][:5]
    given = (
        (re.sub(r"[^\w\s&-]", " ", journal), "ta"),
        (volume, "vi"),
        (page, "pg"),
        (author, "1au"),
    )
    clauses = [f"{text.strip()}[{tag}]" for text, tag in given if text.strip()]
    if re.fullmatch(r"\s*\d{4}\s*", year):
        clauses.append(f"{year.strip()}:{year.strip()}[dp]")
    if len(clauses) < 2:
        return "NOT_FOUND;INVALID_JOURNAL" if not journal.strip() else "NOT_FOUND"
    found = sorted(collection.search(" AND ".join(clauses)).pmids)
    if not found:
        return "NOT_FOUND"
    if len(found) == 1:
        return str(found[0])
    return "AMBIGUOUS " + ",".join(map(str, found[:10]))


def ecitmatch(asked: Asked, collection: Collection) -> str:
    """Answer each citation of ``bdata`` (``journal|year|volume|page|author|key|``) on its line."""
    asked.require_pubmed()
    lines = []
    for line in re.split(r"[\r\n]+", asked.text("bdata")):
        if line.strip():
            fields = [*line.split("|"), "", "", "", "", "", ""]
            lines.append("|".join([*fields[:6], _matches(line, collection)]))
    return "".join(f"{line}\n" for line in lines)
