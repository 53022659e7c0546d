"""A backup file: a ZIP whose every part is listed with size and hash, whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from resartus.errors import DataError, StoreDamaged, StoreError

__all__ = ["ArchiveReader", "ArchiveWriter", "reading", "writing"]

_LIST = "contents.json"
_CHUNK = 1 << 20


class ArchiveWriter:
    """Adds parts one after another; none is held in memory as a whole."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.contents: dict[str, list[Any]] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add one part."""
        digest, size = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as part:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                part.write(chunk)
        self.contents[name] = [size, digest.hexdigest()]

    def add_folder(self, folder: Path, *, below: str, leaving_out: Iterable[str] = ()) -> None:
        """Add the files of a folder, except those whose first part of the path is left out."""
        left = set(leaving_out)
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(folder)
            # A half-written file is named with a dot until it is whole.
            if path.is_file() and place.parts[0] not in left and not path.name.startswith("."):
                self.add(f"{below}/{place.as_posix()}", _chunks_of(path))


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


@contextmanager
def writing(path: Path, manifest: Mapping[str, Any]) -> Iterator[ArchiveWriter]:
    """Yield a writer; the file stands under its name only once it is complete.

    Raises
    ------
    StoreError
        If the disk is full or the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with (
                os.fdopen(descriptor, "wb") as stream,
                zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
            ):
                writer = ArchiveWriter(archive)
                yield writer
                listed = {"manifest": dict(manifest), "parts": writer.contents}
                archive.writestr(_LIST, json.dumps(listed, indent=1))
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            f"cannot write {path.name!r} in {str(path.parent)!r}: {error.strerror or error}; "
            "free some space or choose another place",
            where=str(path),
        ) from error


class ArchiveReader:
    """Gives back what a writer kept, checked before anything is used."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        self._path = path
        try:
            listed = json.loads(archive.read(_LIST))
            self.manifest: Mapping[str, Any] = listed["manifest"]
            self.contents: Mapping[str, tuple[int, str]] = {
                str(name): (int(size), str(digest))
                for name, (size, digest) in listed["parts"].items()
            }
        except (KeyError, ValueError, TypeError) as error:
            raise DataError(
                f"{path.name!r} is no backup: its list of contents cannot be read; "
                "give a file that 'resartus backup' wrote",
                where=str(path),
            ) from error

    def check(self) -> None:
        """Read every part once.

        Raises
        ------
        StoreDamaged
            If a part is missing or is not what was written.
        DataError
            If a part would be written outside its folder.
        """
        for name, (size, digest) in self.contents.items():
            place = PurePosixPath(name)
            if place.is_absolute() or ".." in place.parts or "\\" in name or ":" in name:
                raise DataError(
                    f"{self._path.name!r} holds {name!r}, which leads out of its folder"
                )
            found, length = hashlib.sha256(), 0
            for chunk in self.chunks(name):
                length += len(chunk)
                if length > size:
                    break
                found.update(chunk)
            if length != size or found.hexdigest() != digest:
                raise self._damaged(name)

    def _damaged(self, name: str) -> StoreDamaged:
        return StoreDamaged(
            f"{name!r} in {self._path.name!r} is damaged; restore an earlier backup",
            where=str(self._path),
        )

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece."""
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise self._damaged(name) from error

    def lines(self, name: str) -> Iterator[Any]:
        """Yield the JSON values of a part, one a line."""
        rest = b""
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield json.loads(line)

    def unpack(self, folder: Path, *, below: str) -> None:
        """Write the parts below a name into a folder; check them first."""
        wanted = [n for n in self.contents if n.startswith(below + "/")]
        needed = sum(self.contents[name][0] for name in wanted)
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise StoreError(
                f"{self._path.name!r} needs {needed} bytes and {str(folder)!r} has {free}; "
                "free some space"
            )
        for name in wanted:
            target = folder / name.removeprefix(below + "/")
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                for chunk in self.chunks(name):
                    stream.write(chunk)


@contextmanager
def reading(path: Path) -> Iterator[ArchiveReader]:
    """Yield a reader over a backup file.

    Raises
    ------
    DataError
        If it is none.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield ArchiveReader(archive, path)
    except (zipfile.BadZipFile, FileNotFoundError, IsADirectoryError) as error:
        raise DataError(
            f"{str(path)!r} is no backup ({error}); give a file that 'resartus backup' wrote",
            where=str(path),
        ) from error
