"""A team's tables as plain rows, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from resartus.stores.database import Database

__all__ = ["TABLES", "TRANSIENT", "is_empty", "load_rows", "rows_of", "still"]

# In the order in which one refers to another: columns, and by which they are put in order.
TABLES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "reviews": (("review_id", "title", "last_seq", "made_at"), "review_id"),
    "records": (
        ("arrival", "review_id", "record_id", "revision", "hash", "content"),
        "arrival",
    ),
    "earlier_records": (
        ("review_id", "record_id", "revision", "hash", "content"),
        "review_id, record_id, revision",
    ),
    "events": (
        ("review_id", "seq", "kind", "made_by", "made_at", "data", "key"),
        "review_id, seq",
    ),
    "accounts": (
        ("account_id", "name", "email", "password", "is_admin", "is_closed", "made_at"),
        "account_id",
    ),
    "memberships": (("review_id", "account_id", "role"), "review_id, account_id"),
    "invitations": (
        ("digest", "review_id", "email", "role", "made_by", "ends_at", "used_at"),
        "digest",
    ),
    "tokens": (("digest", "account_id", "label", "made_at", "ends_at"), "digest"),
    "jobs": (
        (
            "job_id",
            "review_id",
            "kind",
            "asked_by",
            "data",
            "state",
            "attempts",
            "result",
            "asked_at",
            "taken_at",
            "ended_at",
            "key",
            "not_before",
            "n_done",
            "n_all",
        ),
        "job_id",
    ),
}
# Not kept: after a restore everybody signs in again, and what a job answered is asked anew.
TRANSIENT = ("sessions", "attempts", "schema_version", "job_answers")
_COUNTED = (("records", "arrival"), ("jobs", "job_id"))
_BATCH = 1000


@contextmanager
def still(database: Database) -> Iterator[None]:
    """Let a whole dump see the database at one moment, while others go on writing."""
    with database.transaction():
        if database.is_postgres:
            database.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def rows_of(database: Database, table: str) -> Iterator[dict[str, Any]]:
    """Yield a table's rows by the names of their columns."""
    columns, order = TABLES[table]
    start = 0
    while True:
        rows = database.query(
            f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order} "
            f"LIMIT {_BATCH} OFFSET {start}"
        )
        for row in rows:
            yield dict(zip(columns, row, strict=True))
        if len(rows) < _BATCH:
            return
        start += _BATCH


def is_empty(database: Database) -> bool:
    """Whether a database holds no review and no account."""
    return not any(
        database.query(f"SELECT 1 FROM {table} LIMIT 1") for table in ("reviews", "accounts")
    )


def load_rows(database: Database, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put rows back; a column that is not the table's own is refused."""
    columns, _ = TABLES[table]
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    for row in rows:
        database.query(statement, *(row.get(column) for column in columns))
    if database.is_postgres:
        for counted, column in _COUNTED:
            if counted == table:
                # Numbers given by the backup must not be given again.
                database.query(
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "
                    f"(SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
                )
