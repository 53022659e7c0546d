"""Cut a PubMed XML file into the bytes of its records, however large, torn or strange it is.

Records are found by their tags and never by parsing the file as one: a torn
file gives what stands before the tear, a broken record does not take its
neighbours along, and no DTD is ever looked at, let alone fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

from resartus.domain.ids import Pmid
from resartus.errors import NotFoundError

try:
    from isal import isal_zlib as inflating
except ImportError:
    # No wheel for this machine: Python's own unpacks the same, at half the speed.
    import zlib as inflating  # type: ignore[no-redef]

__all__ = [
    "ARTICLE",
    "BOOK",
    "DELETION",
    "Payload",
    "Problem",
    "deleted_pmids",
    "iterate_payloads",
    "payloads_in",
    "pmid_of",
    "torn_apart",
]

ARTICLE, BOOK, DELETION = "PubmedArticle", "PubmedBookArticle", "DeleteCitation"
_InflateError = cast("type[Exception]", inflating.error)
_OPENING = re.compile(rb"<(PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument)(?=[\s>])")
_CLOSING = {
    name: b"</" + name + b">"
    for name in (b"PubmedArticle", b"PubmedBookArticle", b"DeleteCitation", b"DeleteDocument")
}
_KINDS = {
    b"PubmedArticle": ARTICLE,
    b"PubmedBookArticle": BOOK,
    b"DeleteCitation": DELETION,
    b"DeleteDocument": DELETION,
}
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_KNOWN_ROOTS = {b"PubmedArticleSet", b"PubmedBookArticleSet", *_KINDS}
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_PMID = re.compile(rb"<PMID[^>]*>\s*(\d+)\s*</PMID>")
_BLOCK = 1 << 20
_LONGEST_RECORD = 1 << 26
"""64 MiB; the longest real record has under 2 MiB. More is a tag that is never closed."""


class Payload(NamedTuple):
    """One record's bytes as they stood, in UTF-8, and which record of the file it is."""

    kind: str
    content: bytes
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What could not be read, where, and what that means.

    ``number`` counts the records of the file from 1.
    """

    file: str
    message: str
    number: int | None = None
    pmid: int | None = None

    def __str__(self) -> str:
        place = "" if self.number is None else f", record {self.number}"
        named = "" if self.pmid is None else f" (PMID {self.pmid})"
        return f"{self.file}{place}{named}: {self.message}"


def pmid_of(content: bytes) -> int | None:
    """Return the first PMID in a record's bytes, without parsing them."""
    found = _PMID.search(content)
    return int(found[1]) if found else None


def deleted_pmids(content: bytes) -> tuple[Pmid, ...]:
    """Return the PMIDs a ``DeleteCitation`` names."""
    return tuple(Pmid(int(number)) for number in _PMID.findall(content))


def torn_apart(content: bytes) -> tuple[bytes, ...]:
    """Return the whole record inside a record that was never closed, if there is one.

    A record whose closing tag is lost runs on into the next one.
    """
    name = content[1 : content.find(b">")].split()[0]
    inner = content.rfind(b"<" + name + b">", 1)
    return (content[inner:],) if inner > 0 else ()


