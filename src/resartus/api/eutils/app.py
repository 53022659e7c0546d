"""The server: one address for each utility, by GET and POST, faults as NCBI sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from resartus.api.eutils.asked import Asked, Fault, element, xml_document
from resartus.api.eutils.ecitmatch import ecitmatch
from resartus.api.eutils.efetch import efetch
from resartus.api.eutils.einfo import einfo
from resartus.api.eutils.elink import elink
from resartus.api.eutils.esearch import esearch
from resartus.api.eutils.esummary import esummary
from resartus.api.eutils.history import History
from resartus.app.eutils.collection import Collection
from resartus.errors import ResartusError

__all__ = ["DTD", "create_eutils_app"]

DTD = "250101"
"""The newest edition of PubMed's DTD that Biopython 1.88 brings along."""

_ROOTS = {
    "esearch": "eSearchResult", "esummary": "eSummaryResult", "efetch": "eFetchResult",
    "epost": "ePostResult", "elink": "eLinkResult", "einfo": "eInfoResult",
    "espell": "eSpellResult",
}  # fmt: skip
_LONGEST_BODY = 32 * 2**20


def _epost(asked: Asked, history: History) -> str:
    asked.require_pubmed()
    pmids = list(dict.fromkeys(asked.ids()))
    if not pmids:
        raise Fault("Empty id list; nothing to store", status=400)
    term = " OR ".join(f"{pmid}[uid]" for pmid in pmids)
    key, web_env = history.keep(asked.text("WebEnv"), pmids, term=term)
    body = f"\n\t{element('QueryKey', key)}\n\t{element('WebEnv', web_env)}\n"
    return xml_document("ePostResult", body)


def _espell(asked: Asked) -> str:
    """Give the query back uncorrected: this server has no dictionary, and says none is needed."""
    query = asked.text("term")
    return xml_document(
        "eSpellResult",
        f"\n\t<Database>pubmed</Database>\n\t{element('Query', query)}\n"
        "\t<CorrectedQuery/>\n\t<SpelledQuery/>\n\t<ERROR/>\n",
    )


class _Server:
    def __init__(self, collection: Collection, *, dtd: str, today: Callable[[], date]) -> None:
        self.collection, self.dtd, self.today = collection, dtd, today
        self.history = History()

    def answer(
        self, utility: str, asked: Asked, every_id: list[str]
    ) -> str | dict[str, Any] | tuple[bytes, str]:
        collection, history = self.collection, self.history
        if utility == "esearch":
            return esearch(asked, collection, history, today=self.today())
        if utility == "esummary":
            return esummary(asked, collection, history)
        if utility == "efetch":
            return efetch(asked, collection, history, dtd=self.dtd)
        if utility == "epost":
            return _epost(asked, history)
        if utility == "elink":
            return elink(asked, collection, history, every_id=every_id)
        if utility == "einfo":
            return einfo(asked, collection)
        if utility == "espell":
            return _espell(asked)
        return ecitmatch(asked, collection).encode(), "text/plain"

    async def respond(self, utility: str, request: Request) -> Response:
        pairs = list(request.query_params.multi_items())
        if request.method == "POST":
            if int(request.headers.get("content-length") or 0) > _LONGEST_BODY:
                return PlainTextResponse("Request-URI Too Large", status_code=413)
            form = await request.form()
            pairs += [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        given = {name.lower(): value for name, value in pairs if value.strip()}
        every_id = [value for name, value in pairs if name == "id"]
        if len(every_id) > 1 and utility != "elink":
            given["id"] = ",".join(every_id)
        asked = Asked(given)
        try:
            answer = await run_in_threadpool(self.answer, utility, asked, every_id)
        except Fault as fault:
            return _refused(utility, asked, fault.text, status=fault.status)
        except ResartusError as error:
            # What NCBI says when its own index fails; programs know it as passing.
            return _refused(utility, asked, f"Search Backend failed: {error.message}")
        if isinstance(answer, dict):
            text = json.dumps(answer, ensure_ascii=False)
            return Response(text.encode(), media_type="application/json; charset=UTF-8")
        if isinstance(answer, str):
            return Response(answer.encode(), media_type="text/xml; charset=UTF-8")
        return Response(answer[0], media_type=f"{answer[1]}; charset=UTF-8")


def _refused(utility: str, asked: Asked, text: str, *, status: int = 200) -> Response:
    # PubMed's own JSON of an error carries a bare line feed; a valid one harms no reader.
    if asked.is_json and utility in ("esearch", "esummary", "elink", "einfo"):
        shape: Mapping[str, Any] = {
            "header": {"type": utility, "version": "0.3"},
            f"{utility}result": {"ERROR": text},
        }
        if utility == "esummary":
            shape = {"header": shape["header"], "error": text}
        return Response(
            json.dumps(shape).encode(),
            status_code=status,
            media_type="application/json; charset=UTF-8",
        )
    root = _ROOTS.get(utility, "eSearchResult")
    body = xml_document(root, element("ERROR", text))
    return Response(body.encode(), status_code=status, media_type="text/xml; charset=UTF-8")


def create_eutils_app(
    collection: Collection, *, dtd: str = DTD, today: Callable[[], date] = date.today
) -> Starlette:
    """Return an ASGI application that answers as NCBI's E-utilities do.

    Parameters
    ----------
    collection : Collection
        Where the answers come from.
    dtd : str
        Edition of PubMed's DTD that efetch names, six digits.
    """
    if not re.fullmatch(r"\d{6}", dtd):
        raise ResartusError(f"DTD edition {dtd!r} is not six digits such as 250101", field="dtd")
    server = _Server(collection, dtd=dtd, today=today)
    names = [*(f"{utility}.fcgi" for utility in _ROOTS), "ecitmatch.cgi"]
    routes = [
        Route(f"{base}/{name}", _endpoint(server, name.partition(".")[0]), methods=["GET", "POST"])
        for base in ("/entrez/eutils", "")
        for name in names
    ]
    return Starlette(routes=routes)


def _endpoint(server: _Server, utility: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await server.respond(utility, request)

    return endpoint
