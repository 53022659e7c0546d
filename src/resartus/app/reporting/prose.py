"""The team's own prose in Markdown, with live numbers, citations and cross-references.

``{{ mortality.pooled }}`` is a number of the report, ``[@kamel2011]`` cites a
study or record, ``[#table-studies]`` names a table, figure or section. Each
breaks the build with one sentence when it leads nowhere, and a number also
when it no longer means what it meant when it was bound.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from resartus.app.reporting.material import Material
from resartus.domain.ids import RecordId
from resartus.errors import DataError
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Cite,
    Content,
    CrossReference,
    Inline,
    Link,
    Number,
    Paragraph,
    Report,
    Section,
    Text,
    TextStyle,
    Verbatim,
)
from resartus.reporting.reading import named_numbers, number_report
from resartus.stores.payloads import write_whole

__all__ = ["PLACES", "bind_numbers", "prose_sections", "with_prose"]

PLACES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "introduction": ("Introduction", ("PRISMA2020:3",)),
    "discussion": ("Discussion", ("PRISMA2020:23a",)),
    "limits": ("Limits of the evidence", ("PRISMA2020:23b", "SWiM:9")),
    "process": ("Limits of how the review was made", ("PRISMA2020:23c",)),
    "implications": ("What follows", ("PRISMA2020:23d",)),
    "living": ("Why this review is kept alive", ("PRISMA-LSR:why",)),
}
"""Names of files that have their place and the items they answer; any other is a section too."""

_LIVE = re.compile(
    r"\{\{\s*(?P<number>[^{}]*?)\s*\}\}|\[@(?P<cite>[^\]]+)\]|\[#(?P<target>[\w.-]+)\]"
)


def _meaning(number: Number) -> str:
    """Return what a number is, whatever its value: kind, scale, part shown, fields it rests on."""
    estimate = number.estimate
    fields = sorted({_field(key) for key in number.all_inputs})
    parts = [number.kind.value, estimate.scale if estimate else "", number.shows or ""]
    return hashlib.sha256(json.dumps([*parts, fields]).encode()).hexdigest()[:24]


def _field(evidence_id: str) -> str:
    """Return the field of an evidence row, without its study and patient."""
    name = evidence_id.rpartition("/")[2]
    return name if "/" in evidence_id else evidence_id.partition(":")[0]


@dataclass(frozen=True)
class _Writer:
    """Turns one Markdown file into blocks; knows what may be named."""

    file: str
    numbers: Mapping[str, Number]
    targets: Mapping[str, str]
    cites: Mapping[str, RecordId]
    bound: Mapping[str, str]

    def error(self, line: int, said: str) -> DataError:
        return DataError(f"text/{self.file}.md, line {line}: {said}", where=f"text/{self.file}.md")

    def number(self, name: str, line: int) -> Number:
        number = self.numbers.get(name)
        if number is None:
            near = difflib.get_close_matches(name, list(self.numbers), n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else "the appendix of numbers lists them"
            raise self.error(line, f"{{{{ {name} }}}} is no number of this report; {hint}")
        meaning = self.bound.get(name)
        if meaning is not None and meaning != _meaning(number):
            raise self.error(
                line,
                f"{{{{ {name} }}}} no longer means what it did when the sentence was written (it "
                f"now reads {number.text!r}); read it again, then run 'resartus report --bind'",
            )
        return number

    def live(self, found: re.Match[str], line: int) -> Inline:
        if found["number"] is not None:
            return self.number(found["number"], line)
        if found["target"] is not None:
            if found["target"] not in self.targets:
                raise self.error(
                    line, f"[#{found['target']}] is no table, figure or section of this report"
                )
            return CrossReference(target=found["target"])
        ids = []
        for key in re.split(r"[;,]\s*@?", found["cite"]):
            if key.strip() not in self.cites:
                raise self.error(
                    line, f"[@{key.strip()}] is no study or record of this review; see 'status'"
                )
            ids.append(self.cites[key.strip()])
        return Cite(record_ids=tuple(ids))

    def words(self, text: str, style: TextStyle, line: int) -> Iterator[Inline]:
        last = 0
        for found in _LIVE.finditer(text):
            if found.start() > last:
                yield Text(text=text[last : found.start()], style=style)
            yield self.live(found, line)
            last = found.end()
        if last < len(text):
            yield Text(text=text[last:], style=style)

    def inline(self, tokens: Sequence[Any], line: int) -> Content:
        made: list[Inline] = []
        style, href = TextStyle.PLAIN, None
        for token in tokens:
            if token.type == "text":
                if href:
                    made.append(Link(text=token.content, href=href))
                else:
                    made += self.words(token.content, style, line)
            elif token.type in ("softbreak", "hardbreak"):
                made.append(Text(text=" "))
            elif token.type == "code_inline":
                made.append(Text(text=token.content, style=TextStyle.CODE))
            elif token.type in ("strong_open", "em_open"):
                strong = token.type == "strong_open"
                style = TextStyle.STRONG if strong else TextStyle.EMPHASIS
            elif token.type in ("strong_close", "em_close"):
                style = TextStyle.PLAIN
            elif token.type == "link_open":
                href = str(token.attrs["href"])
            elif token.type == "link_close":
                href = None
            else:
                raise self.error(line, f"{token.type.replace('_', ' ')} cannot be set; use words")
        return tuple(made)

    def blocks(self, text: str) -> tuple[str | None, list[tuple[str | None, list[Block]]]]:
        """Return the file's first heading and its parts: heading (or none) and blocks."""
        from markdown_it import MarkdownIt

        title: str | None = None
        parts: list[tuple[str | None, list[Block]]] = [(None, [])]
        entries: list[Content] | None = None
        is_numbered = is_quote = is_heading = False
        level = ""
        for token in MarkdownIt("commonmark", {"html": False}).parse(text):
            line = (token.map[0] if token.map else 0) + 1
            if token.type == "heading_open":
                is_heading, level = True, token.tag
            elif token.type == "heading_close":
                is_heading = False
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                if entries is not None:
                    raise self.error(line, "a list inside a list cannot be set; use one list")
                entries, is_numbered = [], token.type.startswith("ordered")
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                parts[-1][1].append(Bullets(entries=tuple(entries or ()), is_numbered=is_numbered))
                entries = None
            elif token.type in ("blockquote_open", "blockquote_close"):
                is_quote = token.type == "blockquote_open"
            elif token.type in ("fence", "code_block"):
                parts[-1][1].append(Verbatim(text=token.content.rstrip("\n")))
            elif token.type == "inline":
                made = self.inline(token.children or (), line)
                if is_heading and level == "h1" and title is None:
                    title = token.content
                elif is_heading:
                    parts.append((token.content, []))
                elif entries is not None:
                    entries.append(made)
                elif is_quote:
                    parts[-1][1].append(Callout(kind="note", title="Note", content=(made,)))
                else:
                    parts[-1][1].append(Paragraph(content=made))
            elif token.type not in (
                "paragraph_open", "paragraph_close", "list_item_open", "list_item_close", "hr",
            ):  # fmt: skip
                raise self.error(line, f"{token.type.replace('_', ' ')} cannot be set; use words")
        return title, parts


