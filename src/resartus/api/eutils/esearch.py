"""esearch: a query to PMIDs, with its translation, as XML or JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from resartus.api.eutils.asked import CAP, Asked, Fault, element, xml_document
from resartus.api.eutils.history import History
from resartus.app.eutils.collection import Answer, Collection, Stored

__all__ = ["esearch"]

_DATE_TAGS = {
    "edat": "edat", "pdat": "dp", "dp": "dp", "mdat": "lr", "crdt": "crdt", "mhda": "mhda",
}  # fmt: skip
_DAY = re.compile(r"\d{4}(?:[/-]\d{1,2}(?:[/-]\d{1,2})?)?")
_SORTED_AT_MOST = 100_000


def _dates(asked: Asked, today: date) -> str | None:
    """Return the clause of mindate, maxdate and reldate; entry dates unless told."""
    given = asked.text("datetype", "edat").casefold()
    tag = _DATE_TAGS.get(given, "edat")
    days = asked.text("reldate")
    if days.isdigit():
        first = today - timedelta(days=int(days[:6]))
        return f"{first:%Y/%m/%d}:{today:%Y/%m/%d}[{tag}]"
    first_text, last_text = asked.text("mindate"), asked.text("maxdate")
    if _DAY.fullmatch(first_text) and _DAY.fullmatch(last_text):
        return f"{first_text}:{last_text}[{tag}]".replace("-", "/")
    return None


def _term(asked: Asked, history: History, today: date) -> str:
    """Return the whole query: field, references to the history, dates."""
    term = asked.text("term").strip()
    web_env = asked.text("WebEnv")
    if web_env and re.search(r"#\d", term):

        def written_out(found: re.Match[str]) -> str:
            return f"({history.entry(web_env, found[1]).term})"

        term = re.sub(r"(?<![\w#])#(\d+)\b", written_out, term)
    if term and (field := asked.text("field")):
        term = f"({term})[{field}]"
    dates = _dates(asked, today)
    if dates is None:
        return term
    return f"({term}) AND {dates}" if term else dates


def _sort_key(item: Stored, order: str) -> tuple[Any, ...]:
    record = item.record
    published = (record.year or 0, record.month or 0, record.day or 0)
    newest = tuple(-part for part in (*published, item.pmid))
    if order == "author":
        first = record.authors[0].short_name if record.authors else "\uffff"
        return (first.casefold(), *newest)
    if order == "journalname":
        return ((record.journal_abbreviation or record.journal or "\uffff").casefold(), *newest)
    if order == "title":
        return ((record.title or "\uffff").casefold(), *newest)
    return newest


def _ordered(pmids: Sequence[int], asked: Asked, collection: Collection) -> list[int]:
    """Return PMIDs newest first, or sorted as asked; relevance is NCBI's alone."""
    order = re.sub(r"[\s_+]", "", asked.text("sort").casefold())
    newest = sorted(pmids, reverse=True)
    if order in ("pubdate", "author", "firstauthor", "journal", "journalname", "title"):
        if len(newest) > _SORTED_AT_MOST:
            return newest
        order = {"firstauthor": "author", "journal": "journalname"}.get(order, order)
        stored = sorted(collection.records(newest), key=lambda item: _sort_key(item, order))
        return [item.pmid for item in stored]
    return newest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    count: int
    retmax: int
    retstart: int
    page: list[int]
    answer: Answer
    key: tuple[int, str] | None
    messages: tuple[str, ...]


def esearch(asked: Asked, collection: Collection, history: History, *, today: date) -> str | Any:
    """Answer an esearch request; a dict is to be sent as JSON."""
    asked.require_pubmed()
    term = _term(asked, history, today)
    if not term and not asked.uses_history:
        raise Fault("Empty term and query_key - nothing todo")
    retstart = asked.number("retstart", 0)
    if retstart > CAP - 1:
        raise Fault(
            "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, "
            "ESearch can only retrieve the first 9,999 records matching the query. To obtain more "
            "than 9,999 PubMed records, consider using <EDirect> that contains additional logic to "
            "batch PubMed search results automatically so that an arbitrary number can be "
            "retrieved."
        )
    result = _found(asked, collection, history, term=term, retstart=retstart)
    if asked.text("rettype").casefold() == "count":
        counted = str(result.count)
        if asked.is_json:
            return _json({"count": counted})
        return xml_document("eSearchResult", f"\n\t<Count>{counted}</Count>\n")
    return _json(_fields(result)) if asked.is_json else _xml(result)


