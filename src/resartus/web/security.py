"""What every answer carries and every change must show."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resartus.errors import DataError, PermissionDenied

__all__ = [
    "COOKIE",
    "MAXIMUM_BYTES",
    "REPORT_POLICY",
    "LimitedBody",
    "SecurityHeaders",
    "checked_form",
    "csrf_token",
]

COOKIE = "resartus_csrf"
MAXIMUM_BYTES = 200 * 2**20
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
# A report carries its own styles and runs no script.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "base-uri 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """Adds the headers to every answer, and a content-security policy where none is set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", _POLICY)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, sending)


class LimitedBody:
    """Refuses a body that grows past the limit, whatever its headers said."""

    def __init__(self, app: ASGIApp, *, maximum: int = MAXIMUM_BYTES) -> None:
        self.app = app
        self.maximum = maximum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken = 0

        async def receiving() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.maximum:
                raise DataError(
                    f"the upload is larger than {self.maximum} bytes; split it into smaller files"
                )
            return message

        await self.app(scope, receiving, send)


def csrf_token(request: Request) -> str:
    """Return the token of this browser, or a new one for it to keep."""
    return request.cookies.get(COOKIE) or secrets.token_urlsafe(32)


def _is_own_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def checked_form(request: Request) -> FormData:
    """Return the form of a change that this person's own page sent.

    Raises
    ------
    PermissionDenied
        If it came from another site, or without the page's token.
    DataError
        If it is larger than what is taken.
    """
    if not _is_own_origin(request):
        raise PermissionDenied("this form came from another site; open the page here and send it")
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAXIMUM_BYTES:
        raise DataError(
            f"the upload has {length} bytes, more than {MAXIMUM_BYTES}; split it into smaller files"
        )
    form: Any = await request.form(max_files=20, max_fields=500)
    given = form.get("csrf") or request.headers.get("x-csrf")
    kept = request.cookies.get(COOKIE)
    if not kept or not isinstance(given, str) or not hmac.compare_digest(given, kept):
        raise PermissionDenied(
            "this form is out of date; load the page again and send it once more"
        )
    return form  # type: ignore[no-any-return]
