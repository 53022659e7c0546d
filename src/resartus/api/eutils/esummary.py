"""esummary: the facts of a citation, in NCBI's version 1, version 2.0 and JSON shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from resartus.api.eutils.asked import Asked, Fault, element, xml_document
from resartus.api.eutils.history import History
from resartus.app.eutils.collection import Collection
from resartus.domain.record import Record

__all__ = ["esummary", "published"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATUS = {
    "MEDLINE": "PubMed - indexed for MEDLINE",
    "PubMed-not-MEDLINE": "PubMed",
    "In-Process": "PubMed - in process",
    "In-Data-Review": "PubMed - in process",
    "Publisher": "PubMed - as supplied by publisher",
    "OLDMEDLINE": "PubMed - OLDMEDLINE",
}
_STATUS_NUMBERS = {
    "received": "1", "accepted": "2", "epublish": "3", "ppublish": "4", "revised": "5",
    "pmc": "7", "pubmed": "8", "medline": "11", "aheadofprint": "10", "ecollection": "256+3",
}  # fmt: skip
_IDS = {"pubmed": 1, "doi": 3, "pii": 4, "pmc": 8, "mid": 8}
_MOST = 10_000


def published(record: Record) -> str:
    """Return the date of publication as PubMed prints it: ``1968 Aug``."""
    if record.published_text:
        return record.published_text
    parts = [str(record.year or "")]
    if record.month:
        parts.append(_MONTHS[record.month - 1])
        if record.day:
            parts.append(str(record.day))
    return " ".join(parts).strip()


def _day(value: Any) -> str:
    return f"{value:%Y/%m/%d} 00:00" if value else ""


def _summary(record: Record) -> dict[str, Any]:
    """Return the facts under the names of version 2.0, as JSON has them."""
    issn = [*record.issn, "", ""]
    names = [author.short_name for author in record.authors]
    ids = [("pubmed", str(record.pmid))]
    if record.doi:
        ids.append(("doi", record.doi))
    if record.pmcid:
        ids.append(("pmc", record.pmcid))
    epub = record.electronic_on
    title = record.title or ""
    sort_day = f"{record.year or 0:04}/{record.month or 1:02}/{record.day or 1:02} 00:00"
    return {
        "uid": str(record.pmid),
        "pubdate": published(record),
        "epubdate": f"{epub.year} {_MONTHS[epub.month - 1]} {epub.day}" if epub else "",
        "source": record.journal_abbreviation or record.journal or "",
        "authors": [{"name": n, "authtype": "Author", "clusterid": ""} for n in names],
        "lastauthor": names[-1] if names else "",
        "title": title,
        "sorttitle": "".join(c for c in title.casefold() if c.isalnum() or c == " "),
        "volume": record.volume or "",
        "issue": record.issue or "",
        "pages": record.pages or "",
        "lang": list(record.languages),
        "nlmuniqueid": record.nlm_id or "",
        "issn": issn[0],
        "essn": issn[1],
        "pubtype": list(record.publication_types),
        "recordstatus": _STATUS.get(record.status or "", record.status or ""),
        "pubstatus": _STATUS_NUMBERS.get(record.publication_status or "", ""),
        "articleids": [{"idtype": k, "idtypen": _IDS[k], "value": v} for k, v in ids],
        "history": [{"pubstatus": name, "date": _day(day)} for name, day in record.history],
        "references": [],
        "attributes": ["Has Abstract"] if record.abstract else [],
        "pmcrefcount": "",
        "fulljournalname": record.journal or "",
        "elocationid": f"doi: {record.doi}" if record.doi else "",
        "doctype": "book" if record.book_title else "citation",
        "srccontriblist": [],
        "booktitle": record.book_title or "",
        "medium": "",
        "edition": "",
        "publisherlocation": "",
        "publishername": record.publisher or "",
        "srcdate": "",
        "reportnumber": "",
        "availablefromurl": "",
        "locationlabel": "",
        "doccontriblist": [],
        "docdate": "",
        "bookname": "",
        "chapter": "",
        "sortpubdate": sort_day,
        "sortfirstauthor": names[0] if names else "",
        "vernaculartitle": record.vernacular_title or "",
    }


# Version 1 -------------------------------------------------------------------


def _item(name: str, kind: str, text: object) -> str:
    return f"\t<Item Name={quoteattr(name)} Type={quoteattr(kind)}>{escape(str(text))}</Item>\n"


def _list(name: str, inner: Iterable[tuple[str, str, object]]) -> str:
    items = "".join("\t" + _item(*each) for each in inner)
    return f'\t<Item Name={quoteattr(name)} Type="List">' + (
        f"\n{items}\t</Item>\n" if items else "</Item>\n"
    )


def _reference(facts: Mapping[str, Any]) -> str:
    """Return the ``SO`` of version 1: ``1965 Aug;92(2):188-91``."""
    issue = f"({facts['issue']})" if facts["issue"] else ""
    pages = f":{facts['pages']}" if facts["pages"] else ""
    return f"{facts['pubdate']};{facts['volume']}{issue}{pages}"


def _version_1(record: Record) -> str:
    facts = _summary(record)
    ids = [(entry["idtype"], "String", entry["value"]) for entry in facts["articleids"]]
    dates = [(entry["pubstatus"], "Date", entry["date"]) for entry in facts["history"]]
    return (
        f"<DocSum>\n\t<Id>{record.pmid}</Id>\n"
        + _item("PubDate", "Date", facts["pubdate"])
        + _item("EPubDate", "Date", facts["epubdate"])
        + _item("Source", "String", facts["source"])
        + _list("AuthorList", [("Author", "String", a["name"]) for a in facts["authors"]])
        + _item("LastAuthor", "String", facts["lastauthor"])
        + _item("Title", "String", facts["title"])
        + _item("Volume", "String", facts["volume"])
        + _item("Issue", "String", facts["issue"])
        + _item("Pages", "String", facts["pages"])
        + _list("LangList", [("Lang", "String", code) for code in facts["lang"]])
        + _item("NlmUniqueID", "String", facts["nlmuniqueid"])
        + _item("ISSN", "String", facts["issn"])
        + _item("ESSN", "String", facts["essn"])
        + _list("PubTypeList", [("PubType", "String", name) for name in facts["pubtype"]])
        + _item("RecordStatus", "String", facts["recordstatus"])
        + _item("PubStatus", "String", record.publication_status or "")
        + _list("ArticleIds", ids)
        + (_item("DOI", "String", record.doi) if record.doi else "")
        + _list("History", dates)
        + _list("References", [])
        + _item("HasAbstract", "Integer", int(record.abstract is not None))
        + _item("PmcRefCount", "Integer", 0)
        + _item("FullJournalName", "String", facts["fulljournalname"])
        + _item("ELocationID", "String", facts["elocationid"])
        + _item("SO", "String", _reference(facts))
        + "</DocSum>\n"
    )


# Version 2.0 -----------------------------------------------------------------

_TAGS = {
    "pubdate": "PubDate", "epubdate": "EPubDate", "source": "Source", "authors": "Authors",
    "lastauthor": "LastAuthor", "title": "Title", "sorttitle": "SortTitle", "volume": "Volume",
    "issue": "Issue", "pages": "Pages", "lang": "Lang", "nlmuniqueid": "NlmUniqueID",
    "issn": "ISSN", "essn": "ESSN", "pubtype": "PubType", "recordstatus": "RecordStatus",
    "pubstatus": "PubStatus", "articleids": "ArticleIds", "history": "History",
    "references": "References", "attributes": "Attributes", "pmcrefcount": "PmcRefCount",
    "fulljournalname": "FullJournalName", "elocationid": "ELocationID", "doctype": "DocType",
    "srccontriblist": "SrcContribList", "booktitle": "BookTitle", "medium": "Medium",
    "edition": "Edition", "publisherlocation": "PublisherLocation",
    "publishername": "PublisherName", "srcdate": "SrcDate", "reportnumber": "ReportNumber",
    "availablefromurl": "AvailableFromURL", "locationlabel": "LocationLabel",
    "doccontriblist": "DocContribList", "docdate": "DocDate", "bookname": "BookName",
    "chapter": "Chapter", "sortpubdate": "SortPubDate", "sortfirstauthor": "SortFirstAuthor",
    "vernaculartitle": "VernacularTitle",
}  # fmt: skip
_PARTS = {
    "authors": ("Author", {"name": "Name", "authtype": "AuthType", "clusterid": "ClusterID"}),
    "articleids": ("ArticleId", {"idtype": "IdType", "idtypen": "IdTypeN", "value": "Value"}),
    "history": ("PubMedPubDate", {"pubstatus": "PubStatus", "date": "Date"}),
}
_FLAGS = {"lang": "string", "pubtype": "flag", "attributes": "flag"}


def _version_2(record: Record) -> str:
    facts = _summary(record)
    lines = []
    for name, tag in _TAGS.items():
        value = facts[name]
        if name in _PARTS:
            part, keys = _PARTS[name]
            inner = "".join(
                f"<{part}>" + "".join(element(keys[k], v) for k, v in entry.items()) + f"</{part}>"
                for entry in value
            )
            lines.append(f"\t<{tag}>{inner}</{tag}>\n")
        elif isinstance(value, list):
            inner = "".join(element(_FLAGS.get(name, "string"), text) for text in value)
            lines.append(f"\t<{tag}>{inner}</{tag}>\n")
        else:
            lines.append(f"\t<{tag}>{escape(str(value))}</{tag}>\n")
    return f'<DocumentSummary uid="{record.pmid}">\n{"".join(lines)}</DocumentSummary>\n'


def esummary(asked: Asked, collection: Collection, history: History) -> str | dict[str, Any]:
    """Answer an esummary request; a dict is to be sent as JSON."""
    asked.require_pubmed()
    pmids = history.pmids(asked, retmax=_MOST)[:_MOST]
    if not pmids:
        raise Fault("Empty id list - nothing todo" if not asked.text("id") else "Invalid uid")
    stored = {item.pmid: item.record for item in collection.records(pmids)}
    if asked.is_json:
        result: dict[str, Any] = {"uids": [str(pmid) for pmid in pmids]}
        for pmid in pmids:
            result[str(pmid)] = (
                _summary(stored[pmid])
                if pmid in stored
                else {"uid": str(pmid), "error": "cannot get document summary"}
            )
        return {"header": {"type": "esummary", "version": "0.3"}, "result": result}
    is_new = asked.text("version") == "2.0"
    parts = []
    for pmid in pmids:
        if pmid in stored:
            parts.append((_version_2 if is_new else _version_1)(stored[pmid]))
        elif is_new:
            said = element("error", "cannot get document summary")
            parts.append(f'<DocumentSummary uid="{pmid}">{said}</DocumentSummary>\n')
        else:
            parts.append(element("ERROR", f"UID={pmid}: cannot get document summary") + "\n")
    if not is_new:
        return xml_document("eSummaryResult", "\n" + "".join(parts))
    body = (
        f'<DocumentSummarySet status="OK">\n{element("DbBuild", collection.build)}\n'
        f"{''.join(parts)}</DocumentSummarySet>\n"
    )
    dtd = ("esummary pubmed 20250109", "20250109/esummary_pubmed.dtd")
    return xml_document("eSummaryResult", "\n" + body, dtd=dtd)