def _found(
    asked: Asked, collection: Collection, history: History, *, term: str, retstart: int
) -> _Result:
    if term:
        answer = collection.search(term)
    else:
        kept = history.of(asked)
        answer = Answer(pmids=kept.pmids, translation=kept.term)
    pmids = answer.pmids
    if term and asked.uses_history:
        inside = set(history.of(asked).pmids)
        pmids = [pmid for pmid in pmids if pmid in inside]
        term = f"({term}) AND ({history.of(asked).term})"
    ordered = _ordered(pmids, asked, collection)
    wanted = asked.number("retmax", 20)
    retmax = min(wanted, CAP - retstart)
    messages = []
    if wanted > CAP:
        messages.append(f"Restrictions achieved. start and count adjusted to {retstart}, {retmax}")
    if not ordered:
        messages.append("No items found.")
    key = None
    if asked.text("usehistory").casefold() == "y":
        key = history.keep(asked.text("WebEnv"), ordered, term=term or answer.translation)
    page = ordered[retstart : retstart + retmax]
    return _Result(
        count=len(ordered),
        retmax=len(page) if wanted <= CAP else retmax,
        retstart=retstart,
        page=page,
        answer=answer,
        key=key,
        messages=tuple(messages),
    )


def _xml(result: _Result) -> str:
    answer = result.answer
    head = (
        f"<Count>{result.count}</Count><RetMax>{result.retmax}</RetMax>"
        f"<RetStart>{result.retstart}</RetStart>"
    )
    if result.key is not None:
        head += f"<QueryKey>{result.key[0]}</QueryKey><WebEnv>{result.key[1]}</WebEnv>"
    ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in result.page)
    head += f"<IdList>\n{ids}</IdList>" if ids else "<IdList/>"
    pairs = "".join(
        f"<Translation>{element('From', typed)}{element('To', taken)}</Translation>"
        for typed, taken in answer.mapped
    )
    head += f"<TranslationSet>{pairs}</TranslationSet>" if pairs else "<TranslationSet/>"
    head += element("QueryTranslation", answer.translation)
    lost = "".join(element("PhraseNotFound", text) for text in answer.phrases_not_found)
    lost += "".join(element("FieldNotFound", text) for text in answer.fields_not_found)
    if lost:
        head += f"<ErrorList>{lost}</ErrorList>"
    if result.messages:
        said = "".join(element("OutputMessage", text) for text in result.messages)
        head += f"<WarningList>{said}</WarningList>"
    return xml_document("eSearchResult", head)


def _fields(result: _Result) -> dict[str, Any]:
    answer = result.answer
    fields: dict[str, Any] = {
        "count": str(result.count),
        "retmax": str(result.retmax),
        "retstart": str(result.retstart),
    }
    if result.key is not None:
        fields |= {"querykey": str(result.key[0]), "webenv": result.key[1]}
    fields |= {
        "idlist": [str(pmid) for pmid in result.page],
        "translationset": [{"from": typed, "to": taken} for typed, taken in answer.mapped],
        "querytranslation": answer.translation,
    }
    if answer.phrases_not_found or answer.fields_not_found:
        fields["errorlist"] = {
            "phrasesnotfound": list(answer.phrases_not_found),
            "fieldsnotfound": list(answer.fields_not_found),
        }
    if result.messages:
        fields["warninglist"] = {
            "phrasesignored": [],
            "quotedphrasesnotfound": [],
            "outputmessages": list(result.messages),
        }
    return fields


def _json(result: dict[str, Any]) -> dict[str, Any]:
    return {"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}
