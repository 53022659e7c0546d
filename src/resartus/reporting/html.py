"""A report as one HTML file: no network, no script, readable on a phone, in the dark, on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from resartus.domain.ids import RecordId
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
from resartus.reporting.figures import canvas
from resartus.reporting.provenance import with_provenance
from resartus.reporting.reading import Numbering, number_report
from resartus.reporting.references import (
    citation_labels,
    citation_run,
    order_references,
    reference_content,
)
from resartus.reporting.soundness import require_sound

__all__ = ["render_html"]

_TALL = 14
_TAGS = {
    TextStyle.STRONG: ("<strong>", "</strong>"),
    TextStyle.EMPHASIS: ("<em>", "</em>"),
    TextStyle.CODE: ("<code>", "</code>"),
    TextStyle.MISSING: ('<span class="missing">', "</span>"),
}


@cache
def _style_sheet() -> str:
    return files("resartus.reporting").joinpath("report.css").read_text(encoding="utf-8")


class _Writer:
    """Turns one report into HTML; holds what position gives (numbers, marks)."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.numbering: Numbering = number_report(report)
        self.marks = citation_labels(
            self.numbering.references, report.records, style=report.citation_style
        )
        self.figure_count = 0

    # Inline content

    def inline(self, part: Inline) -> str:
        if isinstance(part, Text):
            before, after = _TAGS.get(part.style, ("", ""))
            return f"{before}{escape(part.text)}{after}"
        if isinstance(part, Number):
            return self.number(part)
        if isinstance(part, Link):
            return f'<a href="{escape(part.href)}">{escape(part.text)}</a>'
        if isinstance(part, Cite):
            return self.citation(part)
        return self.cross_reference(part)

    def number(self, number: Number) -> str:
        if number.kind is NumberKind.CELL or number.number_id is None:
            target = evidence_anchor(number.all_inputs[0])
        else:
            target = number_anchor(number.number_id)
        name = f' data-number="{escape(number.number_id)}"' if number.number_id else ""
        return f'<a class="num" href="#{target}"{name}>{escape(number.text)}</a>'

    def citation(self, cite: Cite) -> str:
        def link(record_id: RecordId) -> str:
            mark = escape(self.marks[record_id][0])
            return f'<a href="#{reference_anchor(record_id)}">{mark}</a>'

        is_numbered = self.report.citation_style is CitationStyle.VANCOUVER
        numbers = self.numbering.references if is_numbered else None
        marks = "".join(joint + link(key) for key, joint in citation_run(cite.record_ids, numbers))
        return f'<span class="cite">{f"[{marks}]" if is_numbered else f"({marks})"}</span>'

    def cross_reference(self, part: CrossReference) -> str:
        return f'<a href="#{escape(part.target)}">{self.numbering.labels[part.target]}</a>'

    def run(self, content: Content) -> str:
        return "".join(self.inline(part) for part in content)

    # Blocks

    def block(self, block: Block) -> str:
        made = self.bare_block(block)
        # The audit finds in the written page which checklist items it answers, and where.
        return _marked(made, block.items) if block.items else made

    def bare_block(self, block: Block) -> str:
        if isinstance(block, Paragraph):
            return f"<p>{self.run(block.content)}</p>"
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Figure):
            return self.figure(block)
        if isinstance(block, Bullets):
            tag = "ol" if block.is_numbered else "ul"
            entries = "".join(f"<li>{self.run(entry)}</li>" for entry in block.entries)
            return f"<{tag}>{entries}</{tag}>"
        if isinstance(block, Callout):
            inner = "".join(f"<p>{self.run(part)}</p>" for part in block.content)
            return (
                f'<aside class="callout {block.kind}" aria-label="{escape(block.title)}">'
                f'<p class="callout-title">{escape(block.title)}</p>{inner}</aside>'
            )
        if isinstance(block, Verbatim):
            label = f'<p class="label">{escape(block.label)}</p>' if block.label else ""
            return f'{label}<pre tabindex="0"><code>{escape(block.text)}</code></pre>'
        if isinstance(block, KeyFigures):
            return self.key_figures(block)
        if isinstance(block, References):
            return self.references()
        return '<div class="page-break"></div>' if isinstance(block, PageBreak) else ""

    def key_figures(self, block: KeyFigures) -> str:
        tiles = "".join(
            f"<div><dt>{escape(figure.label)}</dt><dd>{self.inline(figure.number)}"
            + (f'<span class="detail">{self.run(figure.detail)}</span>' if figure.detail else "")
            + "</dd></div>"
            for figure in block.figures
        )
        return f'<dl class="key-figures">{tiles}</dl>'

    def table(self, table: Table) -> str:
        label = self.numbering.labels.get(table.table_id)
        lead = f'<span class="label">{label}.</span> ' if label else ""
        head = "".join(
            f'<th scope="col" class="{column.align}">{escape(column.title)}</th>'
            for column in table.columns
        )
        body = "".join(self.rows(table))
        notes = "".join(f"<p>{self.run(note)}</p>" for note in table.notes)
        tall = " tall" if len(table.rows) > _TALL else ""
        wide = " wide" if table.is_wide else ""
        caption_id = f"{table.table_id}-caption"
        total = sum(column.weight for column in table.columns)
        columns = "".join(
            f'<col style="width:{100 * column.weight / total:.1f}%">' for column in table.columns
        )
        width = f"{max(24.0, 5.4 * total):.0f}rem"
        return (
            f'<figure class="table-block{wide}" id="{table.table_id}">'
            f'<figcaption id="{caption_id}">{lead}{escape(table.caption)}</figcaption>'
            f'<div class="scroll{tall}" role="region" tabindex="0" aria-labelledby="{caption_id}">'
            f'<table class="sticky-{min(table.sticky_columns, 1)}" style="min-width:{width}">'
            f"<colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>"
            + (f'<div class="notes">{notes}</div>' if notes else "")
            + "</figure>"
        )

    def rows(self, table: Table) -> Iterable[str]:
        for row in table.rows:
            anchor = f' id="{row.anchor}"' if row.anchor else ""
            if row.is_group:
                span = len(table.columns)
                title = self.run(row.cells[0])
                yield (
                    f'<tr class="group"{anchor}><th scope="colgroup" colspan="{span}">'
                    f"<span>{title}</span></th></tr>"
                )
                continue
            cells = []
            for position, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
                inner = self.run(cell)
                if position == 0:
                    cells.append(f'<th scope="row" class="{column.align}">{inner}</th>')
                else:
                    cells.append(f'<td class="{column.align}">{inner}</td>')
            total = ' class="total"' if row.is_total else ""
            yield f"<tr{anchor}{total}>{''.join(cells)}</tr>"

    def figure(self, figure: Figure) -> str:
        self.figure_count += 1
        svg = _inline_svg(
            figure.svg, prefix=f"f{self.figure_count}-", title=figure.caption, alt=figure.alt
        )
        label = self.numbering.labels[figure.figure_id]
        notes = "".join(f"<p>{self.run(note)}</p>" for note in figure.notes)
        numbers = ""
        if figure.numbers:
            links = " · ".join(self.inline(number) for number in figure.numbers)
            numbers = f'<p class="figure-numbers">Numbers drawn: {links}</p>'
        return (
            f'<figure class="figure" id="{figure.figure_id}">'
            f'<div class="drawing" style="--width:{figure.width_cm:.1f}cm">{svg}</div>'
            f'<figcaption><span class="label">{label}.</span> {escape(figure.caption)}</figcaption>'
            f'<div class="notes">{notes}{numbers}</div></figure>'
        )

    def references(self) -> str:
        style = self.report.citation_style
        records = order_references(self.numbering.references, self.report.records, style=style)
        entries = []
        for record in records:
            suffix = self.marks[record.record_id][1]
            text = self.run(reference_content(record, style=style, year_suffix=suffix))
            entries.append(f'<li id="{reference_anchor(record.record_id)}">{text}</li>')
        tag = "ol" if style is CitationStyle.VANCOUVER else "ul"
        return f'<{tag} class="references">{"".join(entries)}</{tag}>'

    # The page

    def section(self, section: Section, depth: int) -> str:
        level = min(depth + 1, 6)
        number = self.numbering.section_numbers[section.section_id]
        blocks = "\n".join(self.block(block) for block in section.blocks)
        below = "\n".join(self.section(part, depth + 1) for part in section.sections)
        heading = f"h-{section.section_id}"
        wide = ' class="wide"' if section.is_landscape else ""
        opening = f'<section id="{section.section_id}"{wide} aria-labelledby="{heading}">'
        return (
            f"{_marked(opening, section.items) if section.items else opening}"
            f'<h{level} id="{heading}"><span class="section-number">{number}</span> '
            f"{escape(section.title)}</h{level}>\n{blocks}\n{below}</section>"
        )

    def contents(self) -> str:
        def entries(sections: tuple[Section, ...], depth: int) -> str:
            items = []
            for section in sections:
                number = self.numbering.section_numbers[section.section_id]
                below = entries(section.sections, depth + 1) if depth < 2 else ""
                items.append(
                    f'<li><a href="#{section.section_id}"><span class="section-number">{number}'
                    f"</span> {escape(section.title)}</a>{below}</li>"
                )
            return f"<ol>{''.join(items)}</ol>" if items else ""

        return entries(self.report.sections, 1)

    def page(self) -> str:
        report = self.report
        subtitle = f'<p class="subtitle">{escape(report.subtitle)}</p>' if report.subtitle else ""
        authors = (
            f'<p class="authors">{escape(", ".join(report.authors))}</p>' if report.authors else ""
        )
        sections = "\n".join(self.section(section, 1) for section in report.sections)
        return f"""<!DOCTYPE html>
<html lang="{escape(report.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Resartus">
<title>{escape(report.title)}</title>
<style>
{_style_sheet()}
</style>
</head>
<body{' class="compact"' if report.is_compact else ""}>
<a class="skip" href="#content">Skip to the report</a>
<header class="masthead">
<p class="snapshot">{escape(report.snapshot_line)}</p>
<h1>{escape(report.title)}</h1>
{subtitle}
{authors}
</header>
<div class="layout">
<nav class="contents" aria-label="Contents"><details open=""><summary>Contents</summary>
{self.contents()}
</details></nav>
<main id="content">
{sections}
</main>
</div>
<footer>
<p>{escape(report.snapshot_line)}</p>
</footer>
</body>
</html>
"""


