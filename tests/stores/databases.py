"""An empty database for a test, on SQLite and on PostgreSQL."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stores.postgres import server_url

from resartus.stores.database import Database, PostgresDatabase, SqliteDatabase

KINDS = ["sqlite", "postgresql"]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Database]:
    """Yield an empty database; a schema of its own on PostgreSQL, dropped afterwards."""
    if kind == "sqlite":
        opened = SqliteDatabase(folder / "team.db")
        yield opened
        opened.close()
        return
    with postgres_url() as url:
        shared = PostgresDatabase(url)
        yield shared
        shared.close()


@contextmanager
def postgres_url(*, is_durable: bool = False) -> Iterator[str]:
    url = server_url(is_durable=is_durable)
    schema = f"test_{secrets.token_hex(6)}"
    yield f"{url}?schema={schema}"
    cleaner = PostgresDatabase(url)
    cleaner.query(f'DROP SCHEMA "{schema}" CASCADE')
    cleaner.close()
