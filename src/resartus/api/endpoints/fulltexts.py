"""Full texts: what is sought, bring it, say it cannot be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.background.counting import advancing
from resartus.app.fulltexts import (
    Attached,
    Refused,
    attach_pdf,
    look_up,
    mark_missing,
    wanted_records,
)
from resartus.app.importing import plain_name
from resartus.app.permissions import Action
from resartus.domain.ids import RecordId
from resartus.errors import NotFoundError

__all__ = ["FULLTEXTS"]

_AT = "/reviews/{review_id}/fulltexts"


class Missing(Body):
    """Which full text cannot be had, and why."""

    record_id: Id
    reason: Line


class LookedFor(Body):
    """For which records to look for a free PDF; for many, ask for the work ``fulltexts``."""

    record_ids: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=20)]


class Found(Body):
    """What was attached, and what came to nothing and why."""

    attached: tuple[Attached, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdf:
    """Whose full text it is, and the file's name."""

    record_id: Id
    name: Line = "fulltext.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose full text."""

    record_id: Id


def _wanted(call: Call) -> list[RecordId]:
    with call.review() as review:
        return wanted_records(review)


def _attach(call: Call) -> Attached:
    with call.review() as review:
        return attach_pdf(
            review,
            RecordId(call.query.record_id),
            call.body,
            name=plain_name(call.query.name),
        )


def _look_up(call: Call) -> Found:
    ids = [RecordId(record_id) for record_id in call.body.record_ids]
    with call.aside() as review:
        attached, refused = look_up(review, ids, advance=advancing(call.tell, len(ids)))
    return Found(attached=attached, refused=refused)


def _missing(call: Call) -> Missing:
    with call.review() as review:
        mark_missing(review, RecordId(call.body.record_id), reason=call.body.reason)
    return Missing(record_id=call.body.record_id, reason=call.body.reason)


def _pdf(call: Call) -> File:
    record_id = RecordId(call.query.record_id)
    with call.review() as review:
        digest = review.state().fulltexts.get(record_id)
        if digest is None:
            raise NotFoundError(f"record {record_id!r} has no full text in this review")
        content = review.fulltexts.load(digest)
    return File(content=content, media_type="application/pdf", name="fulltext.pdf")


FULLTEXTS = (
    Endpoint(
        method="GET",
        path=_AT + "/wanted",
        summary="Records whose full text is sought",
        work=_wanted,
        action=Action.READ,
        answer=list[RecordId],
    ),
    Endpoint(
        method="POST",
        path=_AT,
        summary="Attach a PDF to a record",
        work=_attach,
        action=Action.SEARCH,
        query=Pdf,
        body=bytes,
        answer=Attached,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_AT,
        summary="The PDF of a record",
        work=_pdf,
        action=Action.READ,
        query=Whose,
        answer=bytes,
        media_types=("application/pdf",),
    ),
    Endpoint(
        method="POST",
        path=_AT + "/look-up",
        summary="Look for free PDFs by PMCID and DOI, and attach what is found",
        work=_look_up,
        action=Action.SEARCH,
        body=LookedFor,
        answer=Found,
        status=201,
        is_long=True,
    ),
    Endpoint(
        method="POST",
        path=_AT + "/missing",
        summary="Say that a full text cannot be had",
        work=_missing,
        action=Action.SEARCH,
        body=Missing,
        answer=Missing,
        status=201,
    ),
)