def _marked(made: str, items: tuple[str, ...]) -> str:
    """Return a block or section with the checklist items it answers written on its first tag."""
    return re.sub(r"^<(\w+)", rf'<\1 data-items="{escape(" ".join(items))}"', made, count=1)


# The figures' few colours become the page's, so that a drawing follows into the dark.
_FIGURE_COLOURS = {
    canvas.INK: "var(--ink)",
    canvas.QUIET: "var(--quiet)",
    canvas.RULE: "var(--figure-rule)",
    canvas.BAND: "var(--band)",
    canvas.PAPER: "var(--sheet)",
    canvas.ACCENT: "var(--accent)",
    canvas.SECOND: "var(--second)",
}
_COLOUR_USE = re.compile("|".join(_FIGURE_COLOURS))
_ID_USE = re.compile(r'(\bid="|url\(#|xlink:href="#|\bhref="#)([^")]+)')


def _inline_svg(svg: str, *, prefix: str, title: str, alt: str) -> str:
    """Return the drawing for use inside a page: own ids, a title and a description."""
    body = svg[svg.index("<svg") :]
    body = _ID_USE.sub(lambda found: f"{found.group(1)}{prefix}{found.group(2)}", body)
    end = body.index(">")
    opening = re.sub(r'\s(width|height)="[^"]*"', "", body[:end])
    rest = re.sub(r"<metadata>.*?</metadata>", "", body[end + 1 :], flags=re.DOTALL)
    rest = _COLOUR_USE.sub(lambda found: _FIGURE_COLOURS[found.group()], rest)
    named = f'role="img" aria-labelledby="{prefix}title {prefix}desc"'
    return (
        f'{opening} {named}><title id="{prefix}title">{escape(title)}</title>'
        f'<desc id="{prefix}desc">{escape(alt)}</desc>{rest}'
    )


def render_html(report: Report) -> str:
    """Return a report as one self-contained HTML page.

    The page asks nothing of any network and runs no script. The appendix on
    where each number comes from is added at its end. The same report gives
    the same text.

    Raises
    ------
    DataError
        If a link, citation or number of the report does not resolve.
    """
    require_sound(report)
    complete = with_provenance(report)
    return _Writer(complete).page()
