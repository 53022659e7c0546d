"""efetch: records as NLM gave them, or as text."""

from __future__ import annotations

from collections.abc import Iterable

from resartus.api.eutils.asked import CAP, Asked, Fault
from resartus.api.eutils.esummary import published
from resartus.api.eutils.history import History
from resartus.app.eutils.collection import Collection, Stored
from resartus.app.eutils.rendering import abstract_text, medline_text

__all__ = ["efetch", "records_document"]

_MOST = 10_000
_YEARS = {
    "260101": "1st January 2026",
    "250101": "1st January 2025",
    "240101": "1st January 2024",
}


def records_document(stored: Iterable[Stored], *, dtd: str) -> bytes:
    """Return records in one document, each as NLM gave it, byte for byte.

    Parameters
    ----------
    dtd : str
        Which edition of PubMed's DTD to name, such as ``"250101"``: some
        programs refuse one that they did not bring along.
    """
    name = _YEARS.get(dtd, f"1st January 20{dtd[:2]}")
    head = (
        '<?xml version="1.0" ?>\n'
        f'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, {name}//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_{dtd}.dtd">\n<PubmedArticleSet>\n'
    )
    parts = [item.xml for item in stored if item.xml is not None]
    return head.encode() + b"\n".join(parts) + b"\n</PubmedArticleSet>\n"


def efetch(
    asked: Asked, collection: Collection, history: History, *, dtd: str
) -> tuple[bytes, str]:
    """Answer an efetch request: the body and its media type."""
    asked.require_pubmed()
    if asked.uses_history and asked.number("retstart", 0) > CAP - 1:
        raise Fault(
            "Search backend cannot retrieve history data. Reason: 'retstart' cannot be larger "
            "than 9998. For PubMed, EFetch can only retrieve the first 9,999 records matching "
            "the query.",
            status=400,
        )
    pmids = history.pmids(asked, retmax=_MOST)[:_MOST]
    if asked.uses_history:
        pmids = pmids[: CAP - asked.number("retstart", 0)]
    if not pmids and not asked.uses_history:
        raise Fault("ID list is empty! Possibly it has no correct IDs.", status=400)
    kind = asked.text("rettype").casefold()
    mode = asked.text("retmode").casefold()
    if kind in ("uilist", "uid"):
        return _listed(pmids, mode)
    if kind == "medline":
        text = "\n".join(medline_text(item.record) for item in collection.records(pmids))
        return f"\n{text}".encode(), "text/plain"
    if kind == "abstract" and mode != "xml":
        numbered = enumerate(collection.records(pmids), start=1)
        text = "".join(
            abstract_text(item.record, number, printed=published(item.record))
            for number, item in numbered
        )
        return text.encode(), "text/plain"
    if not kind and mode in ("text", "json", "asn.1"):
        # NCBI has no such form of a PubMed record and sends the numbers.
        return _listed(pmids, "text")
    return records_document(collection.records(pmids), dtd=dtd), "text/xml"


def _listed(pmids: list[int], mode: str) -> tuple[bytes, str]:
    if mode == "xml":
        ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in pmids)
        return f'<?xml version="1.0" ?>\n<IdList>\n{ids}</IdList>\n'.encode(), "text/xml"
    return "".join(f"{pmid}\n" for pmid in pmids).encode(), "text/plain"
