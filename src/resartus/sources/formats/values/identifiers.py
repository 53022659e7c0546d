"""DOI, PMID, PMCID, ISSN and ISBN, found in the ways files hide them."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from resartus.domain.ids import Pmid

__all__ = ["find_doi", "find_isbn", "find_issn", "find_pmcid", "find_pmid", "is_doi", "pmid_of_url"]

_DOI = re.compile(r"10\.\d{3,9}/\S+")
_DOI_BARE = re.compile(r"10\.\d{3,9}/[A-Za-z0-9._/-]*[A-Za-z0-9]", re.ASCII)
"""Most DOIs: nothing in them needs a second look."""
_DOI_EXACT = re.compile(
    r"(?:(?:https?://)?(?:dx\.)?(?:www\.)?doi\.org/|doi:?\s*|DOI:?\s*)?(10\.\d{3,9}/\S+)"
)
_PMID = re.compile(r"(?:PMID:?\s*|MEDLINE:)?(\d{1,8})(?:\.0)?", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\s?(\d{3,9})(?:\.\d+)?\b")
_PMID_URL = re.compile(
    r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:entrez/)?pubmed/|"
    r"[?&](?:list_uids|term)=|identifiers\.org/pubmed/)(\d{1,8})(?!\d)"
)
_ISSN = re.compile(r"(?<![\dXx-])(\d{4})-?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<![\dXx-])(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx](?![\dXx-])")


def is_doi(text: str) -> bool:
    """Say whether the text is a bare DOI that a record accepts."""
    return _DOI.fullmatch(text) is not None


def find_doi(text: str) -> str | None:
    """Return the DOI in a text such as a URL or ``doi:10.1/x [doi]``, or ``None``."""
    if _DOI_BARE.fullmatch(text):
        return text
    if "10." not in text:
        return None
    text = text.strip()
    if "&" in text and ";" in text:
        text = html.unescape(text)
    exact = _DOI_EXACT.fullmatch(text)
    if exact is not None:
        doi = exact.group(1)
    else:
        if "%2F" in text or "%2f" in text:
            text = unquote(text)
        found = _DOI.search(text)
        if found is None:
            return None
        doi = found.group()
    if "\\" in doi:
        doi = doi.replace("\\_", "_").replace("\\&", "&").replace("\\%", "%").replace("\\#", "#")
    if "%" in doi:
        doi = unquote(doi)
    doi = doi.rstrip(".,;")
    if doi.endswith((")", "]")) and doi.count("(") + doi.count("[") < doi.count(")") + doi.count(
        "]"
    ):
        doi = doi[:-1]
    return doi if is_doi(doi) else None


def find_pmid(text: str) -> Pmid | None:
    """Return the PMID when the text is one and nothing else, or ``None``."""
    found = _PMID.fullmatch(text.strip())
    if found is None or int(found.group(1)) == 0:
        return None
    return Pmid(int(found.group(1)))


def pmid_of_url(url: str) -> Pmid | None:
    """Return the PMID in an address of PubMed, or ``None``."""
    if "pubmed" not in url:
        return None
    found = _PMID_URL.search(url)
    return Pmid(int(found.group(1))) if found is not None and int(found.group(1)) else None


def find_pmcid(text: str) -> str | None:
    """Return ``"PMC1234567"`` from a text that names one, or ``None``."""
    if "PMC" not in text:
        return None
    found = _PMCID.search(text)
    return f"PMC{found.group(1)}" if found else None


def find_issn(text: str) -> tuple[str, ...]:
    """Return each ISSN in a text once, as ``1234-567X``, in order."""
    pairs = _ISSN.findall(text)
    return tuple(dict.fromkeys(f"{first}-{second.upper()}" for first, second in pairs))


def find_isbn(text: str) -> tuple[str, ...]:
    """Return each ISBN of 10 or 13 digits in a text once, as it is written."""
    return tuple(dict.fromkeys(match.group() for match in _ISBN.finditer(text)))
