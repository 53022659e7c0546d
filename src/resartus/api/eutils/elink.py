"""elink: what a record cites and what cites it, as far as the records held tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from resartus.api.eutils.asked import Asked, Fault, element, xml_document
from resartus.api.eutils.history import History
from resartus.app.eutils.collection import Collection

__all__ = ["LINKS", "elink"]

LINKS = {
    "pubmed_pubmed_refs": "References for this PubMed article",
    "pubmed_pubmed_citedin": "Records held that cite this PubMed article",
}
_NOT_HERE = "similar articles and links to other databases are computed by NCBI alone"


def _linked(name: str, pmids: Sequence[int], collection: Collection) -> list[int] | None:
    found: dict[int, None] = {}
    if name == "pubmed_pubmed_refs":
        for item in collection.records(pmids):
            found.update(dict.fromkeys(map(int, item.record.references)))
        return list(found)
    for pmid in pmids:
        citing = collection.citing(pmid)
        if citing is None:
            return None
        found.update(dict.fromkeys(sorted(citing, reverse=True)))
    return list(found)


def _groups(asked: Asked, history: History, every_id: Sequence[str]) -> list[list[int]]:
    """Return the sets to answer one by one: each ``id`` parameter is a set of its own."""
    if asked.uses_history:
        return [list(history.of(asked).pmids)]
    groups = [
        [int(word) for word in re.split(r"[\s,]+", text) if re.fullmatch(r"\d{1,9}", word)]
        for text in every_id
    ]
    return [group for group in groups if group]


def elink(
    asked: Asked, collection: Collection, history: History, *, every_id: Sequence[str]
) -> str | dict[str, Any]:
    """Answer an elink request; a dict is to be sent as JSON."""
    asked.require_pubmed("dbfrom")
    groups = _groups(asked, history, every_id)
    if not groups:
        raise Fault("Empty id list - nothing todo")
    command = asked.text("cmd", "neighbor").casefold()
    wanted = [name for name in re.split(r"[\s,]+", asked.text("linkname")) if name]
    is_elsewhere = asked.text("db", "pubmed").casefold() != "pubmed" or command not in (
        "neighbor", "neighbor_score", "neighbor_history",
    )  # fmt: skip
    names = [name for name in LINKS if not wanted or name in wanted]
    sets: list[dict[str, Any]] = []
    for group in groups:
        links = {} if is_elsewhere else {n: _linked(n, group, collection) for n in names}
        answer: dict[str, Any] = {"dbfrom": "pubmed", "ids": [str(pmid) for pmid in group]}
        known = {name: ids for name, ids in links.items() if ids is not None}
        if command == "neighbor_history":
            kept = ((name, ids) for name, ids in known.items() if ids)
            histories = []
            for name, ids in kept:
                key, web_env = history.keep(asked.text("WebEnv"), ids, term=_as_term(ids))
                answer["webenv"] = web_env
                histories.append({"dbto": "pubmed", "linkname": name, "querykey": str(key)})
            answer["linksetdbhistories"] = histories
        else:
            answer["linksetdbs"] = [
                {"dbto": "pubmed", "linkname": name, "links": [str(pmid) for pmid in ids]}
                for name, ids in known.items()
                if ids
            ]
        if is_elsewhere or len(known) < len(links) or (wanted and not names):
            answer["ERROR"] = _NOT_HERE
        sets.append(answer)
    if asked.is_json:
        return {"header": {"type": "elink", "version": "0.3"}, "linksets": sets}
    return xml_document("eLinkResult", "\n" + "".join(map(_xml, sets)))


def _as_term(pmids: Sequence[int]) -> str:
    return " OR ".join(f"{pmid}[uid]" for pmid in pmids)


def _xml(answer: dict[str, Any]) -> str:
    ids = "".join(f"\t\t\t{element('Id', pmid)}\n" for pmid in answer["ids"])
    body = f"\t\t<DbFrom>pubmed</DbFrom>\n\t\t<IdList>\n{ids}\t\t</IdList>\n"
    for found in answer.get("linksetdbs", ()):
        links = "".join(f"\t\t\t<Link>{element('Id', pmid)}</Link>\n" for pmid in found["links"])
        body += (
            "\t\t<LinkSetDb>\n\t\t\t<DbTo>pubmed</DbTo>\n"
            f"\t\t\t{element('LinkName', found['linkname'])}\n{links}\t\t</LinkSetDb>\n"
        )
    for found in answer.get("linksetdbhistories", ()):
        body += (
            "\t\t<LinkSetDbHistory><DbTo>pubmed</DbTo>"
            f"{element('LinkName', found['linkname'])}{element('QueryKey', found['querykey'])}"
            "</LinkSetDbHistory>\n"
        )
    if "webenv" in answer:
        body += f"\t\t{element('WebEnv', answer['webenv'])}\n"
    if "ERROR" in answer:
        body += f"\t\t{element('ERROR', answer['ERROR'])}\n"
    return f"\t<LinkSet>\n{body}\t</LinkSet>\n"
