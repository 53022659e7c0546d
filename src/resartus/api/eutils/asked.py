"""``Asked``: one request's parameters, the same by GET and POST; ``Fault``: an answer of no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["CAP", "Asked", "Fault", "element", "xml_document"]

CAP = 9_999
"""PubMed's own limit, kept so that programs meet here what they meet there."""


class Fault(Exception):
    """A refusal in NCBI's words; ``status`` is the HTTP status that NCBI gives it."""

    def __init__(self, text: str, *, status: int = 200) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """Parameters by name in lower case, since NCBI takes ``webenv`` as well as ``WebEnv``."""

    given: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter."""
        return self.given.get(name.lower(), default)

    def number(self, name: str, default: int, *, most: int | None = None) -> int:
        """Return a whole number of 0 or more; anything else counts as the default, as at NCBI."""
        text = self.given.get(name.lower(), "")
        value = int(text) if re.fullmatch(r"\s*\d{1,9}\s*", text) else default
        return value if most is None else min(value, most)

    @property
    def is_json(self) -> bool:
        """Whether JSON is asked for."""
        return self.text("retmode").casefold() == "json"

    @property
    def uses_history(self) -> bool:
        """Whether a set of the history is meant."""
        return bool(self.text("WebEnv") and self.text("query_key"))

    def ids(self) -> list[int]:
        """Return the PMIDs of ``id``, in order; what is not a number is left out."""
        words = re.split(r"[\s,]+", self.text("id"))
        return [int(word) for word in words if re.fullmatch(r"\d{1,9}", word)]

    def require_pubmed(self, name: str = "db") -> None:
        """Raise unless the database is PubMed."""
        database = self.text(name, "pubmed")
        if database.casefold() != "pubmed":
            raise Fault(f"Invalid db name specified: {database}")


def element(tag: str, text: object) -> str:
    """Return an element with its text escaped, or an empty one."""
    return f"<{tag}>{escape(str(text))}</{tag}>" if text not in (None, "") else f"<{tag}/>"


_DTDS = {
    "eSearchResult": ("esearch 20060628", "20060628/esearch.dtd"),
    "eSummaryResult": ("esummary v1 20041029", "20041029/esummary-v1.dtd"),
    "ePostResult": ("epost 20090526", "20090526/epost.dtd"),
    "eLinkResult": ("elink 20101123", "20101123/elink.dtd"),
    "eInfoResult": ("einfo 20130322", "20130322/einfo.dtd"),
    "eSpellResult": ("eSpellResult, 23 November 2004", "eSpell.dtd"),
    "eFetchResult": ("efetch 20131226", "20131226/efetch.dtd"),
}


def xml_document(root: str, content: str, *, dtd: tuple[str, str] | None = None) -> str:
    """Return a document with the DTD that clients look for."""
    name, path = dtd or _DTDS[root]
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE {root} PUBLIC "-//NLM//DTD {name}//EN" '
        f'"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/{path}">\n'
        f"<{root}>{content}</{root}>\n"
    )
