"""The team's tables, as numbered steps; a step that was released is never edited."""

from __future__ import annotations

from resartus.errors import StoreError
from resartus.stores.database import Database

__all__ = ["MIGRATIONS", "migrate", "version_of"]

# {big} is BIGSERIAL on PostgreSQL and INTEGER (the row id) on SQLite, {bytes} BYTEA and BLOB.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE reviews (
            review_id TEXT PRIMARY KEY,
            title     TEXT NOT NULL,
            last_seq  BIGINT NOT NULL DEFAULT 0,
            made_at   TEXT NOT NULL
        )""",
        """CREATE TABLE records (
            arrival   {big} PRIMARY KEY,
            review_id TEXT NOT NULL REFERENCES reviews,
            record_id TEXT NOT NULL,
            revision  INTEGER NOT NULL DEFAULT 1,
            hash      TEXT NOT NULL,
            content   TEXT NOT NULL,
            UNIQUE (review_id, record_id)
        )""",
        "CREATE INDEX records_arrive ON records (review_id, arrival)",
        """CREATE TABLE earlier_records (
            review_id TEXT NOT NULL REFERENCES reviews,
            record_id TEXT NOT NULL,
            revision  INTEGER NOT NULL,
            hash      TEXT NOT NULL,
            content   TEXT NOT NULL,
            PRIMARY KEY (review_id, record_id, revision)
        )""",
        """CREATE TABLE events (
            review_id TEXT NOT NULL REFERENCES reviews,
            seq       BIGINT NOT NULL,
            kind      TEXT NOT NULL,
            made_by   TEXT NOT NULL,
            made_at   TEXT NOT NULL,
            data      TEXT NOT NULL,
            key       TEXT,
            PRIMARY KEY (review_id, seq),
            UNIQUE (review_id, key)
        )""",
    ),
    (
        """CREATE TABLE accounts (
            account_id TEXT PRIMARY KEY,
            name       TEXT NOT NULL UNIQUE,
            email      TEXT NOT NULL UNIQUE,
            password   TEXT,
            is_admin   INTEGER NOT NULL DEFAULT 0,
            is_closed  INTEGER NOT NULL DEFAULT 0,
            made_at    TEXT NOT NULL
        )""",
        """CREATE TABLE sessions (
            digest     TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES accounts,
            made_at    TEXT NOT NULL,
            ends_at    TEXT NOT NULL
        )""",
        """CREATE TABLE memberships (
            review_id  TEXT NOT NULL REFERENCES reviews,
            account_id TEXT NOT NULL REFERENCES accounts,
            role       TEXT NOT NULL,
            PRIMARY KEY (review_id, account_id)
        )""",
        """CREATE TABLE invitations (
            digest    TEXT PRIMARY KEY,
            review_id TEXT NOT NULL REFERENCES reviews,
            email     TEXT NOT NULL,
            role      TEXT NOT NULL,
            made_by   TEXT NOT NULL REFERENCES accounts,
            ends_at   TEXT NOT NULL,
            used_at   TEXT
        )""",
        """CREATE TABLE tokens (
            digest     TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES accounts,
            label      TEXT NOT NULL,
            made_at    TEXT NOT NULL,
            ends_at    TEXT NOT NULL
        )""",
        """CREATE TABLE attempts (
            who     TEXT NOT NULL,
            made_at TEXT NOT NULL
        )""",
        "CREATE INDEX attempts_of ON attempts (who, made_at)",
    ),
    (
        """CREATE TABLE jobs (
            job_id    {big} PRIMARY KEY,
            review_id TEXT NOT NULL REFERENCES reviews,
            kind      TEXT NOT NULL,
            asked_by  TEXT NOT NULL,
            data      TEXT NOT NULL,
            state     TEXT NOT NULL DEFAULT 'waiting',
            attempts  INTEGER NOT NULL DEFAULT 0,
            result    TEXT,
            asked_at  TEXT NOT NULL,
            taken_at  TEXT,
            ended_at  TEXT,
            key       TEXT UNIQUE
        )""",
        "CREATE INDEX jobs_wait ON jobs (state, job_id)",
    ),
    ("ALTER TABLE jobs ADD COLUMN not_before TEXT",),
    (
        "ALTER TABLE jobs ADD COLUMN n_done BIGINT",
        "ALTER TABLE jobs ADD COLUMN n_all BIGINT",
        """CREATE TABLE job_answers (
            job_id     BIGINT PRIMARY KEY REFERENCES jobs,
            kept_at    TEXT NOT NULL,
            media_type TEXT NOT NULL,
            name       TEXT,
            content    {bytes} NOT NULL
        )""",
        "CREATE INDEX jobs_of ON jobs (review_id, job_id)",
    ),
)


def version_of(database: Database) -> int:
    """Return how many steps a database has taken."""
    database.query("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
    rows = database.query("SELECT max(version) FROM schema_version")
    return int(rows[0][0] or 0)


def migrate(database: Database, *, to: int | None = None) -> int:
    """Take the steps that are left, each whole or not at all; return the version.

    Two servers that start at once do not take a step twice.

    Raises
    ------
    StoreError
        If the database comes from a newer Resartus.
    """
    wanted = len(MIGRATIONS) if to is None else to
    with database.transaction():
        if database.is_postgres:
            database.query("SELECT pg_advisory_xact_lock(7265736172)")
        version = version_of(database)
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the database has schema {version}, this Resartus knows {len(MIGRATIONS)}; "
                "install a newer Resartus"
            )
        kinds = {
            "big": "BIGSERIAL" if database.is_postgres else "INTEGER",
            "bytes": "BYTEA" if database.is_postgres else "BLOB",
        }
        for number in range(version, wanted):
            for statement in MIGRATIONS[number]:
                database.query(statement.format(**kinds))
            database.query("INSERT INTO schema_version VALUES (?)", number + 1)
    return max(version, wanted)
