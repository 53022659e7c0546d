"""The API as an ASGI app: keys at the gate, the table of endpoints, errors in one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from resartus.api.encoding import encoded
from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints import ENDPOINTS
from resartus.api.endpoints.work import JobView
from resartus.api.gate import Gate, Guest
from resartus.api.later import line_up
from resartus.api.openapi import openapi_document
from resartus.app.failures import error_shape, http_status
from resartus.app.permissions import require
from resartus.errors import DataError, ResartusError

__all__ = ["PREFIX", "api_routes"]

PREFIX = "/api/v1"
_JSON_BYTES = 5 * 2**20
_FILE_BYTES = 200 * 2**20


def _json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        encoded(value), status_code=status, media_type="application/json", headers=headers
    )


def _failed(request: Request, error: Exception) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, ResartusError):
        return _json(error_shape(error), status=http_status(error))
    if isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        return _json(
            error_shape(kind="HTTP", message=error.detail),
            status=error.status_code,
            headers=headers,
        )
    message = "something went wrong on our side; it is in the server's log"
    return _json(error_shape(kind="Failure", message=message), status=500)


def _key_of(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.casefold() == "bearer" else ""


def _is_later(request: Request) -> bool:
    wishes = ",".join(request.headers.getlist("prefer")).replace(";", ",").split(",")
    return "respond-async" in [wish.strip().casefold() for wish in wishes]


async def _bytes_of(request: Request, *, limit: int) -> bytes:
    parts, taken = [], 0
    async for part in request.stream():
        taken += len(part)
        if taken > limit:
            raise DataError(f"the body is larger than {limit} bytes; send it in parts")
        parts.append(part)
    return b"".join(parts)


def _fitted(given: Any, kind: Any, *, where: str, from_text: bool = False) -> Any:
    """Return what was sent as the endpoint's own type; numbers of an address are text."""
    try:
        if from_text:
            return msgspec.convert(given, kind, strict=False)
        return msgspec.json.decode(given, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"the {where} does not fit: {error}", where=where) from error


def _refuse_nul(text: str, *, where: str) -> None:
    # No database keeps it, and no citation holds it.
    if "\x00" in text:
        raise DataError(f"the {where} holds a NUL character; leave it out", where=where)


async def _arguments(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    for value in (*request.path_params.values(), *request.query_params.values()):
        _refuse_nul(str(value), where="address")
    given: dict[str, Any] = {"path": request.path_params}
    if endpoint.query is not None:
        given["query"] = _fitted(
            dict(request.query_params), endpoint.query, where="address", from_text=True
        )
    if endpoint.body is bytes:
        given["body"] = await _bytes_of(request, limit=_FILE_BYTES)
    elif endpoint.body is not None:
        raw = await _bytes_of(request, limit=_JSON_BYTES)
        if b"\\u0000" in raw:
            raise DataError("the body holds a NUL character; leave it out", where="body")
        given["body"] = _fitted(raw, endpoint.body, where="body")
    return given


def _answer(done: Any, endpoint: Endpoint) -> Response:
    if isinstance(done, File):
        headers = {
            "content-disposition": f'attachment; filename="{done.name}"',
            "content-security-policy": "default-src 'none'; sandbox",
        }
        return Response(done.content, media_type=done.media_type, headers=headers)
    if endpoint.status == 204:
        return Response(status_code=204)
    return _json(done, status=endpoint.status)


def _serving(gate: Gate, endpoint: Endpoint) -> Callable[[Request], Any]:
    def enter(request: Request) -> dict[str, Any] | None:
        guest: Guest | None = gate.admit(_key_of(request))
        if guest is None:
            return None
        found: dict[str, Any] = {"guest": guest}
        if endpoint.needs_review:
            desk, role = guest.enter(request.path_params["review_id"])
            if endpoint.action is not None:
                require(role, endpoint.action)
            found |= {"open_desk": desk, "role": role}
        return found

    async def serve(request: Request) -> Response:
        entered = await run_in_threadpool(enter, request)
        if entered is None:
            return _json(
                error_shape(
                    kind="NotSignedIn",
                    message="no key that holds came with the call; send 'Authorization: Bearer …'",
                ),
                status=401,
                headers={"www-authenticate": "Bearer"},
            )
        call = Call(**entered, **await _arguments(request, endpoint))
        if endpoint.is_long and _is_later(request):
            key = request.headers.get("idempotency-key", "")[:200] or None
            job = await run_in_threadpool(line_up, call, endpoint, key=key)
            if job is not None:
                place = f"{PREFIX}/reviews/{job.review_id}/work/{job.job_id}"
                headers = {
                    "location": place,
                    "preference-applied": "respond-async",
                    "retry-after": "1",
                }
                return _json(JobView.of(job), status=202, headers=headers)
        return _answer(await run_in_threadpool(endpoint.work, call), endpoint)

    return serve


def api_routes(gate: Gate) -> list[Mount]:
    """Return ``/api/v1`` for a server that lets callers in by ``gate``."""
    document = _json(openapi_document(ENDPOINTS, prefix=PREFIX))

    async def openapi(request: Request) -> Response:
        return document

    routes = [Route("/openapi.json", openapi)]
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    for path, methods in by_path.items():
        # A record's id may hold a slash.
        place = path.replace("{record_id}", "{record_id:path}")
        routes.append(Route(place, _by_method(gate, methods), methods=list(methods)))
    handlers: Any = {ResartusError: _failed, HTTPException: _failed, Exception: _failed}
    return [Mount(PREFIX, app=Starlette(routes=routes, exception_handlers=handlers))]


def _by_method(gate: Gate, methods: dict[str, Endpoint]) -> Callable[[Request], Any]:
    """Return one function for a path, so that another method is answered with those allowed."""
    serving = {method: _serving(gate, endpoint) for method, endpoint in methods.items()}

    async def serve(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        answer: Response = await serving[method](request)
        return answer

    return serve
