"""Is a packed file what it seems, or made to fill the memory of whoever opens it?"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from resartus.errors import ParseError

__all__ = ["require_modest"]

# Citations pack to a tenth of their size; a file made of one letter to a thousandth.
_RATIO = 100
_HARMLESS_BYTES = 100 * 2**20
_CHUNK = 1 << 20


def require_modest(path: Path) -> None:
    """Unpack a gzip or ZIP file piece by piece, keeping none, as far as its size is believable.

    Raises
    ------
    ParseError
        If it unpacks to more than 100 MB and to more than 100 times its size.
    """
    with path.open("rb") as stream:
        first = stream.read(4)
    if first[:2] == b"\x1f\x8b":
        _require_modest_gzip(path)
    elif first == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(path) as archive:
                # What the list says is what is read: the reader stops there.
                _require(path, sum(part.file_size for part in archive.infolist()))
        except (zipfile.BadZipFile, NotImplementedError):
            # Its reader tells what is wrong with it.
            return


def _require(path: Path, unpacked: int) -> None:
    size = path.stat().st_size
    if unpacked > _HARMLESS_BYTES and unpacked > _RATIO * size:
        raise ParseError(
            f"{path.name} has {size} bytes and unpacks to more than {unpacked}: that is nothing "
            "a review is made of; unpack it yourself and look",
            where=path.name,
        )


def _require_modest_gzip(path: Path) -> None:
    # Nothing packs better than a thousandfold, so a small file is harmless whatever it holds.
    if path.stat().st_size * 1032 <= _HARMLESS_BYTES:
        return
    unpacked = 0
    try:
        with path.open("rb") as stream:
            unpacker = zlib.decompressobj(wbits=31)
            while chunk := stream.read(_CHUNK):
                while chunk:
                    unpacked += len(unpacker.decompress(chunk, _CHUNK))
                    _require(path, unpacked)
                    chunk = unpacker.unconsumed_tail
                    if unpacker.eof:
                        chunk = unpacker.unused_data
                        unpacker = zlib.decompressobj(wbits=31)
    except zlib.error:
        # Torn or damaged: its reader tells how much could be read.
        return
