"""Search, import, records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Count, Id, Line
from resartus.app.background.counting import told_of_searches
from resartus.app.importing import (
    COLUMN_FIELDS,
    ImportedFile,
    TakeOver,
    import_file,
    plain_name,
)
from resartus.app.permissions import Action, Role, require
from resartus.app.searching import planned_searches, run_planned, try_query
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.query import Search, SearchRun
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.errors import DataError

__all__ = ["FINDING"]

_REVIEW = "/reviews/{review_id}"


class Searches(Body):
    """What the protocol plans, and what was run."""

    planned: tuple[Search, ...]
    runs: tuple[SearchRun, ...]


class Run(Body):
    """Which search to run; all of the protocol's if left out."""

    search_id: Id | None = None


class Question(Body):
    """A query in PubMed's language, tried over the records of the review."""

    query: Annotated[str, msgspec.Meta(max_length=50_000)]


class Remark(Body):
    """What a reader of the query should know."""

    severity: str
    message: str
    suggestion: str | None = None


class Tried(Body):
    """What a query finds; nothing is logged."""

    record_ids: tuple[RecordId, ...]
    translation: str
    remarks: tuple[Remark, ...]
    line_counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The file's name, how it was found, and what is in it.

    ``other_method``: found otherwise than by searching a database.
    ``decisions``: what another screening tool decided in the file is left, or
    taken over as yours, or under the names in the file, which takes who may
    manage people. ``verdict``: what the whole file was given at ``stage``, for
    tools that write one file per verdict. ``columns``: for a table whose headers do not tell,
    such as ``title=Article;year=Yr``.
    """

    name: Line = "upload"
    other_method: bool = False
    decisions: Literal["left", "mine", "theirs"] = "left"
    verdict: Literal["include", "exclude", "maybe"] | None = None
    stage: Stage = Stage.SCREENING
    columns: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """Records in order of arrival, after one."""

    after: Id | None = None
    count: Count = 100


def _searches(call: Call) -> Searches:
    with call.review() as review:
        runs = tuple(review.state().search_runs)
        return Searches(planned=review.protocol.searches, runs=runs)


def _run(call: Call) -> list[SearchRun]:
    with call.aside() as review:
        planned = planned_searches(review, call.body.search_id)
        told = told_of_searches(call.tell, len(planned))
        return list(run_planned(review, call.body.search_id, on_progress=told))


def _try(call: Call) -> Tried:
    with call.aside() as review:
        found = try_query(review, call.body.query)
    return Tried(
        record_ids=found.record_ids,
        translation=found.translation,
        remarks=tuple(
            Remark(severity=d.severity.value, message=d.message, suggestion=d.suggestion)
            for d in found.diagnostics
        ),
        line_counts=found.line_counts,
    )


def _imports(call: Call) -> list[Imported]:
    with call.review() as review:
        return list(review.state().imports)


def _columns(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    pairs = [pair.partition("=") for pair in text.split(";")]
    for field, _, header in pairs:
        if field not in COLUMN_FIELDS or not header:
            known = ", ".join(COLUMN_FIELDS)
            raise DataError(
                f"columns {text!r} is not of the form field=header;…; the fields are: {known}",
                field="columns",
            )
    return {field: header for field, _, header in pairs}


def _import(call: Call) -> ImportedFile:
    asked = call.query
    take_over = None
    if asked.decisions != "left":
        is_theirs = asked.decisions == "theirs"
        require(call.role or Role.READER, Action.MANAGE if is_theirs else Action.SCREEN)
        take_over = TakeOver(
            decided_by=call.guest.name,
            keeps_names=is_theirs,
            verdict=None if asked.verdict is None else Verdict(asked.verdict),
            stage=asked.stage,
        )
    elif asked.verdict is not None:
        raise DataError("a verdict needs decisions=mine or decisions=theirs", field="verdict")
    with TemporaryDirectory() as folder, call.review() as review:
        path = Path(folder) / plain_name(asked.name)
        path.write_bytes(call.body)
        return import_file(
            review,
            path,
            is_other_method=asked.other_method,
            columns=_columns(asked.columns),
            take_over=take_over,
        )


def _records(call: Call) -> list[Record]:
    with call.review() as review:
        ids = review.state().record_ids()
        start = 0
        if call.query.after is not None:
            review.store.load_record(RecordId(call.query.after))
            start = ids.index(RecordId(call.query.after)) + 1
        return list(review.store.iterate_records(ids[start : start + call.query.count]))


def _record(call: Call) -> Record:
    with call.review() as review:
        return review.store.load_record(RecordId(call.path["record_id"]))


FINDING = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/searches",
        summary="Searches: planned and run",
        work=_searches,
        action=Action.READ,
        answer=Searches,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/searches",
        summary="Run a search of the protocol, or all",
        work=_run,
        action=Action.SEARCH,
        body=Run,
        answer=list[SearchRun],
        status=201,
        is_long=True,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/queries",
        summary="Try a query; nothing is logged",
        work=_try,
        action=Action.READ,
        body=Question,
        answer=Tried,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/imports",
        summary="What was imported",
        work=_imports,
        action=Action.READ,
        answer=list[Imported],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/imports",
        summary="Bring citations from a file; its format is told by its content",
        work=_import,
        action=Action.SEARCH,
        query=Upload,
        body=bytes,
        answer=ImportedFile,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/records",
        summary="Records in order of arrival",
        work=_records,
        action=Action.READ,
        query=RecordPage,
        answer=list[Record],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/records/{record_id}",
        summary="One record",
        work=_record,
        action=Action.READ,
        answer=Record,
    ),
)
