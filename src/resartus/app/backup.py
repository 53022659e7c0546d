"""Keep a copy of everything, and put it back: one person's review, or a team's whole server."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resartus import __version__
from resartus.app.review import DATABASE, PROTOCOL, Review, now
from resartus.app.team.server import TeamServer
from resartus.errors import ConflictError, DataError
from resartus.stores.archive import ArchiveReader, reading, writing
from resartus.stores.database import open_database
from resartus.stores.dump import TABLES, is_empty, load_rows, rows_of, still
from resartus.stores.migrations import MIGRATIONS, migrate, version_of
from resartus.stores.sqlite import copy_database

__all__ = ["BackupSummary", "backup_review", "backup_team", "restore_review", "restore_team"]

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary:
    """What a backup holds."""

    kind: str
    made_at: str
    reviews: int
    files: int
    bytes: int


def _manifest(kind: str, *, reviews: int, schema: int) -> dict[str, object]:
    return {
        "format": _FORMAT,
        "kind": kind,
        "made_at": now().isoformat(),
        "software": __version__,
        "schema": schema,
        "reviews": reviews,
    }


def _summary(archive: ArchiveReader) -> BackupSummary:
    return BackupSummary(
        kind=str(archive.manifest["kind"]),
        made_at=str(archive.manifest["made_at"]),
        reviews=int(archive.manifest["reviews"]),
        files=len(archive.contents),
        bytes=sum(size for size, _ in archive.contents.values()),
    )


def _opened(archive: ArchiveReader, *, kind: str) -> BackupSummary:
    """Check the whole backup before anything is written."""
    found = archive.manifest.get("kind")
    if archive.manifest.get("format") != _FORMAT or found not in ("review", "team"):
        raise DataError("this backup was written by a newer Resartus; install that one")
    if found != kind:
        flag = "with" if found == "team" else "without"
        raise DataError(f"this is the backup of a {found}; restore it {flag} --team")
    archive.check()
    return _summary(archive)


def backup_review(folder: Path, path: Path) -> BackupSummary:
    """Copy one person's review, while it may be in use; ``out/`` is left, it can be made again."""
    Review(folder).close()
    leaving = ("out", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / DATABASE
        copy_database(folder / DATABASE, copy)
        with writing(path, _manifest("review", reviews=1, schema=0)) as archive:
            archive.add(f"files/{DATABASE}", iter([copy.read_bytes()]))
            archive.add_folder(folder, below="files", leaving_out=leaving)
    with reading(path) as done:
        return _opened(done, kind="review")


def restore_review(path: Path, folder: Path) -> BackupSummary:
    """Put a review back into a folder that holds none.

    Raises
    ------
    ConflictError
        If there is a review already; nothing is overwritten.
    """
    for name in (PROTOCOL, DATABASE):
        if (folder / name).exists():
            raise ConflictError(f"{str(folder)!r} already holds a review ({name}); choose another")
    with reading(path) as archive:
        summary = _opened(archive, kind="review")
        archive.unpack(folder, below="files")
    Review(folder).close()
    return summary


def backup_team(server: TeamServer, path: Path) -> BackupSummary:
    """Copy a team's tables, protocols and payloads at one moment, while people go on working."""
    database = open_database(server.database_url)
    try:
        with still(database):
            reviews = len(database.query("SELECT 1 FROM reviews"))
            manifest = _manifest("team", reviews=reviews, schema=version_of(database))
            with writing(path, manifest) as archive:
                for table in TABLES:
                    archive.add(f"tables/{table}.jsonl", _lines(rows_of(database, table)))
                # Payloads are only ever added: what the tables name is there.
                archive.add_folder(server.folder / "reviews", below="files/reviews")
    finally:
        database.close()
    with reading(path) as done:
        return _opened(done, kind="team")


def _lines(rows: Iterator[dict[str, object]]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def restore_team(path: Path, folder: Path, *, database_url: str) -> BackupSummary:
    """Put a team's server back into an empty folder and an empty database, of either kind.

    Raises
    ------
    ConflictError
        If folder or database hold something; nothing is overwritten.
    """
    place = folder / "reviews"
    if place.exists() and any(place.iterdir()):
        raise ConflictError(f"{str(place)!r} holds reviews already; restore into an empty folder")
    with reading(path) as archive:
        summary = _opened(archive, kind="team")
        schema = int(archive.manifest["schema"])
        if schema > len(MIGRATIONS):
            raise DataError("this backup was written by a newer Resartus; install that one")
        folder.mkdir(parents=True, exist_ok=True)
        database = open_database(database_url)
        try:
            migrate(database)
            if not is_empty(database):
                raise ConflictError("the database holds reviews or accounts; give an empty one")
            with database.transaction():
                for table in TABLES:
                    if f"tables/{table}.jsonl" in archive.contents:
                        load_rows(database, table, archive.lines(f"tables/{table}.jsonl"))
                try:
                    archive.unpack(place, below="files/reviews")
                except BaseException:
                    shutil.rmtree(place, ignore_errors=True)
                    raise
        finally:
            database.close()
    return summary
