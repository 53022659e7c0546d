"""Figures in results that are plain words: they rest on nothing, so that nobody can follow them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resartus.reporting.document import (
    Bullets,
    Callout,
    KeyFigures,
    Paragraph,
    Report,
    Section,
    Text,
    TextStyle,
)
from resartus.reporting.reading import block_contents, iterate_numbers
from resartus.reporting.soundness import Fault

__all__ = ["loose_numbers"]

# Not results: years, dates, versions, levels of intervals and tests, names such as R0 or B12,
# time points asked for, sizes of rules, p-value conventions.
_NO_RESULT = re.compile(
    r"\b(?:1[89]|20)\d\d\b|\b\d{1,2} (?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)|\b[Vv]ersions? \d+|\b\d+ ?% (?:CI|PI|confidence)|"
    r"\b(?:95|90|99) ?%|[A-Za-z]+-?\d[\w.-]*|\bp (?:value )?(?:of|<|=|with) ?\d+\.\d+|\b0\.05\b|"
    r"\bPMID \d+|\b(?:below|under|after|at|least|every|look) \d+|\d+[./:]\d+[\d./:-]*(?=\s|$)|"
    r"\d+(?:st|nd|rd|th)\b|\bI2\b|tau2",
)
_FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?: ?%)?")


def _loose(text: str) -> Iterator[str]:
    yield from _FIGURE.findall(_NO_RESULT.sub(" ", text))


def _results(sections: tuple[Section, ...], inside: bool) -> Iterator[tuple[Section, bool]]:
    for section in sections:
        is_result = inside or section.is_result
        yield section, is_result
        yield from _results(section.sections, is_result)


def loose_numbers(report: Report) -> tuple[Fault, ...]:
    """Return the figures in sentences of result sections that are not live numbers."""
    faults = []
    # What a method says of its own estimate stands behind that estimate's number.
    told = {
        sentence
        for _, _, number in iterate_numbers(report)
        if number.estimate is not None
        for sentence in number.estimate.diagnostics
    }
    for section, is_result in _results(report.sections, False):
        if not is_result:
            continue
        for block in section.blocks:
            if not isinstance(block, Paragraph | Bullets | Callout | KeyFigures):
                continue
            for run in block_contents(block):
                for inline in run:
                    if not isinstance(inline, Text) or inline.style is TextStyle.CODE:
                        continue
                    if inline.text in told:
                        continue
                    for figure in _loose(inline.text):
                        faults.append(
                            Fault(
                                kind="loose number",
                                where=f"section {section.section_id}",
                                sentence=f"{figure.strip()!r} in {inline.text.strip()[:60]!r} "
                                "rests on nothing; make it a live number",
                            )
                        )
    return tuple(faults)
