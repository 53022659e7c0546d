"""``Database``: SQL on SQLite or PostgreSQL, with numbered migrations."""

from __future__ import annotations

import sqlite3
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import pg8000.dbapi
from pg8000.converters import make_params

from resartus.errors import DataError, StoreError

__all__ = ["Database", "PostgresDatabase", "SqliteDatabase", "open_database"]

_WAIT_SECONDS = 30.0
_MOST_VALUES = 16
"""A longer statement is one of many lengths, and not worth being prepared."""


class Database(Protocol):
    """What the team's stores ask of a database. Statements use ``?`` for values."""

    is_postgres: bool

    def query(self, statement: str, *values: Any) -> list[Sequence[Any]]:
        """Return the rows of a statement, or nothing."""
        ...

    def transaction(self) -> Any:
        """Begin, then commit, or roll back on an error; nested ones join the outer."""
        ...

    def close(self) -> None:
        """Release the file or the connection."""
        ...


class SqliteDatabase:
    """A file, for a team of one or a few."""

    is_postgres = False

    def __init__(self, path: Path | str, *, is_read_only: bool = False) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        try:
            self._db = sqlite3.connect(
                str(path), timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute(f"PRAGMA query_only = {is_read_only:d}")
        except sqlite3.Error as error:
            raise StoreError(f"{str(path)!r} cannot be opened ({error})") from error

    def query(self, statement: str, *values: Any) -> list[Sequence[Any]]:
        """Return the rows of a statement."""
        with self._lock:
            try:
                return self._db.execute(statement, values).fetchall()
            except sqlite3.IntegrityError as error:
                raise DataError(f"the database refused this: {error}") from error
            except sqlite3.Error as error:
                raise StoreError(f"the database failed: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin, then commit, or roll back on an error."""
        with self._lock:
            if self._depth:
                yield
                return
            self.query("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self.query("COMMIT")
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


class PostgresDatabase:
    """One connection to PostgreSQL, opened again when it was lost between two statements.

    Parameters
    ----------
    url : str
        ``postgresql://person:password@host:5432/database``; ``?schema=name``
        keeps the tables in a schema of their own, ``?sslmode=require`` asks
        for an encrypted connection.
    is_read_only : bool
        The server refuses every change that comes over this connection.

    Raises
    ------
    StoreError
        If the server cannot be reached or refuses.
    """

    is_postgres = True

    def __init__(self, url: str, *, is_read_only: bool = False) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        self._schema = options.get("schema", ["public"])[0]
        if not self._schema.isidentifier():
            raise DataError(f"schema {self._schema!r} of the database's address is not a name")
        self._place = f"{parts.hostname}:{parts.port or 5432}{parts.path}"
        is_encrypted = options.get("sslmode", ["prefer"])[0] in ("require", "verify-full")
        self._arguments = {
            "user": unquote(parts.username or "postgres"),
            "password": unquote(parts.password) if parts.password else None,
            "host": parts.hostname or "localhost",
            "port": parts.port or 5432,
            "database": unquote(parts.path.lstrip("/")) or None,
            "ssl_context": ssl.create_default_context() if is_encrypted else None,
            "timeout": _WAIT_SECONDS,
        }
        self._is_read_only = is_read_only
        self._connection: Any = None
        self._prepared: dict[str, Any] = {}
        self._connect()

    def _connect(self) -> None:
        try:
            self._connection = pg8000.dbapi.connect(**self._arguments)
            self._prepared.clear()
            self._connection.autocommit = True
            cursor = self._connection.cursor()
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
            cursor.execute(f'SET search_path TO "{self._schema}"')
            if self._is_read_only:
                cursor.execute("SET default_transaction_read_only TO on")
        except (pg8000.dbapi.Error, OSError) as error:
            self._connection = None
            raise StoreError(
                f"PostgreSQL at {self._place} cannot be used ({_told(error)}); "
                "check that it runs and that the address, name and password are right"
            ) from error

        encoding = self._connection.parameter_statuses.get("server_encoding")
        if encoding != "UTF8":
            self._drop()
            raise StoreError(
                f"the database {self._place} keeps its texts as {encoding}, which has no letter "
                "for every name; create one with ENCODING 'UTF8'"
            )

    def query(self, statement: str, *values: Any) -> list[Sequence[Any]]:
        """Return the rows of a statement."""
        with self._lock:
            if self._connection is None:
                self._connect()
            try:
                return self._run(statement, values)
            except (pg8000.dbapi.InterfaceError, OSError) as error:
                # The server went away. Inside a transaction nothing was kept, and the caller
                # is told; between two statements a new connection does no harm.
                self._drop()
                if self._depth:
                    # Only the end of a transaction can have been kept without an answer.
                    kept = "perhaps kept" if statement == "COMMIT" else "nothing was changed"
                    raise StoreError(
                        f"the connection to PostgreSQL at {self._place} was lost, {kept}: "
                        "look, then try again"
                    ) from error
                self._connect()
                return self._run(statement, values)

    def _run(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        try:
            if 0 < len(values) <= _MOST_VALUES:
                return self._run_prepared(statement, values)
            cursor = self._connection.cursor()
            cursor.execute(statement.replace("?", "%s"), values)
            return [] if cursor.description is None else list(cursor.fetchall())
        except pg8000.dbapi.InterfaceError:
            raise
        except pg8000.dbapi.DatabaseError as error:
            if _code(error).startswith("23"):
                raise DataError(f"the database refused this: {_told(error)}") from error
            raise StoreError(f"PostgreSQL failed: {_told(error)}") from error

    def _run_prepared(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        """Prepare a statement once: then each run asks the server once and not three times."""
        connection = self._connection
        if statement not in self._prepared:
            first, *rest = statement.split("?")
            text = first + "".join(f"${n}{part}" for n, part in enumerate(rest, start=1))
            self._prepared[statement] = (text, connection.prepare_statement(text, ()))
        text, (name, columns, read) = self._prepared[statement]
        parameters = make_params(connection.py_types, values)
        found = connection.execute_named(name, parameters, columns, read, text)
        return list(found.rows or ())

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        try:
            connection.close()
        except (pg8000.dbapi.Error, OSError):
            # It is gone already; there is nothing left to release.
            return

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin, then commit, or roll back on an error."""
        with self._lock:
            if self._depth:
                yield
                return
            self.query("BEGIN")
            self._depth += 1
            try:
                yield
                self.query("COMMIT")
            except BaseException:
                if self._connection is not None:
                    self._run("ROLLBACK", ())
                raise
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connection is not None:
                self._drop()


def _told(error: BaseException) -> str:
    detail = error.args[0] if error.args else error
    return str(detail.get("M", detail)) if isinstance(detail, dict) else str(detail)


def _code(error: BaseException) -> str:
    detail = error.args[0] if error.args else None
    return str(detail.get("C", "")) if isinstance(detail, dict) else ""


def open_database(url: str, *, is_read_only: bool = False) -> Database:
    """Open ``postgresql://…`` or ``sqlite:///path``, on wish so that nothing can be changed.

    Raises
    ------
    DataError
        If the address is neither.
    """
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresDatabase(url, is_read_only=is_read_only)
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return SqliteDatabase(path, is_read_only=is_read_only)
    scheme = url.split("://", maxsplit=1)[0]
    raise DataError(
        f"database address begins with {scheme!r}; give postgresql://… or sqlite:///path"
    )
