"""A review as one archive: every file listed with size and SHA-256, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from resartus.errors import DataError, StoreDamaged
from resartus.stores.payloads import writing_whole

__all__ = ["MANIFEST", "Bundle", "opened_bundle", "write_bundle"]

MANIFEST = "manifest.json"
_FORMAT = 2

# A fixed date keeps the archive the same for the same review.
_DATE = (1980, 1, 1, 0, 0, 0)
_PLACES = re.compile(
    r"review\.toml|records\.jsonl|events\.jsonl|cells\.csv|payloads/[0-9a-f]{64}\.gz|"
    r"fulltext/[0-9a-f]{64}\.(?:pdf|txt)|(?:text|appraisal|report|vocabularies)/[\w][\w. -]{0,120}|"
    r"factors\.toml"
)
_MANIFEST_MOST = 64 << 20
_SMALL = 4 << 20
# Text of citations packs about ten to one; what packs far better was made to burst.
_MOST_PACKED = 250
_CHUNK = 1 << 20


def write_bundle(path: Path, parts: Mapping[str, bytes], *, about: Mapping[str, Any]) -> None:
    """Write the parts with their manifest; the file is there whole or not at all."""
    listed = {
        name: [len(content), hashlib.sha256(content).hexdigest()]
        for name, content in sorted(parts.items())
    }
    manifest = {"format": _FORMAT, **about, "files": listed}
    with (
        writing_whole(path) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        for name, content in [
            (MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode()),
            *sorted(parts.items()),
        ]:
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compresslevel=6)


class Bundle:
    """An archive that was checked from end to end before anything of it is used."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive, self._path = archive, path
        names = archive.namelist()
        self._refuse_burst(archive.infolist())
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"{path.name!r} holds {twice!r} twice; ask for a whole archive")
        try:
            plain = json.loads(self._read(MANIFEST, _MANIFEST_MOST))
            self.about: Mapping[str, Any] = {k: v for k, v in plain.items() if k != "files"}
            self.files = {str(n): (int(s), str(h)) for n, (s, h) in plain["files"].items()}
            made_as = int(plain["format"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise DataError(
                f"{path.name!r} is no review: its {MANIFEST} cannot be read; "
                "give an archive that 'resartus export' wrote",
                where=str(path),
            ) from error
        if made_as > _FORMAT:
            raise DataError(
                f"{path.name!r} was written by a newer Resartus (format {made_as}); install that"
            )
        self._check(set(names) - {MANIFEST})

    def _refuse_burst(self, entries: list[zipfile.ZipInfo]) -> None:
        for entry in entries:
            times = entry.file_size / max(1, entry.compress_size)
            if entry.file_size > _SMALL and times > _MOST_PACKED:
                raise DataError(
                    f"{entry.filename!r} in {self._path.name!r} unpacks to {times:.0f} times its "
                    "size; nothing of it was unpacked"
                )

    def _check(self, names: set[str]) -> None:
        for name in sorted(names | set(self.files)):
            if not _PLACES.fullmatch(name) or ".." in name:
                raise DataError(
                    f"{self._path.name!r} holds {name!r}, which has no place in a review; "
                    "nothing was unpacked"
                )
            if name not in names:
                raise self._damaged(name, "is missing")
            if name not in self.files:
                raise self._damaged(name, "is not in the list of files")
            size, digest = self.files[name]
            if hashlib.sha256(self._read(name, size)).hexdigest() != digest:
                raise self._damaged(name, "is not what was exported")
        for name in ("review.toml", "records.jsonl", "events.jsonl"):
            if name not in self.files:
                raise self._damaged(name, "is missing")

    def _damaged(self, name: str, how: str) -> StoreDamaged:
        return StoreDamaged(
            f"{name!r} in {self._path.name!r} {how}; ask for the archive again",
            where=str(self._path),
        )

    def _read(self, name: str, most: int) -> bytes:
        """Return a part, refusing one byte more than was announced."""
        try:
            with self._archive.open(name) as part:
                content = part.read(most + 1)
        except KeyError as error:
            raise DataError(
                f"{self._path.name!r} has no {name}; give an archive that 'resartus export' wrote"
            ) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise self._damaged(name, "cannot be unpacked") from error
        if len(content) > most:
            raise self._damaged(name, "is longer than it says")
        return content

    def read(self, name: str) -> bytes:
        """Return a part, as checked."""
        return self._read(name, self.files[name][0])

    def names(self, below: str) -> Iterator[str]:
        """Yield the names below a folder."""
        return (name for name in self.files if name.startswith(f"{below}/"))

    def lines(self, name: str) -> Iterator[Any]:
        """Yield the JSON values of a part, one a line."""
        for number, line in enumerate(self.read(name).splitlines(), start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise DataError(
                    f"line {number} of {name} in {self._path.name!r} is not JSON", where=name
                ) from error


@contextmanager
def opened_bundle(path: Path) -> Iterator[Bundle]:
    """Yield a checked bundle.

    Raises
    ------
    DataError
        If the file is no bundle, holds what has no place in a review, or was made to burst.
    StoreDamaged
        If a part is missing, cut short or changed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield Bundle(archive, path)
    except (zipfile.BadZipFile, FileNotFoundError, IsADirectoryError) as error:
        raise DataError(
            f"{str(path)!r} is no whole archive ({error}); give one that 'resartus export' wrote",
            where=str(path),
        ) from error