def _cites(material: Material) -> dict[str, RecordId]:
    """Return what may be cited: study ids, record ids, and PMIDs."""
    known: dict[str, RecordId] = {}
    for record in material.records.values():
        known[record.record_id] = record.record_id
        if record.pmid is not None:
            known[f"pmid{record.pmid}"] = record.record_id
    for study in material.studies:
        known[str(study.study_id)] = study.record_ids[0]
    return known


def prose_sections(material: Material, report: Report) -> dict[str, Section]:
    """Return each Markdown file as a section, by the file's name.

    Raises
    ------
    DataError
        Naming file and line, if a live number, citation or cross-reference
        leads nowhere or a bound number changed its meaning.
    """
    numbers = named_numbers(report)
    targets = number_report(report).labels
    made = {}
    for name, text in material.texts.items():
        writer = _Writer(
            file=name,
            numbers=numbers,
            targets=targets,
            cites=_cites(material),
            bound=material.bound,
        )
        title, parts = writer.blocks(text)
        known = PLACES.get(name, (name.replace("_", " ").replace("-", " ").capitalize(), ()))
        key = re.sub(r"[^A-Za-z0-9_.-]", "-", f"text-{name}")
        made[name] = Section(
            section_id=key,
            title=title or known[0],
            items=known[1],
            # Every figure of the team's own sentences has to be a live number, too.
            is_result=True,
            blocks=tuple(parts[0][1]),
            sections=tuple(
                Section(section_id=f"{key}-{n}", title=heading or "", blocks=tuple(blocks))
                for n, (heading, blocks) in enumerate(parts[1:], start=1)
            ),
        )
    return made


def with_prose(material: Material, report: Report) -> Report:
    """Return the report with the team's prose in its places."""
    prose = prose_sections(material, report)
    if not prose:
        return report
    sections: list[Section] = []
    for section in report.sections:
        if section.section_id == "question" and "introduction" in prose:
            sections.append(prose.pop("introduction"))
        if section.section_id == "limits":
            sections += [prose.pop(n) for n in ("discussion", "implications") if n in prose]
            inner = [prose.pop(n) for n in ("limits", "process", "living") if n in prose]
            sections += [prose.pop(n) for n in list(prose) if n != "introduction"]
            section = replace(section, sections=(*section.sections, *inner))
        sections.append(section)
    return replace(report, sections=tuple(sections))


def bind_numbers(material: Material, report: Report, folder: Path) -> tuple[str, ...]:
    """Write down what each live number of the prose means now; return their names."""
    numbers = named_numbers(report)
    used = {
        found["number"]
        for text in material.texts.values()
        for found in _LIVE.finditer(text)
        if found["number"] in numbers
    }
    if used:
        meanings = {name: _meaning(numbers[name]) for name in sorted(used)}
        path = folder / "text" / "numbers.json"
        write_whole(path, (json.dumps(meanings, indent=1) + "\n").encode())
    return tuple(sorted(used))
