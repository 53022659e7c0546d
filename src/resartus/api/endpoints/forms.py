"""Forms: which are ready, adopt one, send it out as a workbook and back; checks; vocabularies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints.types import Body, Id, Line, Text
from resartus.app.extraction.checking import Checked, check_review
from resartus.app.extraction.form_in_use import current_form
from resartus.app.extraction.forms import (
    Fate,
    Form,
    OpenField,
    adopt_form,
    form_in_words,
    open_fields,
    plan_adoption,
    preview_html,
    ready_forms,
)
from resartus.app.extraction.vocabulary import Meaning, Pack, look_up, packs_of_review
from resartus.app.extraction.workbooks import (
    TakenBack,
    WorkbookRead,
    read_back,
    send_out,
    take_back,
)
from resartus.app.importing import plain_name
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.ids import StudyId
from resartus.errors import DataError, NotFoundError

__all__ = ["FORMS"]

_REVIEW = "/reviews/{review_id}"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Forms(Body):
    """The form this review extracts with, and those that come ready."""

    in_use: Form
    ready: tuple[Form, ...]


class Adopting(Body):
    """A ready form by its id, or a form of one's own as TOML."""

    form_id: Id | None = None
    toml: Text | None = None


class Adopted(Body):
    """What adopting a form did to the entries, and which no longer fit."""

    form_id: str
    version: int
    carried_over: int
    set_aside: int
    unfit: tuple[str, ...]


class Planned(Body):
    """What adopting a form would do; ``unfit`` are the entries you may see of ``n_unfit``."""

    form_id: str
    version: int
    before_form_id: str
    before_version: int
    kept: int
    fates: tuple[Fate, ...]
    unfit: tuple[str, ...]
    n_unfit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """As TOML to edit, or as a page to look at."""

    format: Literal["toml", "html"] = "toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfStudy:
    """One study; all if left out."""

    study_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """The file's name, for messages."""

    name: Line = "form.xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words as a paper writes them."""

    words: Line


def _study_id(call: Call) -> StudyId | None:
    return None if call.query.study_id is None else StudyId(call.query.study_id)


def _forms(call: Call) -> Forms:
    with call.review() as review:
        return Forms(
            in_use=current_form(review), ready=tuple(form for form, _ in ready_forms().values())
        )


def _form_file(call: Call) -> File:
    name, known = call.path["form_id"], ready_forms()
    # Never by find_form: it would read any file of the server that is named.
    if name not in known:
        raise NotFoundError(f"form {name!r} is not known; there are: {', '.join(known)}")
    form, text = known[name]
    if call.query.format == "html":
        return File(
            content=preview_html(form).encode(),
            media_type="text/html; charset=utf-8",
            name=f"{name}.html",
        )
    return File(content=text.encode(), media_type="application/toml", name=f"{name}.toml")


def _asked(call: Call, review: Review) -> Form:
    """Return the form that a body names or holds."""
    asked = call.body
    if (asked.form_id is None) == (asked.toml is None):
        raise DataError("give either form_id or toml, and not both", field="form_id")
    if asked.toml is not None:
        return form_in_words(asked.toml, review=review)
    known = ready_forms()
    if asked.form_id not in known:
        raise NotFoundError(f"form {asked.form_id!r} is not known; there are: {', '.join(known)}")
    return known[asked.form_id][0]


def _adopt(call: Call) -> Adopted:
    with call.review() as review:
        form = _asked(call, review)
        done = adopt_form(review, form)
    return Adopted(
        form_id=form.form_id,
        version=form.version,
        carried_over=done.n_changed,
        set_aside=done.n_set_aside,
        unfit=done.unfit,
    )


def _plan(call: Call) -> Planned:
    with call.review() as review:
        plan = plan_adoption(review, _asked(call, review))
    return Planned(
        form_id=plan.form.form_id,
        version=plan.form.version,
        before_form_id=plan.before.form_id,
        before_version=plan.before.version,
        kept=plan.n_kept,
        fates=plan.fates,
        unfit=plan.unfit,
        n_unfit=plan.n_unfit,
    )


def _send_out(call: Call) -> File:
    with call.review() as review, TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        send_out(review, path, study_id=_study_id(call))
        return File(content=path.read_bytes(), media_type=_XLSX, name="form.xlsx")


@contextmanager
def _brought(call: Call) -> Iterator[tuple[Review, Path]]:
    """Open the review beside the workbook that came with a call."""
    with call.review() as review, TemporaryDirectory() as folder:
        path = Path(folder) / plain_name(call.query.name)
        path.write_bytes(call.body)
        yield review, path


def _take_back(call: Call) -> TakenBack:
    with _brought(call) as (review, path):
        return take_back(review, path)


def _look_back(call: Call) -> WorkbookRead:
    with _brought(call) as (review, path):
        return read_back(review, path)


def _open_fields(call: Call) -> list[OpenField]:
    study_id = StudyId(call.path["study_id"])
    with call.review() as review:
        if study_id not in review.state().studies:
            raise NotFoundError(f"study {study_id!r} is not in this review")
        return open_fields(review, study_id)


def _checks(call: Call) -> Checked:
    with call.aside() as review:
        return check_review(review, study_id=_study_id(call))


def _vocabularies(call: Call) -> tuple[Pack, ...]:
    with call.review() as review:
        return packs_of_review(review)


def _meaning(call: Call) -> Meaning:
    with call.review() as review:
        return look_up(call.query.words, packs=packs_of_review(review))


FORMS = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/forms",
        summary="The extraction form in use, and the ready ones",
        work=_forms,
        action=Action.READ,
        answer=Forms,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/forms",
        summary="Adopt a form or its next version; entries are carried over",
        work=_adopt,
        action=Action.PLAN,
        body=Adopting,
        answer=Adopted,
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/forms/plan",
        summary="What adopting a form would do to the entries; nothing is changed",
        work=_plan,
        action=Action.PLAN,
        body=Adopting,
        answer=Planned,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/forms/{form_id}",
        summary="A ready form as a file, to edit or to look at",
        work=_form_file,
        action=Action.READ,
        query=FormFile,
        answer=bytes,
        media_types=("application/toml", "text/html"),
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/workbook",
        summary="An XLSX with your entries and what is to be read, to fill in",
        work=_send_out,
        action=Action.READ,
        query=OfStudy,
        answer=bytes,
        media_types=(_XLSX,),
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/workbook",
        summary="Enter what a filled-in XLSX says, all or none",
        work=_take_back,
        action=Action.EXTRACT,
        query=Workbook,
        body=bytes,
        answer=TakenBack,
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/workbook/look",
        summary="What a filled-in XLSX would enter, replace and contradict; nothing is entered",
        work=_look_back,
        action=Action.EXTRACT,
        query=Workbook,
        body=bytes,
        answer=WorkbookRead,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/studies/{study_id}/open-fields",
        summary="What you still have to read of a study",
        work=_open_fields,
        action=Action.READ,
        answer=list[OpenField],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/checks",
        summary="Anchors that do not stand in the text, derivations and sums that do not hold",
        work=_checks,
        action=Action.READ,
        query=OfStudy,
        answer=Checked,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/vocabularies",
        summary="The clinical vocabularies, and the review's own",
        work=_vocabularies,
        action=Action.READ,
        answer=list[Pack],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/vocabularies/meaning",
        summary="What words mean in every vocabulary",
        work=_meaning,
        action=Action.READ,
        query=Words,
        answer=Meaning,
    ),
)
