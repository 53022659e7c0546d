"""Sign in, invite, and give keys to programs."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from resartus.app.permissions import Role
from resartus.app.review import now
from resartus.domain.account import Account, Invitation
from resartus.errors import ConflictError, DataError, NotFoundError, PermissionDenied
from resartus.stores.accounts import AccountRows

__all__ = ["Accounts", "check_password", "digest_of"]

SESSION = timedelta(days=14)
INVITATION = timedelta(days=14)
_WINDOW = timedelta(minutes=15)
_ATTEMPTS = 10
_LEAST = 12
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def digest_of(secret: str) -> str:
    """Return what is kept of a secret of high entropy: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_password(password: str) -> None:
    """Refuse a password that is too short; length is what counts (NIST SP 800-63B-4, 3.1.1.2).

    Raises
    ------
    DataError
        If it has fewer than 12 or more than 256 characters.
    """
    if not _LEAST <= len(password) <= 256:
        raise DataError(
            f"the password has {len(password)} characters; take {_LEAST} to 256, "
            "for example four words",
            field="password",
        )


class Accounts:
    """The people of one server. Passwords are kept as Argon2id hashes (RFC 9106)."""

    def __init__(
        self,
        rows: AccountRows,
        *,
        clock: Callable[[], datetime] = now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.rows = rows
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        # A hash takes 64 MB on purpose; a crowd at the door waits instead of filling the memory.
        self._hashing = threading.BoundedSemaphore(2)
        # Compared with when there is no such account, so that both answers take the same time.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(24))

    def add(
        self, name: str, *, email: str, password: str | None, is_admin: bool = False
    ) -> Account:
        """Open an account.

        Raises
        ------
        DataError
            If name, address or password do not fit.
        ConflictError
            If the name or the address is taken.
        """
        name, email = " ".join(name.split()), email.strip().casefold()
        if not 1 <= len(name) <= 80:
            raise DataError(f"name {name!r} is empty or longer than 80 characters", field="name")
        if not _EMAIL.fullmatch(email) or len(email) > 254:
            raise DataError(f"{email!r} is not an e-mail address", field="email")
        if password is not None:
            check_password(password)
        account = Account(
            account_id=secrets.token_hex(8),
            name=name,
            email=email,
            password=None if password is None else self._hasher.hash(password),
            is_admin=is_admin,
            is_closed=False,
        )
        taken = [a for a in self.rows.accounts() if email == a.email or name == a.name]
        if taken:
            raise ConflictError(f"an account with the name {name!r} or this address exists already")
        self.rows.add_account(account, at=self._clock())
        return account

    def sign_in(self, email: str, *, password: str, place: str = "", before: str = "") -> str:
        """Return the secret of a new session; the one this browser had ``before`` ends.

        Raises
        ------
        PermissionDenied
            If address and password do not belong together, or after ten
            failures within 15 minutes for this address or from this place.
        """
        email, at = email.strip().casefold(), self._clock()
        counted = [f"email:{email}"] + ([f"place:{place}"] if place else [])
        account = self.rows.account(email=email)
        kept = account.password if account and account.password else self._nobody
        # Counted by who is at the hash, so that a crowd that comes at once has no more guesses.
        with self._hashing:
            if any(self.rows.attempts(who, since=at - _WINDOW) >= _ATTEMPTS for who in counted):
                raise PermissionDenied(
                    f"too many failed sign-ins; wait {_WINDOW.seconds // 60} minutes and try again"
                )
            if not self._verify(kept, password) or account is None or account.is_closed:
                for who in counted:
                    self.rows.note_attempt(who, at=at)
                raise PermissionDenied("this address and password do not belong together")
        self.rows.forget_attempts(counted[0])
        if before:
            self.sign_out(before)
        return self.begin_session(account)

    def _fits(self, kept: str, password: str) -> bool:
        with self._hashing:
            return self._verify(kept, password)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def begin_session(self, account: Account) -> str:
        """Return the secret of a new session; each sign-in gets its own."""
        secret, at = secrets.token_urlsafe(32), self._clock()
        self.rows.add_session(
            digest_of(secret), account_id=account.account_id, at=at, ends_at=at + SESSION
        )
        return secret

    def of_session(self, secret: str) -> Account | None:
        """Return whose session a secret opens."""
        return self.rows.account_of_session(digest_of(secret), at=self._clock())

    def sign_out(self, secret: str) -> None:
        """End a session."""
        self.rows.end_session(digest_of(secret))

    def change_password(self, account: Account, *, old: str, new: str) -> None:
        """Change a password; every session ends.

        Raises
        ------
        PermissionDenied
            If the old one is wrong.
        """
        if account.password is None or not self._fits(account.password, old):
            raise PermissionDenied("the present password is wrong")
        check_password(new)
        self.rows.set_password(account.account_id, self._hasher.hash(new))

    def reset_password(self, account: Account, *, new: str) -> None:
        """Set a password without the old one, as the person who runs the server may."""
        check_password(new)
        self.rows.set_password(account.account_id, self._hasher.hash(new))

    def invite(self, review_id: str, *, email: str, role: Role, by: Account) -> str:
        """Return the secret of an invitation, to be sent to the address.

        Raises
        ------
        DataError
            If it is not an address.
        """
        email = email.strip().casefold()
        if not _EMAIL.fullmatch(email):
            raise DataError(f"{email!r} is not an e-mail address", field="email")
        secret = secrets.token_urlsafe(24)
        invitation = Invitation(
            review_id=review_id,
            email=email,
            role=role.value,
            ends_at=self._clock() + INVITATION,
            is_used=False,
        )
        self.rows.add_invitation(digest_of(secret), invitation, made_by=by.account_id)
        return secret

    def is_invited(self, email: str) -> bool:
        """Whether an invitation to an address still holds."""
        return self.rows.is_invited(email.strip().casefold(), at=self._clock())

    def add_vouched(self, name: str, *, email: str) -> Account:
        """Open an account without a password for whom another service vouches."""
        taken = {account.name for account in self.rows.accounts()}
        name = " ".join(name.split())[:80]
        # Two people may be called the same there; in a log they must be told apart.
        return self.add(email[:80] if name in taken else name, email=email, password=None)

    def invitation(self, secret: str) -> Invitation:
        """Return an invitation that still holds.

        Raises
        ------
        NotFoundError
            If there is none, or it was used or has run out.
        """
        found = self.rows.invitation(digest_of(secret))
        if found is None or found.is_used or found.ends_at <= self._clock():
            raise NotFoundError("this invitation does not hold any more; ask for a new one")
        return found

    def accept(self, secret: str, *, account: Account) -> Invitation:
        """Give an account the role it was invited to; an invitation holds once.

        Raises
        ------
        PermissionDenied
            If it was sent to another address.
        """
        with self.rows.database.transaction():
            found = self.invitation(secret)
            if found.email != account.email:
                raise PermissionDenied(
                    f"this invitation is for {found.email}; sign in with that address"
                )
            self.rows.set_role(found.review_id, account_id=account.account_id, role=found.role)
            self.rows.use_invitation(digest_of(secret), at=self._clock())
        return found

    def make_token(self, account: Account, *, label: str, days: int = 90) -> str:
        """Return a new key to the API; it is shown once.

        Raises
        ------
        DataError
            If it has no label, or is to last less than a day or more than a year.
        """
        if not label.strip() or len(label) > 80:
            raise DataError(f"label {label!r} is empty or longer than 80 characters", field="label")
        if not 1 <= days <= 366:
            raise DataError(f"{days} days is not between 1 and 366", field="days")
        secret, at = f"resartus_{secrets.token_urlsafe(32)}", self._clock()
        self.rows.add_token(
            digest_of(secret),
            account_id=account.account_id,
            label=label.strip(),
            at=at,
            ends_at=at + timedelta(days=days),
        )
        return secret

    def of_token(self, secret: str) -> Account | None:
        """Return whose key it is."""
        return self.rows.account_of_token(digest_of(secret), at=self._clock())
