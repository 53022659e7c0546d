"""Signing in, the list of reviews, invitations, one's account, and a review's people."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from resartus.app.exporting import open_bundle
from resartus.app.permissions import Action, Role, require
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.app.team.bringing import BRING, begin_bringing
from resartus.app.team.server import TeamServer
from resartus.app.team.vouching import begin_vouching, session_of_vouched
from resartus.domain.account import Account
from resartus.domain.job import JobState
from resartus.domain.vouching import Voucher
from resartus.errors import (
    ConflictError,
    DataError,
    NotFoundError,
    PermissionDenied,
    ResartusError,
)
from resartus.web.pages.importing import uploaded
from resartus.web.pages.sharing import LARGE_BYTES
from resartus.web.pages.waiting import waiting
from resartus.web.security import checked_form
from resartus.web.session import SESSION_COOKIE, account_of, keep_session, server_of
from resartus.web.view import change, filled, page, review_id_of, visit_of

__all__ = ["REVIEW_ROUTES", "ROUTES"]

_ELSEWHERE = "resartus_elsewhere"


def _shown(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    context.setdefault("account", None)
    context.setdefault("problem", "")
    said = request.query_params.get("said", "")
    return filled(request, template, status=status, said=said, **context)


def _signed_in(work: Callable[[Request, Account], Response]) -> Callable[[Request], Response]:
    """Send whoever is not signed in to the sign-in page."""

    def answer(request: Request) -> Response:
        account = account_of(request, server_of(request))
        if account is None:
            return RedirectResponse("/sign-in", status_code=303)
        return work(request, account)

    return answer


async def _posted(
    request: Request, work: Callable[[TeamServer, Account, FormData], Response | str]
) -> Response:
    form = await checked_form(request)
    server = server_of(request)

    def done() -> Response | str:
        account = account_of(request, server)
        if account is None:
            return "/sign-in"
        return work(server, account, form)

    try:
        answer = await run_in_threadpool(done)
    finally:
        # Uploads lie in files of their own until then.
        await form.close()
    return answer if isinstance(answer, Response) else RedirectResponse(answer, status_code=303)


def _voucher(request: Request) -> Voucher | None:
    voucher: Voucher | None = request.app.state.voucher
    return voucher


def _sign_in_shown(request: Request, **context: Any) -> Response:
    voucher = _voucher(request)
    return _shown(request, "sign-in.html", other=voucher.label if voucher else "", **context)


def _sign_in_page(request: Request) -> Response:
    return _sign_in_shown(request, email="")


def _back(request: Request) -> str:
    return str(request.base_url.replace(path="/sign-in/back"))


def _sign_in_elsewhere(request: Request) -> Response:
    voucher = _voucher(request)
    if voucher is None:
        raise NotFoundError("this server knows no other service to sign in by")
    address, kept = begin_vouching(voucher, back=_back(request))
    answer = RedirectResponse(address, status_code=303)
    answer.set_cookie(
        _ELSEWHERE,
        kept,
        max_age=600,
        httponly=True,
        # The way back begins on the other site.
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/sign-in",
    )
    return answer


def _come_back(request: Request) -> Response:
    voucher, server = _voucher(request), server_of(request)
    if voucher is None:
        raise NotFoundError("this server knows no other service to sign in by")
    try:
        secret = session_of_vouched(
            server.accounts,
            voucher,
            kept=request.cookies.get(_ELSEWHERE, ""),
            state=request.query_params.get("state", ""),
            code=request.query_params.get("code", ""),
            back=_back(request),
        )
    except PermissionDenied as error:
        return _sign_in_shown(request, status=403, email="", problem=error.message)
    before = request.cookies.get(SESSION_COOKIE)
    if before:
        server.accounts.sign_out(before)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(_ELSEWHERE, path="/sign-in")
    keep_session(answer, secret, request=request)
    return answer


async def _sign_in(request: Request) -> Response:
    form = await checked_form(request)
    server = server_of(request)
    email = str(form.get("email", ""))
    place = request.client.host if request.client else ""

    def try_it() -> str:
        return server.accounts.sign_in(
            email,
            password=str(form.get("password", "")),
            place=place,
            before=request.cookies.get(SESSION_COOKIE, ""),
        )

    try:
        secret = await run_in_threadpool(try_it)
    except PermissionDenied as error:
        return _sign_in_shown(request, status=403, email=email, problem=error.message)
    answer = RedirectResponse("/", status_code=303)
    keep_session(answer, secret, request=request)
    return answer


async def _sign_out(request: Request) -> Response:
    await checked_form(request)
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        await run_in_threadpool(server_of(request).accounts.sign_out, secret)
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


@_signed_in
def _reviews(request: Request, account: Account) -> Response:
    reviews = server_of(request).rows.reviews(account.account_id)
    return _shown(request, "reviews.html", account=account, reviews=reviews)


async def _begin(request: Request) -> Response:
    def begin(server: TeamServer, account: Account, form: FormData) -> Response | str:
        review_id = str(form.get("review_id", "")).strip()
        try:
            server.create_review(review_id, protocol_text=TEMPLATE, owner=account)
        except (DataError, ConflictError) as error:
            return _not_begun(request, server, account, error.message)
        return f"/reviews/{review_id}/protocol"

    return await _posted(request, begin)


def _not_begun(request: Request, server: TeamServer, account: Account, problem: str) -> Response:
    reviews = server.rows.reviews(account.account_id)
    return _shown(
        request, "reviews.html", status=422, account=account, reviews=reviews, problem=problem
    )


async def _bring(request: Request) -> Response:
    def bring(server: TeamServer, account: Account, form: FormData) -> Response | str:
        review_id = str(form.get("review_id", "")).strip()
        try:
            with tempfile.TemporaryDirectory() as folder:
                archive = uploaded(form, Path(folder))[0]
                if archive.stat().st_size > LARGE_BYTES:
                    begin_bringing(server, archive, review_id, owner=account)
                    return f"/reviews/{review_id}/brought"
                opened = open_bundle(archive, Path(folder) / "opened", is_built=False)
                with Review(opened.folder) as review:
                    server.adopt_review(review, review_id, owner=account)
        except ResartusError as error:
            return _not_begun(request, server, account, error.message)
        return f"/reviews/{review_id}/"

    return await _posted(request, bring)


def _invitation(request: Request) -> Response:
    server = server_of(request)
    secret = request.path_params["secret"]
    invitation = server.accounts.invitation(secret)
    account = account_of(request, server)
    title = server.rows.title(invitation.review_id)
    return _shown(
        request,
        "invitation.html",
        account=account,
        invitation=invitation,
        title=title,
        secret=secret,
        name="",
    )


async def _accept(request: Request) -> Response:
    form = await checked_form(request)
    server = server_of(request)
    secret = request.path_params["secret"]

    def accept() -> Response:
        invitation = server.accounts.invitation(secret)
        account = account_of(request, server)
        session = None
        if account is None:
            if server.rows.account(email=invitation.email) is not None:
                return RedirectResponse("/sign-in?said=Sign+in+first,+then+open+the+link", 303)
            name, password = str(form.get("name", "")), str(form.get("password", ""))
            try:
                account = server.accounts.add(name, email=invitation.email, password=password)
            except (DataError, ConflictError) as error:
                return _shown(
                    request,
                    "invitation.html",
                    status=422,
                    invitation=invitation,
                    title=server.rows.title(invitation.review_id),
                    secret=secret,
                    name=name,
                    problem=error.message,
                )
            session = server.accounts.begin_session(account)
        server.accounts.accept(secret, account=account)
        answer = RedirectResponse(f"/reviews/{invitation.review_id}/", status_code=303)
        if session is not None:
            keep_session(answer, session, request=request)
        return answer

    return await run_in_threadpool(accept)


def _account_shown(
    request: Request, account: Account, *, status: int = 200, **context: Any
) -> Response:
    tokens = server_of(request).rows.tokens(account.account_id)
    context.setdefault("made", "")
    return _shown(request, "account.html", status=status, account=account, tokens=tokens, **context)


@_signed_in
def _account(request: Request, account: Account) -> Response:
    return _account_shown(request, account)


async def _password(request: Request) -> Response:
    def new(server: TeamServer, account: Account, form: FormData) -> Response | str:
        try:
            server.accounts.change_password(
                account, old=str(form.get("old", "")), new=str(form.get("new", ""))
            )
        except (DataError, PermissionDenied) as error:
            return _account_shown(request, account, status=422, problem=error.message)
        return "/sign-in?said=Changed;+sign+in+with+the+new+password"

    return await _posted(request, new)


async def _tokens(request: Request) -> Response:
    def work(server: TeamServer, account: Account, form: FormData) -> Response | str:
        if form.get("end"):
            server.rows.end_token(str(form["end"]), account_id=account.account_id)
            return "/account?said=Ended"
        days = str(form.get("days", "90"))
        if not days.isdecimal():
            raise DataError(f"{days!r} is not a number of days", field="days")
        made = server.accounts.make_token(account, label=str(form.get("label", "")), days=int(days))
        # Shown once, in this answer alone.
        return _account_shown(request, account, made=made)

    return await _posted(request, work)


def _people(request: Request) -> Response:
    visit = visit_of(request)
    require(visit.role, Action.READ)
    review_id = review_id_of(request)
    members = server_of(request).rows.members(review_id)
    return page(request, "people.html", members=members, roles=list(Role), link="")


async def _change_people(request: Request) -> Response:
    server = server_of(request)
    review_id = review_id_of(request)

    def work(review: Review, form: FormData) -> Response | str:
        role_text = str(form.get("role", ""))
        if role_text and role_text not in [role.value for role in Role]:
            raise DataError(f"role {role_text!r} is not one of: {', '.join(Role)}", field="role")
        if form.get("account_id"):
            role = Role(role_text) if role_text else None
            server.change_member(review_id, account_id=str(form["account_id"]), role=role)
            return f"/people?said={quote('Changed')}"
        by = account_of(request, server)
        if by is None or not role_text:
            raise DataError("an invitation needs a role", field="role")
        secret = server.accounts.invite(
            review_id, email=str(form.get("email", "")), role=Role(role_text), by=by
        )
        link = str(request.base_url.replace(path="")).rstrip("/") + f"/invitations/{secret}"
        members = server.rows.members(review_id)
        return page(request, "people.html", members=members, roles=list(Role), link=link)

    return await change(request, Action.MANAGE, work)


def _brought(request: Request) -> Response:
    """Wait until an archive has become this review."""
    visit = visit_of(request)
    job = visit.line.find(BRING, {})
    if job is None or job.state is JobState.DONE:
        return RedirectResponse(f"{visit.base}/", status_code=303)
    return waiting(request, BRING, {}, heading="Bringing the archive", action=Action.MANAGE)


ROUTES = [
    Route("/", _reviews),
    Route("/reviews", _begin, methods=["POST"]),
    Route("/reviews/brought", _bring, methods=["POST"]),
    Route("/sign-in", _sign_in_page),
    Route("/sign-in", _sign_in, methods=["POST"]),
    Route("/sign-in/with", _sign_in_elsewhere),
    Route("/sign-in/back", _come_back),
    Route("/sign-out", _sign_out, methods=["POST"]),
    Route("/invitations/{secret}", _invitation),
    Route("/invitations/{secret}", _accept, methods=["POST"]),
    Route("/account", _account),
    Route("/account/password", _password, methods=["POST"]),
    Route("/account/tokens", _tokens, methods=["POST"]),
]
REVIEW_ROUTES = [
    Route("/brought", _brought),
    Route("/people", _people),
    Route("/people", _change_people, methods=["POST"]),
]
