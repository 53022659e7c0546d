"""The team's app: accounts in front, then the same pages review by review."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import Receive, Scope, Send

from resartus.app.team.bringing import BRING, bring_kind
from resartus.app.team.server import TeamServer
from resartus.app.team.working import JobKind, TeamLine, Worker
from resartus.domain.vouching import Voucher
from resartus.errors import ResartusError
from resartus.web.app import REVIEW_ROUTES, failed, static_files
from resartus.web.limits import RateLimit
from resartus.web.pages import people, work
from resartus.web.security import LimitedBody, SecurityHeaders
from resartus.web.session import account_of
from resartus.web.view import Visit

__all__ = ["create_team_app"]

# A team behind one address: ten people at full speed stay well below.
PER_MINUTE = 12_000


class _Door:
    """Lets members of a review in, each in their role; others learn nothing of it."""

    def __init__(self, server: TeamServer) -> None:
        self._server = server
        self._pages = Router(routes=[*REVIEW_ROUTES, *people.REVIEW_ROUTES, *work.ROUTES])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        review_id = str(scope["path_params"]["review_id"])
        account = await run_in_threadpool(account_of, request, self._server)
        if account is None:
            answer = RedirectResponse("/sign-in", status_code=303)
            await answer(scope, receive, send)
            return
        role = await run_in_threadpool(self._server.role_of, account, review_id)
        desk = await run_in_threadpool(self._server.desk, review_id)
        scope.setdefault("state", {})["visit"] = Visit(
            desk=desk,
            line=TeamLine(self._server, review_id),
            person=account.name,
            role=role,
            base=f"/reviews/{review_id}",
            is_team=True,
        )
        await self._pages(scope, receive, send)


def _caller(request: Request) -> str:
    # Not the cookie: a stranger could send a new one each time.
    return request.client.host if request.client else ""


def create_team_app(
    server: TeamServer,
    *,
    hosts: Sequence[str],
    more: Sequence[BaseRoute] = (),
    per_minute: int = PER_MINUTE,
    voucher: Voucher | None = None,
    more_work: Mapping[str, JobKind] | None = None,
) -> Starlette:
    """Return the app over a team's server.

    Parameters
    ----------
    hosts : sequence of str
        The names it answers to; any other is refused.
    more : sequence of BaseRoute, optional
        Further faces on the same server, such as the API.
    per_minute : int
        How many requests one address may send.
    voucher : Voucher, optional
        Another service by which people may sign in.
    more_work : mapping of str to JobKind, optional
        What those faces have done in the background.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        worker = Worker(server, more={BRING: bring_kind(server), **(more_work or {})})
        worker.start()
        yield
        worker.stop()
        server.close()

    app = Starlette(
        routes=[
            static_files(),
            *more,
            *people.ROUTES,
            Mount("/reviews/{review_id}", app=_Door(server)),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(RateLimit, per_minute=per_minute, key=_caller),
            Middleware(LimitedBody),
        ],
        exception_handlers={ResartusError: failed, HTTPException: failed, Exception: failed},
        lifespan=lifespan,
    )
    app.state.server = server
    app.state.voucher = voucher
    return app
