"""Who is signed in, by a cookie that scripts cannot read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from resartus.app.team.server import TeamServer
from resartus.domain.account import Account
from resartus.web.security import COOKIE

__all__ = ["SESSION_COOKIE", "account_of", "keep_session", "server_of"]

SESSION_COOKIE = "resartus_session"
_SECONDS = 14 * 24 * 3600


def server_of(request: Request) -> TeamServer:
    """Return the team's server."""
    server: TeamServer = request.app.state.server
    return server


def account_of(request: Request, server: TeamServer) -> Account | None:
    """Return who is signed in, or nobody."""
    secret = request.cookies.get(SESSION_COOKIE)
    return server.accounts.of_session(secret) if secret else None


def keep_session(answer: Response, secret: str, *, request: Request) -> None:
    """Give the browser its session; what it may have been handed before is replaced."""
    # The form token too is made anew with the next page.
    answer.delete_cookie(COOKIE, path="/")
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=_SECONDS,
        httponly=True,
        # "lax" so that a link in a colleague's mail opens the page signed in; forms are
        # guarded by their own token.
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
