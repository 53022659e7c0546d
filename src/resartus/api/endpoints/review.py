"""The review itself: where it stands, its protocol, its log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints.types import Body, Count, Number, Text
from resartus.app.citing import Choice, export_citations
from resartus.app.exporting import export_review
from resartus.app.history import LoggedEvent, recent_events
from resartus.app.permissions import Action
from resartus.app.planning import protocol_text, save_protocol
from resartus.app.status import ReviewStatus
from resartus.app.undoing import undo_event
from resartus.domain.decision import Stage

__all__ = ["REVIEW"]

_REVIEW = "/reviews/{review_id}"
_CITATIONS = {
    "ris": "application/x-research-info-systems",
    "nbib": "application/nbib",
    "bibtex": "application/x-bibtex",
    "csl-json": "application/vnd.citationstyles.csl+json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ProtocolText(Body):
    """``review.toml`` as text."""

    text: Text


class Undo(Body):
    """Which of your own events to take back; the last one if left out."""

    seq: Number | None = None


class Undone(Body):
    """The event that was taken back."""

    seq: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """The newest events, or those before one."""

    before: Number | None = None
    count: Count = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """Which citations, in which format, and whether the votes you may see go with them."""

    format: Literal["ris", "nbib", "bibtex", "csl-json", "csv", "xlsx"] = "ris"
    which: Choice = Choice.ALL
    stage: Stage = Stage.ELIGIBILITY
    decisions: bool = True


def _status(call: Call) -> ReviewStatus:
    with call.review():
        return call.desk.status()


def _protocol(call: Call) -> ProtocolText:
    with call.review() as review:
        return ProtocolText(text=protocol_text(review))


def _save(call: Call) -> ProtocolText:
    with call.review() as review:
        save_protocol(review, call.body.text.replace("\r\n", "\n"))
        call.desk.reopen()
    return _protocol(call)


def _log(call: Call) -> tuple[LoggedEvent, ...]:
    with call.review() as review:
        return recent_events(review, before=call.query.before, count=call.query.count)


def _undo(call: Call) -> Undone:
    with call.review() as review:
        event = undo_event(review, call.body.seq, own=True)
    return Undone(seq=event.seq, kind=event.kind.value)


def _export(call: Call) -> File:
    with call.aside() as review, TemporaryDirectory() as folder:
        content = export_review(review, Path(folder) / "review.zip").read_bytes()
    return File(content=content, media_type="application/zip", name="review.zip")


def _citations(call: Call) -> File:
    asked = call.query
    with call.aside() as review, TemporaryDirectory() as folder:
        path = Path(folder) / "citations"
        export_citations(
            review,
            path,
            format=asked.format,
            choice=asked.which,
            stage=asked.stage,
            has_decisions=asked.decisions,
        )
        content = path.read_bytes()
    ending = {"bibtex": "bib", "csl-json": "json"}.get(asked.format, asked.format)
    name = f"citations.{ending}"
    return File(content=content, media_type=_CITATIONS[asked.format], name=name)


REVIEW = (
    Endpoint(
        method="GET",
        path=_REVIEW,
        summary="Where the review stands, and what comes next",
        work=_status,
        action=Action.READ,
        answer=ReviewStatus,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/protocol",
        summary="The protocol",
        work=_protocol,
        action=Action.READ,
        answer=ProtocolText,
    ),
    Endpoint(
        method="PUT",
        path=_REVIEW + "/protocol",
        summary="Change the protocol; the earlier one is kept",
        work=_save,
        action=Action.PLAN,
        body=ProtocolText,
        answer=ProtocolText,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/log",
        summary="The log, newest first",
        work=_log,
        action=Action.READ,
        query=LogPage,
        answer=list[LoggedEvent],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/undo",
        summary="Take back one of your own events",
        work=_undo,
        action=Action.UNDO,
        body=Undo,
        answer=Undone,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/export",
        summary="Everything in one archive, with what colleagues gave and nobody may see yet",
        work=_export,
        action=Action.MANAGE,
        answer=bytes,
        media_types=("application/zip",),
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/citations",
        summary="Citations for reference managers, spreadsheets and other screening tools",
        work=_citations,
        action=Action.READ,
        query=Citations,
        answer=bytes,
        media_types=tuple(_CITATIONS.values()),
    ),
)
