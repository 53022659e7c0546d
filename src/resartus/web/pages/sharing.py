"""A review taken elsewhere: the whole as one archive, its citations, an archive opened here."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.citing import CITATION_FORMATS, Choice, export_citations
from resartus.app.exporting import export_review, open_bundle
from resartus.app.permissions import Action, require
from resartus.app.review import Review
from resartus.domain.decision import Stage
from resartus.domain.job import JobState
from resartus.errors import ConflictError, DataError, NotFoundError
from resartus.web.pages.importing import uploaded
from resartus.web.pages.waiting import waiting
from resartus.web.view import change, page, visit_of

__all__ = ["LARGE_BYTES", "ROUTES"]

_FOLDER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


LARGE_BYTES = 2 * 2**20
"""Archives above this are opened in the background: they take longer than one waits."""


def _shown(
    request: Request, review: Review, *, opened: Path | None = None, told: Sequence[str] = ()
) -> Response:
    state = review.state()
    return page(
        request,
        "sharing.html",
        formats=CITATION_FORMATS,
        choices=list(Choice),
        stages=list(Stage),
        n_fulltexts=len(state.fulltexts),
        newest=state.versions[-1] if state.versions else None,
        folder=review.folder.resolve().parent,
        opened=opened,
        told=told,
    )


def _sharing(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        return _shown(request, review)


def _download(content: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _archive(request: Request) -> Response:
    visit, asked = visit_of(request), request.query_params
    # The whole log is in it, with votes that colleagues may not see yet.
    require(visit.role, Action.MANAGE)
    with (
        visit.desk.aside(visit.person) as review,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = export_review(
            review,
            Path(folder) / "review.zip",
            has_report=asked.get("report") == "yes",
            has_fulltexts=asked.get("fulltexts") == "yes",
        )
        return _download(path.read_bytes(), "review.zip", "application/zip")


def _citations(request: Request) -> Response:
    visit, asked = visit_of(request), request.query_params
    format_ = asked.get("format", "ris")
    which, stage = asked.get("which", "all"), asked.get("stage", Stage.ELIGIBILITY.value)
    for given, known, what in (
        (format_, list(CITATION_FORMATS), "format"),
        (which, list(Choice), "choice"),
        (stage, list(Stage), "stage"),
    ):
        if given not in known:
            raise DataError(f"{what} {given!r} is not one of: {', '.join(known)}", field=what)
    with (
        visit.desk.aside(visit.person) as review,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "citations"
        export_citations(
            review,
            path,
            format=format_,
            choice=Choice(which),
            stage=Stage(stage),
            has_decisions=asked.get("decisions") == "yes",
        )
        ending = {"bibtex": "bib", "csl-json": "json"}.get(format_, format_)
        return _download(path.read_bytes(), f"citations.{ending}", "application/octet-stream")


def _kept(review: Review, name: str) -> Path:
    return review.out / "arriving" / f"{name}.zip"


def _asked(review: Review, name: str) -> dict[str, str]:
    return {"archive": str(_kept(review, name).resolve()), "folder": name}


def _opened(request: Request) -> Response:
    """Wait until a large archive is opened, and say what came of it."""
    visit, name = visit_of(request), request.query_params.get("folder", "")
    require(visit.role, Action.MANAGE)
    if not _FOLDER.fullmatch(name):
        raise NotFoundError(f"no archive was opened in {name!r}")
    with visit.desk.review(visit.person) as review:
        asked = _asked(review, name)
        job = None if visit.is_team else visit.line.find("open", asked)
        # A server that was stopped in the middle forgot its line, and still has the archive.
        if job is None and (visit.is_team or not _kept(review, name).exists()):
            raise NotFoundError(f"no archive was opened in {name!r}")
        if job is not None and job.state is JobState.DONE:
            target = review.folder.resolve().parent / name
            return _shown(request, review, opened=target, told=(job.result or "").split("\n"))
    return waiting(request, "open", asked, heading="Opening the archive")


async def _open(request: Request) -> Response:
    visit = visit_of(request)

    def unpack(review: Review, form: FormData) -> Response | str:
        if visit.is_team:
            raise ConflictError("a team brings an archive on the page of all its reviews")
        name = str(form.get("folder", "")).strip()
        if not _FOLDER.fullmatch(name):
            raise DataError(
                f"folder {name!r} does not fit; take small letters, figures and hyphens",
                field="folder",
            )
        target = review.folder.resolve().parent / name
        if target.exists():
            raise ConflictError(f"{str(target)!r} exists already; choose another name")
        with tempfile.TemporaryDirectory() as folder:
            archive = uploaded(form, Path(folder))[0]
            if archive.stat().st_size > LARGE_BYTES:
                kept = _kept(review, name)
                kept.parent.mkdir(exist_ok=True)
                shutil.move(archive, kept)
                visit.line.ask("open", _asked(review, name), person=visit.person)
                return f"/sharing/opened?folder={name}"
            opened = open_bundle(archive, target)
        return _shown(request, review, opened=target, told=opened.sentences())

    return await change(request, Action.MANAGE, unpack, is_long=True)


ROUTES = [
    Route("/sharing", _sharing),
    Route("/sharing/review.zip", _archive),
    Route("/sharing/citations", _citations),
    Route("/sharing/opened", _opened),
    Route("/sharing/opened", _open, methods=["POST"]),
]
