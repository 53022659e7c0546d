"""Search and import."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePath
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.importing import ImportedFile, import_file
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.searching import corpus_of, planned_searches, run_search, try_query
from resartus.errors import DataError
from resartus.web.pages import work
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]


def _search(request: Request) -> Response:
    visit = visit_of(request)
    query = request.query_params.get("q", "")
    with visit.desk.review(visit.person) as review:
        runs = list(review.state().search_runs)
        searches = review.protocol.searches
        total = review.store.count_records()
        tried = try_query(review, query) if query.strip() else None
    return page(
        request,
        "search.html",
        searches=searches,
        runs=runs,
        query=query,
        tried=tried,
        total=total,
    )


async def _run(request: Request) -> Response:
    def run(review: Review, form: FormData) -> str:
        if visit_of(request).is_team:
            return work.ask(request, "search", search_id=str(form.get("search_id", "")))
        found = []
        for search in planned_searches(review, str(form.get("search_id", ""))):
            corpus, name = corpus_of(review, search)
            found.append(run_search(review, search, corpus=corpus, corpus_name=name).count)
        return f"/search?said={sum(found)} records found"

    return await change(request, Action.SEARCH, run)


def _imports(request: Request, *, done: tuple[ImportedFile, ...] = (), **status: Any) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        imports = list(review.state().imports)
    return page(request, "import.html", done=done, imports=imports, **status)


async def _import(request: Request) -> Response:
    def bring(review: Review, form: FormData) -> Response:
        done = []
        with tempfile.TemporaryDirectory() as folder:
            for upload in form.getlist("files"):
                if not isinstance(upload, UploadFile) or not upload.filename:
                    raise DataError("no file was chosen; choose one and send it again")
                # Of the name sent only its last part counts; it never leads anywhere.
                name = PurePath(upload.filename.replace("\\", "/")).name or "upload"
                path = Path(folder) / name.replace("\x00", "")
                with path.open("wb") as target:
                    shutil.copyfileobj(upload.file, target)
                is_other = form.get("other_method") == "yes"
                done.append(import_file(review, path, is_other_method=is_other))
        return _imports(request, done=tuple(done))

    return await change(request, Action.SEARCH, bring)


ROUTES = [
    Route("/search", _search),
    Route("/search", _run, methods=["POST"]),
    Route("/import", _imports),
    Route("/import", _import, methods=["POST"]),
]
