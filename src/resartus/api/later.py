"""A call that is asked for now and answered later (RFC 7240, ``Prefer: respond-async``)."""

from __future__ import annotations

from typing import Any

import msgspec

from resartus.api.encoding import encoded
from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints import ENDPOINTS
from resartus.api.gate import member_named
from resartus.app.permissions import Action, require
from resartus.app.review import Review
from resartus.app.team.server import TeamServer
from resartus.app.team.working import JobKind, put_in_line
from resartus.domain.job import Job, JobAnswer, Tell
from resartus.errors import DataError, NotFoundError

__all__ = ["CALL", "call_kind", "line_up"]

CALL = "call"


def line_up(call: Call, endpoint: Endpoint, *, key: str | None = None) -> Job | None:
    """Put a call in line; ``None`` where one person's server has none, and answers at once."""
    try:
        server, _ = call.guest.team()
    except NotFoundError:
        return None
    data = {
        "method": endpoint.method,
        "path": endpoint.path,
        "places": dict(call.path),
        "query": msgspec.to_builtins(call.query),
        "body": msgspec.to_builtins(call.body),
    }
    return put_in_line(
        server,
        call.path["review_id"],
        kind=CALL,
        person=call.guest.name,
        data=data,
        # Two people may choose the same key for different things.
        key=None if key is None else f"{call.guest.name}:{endpoint.method} {endpoint.path}:{key}",
    )


def call_kind(server: TeamServer) -> JobKind:
    """Return the kind of job that answers calls, each in the rights its caller has then."""
    by_name = {(e.method, e.path): e for e in ENDPOINTS if e.is_long}

    def answer(review: Review, data: Any, tell: Tell) -> JobAnswer:
        endpoint = by_name.get((data["method"], data["path"]))
        if endpoint is None:
            raise DataError(f"{data['method']} {data['path']} is not answered later any more")
        guest = member_named(server, review.person)
        desk, role = guest.enter(data["places"]["review_id"])
        require(role, endpoint.action or Action.READ)
        call = Call(
            guest=guest,
            path=data["places"],
            query=_again(data["query"], endpoint.query),
            body=_again(data["body"], endpoint.body),
            role=role,
            open_desk=desk,
            opened=review,
            tell=tell,
        )
        done = endpoint.work(call)
        if isinstance(done, File):
            return JobAnswer(content=done.content, media_type=done.media_type, name=done.name)
        return JobAnswer(content=encoded(done), media_type="application/json")

    return JobKind(action=Action.READ, work=answer)


def _again(plain: Any, kind: Any) -> Any:
    return None if kind is None else msgspec.convert(plain, kind)
