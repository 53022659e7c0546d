"""What a written report holds: its numbers, rows, links, sections and figures, as found in it."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from resartus.errors import DataError

__all__ = ["Shown", "Written", "read_docx", "read_page"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A number as it stands in the file: its name where it has one, its text, where it leads."""

    name: str | None
    text: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The parts of a written report that an audit looks at, each by its anchor."""

    kind: str
    titles: tuple[str, ...] = ()
    anchors: Mapping[str, int] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    numbers: tuple[Shown, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    unseen_figures: tuple[str, ...] = ()
    """Figures without words for who cannot see them."""
    items: Mapping[str, int] = field(default_factory=dict)
    loads: tuple[str, ...] = ()
    """What the file would fetch or run."""
    paragraphs: tuple[str, ...] = ()


def _words(element: Any) -> str:
    return _SPACES.sub(" ", "".join(element.itertext())).strip()


def _loads(tree: Any) -> Iterator[str]:
    for element in tree.iter():
        if element.tag in ("script", "iframe", "object", "embed", "link", "form", "base"):
            yield f"<{element.tag}>"
        for key, value in element.attrib.items():
            fetches = key in ("src", "srcset", "poster", "data", "background")
            runs = key.startswith("on") or value.strip().lower().startswith("javascript:")
            if runs or (fetches and not value.startswith(("data:", "#"))):
                yield f"{key}={value[:60]}"
    for style in tree.iter("style"):
        for found in re.findall(r"url\(\s*[\"']?([^)\"']+)|@import\s+(\S+)", style.text or ""):
            address = found[0] or found[1]
            if not address.startswith(("data:", "#")):
                yield f"style fetches {address[:60]}"


def _figures(tree: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    drawn, unseen = {}, []
    for element in tree.iter("figure"):
        svg = next(element.iter("svg"), None)
        if svg is None or not element.get("id"):
            continue
        drawn[element.get("id")] = hashlib.sha256(etree.tostring(svg)).hexdigest()
        if not any(d.text and d.text.strip() for d in svg.iter("desc")):
            unseen.append(element.get("id"))
    return drawn, tuple(unseen)


def read_page(text: str) -> Written:
    """Return what an HTML report holds.

    Raises
    ------
    DataError
        If the page is empty or ends before its end.
    """
    if not text.strip() or "</html>" not in text[-200:]:
        raise DataError("the page ends before its end; write it again with 'resartus report'")
    tree: Any = lxml_html.document_fromstring(
        text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8")
    )
    numbers = tuple(
        Shown(name=a.get("data-number"), text=_words(a), target=a.get("href", "")[1:])
        for a in tree.iter("a")
        if "num" in (a.get("class") or "").split()
    )
    sections = {s.get("id"): _words(next(iter(s), s)) for s in tree.iter("section") if s.get("id")}
    rows = {
        e.get("id"): _words(e)
        for e in tree.iter("tr", "li")
        if e.get("id") and not isinstance(e.tag, type(etree.Comment))
    }
    drawn, unseen = _figures(tree)
    items: Counter[str] = Counter()
    for element in tree.iter():
        items.update((element.get("data-items") or "").split())
    head = list(tree.iter("title", "h1"))
    head += [e for e in tree.iter("p") if e.get("class") in ("snapshot", "subtitle", "authors")]
    return Written(
        kind="page",
        titles=tuple(_words(e) for e in head),
        anchors=Counter(e.get("id") for e in tree.iter() if e.get("id")),
        targets=tuple(
            a.get("href")[1:] for a in tree.iter("a") if (a.get("href") or "").startswith("#")
        ),
        numbers=numbers,
        sections=sections,
        rows=rows,
        figures=drawn,
        unseen_figures=unseen,
        items=items,
        loads=tuple(_loads(tree)),
        paragraphs=tuple(
            _words(e) for e in tree.iter("p", "li", "td", "th", "figcaption", "pre", "h2", "h3")
        ),
    )


# The example's report unpacks to some 3 MB.
_MOST_BYTES = 300 * 2**20


def _paragraphs(body: Any) -> Iterable[str]:
    for paragraph in body.iter(f"{_W}p"):
        yield _SPACES.sub(" ", "".join(t.text or "" for t in paragraph.iter(f"{_W}t"))).strip()


def read_docx(path: Path) -> Written:
    """Return what a Word report holds.

    Raises
    ------
    DataError
        If it cannot be opened as a Word file.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > _MOST_BYTES:
                raise DataError(
                    f"{path.name} holds {unpacked} bytes once unpacked, more than any report "
                    "Resartus writes; is it the right file?"
                )
            broken = parts.testzip()
            if broken is not None:
                raise DataError(f"{path.name}: {broken!r} is damaged; write the report again")
            body: Any = etree.fromstring(parts.read("word/document.xml"))
            core: Any = etree.fromstring(parts.read("docProps/core.xml"))
            media = {
                name: hashlib.sha256(parts.read(name)).hexdigest()
                for name in parts.namelist()
                if name.startswith("word/media/")
            }
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, OSError) as error:
        raise DataError(
            f"{path.name!r} cannot be opened as a Word file ({error}); "
            "write it again with 'resartus report'"
        ) from error
    links = [
        Shown(
            name=None,
            text="".join(t.text or "" for t in link.iter(f"{_W}t")),
            target=link.get(f"{_W}anchor") or "",
        )
        for link in body.iter(f"{_W}hyperlink")
        if link.get(f"{_W}anchor")
    ]
    described = [
        e for e in body.iter() if str(e.tag).endswith("}docPr") and not (e.get("descr") or "")
    ]
    return Written(
        kind="Word file",
        titles=tuple(e.text or "" for e in core if str(e.tag).endswith("}title")),
        anchors=Counter(b.get(f"{_W}name") for b in body.iter(f"{_W}bookmarkStart")),
        targets=tuple(link.target for link in links),
        numbers=tuple(links),
        figures=media,
        unseen_figures=tuple(e.get("name") or "a figure" for e in described),
        paragraphs=tuple(_paragraphs(body)),
    )
