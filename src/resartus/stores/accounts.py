"""Accounts, sessions, memberships, invitations and tokens, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from resartus.domain.account import Account, Invitation, ReviewSummary, Token
from resartus.stores.database import Database

__all__ = ["AccountRows"]


_ACCOUNT = "account_id, name, email, password, is_admin, is_closed"


def _account(row: Sequence[object]) -> Account:
    account_id, name, email, password, is_admin, is_closed = row
    return Account(
        account_id=str(account_id),
        name=str(name),
        email=str(email),
        password=None if password is None else str(password),
        is_admin=bool(is_admin),
        is_closed=bool(is_closed),
    )


class AccountRows:
    """Reads and writes the team's tables. Times are written as UTC in ISO 8601."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add_account(self, account: Account, *, at: datetime) -> None:
        """Keep a new account; a name or address that is taken is refused."""
        self.database.query(
            "INSERT INTO accounts (account_id, name, email, password, is_admin, is_closed, "
            "made_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            account.account_id,
            account.name,
            account.email,
            account.password,
            int(account.is_admin),
            int(account.is_closed),
            at.isoformat(),
        )

    def account(self, *, email: str | None = None, account_id: str | None = None) -> Account | None:
        """Return one account by its address or id."""
        column = "email" if account_id is None else "account_id"
        rows = self.database.query(
            f"SELECT {_ACCOUNT} FROM accounts WHERE {column} = ?",
            email if account_id is None else account_id,
        )
        return _account(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        """Return all accounts by name."""
        return [
            _account(row)
            for row in self.database.query(f"SELECT {_ACCOUNT} FROM accounts ORDER BY name")
        ]

    def set_password(self, account_id: str, password: str) -> None:
        """Change a password's hash; every session of the account ends."""
        with self.database.transaction():
            self.database.query(
                "UPDATE accounts SET password = ? WHERE account_id = ?", password, account_id
            )
            self.database.query("DELETE FROM sessions WHERE account_id = ?", account_id)

    def set_closed(self, account_id: str, *, is_closed: bool) -> None:
        """Close or open an account; closing ends its sessions and tokens."""
        with self.database.transaction():
            self.database.query(
                "UPDATE accounts SET is_closed = ? WHERE account_id = ?",
                int(is_closed),
                account_id,
            )
            if is_closed:
                for table in ("sessions", "tokens"):
                    self.database.query(f"DELETE FROM {table} WHERE account_id = ?", account_id)

    def add_session(self, digest: str, *, account_id: str, at: datetime, ends_at: datetime) -> None:
        """Begin a session."""
        self.database.query(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)",
            digest,
            account_id,
            at.isoformat(),
            ends_at.isoformat(),
        )

    def account_of_session(self, digest: str, *, at: datetime) -> Account | None:
        """Return whose session it is, while it lasts and the account is open."""
        columns = ", ".join(f"a.{name}" for name in _ACCOUNT.split(", "))
        rows = self.database.query(
            f"SELECT {columns} FROM sessions s JOIN accounts a ON a.account_id = s.account_id "
            "WHERE s.digest = ? AND s.ends_at > ? AND a.is_closed = 0",
            digest,
            at.isoformat(),
        )
        return _account(rows[0]) if rows else None

    def end_session(self, digest: str) -> None:
        """End one session."""
        self.database.query("DELETE FROM sessions WHERE digest = ?", digest)

    def add_token(
        self, digest: str, *, account_id: str, label: str, at: datetime, ends_at: datetime
    ) -> None:
        """Keep a token's digest."""
        self.database.query(
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?)",
            digest,
            account_id,
            label,
            at.isoformat(),
            ends_at.isoformat(),
        )

    def account_of_token(self, digest: str, *, at: datetime) -> Account | None:
        """Return whose token it is, while it lasts and the account is open."""
        columns = ", ".join(f"a.{name}" for name in _ACCOUNT.split(", "))
        rows = self.database.query(
            f"SELECT {columns} FROM tokens t JOIN accounts a ON a.account_id = t.account_id "
            "WHERE t.digest = ? AND t.ends_at > ? AND a.is_closed = 0",
            digest,
            at.isoformat(),
        )
        return _account(rows[0]) if rows else None

    def tokens(self, account_id: str) -> list[Token]:
        """Return an account's tokens, the newest first."""
        rows = self.database.query(
            "SELECT digest, label, made_at, ends_at FROM tokens WHERE account_id = ? "
            "ORDER BY made_at DESC",
            account_id,
        )
        return [
            Token(
                digest=digest,
                label=label,
                made_at=datetime.fromisoformat(made_at),
                ends_at=datetime.fromisoformat(ends_at),
            )
            for digest, label, made_at, ends_at in rows
        ]

    def end_token(self, digest: str, *, account_id: str) -> None:
        """End one of an account's tokens."""
        self.database.query(
            "DELETE FROM tokens WHERE digest = ? AND account_id = ?", digest, account_id
        )

    def add_review(self, review_id: str, *, title: str, at: datetime) -> None:
        """List a new review."""
        self.database.query(
            "INSERT INTO reviews (review_id, title, made_at) VALUES (?, ?, ?)",
            review_id,
            title,
            at.isoformat(),
        )

    def title(self, review_id: str) -> str | None:
        """Return a review's title as listed."""
        rows = self.database.query("SELECT title FROM reviews WHERE review_id = ?", review_id)
        return str(rows[0][0]) if rows else None

    def hold_review(self, review_id: str) -> None:
        """Let no other transaction change a review's people until this one has ended."""
        lock = " FOR UPDATE" if self.database.is_postgres else ""
        self.database.query(f"SELECT 1 FROM reviews WHERE review_id = ?{lock}", review_id)

    def set_title(self, review_id: str, title: str) -> None:
        """Follow a protocol that changed its title."""
        self.database.query("UPDATE reviews SET title = ? WHERE review_id = ?", title, review_id)

    def reviews(self, account_id: str | None = None) -> list[ReviewSummary]:
        """Return the reviews an account is a member of with its role, or all without one."""
        if account_id is None:
            rows = self.database.query("SELECT review_id, title, NULL FROM reviews ORDER BY title")
        else:
            rows = self.database.query(
                "SELECT r.review_id, r.title, m.role FROM reviews r "
                "JOIN memberships m ON m.review_id = r.review_id WHERE m.account_id = ? "
                "ORDER BY r.title",
                account_id,
            )
        return [
            ReviewSummary(review_id=review_id, title=title, role=role)
            for review_id, title, role in rows
        ]

    def set_role(self, review_id: str, *, account_id: str, role: str | None) -> None:
        """Give an account a role in a review, another one, or none."""
        with self.database.transaction():
            self.database.query(
                "DELETE FROM memberships WHERE review_id = ? AND account_id = ?",
                review_id,
                account_id,
            )
            if role is not None:
                self.database.query(
                    "INSERT INTO memberships VALUES (?, ?, ?)", review_id, account_id, role
                )

    def role(self, review_id: str, *, account_id: str) -> str | None:
        """Return the role of an account in a review."""
        rows = self.database.query(
            "SELECT role FROM memberships WHERE review_id = ? AND account_id = ?",
            review_id,
            account_id,
        )
        return str(rows[0][0]) if rows else None

    def members(self, review_id: str) -> list[tuple[Account, str]]:
        """Return who has which role in a review."""
        columns = ", ".join(f"a.{name}" for name in _ACCOUNT.split(", "))
        rows = self.database.query(
            f"SELECT {columns}, m.role FROM memberships m "
            "JOIN accounts a ON a.account_id = m.account_id WHERE m.review_id = ? ORDER BY a.name",
            review_id,
        )
        return [(_account(row[:-1]), str(row[-1])) for row in rows]

    def add_invitation(self, digest: str, invitation: Invitation, *, made_by: str) -> None:
        """Keep an invitation by the digest of its secret."""
        self.database.query(
            "INSERT INTO invitations (digest, review_id, email, role, made_by, ends_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            digest,
            invitation.review_id,
            invitation.email,
            invitation.role,
            made_by,
            invitation.ends_at.isoformat(),
        )

    def invitation(self, digest: str) -> Invitation | None:
        """Return an invitation by the digest of its secret."""
        rows = self.database.query(
            "SELECT review_id, email, role, ends_at, used_at FROM invitations WHERE digest = ?",
            digest,
        )
        if not rows:
            return None
        review_id, email, role, ends_at, used_at = rows[0]
        return Invitation(
            review_id=review_id,
            email=email,
            role=role,
            ends_at=datetime.fromisoformat(ends_at),
            is_used=used_at is not None,
        )

    def is_invited(self, email: str, *, at: datetime) -> bool:
        """Whether an invitation to an address is open."""
        return bool(
            self.database.query(
                "SELECT 1 FROM invitations WHERE email = ? AND used_at IS NULL AND ends_at > ? "
                "LIMIT 1",
                email,
                at.isoformat(),
            )
        )

    def use_invitation(self, digest: str, *, at: datetime) -> None:
        """Mark an invitation as used."""
        self.database.query(
            "UPDATE invitations SET used_at = ? WHERE digest = ?", at.isoformat(), digest
        )

    def note_attempt(self, who: str, *, at: datetime) -> None:
        """Count a failed sign-in."""
        self.database.query("INSERT INTO attempts VALUES (?, ?)", who, at.isoformat())

    def attempts(self, who: str, *, since: datetime) -> int:
        """Return the failed sign-ins since a time; older ones are forgotten."""
        self.database.query("DELETE FROM attempts WHERE made_at < ?", since.isoformat())
        rows = self.database.query(
            "SELECT count(*) FROM attempts WHERE who = ? AND made_at >= ?",
            who,
            since.isoformat(),
        )
        return int(rows[0][0])

    def forget_attempts(self, who: str) -> None:
        """Begin to count anew after a sign-in."""
        self.database.query("DELETE FROM attempts WHERE who = ?", who)
