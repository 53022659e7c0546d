"""Raw bytes by their SHA-256, gzip-compressed, one file each."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from resartus.errors import NotFoundError, StoreDamaged, StoreError

__all__ = ["FilePayloads", "write_whole", "writing_whole"]

_DIGEST = re.compile(r"[0-9a-f]{64}")

# Exports of 100,000 citations are kept within seconds; level 6 would take three times as long.
_LEVEL = 3


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if power fails."""
    with writing_whole(path) as stream:
        stream.write(content)


@contextmanager
def writing_whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write; it appears under its name when the block ends without error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            # mkstemp makes the file private; a written file follows the folder's habit.
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            f"cannot write {path.name!r} in {str(path.parent)!r}: {error.strerror or error}; "
            "free some space or choose another folder",
            where=str(path),
        ) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


class FilePayloads:
    """A folder of payloads, ``ab/abcdef….gz``. Saving the same bytes twice keeps one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, digest: str) -> Path:
        # A hash may come from a form: it is never a path.
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError(f"payload {digest!r} is not a SHA-256; nothing is kept under it")
        return self.folder / digest[:2] / f"{digest}.gz"

    def save(self, content: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hexadecimal."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists():
            # mtime 0 keeps the file the same for the same bytes.
            write_whole(path, gzip.compress(content, compresslevel=_LEVEL, mtime=0))
        return digest

    def save_file(self, source: Path) -> str:
        """Keep a file's bytes without reading it whole into memory; return their SHA-256."""
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            path = self._path(digest)
            if not path.exists():
                stream.seek(0)
                with (
                    writing_whole(path) as target,
                    gzip.GzipFile(
                        filename="", mode="wb", compresslevel=_LEVEL, fileobj=target, mtime=0
                    ) as packed,
                ):
                    shutil.copyfileobj(stream, packed, 2**20)
        return digest

    def load(self, digest: str) -> bytes:
        """Return the bytes of a hash.

        Raises
        ------
        NotFoundError
            If no such payload is kept.
        StoreDamaged
            If the file's bytes no longer match their name.
        """
        path = self._path(digest)
        try:
            content = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            raise NotFoundError(f"payload {digest!r} is not in {str(self.folder)!r}") from None
        except (OSError, EOFError) as error:
            raise StoreDamaged(f"payload {digest!r} cannot be read: {error}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreDamaged(f"payload {digest!r} has changed on disk; restore it from a backup")
        return content
