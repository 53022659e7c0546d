"""The extraction form: looked at, adopted, changed; and workbooks that go out and come back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.extraction.form_in_use import current_form
from resartus.app.extraction.forms import (
    Adoption,
    Form,
    adopt_form,
    answers_of,
    form_in_words,
    form_sections,
    next_version_text,
    plan_adoption,
    ready_forms,
)
from resartus.app.extraction.workbooks import WorkbookRead, read_back, send_out, take_back
from resartus.app.importing import plain_name
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.ids import StudyId
from resartus.errors import DataError, NotFoundError, ResartusError
from resartus.web.pages.importing import uploaded
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_TEXT = 500_000


def _shown(
    request: Request,
    review: Review,
    *,
    text: str = "",
    ready: str = "",
    plan: Adoption | None = None,
    problem: str = "",
) -> Response:
    form = current_form(review)
    is_adopted = review.state().form is not None
    shown = form if plan is None else plan.form
    return page(
        request,
        "form.html",
        status=422 if problem and request.method == "POST" else 200,
        form=form,
        is_adopted=is_adopted,
        ready_forms=[known for known, _ in ready_forms().values()],
        sections=[(title, fields) for title, fields in form_sections(shown) if fields],
        answers=answers_of,
        plan=plan,
        text=text,
        ready=ready,
        problem=problem,
    )


def _ready(name: str) -> tuple[Form, str]:
    # Never by find_form: it would read any file of this machine that is named.
    known = ready_forms()
    if name not in known:
        raise NotFoundError(f"form {name!r} is not known; there are: {', '.join(known)}")
    return known[name]


def _form(request: Request) -> Response:
    visit, asked = visit_of(request), request.query_params
    with visit.desk.review(visit.person) as review:
        if name := asked.get("text", ""):
            text = next_version_text(review) if name == "own" else _ready(name)[1]
            return _shown(request, review, text=text)
        if name := asked.get("ready", ""):
            form, _ = _ready(name)
            try:
                return _shown(request, review, ready=name, plan=plan_adoption(review, form))
            except DataError as error:
                return _shown(request, review, problem=error.message)
        return _shown(request, review)


def _asked_text(form: FormData) -> str:
    """Return the form's TOML, from the file if one was chosen, or as pasted."""
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        content = file.file.read(_MOST_TEXT + 1)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            name = plain_name(file.filename)
            raise DataError(f"{name} is not UTF-8 at byte {error.start}; save it so") from error
    else:
        text = str(form.get("text", "")).replace("\r\n", "\n")
    if len(text) > _MOST_TEXT:
        raise DataError(f"the form has more than {_MOST_TEXT} characters; is it the right file?")
    if not text.strip():
        raise DataError("no form was given; choose a file or paste its text")
    return text


async def _look(request: Request) -> Response:
    def look(review: Review, form: FormData) -> Response:
        text = ""
        try:
            text = _asked_text(form)
            plan = plan_adoption(review, form_in_words(text, review=review))
        except ResartusError as error:
            return _shown(request, review, text=text, problem=error.message)
        return _shown(request, review, text=text, plan=plan)

    return await change(request, Action.PLAN, look)


async def _adopt(request: Request) -> Response:
    def adopt(review: Review, form: FormData) -> str:
        name = str(form.get("ready", ""))
        if name:
            chosen, _ = _ready(name)
        else:
            chosen = form_in_words(_asked_text(form), review=review)
        done = adopt_form(review, chosen)
        said = (
            f"Adopted {chosen.title}, version {chosen.version}: {done.n_changed} values carried "
            f"over, {done.n_set_aside} set aside"
        )
        return f"/form?said={quote(said)}"

    return await change(request, Action.PLAN, adopt)


def _workbook(
    request: Request, *, read: WorkbookRead | None = None, name: str = "", payload: str = ""
) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        form = current_form(review)
        studies = list(review.state().studies.values())
        labels = {study.study_id: study.label for study in studies}
    return page(
        request,
        "workbook.html",
        form=form,
        studies=studies,
        labels=labels,
        read=read,
        name=name,
        payload=payload,
    )


def _workbook_file(request: Request) -> Response:
    visit = visit_of(request)
    study = request.query_params.get("study", "")
    with (
        visit.desk.review(visit.person) as review,
        tempfile.TemporaryDirectory() as folder,
    ):
        if study and study not in review.state().studies:
            raise NotFoundError(f"study {study!r} is not in this review")
        path = Path(folder) / "form.xlsx"
        send_out(review, path, study_id=StudyId(study) if study else None)
        content = path.read_bytes()
    return Response(
        content,
        media_type=_XLSX,
        headers={"content-disposition": 'attachment; filename="extraction.xlsx"'},
    )


async def _bring_workbook(request: Request) -> Response:
    def bring(review: Review, form: FormData) -> Response | str:
        with tempfile.TemporaryDirectory() as folder:
            if not form.get("payload"):
                path = uploaded(form, Path(folder))[0]
                read = read_back(review, path)
                # The file waits among the payloads until it is confirmed.
                payload = review.payloads.save_file(path)
                return _workbook(request, read=read, name=path.name, payload=payload)
            path = Path(folder) / plain_name(str(form.get("name", "")))
            path.write_bytes(review.payloads.load(str(form["payload"])))
            done = take_back(review, path)
        said = f"Entered {done.entered} values; {done.unchanged} were known already"
        return f"/workbook?said={quote(said)}"

    return await change(request, Action.EXTRACT, bring)


ROUTES = [
    Route("/form", _form),
    Route("/form", _adopt, methods=["POST"]),
    Route("/form/look", _look, methods=["POST"]),
    Route("/workbook", _workbook),
    Route("/workbook", _bring_workbook, methods=["POST"]),
    Route("/workbook/extraction.xlsx", _workbook_file),
]
