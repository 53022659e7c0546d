"""The styles of the Word document: real ones, so that a team can restyle it in one place."""

from __future__ import annotations

from typing import Any

__all__ = ["ACCENT", "INK", "QUIET", "RULE", "apply_styles", "tighten"]

INK = "1D2731"
QUIET = "56636F"
RULE = "C4CCD2"
ACCENT = "0B5C6B"
_SANS = "Arial"
_SERIF = "Georgia"

_HEADINGS: tuple[tuple[int, float, float, float], ...] = (
    (1, 16, 20, 6),
    (2, 12.5, 14, 4),
    (3, 11, 12, 3),
    (4, 10.5, 10, 3),
)


def _font(style: Any, *, name: str, size: float, colour: str = INK, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name = name
    style.font.size = Pt(size)
    style.font.bold = bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # The template's theme fonts would win over the name given here.
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)
    for key in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{key}"), name)


def _paragraph(style: Any, *, before: float, after: float, line: float = 1.15) -> None:
    from docx.shared import Pt

    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)
    style.paragraph_format.line_spacing = line


def _remove_tracking(style: Any) -> None:
    """Drop the wide letter spacing that the template gives its title styles."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_rPr()
    for spacing in properties.findall(qn("w:spacing")):
        properties.remove(spacing)


def _named(document: Any, name: str, kind: Any, parent: str) -> Any:
    styles = document.styles
    if name in [style.name for style in styles]:
        return styles[name]
    style = styles.add_style(name, kind)
    style.base_style = styles[parent]
    style.quick_style = True
    return style


def apply_styles(document: Any) -> None:
    """Set the document's styles: headings, captions, table text, callouts, notes, references."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    styles = document.styles
    _font(styles["Normal"], name=_SERIF, size=10.5)
    _paragraph(styles["Normal"], before=0, after=6, line=1.25)
    _font(styles["Title"], name=_SANS, size=22, bold=True)
    _paragraph(styles["Title"], before=0, after=6, line=1.05)
    borders = styles["Title"].element.pPr.find(f"{{{styles['Title'].element.nsmap['w']}}}pBdr")
    if borders is not None:
        styles["Title"].element.pPr.remove(borders)
    _font(styles["Subtitle"], name=_SANS, size=12.5, colour=QUIET)
    _paragraph(styles["Subtitle"], before=0, after=8)
    for name in ("Title", "Subtitle"):
        _remove_tracking(styles[name])
    for level, size, before, after in _HEADINGS:
        style = styles[f"Heading {level}"]
        _font(style, name=_SANS, size=size, bold=True)
        _paragraph(style, before=before, after=after, line=1.1)
        style.paragraph_format.keep_with_next = True
    _font(styles["Caption"], name=_SANS, size=9.5, bold=False)
    _paragraph(styles["Caption"], before=10, after=4)
    styles["Caption"].paragraph_format.keep_with_next = True
    for name in ("List Bullet", "List Number"):
        _paragraph(styles[name], before=0, after=3)
    kind = WD_STYLE_TYPE.PARAGRAPH
    small: tuple[tuple[str, float, str, float, float], ...] = (
        ("Snapshot Line", 8.5, QUIET, 0, 10),
        ("Table Text", 8, INK, 1.5, 1.5),
        ("Table Head", 8, INK, 2, 2),
        ("Note", 8, QUIET, 2, 2),
        ("Contents", 9.5, INK, 0, 2),
        ("Key Label", 8.5, QUIET, 3, 0),
        ("Key Number", 15, INK, 0, 0),
        ("Callout Title", 10, ACCENT, 4, 2),
    )
    for name, size, colour, before, after in small:
        style = _named(document, name, kind, "Normal")
        is_bold = name in ("Table Head", "Key Number", "Callout Title")
        _font(style, name=_SANS, size=size, colour=colour, bold=is_bold)
        _paragraph(style, before=before, after=after, line=1.1)
    code = _named(document, "Verbatim", kind, "Normal")
    _font(code, name="Courier New", size=8.5)
    _paragraph(code, before=2, after=8, line=1.1)
    code.paragraph_format.left_indent = Cm(0.5)
    callout = _named(document, "Callout", kind, "Normal")
    _paragraph(callout, before=0, after=4)
    reference = _named(document, "Reference", kind, "Normal")
    _font(reference, name=_SERIF, size=9.5)
    _paragraph(reference, before=0, after=3, line=1.15)
    reference.paragraph_format.left_indent = Cm(0.9)
    reference.paragraph_format.first_line_indent = Cm(-0.9)
    link = _named(document, "Hyperlink", WD_STYLE_TYPE.CHARACTER, "Default Paragraph Font")
    link.font.color.rgb = RGBColor.from_string(ACCENT)
    link.font.underline = False
    missing = _named(document, "Missing", WD_STYLE_TYPE.CHARACTER, "Default Paragraph Font")
    missing.font.italic = True
    missing.font.color.rgb = RGBColor.from_string("7A858E")
    mono = _named(document, "Code", WD_STYLE_TYPE.CHARACTER, "Default Paragraph Font")
    mono.font.name = "Courier New"
    mono.font.size = Pt(8)


_SMALLER, _CLOSER = 0.84, 0.4
_SMALLEST_PT = 7.0


def tighten(document: Any) -> None:
    """Make every style smaller and closer, so that a sheet stays on one page."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    for style in document.styles:
        if style.type is not WD_STYLE_TYPE.PARAGRAPH:
            continue
        if style.font.size is not None:
            style.font.size = Pt(max(round(2 * _SMALLER * style.font.size.pt) / 2, _SMALLEST_PT))
        spacing = style.paragraph_format
        for name in ("space_before", "space_after"):
            space = getattr(spacing, name)
            if space is not None:
                setattr(spacing, name, Pt(round(_CLOSER * space.pt, 1)))
        if isinstance(spacing.line_spacing, float):
            spacing.line_spacing = 1.0
