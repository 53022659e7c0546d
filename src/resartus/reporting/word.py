"""A report as a Word document: real headings, captions, fields, links; same input, same bytes."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC
from pathlib import Path
from typing import Any

from resartus.reporting.anchors import evidence_anchor, number_anchor, reference_anchor
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    CitationStyle,
    Cite,
    Content,
    CrossReference,
    Figure,
    Inline,
    KeyFigures,
    Link,
    Number,
    NumberKind,
    PageBreak,
    Paragraph,
    References,
    Report,
    Section,
    Table,
    Text,
    TextStyle,
    Verbatim,
)
from resartus.reporting.provenance import with_provenance
from resartus.reporting.reading import number_report
from resartus.reporting.references import (
    citation_labels,
    citation_run,
    order_references,
    reference_content,
)
from resartus.reporting.soundness import require_sound
from resartus.reporting.word_styles import ACCENT, INK, RULE, apply_styles, tighten
from resartus.reporting.word_xml import bookmark, border, child, element, field, internal_link, run

__all__ = ["render_docx"]

_PORTRAIT = (21.0, 29.7)
_MARGIN = 2.0
_COMPACT_MARGIN = 1.3
_TWIPS_PER_CM = 567
_RUN_STYLES: dict[TextStyle, dict[str, str]] = {
    TextStyle.STRONG: {"b": "1"},
    TextStyle.EMPHASIS: {"i": "1"},
}
_CHARACTER_STYLES = {TextStyle.CODE: "Code", TextStyle.MISSING: "Missing"}
_CALLOUT = {
    "warning": ("8A4B08", "FDF4E7"),
    "limit": ("6B3A53", "F9F1F5"),
    "note": (INK, "F3F5F6"),
    "finding": (ACCENT, "EDF6F6"),
}
# Zip files carry a time for each part; one fixed time keeps two builds byte-equal.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class _Writer:
    """Turns one report into a Word document."""

    def __init__(self, report: Report) -> None:
        import docx

        self.report = report
        self.numbering = number_report(report)
        self.marks = citation_labels(
            self.numbering.references, report.records, style=report.citation_style
        )
        self.document: Any = docx.Document()
        self.bookmarks = 0
        self.drawings = 0
        self.is_landscape = False
        self.margin = _COMPACT_MARGIN if report.is_compact else _MARGIN
        self.external: dict[str, str] = {}
        self.style_ids = {style.name: style.style_id for style in self.document.styles}

    # Setting up

    def prepare(self) -> None:
        from docx.shared import Cm

        apply_styles(self.document)
        if self.report.is_compact:
            tighten(self.document)
        self.style_ids = {style.name: style.style_id for style in self.document.styles}
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(_PORTRAIT[0]), Cm(_PORTRAIT[1])
        for side in ("left", "right", "top", "bottom"):
            setattr(section, f"{side}_margin", Cm(self.margin))
        footer = section.footer.paragraphs[0]
        footer.style = self.document.styles["Note"]
        run(footer._p, f"{self.report.snapshot_line}   ·   page ")
        field(footer._p, "PAGE", "1")
        report = self.report
        made = report.made_at.astimezone(UTC).replace(tzinfo=None)
        properties = self.document.core_properties
        properties.title = report.title
        properties.subject = report.subtitle or ""
        properties.author = "; ".join(report.authors)
        properties.last_modified_by = "Resartus"
        properties.comments = report.snapshot_line
        properties.language = report.language
        properties.created = properties.modified = made
        properties.revision = 1

    @property
    def text_width(self) -> float:
        return (_PORTRAIT[1] if self.is_landscape else _PORTRAIT[0]) - 2 * self.margin

    def turn(self, *, is_landscape: bool) -> None:
        """Begin a page of the other orientation, if it is not this one already."""
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Cm

        if is_landscape == self.is_landscape:
            return
        self.is_landscape = is_landscape
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        width, height = reversed(_PORTRAIT) if is_landscape else _PORTRAIT
        section.page_width, section.page_height = Cm(width), Cm(height)
        section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT

    # Inline content

    def paragraph(self, style: str) -> Any:
        made = element("p")
        child(child(made, "pPr"), "pStyle", val=self.style_ids[style])
        self.document.element.body.insert(-1, made)
        return made

    def mark(self, parent: Any, anchor: str) -> None:
        self.bookmarks += 1
        bookmark(parent, anchor, self.bookmarks)

    def link_out(self, parent: Any, link: Link) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.ns import qn

        if link.href not in self.external:
            self.external[link.href] = self.document.part.relate_to(
                link.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
        holder = child(parent, "hyperlink", history="1")
        holder.set(qn("r:id"), self.external[link.href])
        run(holder, link.text, style=self.style_ids["Hyperlink"])

    def inline(self, parent: Any, part: Inline) -> None:
        if isinstance(part, Text):
            name = _CHARACTER_STYLES.get(part.style)
            run(
                parent,
                part.text,
                style=self.style_ids[name] if name else None,
                **_RUN_STYLES.get(part.style, {}),
            )
        elif isinstance(part, Number):
            is_cell = part.kind is NumberKind.CELL or part.number_id is None
            target = (
                evidence_anchor(part.all_inputs[0])
                if is_cell
                else number_anchor(part.number_id or "")
            )
            internal_link(parent, target, part.text)
        elif isinstance(part, Link):
            if part.href.startswith("#"):
                internal_link(parent, part.href[1:], part.text, style=self.style_ids["Hyperlink"])
            else:
                self.link_out(parent, part)
        elif isinstance(part, Cite):
            self.citation(parent, part)
        elif isinstance(part, CrossReference):
            internal_link(
                parent,
                part.target,
                self.numbering.labels[part.target],
                style=self.style_ids["Hyperlink"],
            )

    def citation(self, parent: Any, cite: Cite) -> None:
        is_numbered = self.report.citation_style is CitationStyle.VANCOUVER
        keys = cite.record_ids
        run(parent, "[" if is_numbered else "(")
        for key, joint in citation_run(keys, self.numbering.references if is_numbered else None):
            if joint:
                run(parent, joint)
            internal_link(
                parent,
                reference_anchor(key),
                self.marks[key][0],
                style=self.style_ids["Hyperlink"],
            )
        run(parent, "]" if is_numbered else ")")

    def runs(self, parent: Any, content: Content) -> None:
        for part in content:
            self.inline(parent, part)

    # Blocks

    def block(self, block: Block, *, is_landscape: bool) -> None:
        if isinstance(block, Table):
            self.turn(is_landscape=is_landscape or block.is_wide)
            self.table(block)
            return
        if isinstance(block, Figure):
            self.turn(is_landscape=is_landscape or block.width_cm > _PORTRAIT[0] + 2)
            self.figure(block)
            return
        self.turn(is_landscape=is_landscape)
        if isinstance(block, Paragraph):
            self.runs(self.paragraph("Normal"), block.content)
        elif isinstance(block, Bullets):
            self.bullets(block)
        elif isinstance(block, Callout):
            self.callout(block)
        elif isinstance(block, Verbatim):
            if block.label:
                run(self.paragraph("Note"), block.label)
            run(self.paragraph("Verbatim"), block.text)
        elif isinstance(block, KeyFigures):
            self.key_figures(block)
        elif isinstance(block, References):
            self.references()
        elif isinstance(block, PageBreak):
            made = child(self.paragraph("Normal"), "r")
            child(made, "br", type="page")

    def bullets(self, block: Bullets) -> None:
        # Numbers are written out: Word would run on from one list to the next.
        for position, entry in enumerate(block.entries, start=1):
            if block.is_numbered:
                made = self.paragraph("Reference")
                run(made, f"{position}.")
                child(child(made, "r"), "tab")
            else:
                made = self.paragraph("List Bullet")
            self.runs(made, entry)

    def callout(self, block: Callout) -> None:
        colour, band = _CALLOUT[block.kind]
        paragraphs = [self.paragraph("Callout Title")]
        run(paragraphs[0], block.title, color=colour)
        for entry in block.content:
            paragraphs.append(self.paragraph("Callout"))
            self.runs(paragraphs[-1], entry)
        for position, made in enumerate(paragraphs):
            properties = made[0]
            child(properties, "keepLines")
            if position < len(paragraphs) - 1:
                child(properties, "keepNext")
            borders = child(properties, "pBdr")
            child(borders, "left", val="single", sz="24", space="8", color=colour)
            child(properties, "shd", val="clear", color="auto", fill=band)
            if position == len(paragraphs) - 1:
                child(properties, "spacing", after="200")
            child(properties, "ind", left="220")
            properties[:] = sorted(properties, key=_property_rank)

    def key_figures(self, block: KeyFigures) -> None:
        columns = min(4, len(block.figures))
        width = int(self.text_width / columns * _TWIPS_PER_CM)
        table = self.plain_table([width] * columns)
        for start in range(0, len(block.figures), columns):
            row = child(table, "tr")
            child(child(row, "trPr"), "cantSplit")
            for position in range(columns):
                cell = child(row, "tc")
                child(child(cell, "tcPr"), "tcW", w=str(width), type="dxa")
                shown = block.figures[start + position : start + position + 1]
                if not shown:
                    child(cell, "p")
                    continue
                figure = shown[0]
                run(self.cell_paragraph(cell, "Key Label"), figure.label)
                self.inline(self.cell_paragraph(cell, "Key Number"), figure.number)
                if figure.detail:
                    self.runs(self.cell_paragraph(cell, "Note"), figure.detail)
        self.paragraph("Note")

    def cell_paragraph(self, cell: Any, style: str, *, align: str = "left") -> Any:
        made = child(cell, "p")
        properties = child(made, "pPr")
        child(properties, "pStyle", val=self.style_ids[style])
        if align != "left":
            child(properties, "jc", val={"right": "right", "centre": "center"}[align])
        return made

    def plain_table(self, widths: list[int]) -> Any:
        table = element("tbl")
        properties = child(table, "tblPr")
        child(properties, "tblW", w=str(sum(widths)), type="dxa")
        border(properties, "tblBorders", ("top", "bottom"), size=8, colour=INK)
        child(properties, "tblLayout", type="fixed")
        margins = child(properties, "tblCellMar")
        for side in ("left", "right"):
            child(margins, side, w="70", type="dxa")
        grid = child(table, "tblGrid")
        for width in widths:
            child(grid, "gridCol", w=str(width))
        self.document.element.body.insert(-1, table)
        return table

    def table(self, table: Table) -> None:
        caption = self.paragraph("Caption")
        self.mark(caption, table.table_id)
        self.label(caption, table.table_id, kind="Table")
        run(caption, table.caption)
        total = sum(column.weight for column in table.columns)
        room = self.text_width * _TWIPS_PER_CM
        widths = [int(room * column.weight / total) for column in table.columns]
        made = self.plain_table(widths)
        head = child(made, "tr")
        properties = child(head, "trPr")
        child(properties, "cantSplit")
        child(properties, "tblHeader")
        for column, width in zip(table.columns, widths, strict=True):
            cell = self.cell(head, width, fill="F0F3F4", rule=(8, INK))
            run(self.cell_paragraph(cell, "Table Head", align=column.align), column.title)
        for row in table.rows:
            line = child(made, "tr")
            child(child(line, "trPr"), "cantSplit")
            if row.is_group:
                cell = self.cell(line, sum(widths), span=len(widths), fill="F0F3F4")
                words = self.cell_paragraph(cell, "Table Head")
                if row.anchor:
                    self.mark(words, row.anchor)
                self.runs(words, row.cells[0])
                continue
            style = "Table Head" if row.is_total else "Table Text"
            for position, (column, width, content) in enumerate(
                zip(table.columns, widths, row.cells, strict=True)
            ):
                words = self.cell_paragraph(self.cell(line, width), style, align=column.align)
                if position == 0 and row.anchor:
                    self.mark(words, row.anchor)
                self.runs(words, content)
        for note in table.notes:
            self.runs(self.paragraph("Note"), note)
        if not table.notes:
            self.paragraph("Note")

    def cell(
        self,
        row: Any,
        width: int,
        *,
        span: int = 1,
        fill: str | None = None,
        rule: tuple[int, str] = (4, RULE),
    ) -> Any:
        made = child(row, "tc")
        properties = child(made, "tcPr")
        child(properties, "tcW", w=str(width), type="dxa")
        if span > 1:
            child(properties, "gridSpan", val=str(span))
        border(properties, "tcBorders", ("bottom",), size=rule[0], colour=rule[1])
        if fill:
            child(properties, "shd", val="clear", color="auto", fill=fill)
        return made

    def label(self, parent: Any, target: str, *, kind: str) -> None:
        label = self.numbering.labels.get(target)
        if label is None:
            return
        run(parent, f"{kind} ", b="1")
        field(parent, f"SEQ {kind} \\* ARABIC", label.rpartition(" ")[2])
        run(parent, ". ", b="1")

    def figure(self, figure: Figure) -> None:
        from docx.shared import Cm, Pt

        holder = self.document.add_paragraph(style="Normal")
        holder.paragraph_format.keep_with_next = True
        holder.paragraph_format.space_before = Pt(8)
        width_px, height_px = _png_size(figure.png)
        width = min(figure.width_cm, self.text_width)
        # Leave room for the caption below on the same page.
        tallest = (_PORTRAIT[0] if self.is_landscape else _PORTRAIT[1]) - 2 * self.margin - 3.0
        width = min(width, tallest * width_px / height_px)
        shape = holder.add_run().add_picture(io.BytesIO(figure.png), width=Cm(width))
        self.drawings += 1
        properties = shape._inline.docPr
        properties.set("id", str(self.drawings))
        properties.set("name", figure.figure_id)
        properties.set("descr", figure.alt)
        caption = self.paragraph("Caption")
        # The style keeps a caption with what follows, which suits tables alone.
        child(caption[0], "keepNext", val="0")
        child(caption[0], "spacing", before="40", after="180" if not figure.notes else "40")
        self.mark(caption, figure.figure_id)
        self.label(caption, figure.figure_id, kind="Figure")
        run(caption, figure.caption)
        for note in figure.notes:
            self.runs(self.paragraph("Note"), note)

    def references(self) -> None:
        style = self.report.citation_style
        records = order_references(self.numbering.references, self.report.records, style=style)
        for position, record in enumerate(records, start=1):
            made = self.paragraph("Reference")
            self.mark(made, reference_anchor(record.record_id))
            if style is CitationStyle.VANCOUVER:
                run(made, f"{position}.")
                child(child(made, "r"), "tab")
            suffix = self.marks[record.record_id][1]
            self.runs(made, reference_content(record, style=style, year_suffix=suffix))

    # The whole

    def contents(self) -> None:
        """Write the table of contents as a field whose present result is already right."""
        run(self.paragraph("Callout Title"), "Contents")
        entries = [e for s in self.report.sections for e in [(1, s), *((2, b) for b in s.sections)]]
        for position, (depth, section) in enumerate(entries):
            made = self.paragraph("Contents")
            child(made[0], "ind", left=str(360 * (depth - 1)))
            if position == 0:
                child(child(made, "r"), "fldChar", fldCharType="begin")
                words = child(child(made, "r"), "instrText")
                words.text = ' TOC \\o "1-2" \\n \\h '
                child(child(made, "r"), "fldChar", fldCharType="separate")
            number = self.numbering.section_numbers[section.section_id]
            internal_link(made, section.section_id, f"{number}  {section.title}")
            if position == len(entries) - 1:
                child(child(made, "r"), "fldChar", fldCharType="end")

    def section(self, section: Section, depth: int) -> None:
        self.turn(is_landscape=section.is_landscape)
        heading = self.paragraph(f"Heading {min(depth, 4)}")
        self.mark(heading, section.section_id)
        number = self.numbering.section_numbers[section.section_id]
        run(heading, f"{number}  {section.title}")
        for block in section.blocks:
            self.block(block, is_landscape=section.is_landscape)
        for below in section.sections:
            self.section(below, depth + 1)

    def write(self) -> bytes:
        self.prepare()
        report = self.report
        run(self.paragraph("Snapshot Line"), report.snapshot_line)
        run(self.paragraph("Title"), report.title)
        if report.subtitle:
            run(self.paragraph("Subtitle"), report.subtitle)
        if report.authors:
            run(self.paragraph("Normal"), ", ".join(report.authors))
        if not self.report.is_compact:
            self.contents()
        for section in report.sections:
            self.section(section, 1)
        raw = io.BytesIO()
        self.document.save(raw)
        return _fixed_zip(raw.getvalue())


_ORDER = ("pStyle", "keepNext", "keepLines", "pBdr", "shd", "spacing", "ind", "jc")


def _property_rank(node: Any) -> int:
    """Return where a paragraph property stands in the schema's order, which Word insists on."""
    return _ORDER.index(node.tag.rpartition("}")[2])


def _png_size(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _fixed_zip(content: bytes) -> bytes:
    """Return the same zip with its parts in order and without the times they were written."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        # The content types must come first: some readers look at nothing else before.
        names = sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()


def render_docx(report: Report, path: Path) -> None:
    """Write a report as a Word document.

    The file appears whole or not at all; an earlier one at ``path`` is
    replaced. The same report gives the same bytes.

    Raises
    ------
    DataError
        If a link, citation or number of the report does not resolve.
    OSError
        If the folder cannot be written.
    """
    require_sound(report)
    complete = with_provenance(report)
    content = _Writer(complete).write()
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
