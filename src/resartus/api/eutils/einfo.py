"""einfo: what the database is and which fields it has."""

from __future__ import annotations

from typing import Any, NamedTuple

from resartus.api.eutils.asked import Asked, element, xml_document
from resartus.api.eutils.elink import LINKS
from resartus.app.eutils.collection import Collection

__all__ = ["FIELDS", "einfo"]


class _Field(NamedTuple):
    name: str
    full_name: str
    description: str
    is_date: bool = False


FIELDS = tuple(
    _Field(*row)
    for row in (
        ("ALL", "All Fields", "All terms from all searchable fields"),
        ("UID", "UID", "Unique number of a record"),
        ("FILT", "Filter", "Limits the records"),
        ("TITL", "Title", "Words in the title"),
        ("MESH", "MeSH Terms", "Medical Subject Headings assigned to the record"),
        ("MAJR", "MeSH Major Topic", "MeSH terms of major importance to the record"),
        ("SUBH", "MeSH Subheading", "What aspect of a MeSH term is meant"),
        ("JOUR", "Journal", "Journal by title, abbreviation or ISSN"),
        ("AFFL", "Affiliation", "Institutions and addresses of authors"),
        ("ECNO", "EC/RN Number", "Number of an enzyme or a substance"),
        ("SUBS", "Supplementary Concept", "Substance, protocol, disease or organism"),
        ("PDAT", "Date - Publication", "Date of publication", True),
        ("EDAT", "Date - Entry", "Date the record became available", True),
        ("VOL", "Volume", "Volume"),
        ("PAGE", "Pagination", "First page"),
        ("PTYP", "Publication Type", "Type of publication"),
        ("LANG", "Language", "Language"),
        ("ISS", "Issue", "Issue"),
        ("SI", "Secondary Source ID", "References to other databases"),
        ("MHDA", "Date - MeSH", "Date MeSH terms were assigned", True),
        ("TIAB", "Title/Abstract", "Words in title, abstract and authors' keywords"),
        ("OTRM", "Other Term", "Authors' keywords"),
        ("COLN", "Author - Corporate", "Group that is an author"),
        ("CNTY", "Place of Publication", "Country of the journal"),
        ("PAPX", "Pharmacological Action", "What a substance does"),
        ("GRNT", "Grants and Funding", "Numbers and agencies of grants"),
        ("MDAT", "Date - Modification", "Date of the last change", True),
        ("CDAT", "Date - Completion", "Date the record was completed", True),
        ("FAUT", "Author - First", "First author"),
        ("FULL", "Author", "Authors"),
        ("FINV", "Investigator", "Investigators and collaborators"),
        ("TT", "Transliterated Title", "Title in its own language"),
        ("LAUT", "Author - Last", "Last author"),
        ("PPDT", "Print Publication Date", "Date of the print", True),
        ("EPDT", "Electronic Publication Date", "Date of the electronic form", True),
        ("LID", "Location ID", "DOI or publisher's number"),
        ("CRDT", "Date - Create", "Date the record was made", True),
        ("WORD", "Text Word", "Words of the record's own text and headings"),
        ("AUID", "Author - Identifier", "ORCID and the like"),
        ("PS", "Subject - Personal Name", "Person the record is about"),
        ("COIS", "Conflict of Interest Statements", "What authors declare"),
    )
)


def _flag(value: bool) -> str:
    return "Y" if value else "N"


def _facts(field: _Field) -> dict[str, str]:
    hierarchical = field.name in ("MESH", "MAJR", "SUBH", "PTYP", "PAPX")
    worded = field.name in ("ALL", "TITL", "TIAB", "WORD", "AFFL", "OTRM", "TT", "COIS")
    return {
        "Name": field.name,
        "FullName": field.full_name,
        "Description": field.description,
        "TermCount": "",
        "IsDate": _flag(field.is_date),
        "IsNumerical": _flag(field.name == "UID"),
        "SingleToken": _flag(not worded),
        "Hierarchy": _flag(hierarchical),
        "IsHidden": "N",
    }


def einfo(asked: Asked, collection: Collection) -> str | dict[str, Any]:
    """Answer an einfo request; a dict is to be sent as JSON."""
    header = {"type": "einfo", "version": "0.3"}
    if not asked.text("db"):
        if asked.is_json:
            return {"header": header, "einforesult": {"dblist": ["pubmed"]}}
        return xml_document("eInfoResult", "\n<DbList>\n\t<DbName>pubmed</DbName>\n</DbList>\n")
    asked.require_pubmed()
    facts = {
        "DbName": "pubmed",
        "MenuName": "PubMed",
        "Description": "PubMed bibliographic record",
        "DbBuild": collection.build,
        "Count": str(collection.count),
        "LastUpdate": f"{collection.updated_at:%Y/%m/%d %H:%M}",
    }
    fields = [_facts(field) for field in FIELDS]
    links = [
        {"Name": name, "Menu": "", "Description": text, "DbTo": "pubmed"}
        for name, text in LINKS.items()
    ]
    if asked.is_json:
        info: dict[str, Any] = {name.lower(): text for name, text in facts.items()}
        info["fieldlist"] = [{k.lower(): v for k, v in each.items()} for each in fields]
        info["linklist"] = [{k.lower(): v for k, v in each.items()} for each in links]
        return {"header": header, "einforesult": {"dbinfo": [info]}}
    body = "".join(f"\t{element(name, text)}\n" for name, text in facts.items())
    body += "\t<FieldList>\n" + _blocks("Field", fields) + "\t</FieldList>\n"
    body += "\t<LinkList>\n" + _blocks("Link", links) + "\t</LinkList>\n"
    return xml_document("eInfoResult", f"\n<DbInfo>\n{body}</DbInfo>\n")


def _blocks(tag: str, rows: list[dict[str, str]]) -> str:
    return "".join(
        f"\t\t<{tag}>" + "".join(element(name, text) for name, text in row.items()) + f"</{tag}>\n"
        for row in rows
    )
