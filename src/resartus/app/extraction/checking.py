"""Check what was entered: anchors against the text on hand, numbers against each other."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from resartus.app.evidence import chosen_cells
from resartus.app.extraction.form_in_use import adopted_form, field_finder
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.domain.extracted import Cell
from resartus.domain.ids import RecordId, StudyId
from resartus.errors import NotFoundError, ResartusError
from resartus.extraction.checks import CheckReport, Failure, check_cells
from resartus.sources.pdf import read_pdf

__all__ = ["CheckReport", "Checked", "Failure", "check_review", "texts_on_hand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The checker's report, and full texts that could not be read for it."""

    report: CheckReport
    unreadable: tuple[str, ...]


_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.IGNORECASE | re.DOTALL)


def _words(content: bytes, *, name: str) -> str | None:
    """Return the words of a full text: a PDF's pages, an HTML page's or a plain text."""
    if content.startswith(b"%PDF"):
        read = read_pdf(content, name=name)
        return "\n".join(read.pages) if read.has_words else None
    text = content.decode("utf-8", errors="replace")
    return html.unescape(_TAG.sub(" ", text)) if text.lstrip()[:1] == "<" else text


def texts_on_hand(
    review: Review, record_ids: set[RecordId]
) -> tuple[dict[RecordId, Mapping[str, str]], list[str]]:
    """Return title, abstract and full text of these records, and what could not be read."""
    state = review.state()
    texts: dict[RecordId, Mapping[str, str]] = {}
    unreadable = []
    known = [record_id for record_id in record_ids if record_id in state.arrived]
    for record in review.store.iterate_records(sorted(known)):
        places = {"title": record.title, "abstract": record.abstract}
        payload = state.fulltexts.get(record.record_id)
        if payload is not None:
            try:
                places["text"] = _words(review.load_fulltext(payload), name=record.record_id)
            except ResartusError as error:
                unreadable.append(error.message)
        texts[record.record_id] = {place: text for place, text in places.items() if text}
    return texts, unreadable


def check_review(review: Review, *, study_id: StudyId | None = None) -> Checked:
    """Check every value that counts, of the review or of one study.

    Raises
    ------
    NotFoundError
        If the study is not in the review.
    """
    # A person checks what they may see: what is settled, and what they entered themselves.
    state = settled(review, to=review.person)
    if study_id is not None and study_id not in state.studies:
        raise NotFoundError(f"study {study_id!r} is not in this review")
    cells: list[Cell] = [
        cell for cell in chosen_cells(state) if study_id is None or cell.study_id == study_id
    ]
    wanted = {cell.extracted.anchor.record_id for cell in cells if cell.extracted.anchor}
    texts, unreadable = texts_on_hand(review, wanted)
    report = check_cells(cells, field_of=field_finder(review), texts=texts)
    report = replace(report, failures=(*report.failures, *_not_asked_for(review, cells)))
    return Checked(report=report, unreadable=tuple(unreadable))


def _not_asked_for(review: Review, cells: list[Cell]) -> list[Failure]:
    """Name the values under a field that the adopted form does not have: no analysis reads them.

    While ``review.toml`` alone names fields, it need not name them all.
    """
    form = adopted_form(review)
    if form is None:
        return []
    names = [field.name for field in form.fields]
    find = field_finder(review)
    return [
        Failure(
            check="form",
            study_id=cell.study_id,
            cell_ids=(cell.cell_id,),
            place=cell.field,
            message=f"the form {form.form_id!r} asks for no {cell.field!r}"
            + (f"; did you mean {near[0]!r}?" if near else ""),
        )
        for cell in cells
        if find(cell) is None
        for near in [get_close_matches(cell.field.rpartition(".")[2], names, n=1, cutoff=0.75)]
    ]