def _blocks(path: Path, report: Callable[[str], None]) -> Iterator[bytes]:
    """Yield the file's bytes, unpacked if they are gzip; a tear is reported, not raised."""
    with path.open("rb") as stream:
        head = stream.read(2)
        stream.seek(0)
        if head != b"\x1f\x8b":
            while block := stream.read(_BLOCK):
                yield block
            return
        unpack = inflating.decompressobj(31)
        try:
            while packed := stream.read(_BLOCK // 4):
                while packed:
                    yield unpack.decompress(packed)
                    packed = unpack.unused_data
                    if unpack.eof and packed:
                        # Gzip files may be joined end to end; zero bytes after the end are padding.
                        packed = packed.lstrip(b"\0")
                        unpack = inflating.decompressobj(31)
                    else:
                        packed = b""
        except _InflateError as error:
            report(
                f"the gzip data is damaged ({error}); the records before were read: "
                "fetch the file again"
            )
            return
        if not unpack.eof:
            report("the gzip file is cut off; the records before were read: fetch the file again")


def _recoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8")


def iterate_payloads(path: Path, report: Callable[[Problem], None]) -> Iterator[Payload]:
    """Yield each record's bytes in the order of the file.

    Parameters
    ----------
    path : Path
        PubMed XML, plain or gzip: baseline, update file, efetch reply, web export.
    report : callable
        Receives what is wrong with the file; nothing is raised for its content.

    Raises
    ------
    NotFoundError
        If there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {str(path)!r} to read")
    name = path.name
    number = 0

    def tell(message: str) -> None:
        report(Problem(file=name, message=message, number=number or None))

    blocks = _blocks(path, tell)
    first = next(blocks, b"")
    while 0 < len(first) < 4096 and (more := next(blocks, b"")):
        first += more
    declared = _ENCODING.search(first[:200])
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        blocks, first = _recoded(_chain(first, blocks), "utf-16"), b""
    elif declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        try:
            blocks, first = _recoded(_chain(first, blocks), declared[1].decode()), b""
        except LookupError:
            tell(f"the encoding {declared[1].decode()!r} is unknown; read as UTF-8")
    if not first:
        first = next(blocks, b"")
    _check_root(first, tell)
    for kind, content in _records(_chain(first, blocks), tell):
        number += 1
        yield Payload(kind, content, number)
    if not number:
        tell("the file holds no PubmedArticle, PubmedBookArticle or DeleteCitation")


def payloads_in(content: bytes, report: Callable[[str], None] | None = None) -> Iterator[Payload]:
    """Yield each record's bytes of a document in memory, in UTF-8, such as an efetch reply."""
    found = _records(iter((content,)), report or (lambda message: None))
    for number, (kind, record) in enumerate(found, start=1):
        yield Payload(kind, record, number)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _check_root(head: bytes, tell: Callable[[str], None]) -> None:
    text = re.sub(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\])?\s*>", b"", head[:65536],
                  flags=re.DOTALL)  # fmt: skip
    root = _ROOT.search(text)
    if root is None:
        shown = head[:40].decode("utf-8", "replace").strip()
        tell(f"the file begins with {shown!r}, which is not XML; export it from PubMed as XML")
    elif root[1] not in _KNOWN_ROOTS:
        tell(
            f"the file's root is <{root[1].decode('utf-8', 'replace')}>, not <PubmedArticleSet>; "
            "only PubMed records in it are read"
        )


def _records(blocks: Iterator[bytes], tell: Callable[[str], None]) -> Iterator[tuple[str, bytes]]:
    buffer = b""
    position = 0
    ended = False
    while True:
        found = _OPENING.search(buffer, position)
        end = -1
        if found:
            closing = _CLOSING[found[1]]
            end = buffer.find(closing, found.end())
        if found and end >= 0:
            end += len(closing)
            yield _KINDS[found[1]], buffer[found.start() : end]
            position = end
            continue
        if ended:
            if found:
                _tell_unclosed(buffer[found.start() :], tell)
            return
        # Keep an opening that has no end yet, or a few bytes that may be half a tag.
        buffer = buffer[found.start() if found else max(position, len(buffer) - 32) :]
        position = 0
        parts = [buffer]
        size = len(buffer)
        wanted = min(max(_BLOCK, 2 * size), _LONGEST_RECORD)
        if size > _LONGEST_RECORD:
            _tell_unclosed(buffer, tell)
            following = _OPENING.search(buffer, 1)
            buffer = buffer[following.start() :] if following else b""
            continue
        while size - len(buffer) < wanted:
            block = next(blocks, None)
            if block is None:
                ended = True
                break
            parts.append(block)
            size += len(block)
        buffer = b"".join(parts)


def _tell_unclosed(rest: bytes, tell: Callable[[str], None]) -> None:
    pmid = pmid_of(rest[:4096])
    named = "" if pmid is None else f" with PMID {pmid}"
    tell(f"the record after this one{named} is cut off and was left out; fetch the file again")
