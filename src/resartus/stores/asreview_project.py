"""Read what ASReview keeps of a simulation: a zip file with an SQLite database in it."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import zipfile
from pathlib import Path

from resartus.errors import DataError

__all__ = ["read_asreview_order"]


def read_asreview_order(project: Path) -> list[tuple[int, bool]]:
    """Return the rows judged in an ASReview project file, in order, each with its label.

    Rows are counted from 0, as they stood in the file that was simulated.

    Raises
    ------
    DataError
        If the file is damaged or holds no results.
    """
    try:
        with zipfile.ZipFile(project) as packed, tempfile.TemporaryDirectory() as folder:
            for name in packed.namelist():
                if name.rpartition("/")[2] == "results.db":
                    with contextlib.closing(sqlite3.connect(packed.extract(name, folder))) as kept:
                        return _judged(kept)
    except (OSError, zipfile.BadZipFile, sqlite3.Error) as error:
        raise DataError(f"{project} cannot be read as an ASReview project: {error}") from error
    raise DataError(f"{project} is no ASReview project with results: it holds no results.db")


def _judged(kept: sqlite3.Connection) -> list[tuple[int, bool]]:
    tables = {name for (name,) in kept.execute("SELECT name FROM sqlite_master")}
    # Version 2 keeps the records elsewhere and numbers them by their rows.
    row, joined = (
        ("record.dataset_row", "JOIN record USING (record_id)")
        if "record" in tables
        else ("record_id", "")
    )
    found = kept.execute(f"SELECT {row}, label FROM results {joined} ORDER BY results.rowid")
    return [(int(place), bool(label)) for place, label in found]
