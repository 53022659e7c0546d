"""Lines of a file in whatever encoding it has, one at a time."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from resartus.errors import ParseError

__all__ = ["TextLines", "file_hash", "first_lines", "open_bytes", "peek"]

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


_GZIP = b"\x1f\x8b"


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacking gzip, which is told by its first bytes."""
    stream = path.open("rb")
    magic = stream.read(2)
    stream.seek(0)
    if magic == _GZIP:
        stream.close()
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return stream


class _Unpacked(io.RawIOBase):
    """The bytes of a gzip file as far as they can be unpacked."""

    def __init__(self, raw: IO[bytes], tell: Callable[[str], None]) -> None:
        self._packed = gzip.GzipFile(fileobj=raw)
        self._tell = tell

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            # read1 gives what is there; read would lose it at a tear.
            content = self._packed.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._tell(str(error))
            return 0
        buffer[: len(content)] = content
        return len(content)


def peek(path: Path, size: int) -> bytes:
    """Return up to ``size`` first bytes, unpacked; of a torn gzip what there is."""
    with path.open("rb") as stream:
        head = stream.read(size)
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, size)
    except zlib.error:
        return b""


def first_lines(path: Path, size: int = 2**18) -> list[str]:
    """Return the lines of the first bytes, however long the file's own first line is."""
    head = peek(path, size)
    # What is not UTF-8 is replaced: these lines tell the format, they are read again for records.
    text = head.decode(_wide_encoding(head) or "utf-8", "replace")
    return text.lstrip("\ufeff").splitlines(keepends=True)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class TextLines:
    """The lines of a citation file, with their ends.

    UTF-8 unless a byte order mark or NUL bytes tell UTF-16 or UTF-32. A line
    that is not UTF-8 is read as Windows-1252, alone: libraries join exports
    of several databases into one file.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.
    encoding : str, optional
        Read it so, whatever the bytes look like.

    Attributes
    ----------
    path : Path
        The file.
    torn : tuple of (int, str) or None
        Line and message where a gzip file is cut off, once it was read to there.

    Raises
    ------
    ParseError
        If ``encoding`` is given and the file breaks it, or nobody knows it.
    """

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self.path = path
        self._given = encoding
        self._bad_lines = 0
        self._lines = 0
        self._raw: IO[bytes] | None = None
        self.torn: tuple[int, str] | None = None
        head = peek(path, 4096)
        self._size = max(path.stat().st_size, 1)
        self._wide = _wide_encoding(head)
        self._has_bom = head.startswith(b"\xef\xbb\xbf")

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the bytes, unpacked from gzip, and let ``fraction_read`` follow them.

        A gzip file that is cut off or damaged ends there, and ``torn`` says so.
        """
        with self.path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            self._raw = raw
            try:
                yield io.BufferedReader(_Unpacked(raw, self._tear), 2**18) if packed else raw
            finally:
                self._raw = None

    def _tear(self, message: str) -> None:
        self.torn = (self._lines + 1, f"the gzip file is damaged or cut off here ({message})")

    @property
    def fraction_read(self) -> float:
        """How much of the file was taken in so far, 0 to 1; 1 when it is closed."""
        return 1.0 if self._raw is None else min(self._raw.tell() / self._size, 1.0)

    @property
    def encoding(self) -> str:
        """The encoding that was used, complete once all lines were read."""
        if self._given:
            return self._given
        if self._wide:
            return self._wide
        name = "utf-8-sig" if self._has_bom else "utf-8"
        if self._bad_lines == 0:
            return name
        return f"{name}, {self._bad_lines} of {self._lines} lines windows-1252"

    def __iter__(self) -> Iterator[str]:
        r"""Yield each line; ``\r``, ``\n`` and ``\r\n`` all end one. May be read again."""
        self._lines = self._bad_lines = 0
        if self._given or self._wide:
            yield from self._decoded(self._given or self._wide or "utf-8")
            return
        first = True
        with self.open() as stream:
            for raw in stream:
                self._lines += 1
                try:
                    line = raw.decode("utf-8")
                except UnicodeDecodeError:
                    self._bad_lines += 1
                    line = raw.decode("cp1252", errors="replace")
                if first:
                    line = line.removeprefix("\ufeff")
                    first = False
                if "\r" not in line:
                    yield line
                elif line.endswith("\r\n") and line.count("\r") == 1:
                    yield line[:-2] + "\n"
                else:
                    yield from _split_returns(line)

    def _decoded(self, encoding: str) -> Iterator[str]:
        try:
            with (
                self.open() as stream,
                io.TextIOWrapper(stream, encoding=encoding, newline=None) as text,
            ):
                for line in text:
                    yield line.removeprefix("\ufeff") if self._lines == 0 else line
                    self._lines += 1
        except (UnicodeError, LookupError) as error:
            raise ParseError(
                f"{self.path.name!r} cannot be read as {encoding!r} after line {self._lines}; "
                "leave the encoding out or give the right one",
                where=f"line {self._lines + 1}",
            ) from error


def _split_returns(line: str) -> Iterator[str]:
    parts = line.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last = parts.pop()
    for part in parts:
        yield part + "\n"
    if last:
        yield last


def _wide_encoding(head: bytes) -> str | None:
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    # Without a mark: every other byte of Western text in UTF-16 is NUL.
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    if len(head) >= 4 and odd > len(head[1:2000:2]) * 0.7 and even == 0:
        return "utf-16-le"
    if len(head) >= 4 and even > len(head[0:2000:2]) * 0.7 and odd == 0:
        return "utf-16-be"
    return None
