"""Bring citations from files, and say what a table's columns hold where their headers do not."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.importing import (
    COLUMN_FIELDS,
    ColumnGuess,
    ImportedFile,
    TakeOver,
    guess_table,
    import_file,
    plain_name,
)
from resartus.app.permissions import Action, require
from resartus.app.review import Review
from resartus.errors import DataError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES", "uploaded"]


def _imports(
    request: Request,
    *,
    done: tuple[ImportedFile, ...] = (),
    asked: tuple[tuple[str, str, ColumnGuess], ...] = (),
    kept: dict[str, Any] | None = None,
) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        imports = list(review.state().imports)
    return page(
        request,
        "import.html",
        done=done,
        imports=imports,
        asked=asked,
        kept=kept or {},
        fields=COLUMN_FIELDS,
    )


def uploaded(form: FormData, folder: Path) -> list[Path]:
    """Write each upload into a folder under the last part of its name, which leads nowhere."""
    paths = []
    for number, upload in enumerate(form.getlist("files")):
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise DataError("no file was chosen; choose one and send it again")
        (folder / str(number)).mkdir()
        path = folder / str(number) / plain_name(upload.filename)
        with path.open("wb") as target:
            shutil.copyfileobj(upload.file, target)
        paths.append(path)
    if not paths:
        raise DataError("no file was chosen; choose one and send it again")
    return paths


def _options(request: Request, form: FormData) -> dict[str, Any]:
    """Return how the form wants the files to be taken in.

    In the browser decisions are taken over as those of the person signed in:
    nobody votes in another's name by way of a file.
    """
    visit = visit_of(request)
    take_over = None
    if form.get("decisions") == "mine":
        require(visit.role, Action.SCREEN)
        take_over = TakeOver(decided_by=visit.person, keeps_names=False)
    return {"is_other_method": form.get("other_method") == "yes", "take_over": take_over}


async def _import(request: Request) -> Response:
    def bring(review: Review, form: FormData) -> Response:
        options = _options(request, form)
        done, asked = [], []
        with tempfile.TemporaryDirectory() as folder:
            for path in uploaded(form, Path(folder)):
                guess = guess_table(path)
                if guess is None or guess.is_sure:
                    done.append(import_file(review, path, **options))
                else:
                    # The file waits among the payloads until the columns are named.
                    asked.append((path.name, review.payloads.save_file(path), guess))
        kept = {name: form.get(name, "") for name in ("other_method", "decisions")}
        return _imports(request, done=tuple(done), asked=tuple(asked), kept=kept)

    return await change(request, Action.SEARCH, bring)


async def _mapped(request: Request) -> Response:
    def bring(review: Review, form: FormData) -> Response:
        columns = {
            str(value): name.removeprefix("column:")
            for name, value in form.items()
            if name.startswith("column:") and value
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / plain_name(str(form.get("name", "")))
            path.write_bytes(review.payloads.load(str(form.get("payload", ""))))
            done = import_file(review, path, columns=columns, **_options(request, form))
        return _imports(request, done=(done,))

    return await change(request, Action.SEARCH, bring)


ROUTES = [
    Route("/import", _imports),
    Route("/import", _import, methods=["POST"]),
    Route("/import/columns", _mapped, methods=["POST"]),
]
