"""Sign in by another service that vouches for one's address."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from resartus.app.team.accounts import Accounts
from resartus.domain.vouching import Voucher
from resartus.errors import DataError, PermissionDenied
from resartus.sources.openid import OpenIdProvider

__all__ = ["begin_vouching", "session_of_vouched", "voucher_of"]


def voucher_of(settings: Mapping[str, str]) -> Voucher | None:
    """Return the service that the environment names, if any.

    Reads ``RESARTUS_OIDC_ISSUER``, ``…_CLIENT_ID``, ``…_CLIENT_SECRET`` and
    ``…_NAME``.

    Raises
    ------
    DataError
        If an issuer is named without the other two.
    """
    issuer = settings.get("RESARTUS_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    given = {}
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        given[name] = settings.get(f"RESARTUS_OIDC_{name}", "")
        if not given[name]:
            raise DataError(f"RESARTUS_OIDC_ISSUER is set but not RESARTUS_OIDC_{name}; set both")
    return OpenIdProvider(
        issuer,
        client_id=given["CLIENT_ID"],
        client_secret=given["CLIENT_SECRET"],
        label=settings.get("RESARTUS_OIDC_NAME", "") or "your institution",
    )


def begin_vouching(voucher: Voucher, *, back: str) -> tuple[str, str]:
    """Return where to send the browser, and what it must bring back in a cookie."""
    state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    verifier = secrets.token_urlsafe(48)
    address = voucher.fetch_address(state=state, nonce=nonce, verifier=verifier, back=back)
    return address, ".".join((state, nonce, verifier))


def session_of_vouched(
    accounts: Accounts, voucher: Voucher, *, kept: str, state: str, code: str, back: str
) -> str:
    """Return the secret of a new session for whom the service vouches for.

    An account is opened only for an address that was invited.

    Raises
    ------
    PermissionDenied
        If this browser did not begin it, or the address has no account and no invitation.
    """
    parts = kept.split(".")
    if len(parts) != 3 or not secrets.compare_digest(parts[0].encode(), state.encode()):
        raise PermissionDenied("this sign-in was not begun in this browser; begin again")
    person = voucher.fetch_person(code, nonce=parts[1], verifier=parts[2], back=back)
    account = accounts.rows.account(email=person.email.strip().casefold())
    if account is None and accounts.is_invited(person.email):
        account = accounts.add_vouched(person.name, email=person.email)
    if account is None or account.is_closed:
        raise PermissionDenied(f"{person.email} has no account here; ask to be invited")
    return accounts.begin_session(account)
