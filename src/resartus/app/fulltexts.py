"""Full texts: attach PDFs, find whose they are, look for free ones, say which cannot be had."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from resartus.app.review import Review
from resartus.app.screening import outcomes
from resartus.domain.checks import require_text
from resartus.domain.decision import Stage
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.errors import DataError, NotFoundError, ParseError, ResartusError
from resartus.sources.fulltext_lookup import FullTextSources, fetch_fulltext
from resartus.sources.pdf import LARGEST_PDF_MB, PdfText, read_pdf

__all__ = [
    "Attached",
    "Refused",
    "attach_files",
    "attach_pdf",
    "look_up",
    "mark_missing",
    "wanted_records",
]

_PLAIN = re.compile(r"[^a-z0-9]+")
_SHORTEST_TITLE = 25
"""Letters and digits; a shorter title may stand in somebody else's article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A PDF that now belongs to a record, and by what it was told."""

    record_id: RecordId
    name: str
    payload: str
    pages: int
    has_words: bool
    matched_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file or a record that came to nothing, and why."""

    name: str
    reason: str


def wanted_records(review: Review) -> list[RecordId]:
    """Return the records whose full text is sought and neither attached nor given up."""
    state = review.state()
    standing = outcomes(state, reviewers=review.protocol.reviewers)
    return [
        outcome.record_id
        for outcome in standing.values()
        if outcome.stage is Stage.ELIGIBILITY
        and outcome.record_id not in state.fulltexts
        and outcome.record_id not in state.missing_fulltexts
    ]


def attach_pdf(
    review: Review,
    record_id: RecordId,
    content: bytes,
    *,
    name: str,
    matched_by: str = "hand",
    read: PdfText | None = None,
) -> Attached:
    """Attach a PDF to a record; one attached before is replaced, and stays in the folder.

    Raises
    ------
    NotFoundError
        If the record is not in the review.
    ParseError
        If the file is no readable PDF, with the reason in one sentence.
    """
    if record_id not in review.state().arrived:
        raise NotFoundError(f"record {record_id!r} is not in this review")
    pdf = read or read_pdf(content, name=name)
    digest = review.fulltexts.save(content, text="\f".join(pdf.pages))
    review.append(
        EventKind.FULLTEXT_ATTACHED,
        {
            "record_id": record_id,
            "payload": digest,
            "name": name,
            "pages": len(pdf.pages),
            "has_words": pdf.has_words,
            "matched_by": matched_by,
        },
    )
    return Attached(
        record_id=record_id,
        name=name,
        payload=digest,
        pages=len(pdf.pages),
        has_words=pdf.has_words,
        matched_by=matched_by,
    )


def _plain(text: str) -> str:
    return _PLAIN.sub("", text.casefold())


class _Whose:
    """Tells whose full text a PDF is, by number, DOI or title; never by a guess."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.by_pmid: dict[str, RecordId] = {}
        self.by_pmcid: dict[str, RecordId] = {}
        self.by_doi: dict[str, RecordId] = {}
        self.by_title: dict[str, list[RecordId]] = {}
        for record in records:
            if record.pmid is not None:
                self.by_pmid[str(record.pmid)] = record.record_id
            if record.pmcid:
                self.by_pmcid[record.pmcid.upper()] = record.record_id
            if record.doi:
                self.by_doi[record.doi.lower()] = record.record_id
            title = _plain(record.title or "")
            if len(title) >= _SHORTEST_TITLE:
                self.by_title.setdefault(title, []).append(record.record_id)

    def of_name(self, stem: str) -> tuple[RecordId, str] | None:
        for pmcid in re.findall(r"PMC\d{4,9}", stem, re.IGNORECASE):
            if pmcid.upper() in self.by_pmcid:
                return self.by_pmcid[pmcid.upper()], "PMCID in the file's name"
        for number in re.findall(r"(?<!\d)\d{5,8}(?!\d)", stem):
            if number in self.by_pmid:
                return self.by_pmid[number], "PMID in the file's name"
        name = _plain(stem)
        for doi, record_id in self.by_doi.items():
            if name == _plain(doi):
                return record_id, "DOI in the file's name"
        return None

    def of_content(self, pdf: PdfText) -> tuple[RecordId, str] | None:
        for doi in pdf.dois:
            if doi in self.by_doi:
                return self.by_doi[doi], "DOI in the text"
        words = _plain(" ".join(pdf.pages[:2]))[:20_000]
        titled = _plain(pdf.title or "")
        found = [ids for title, ids in self.by_title.items() if title == titled or title in words]
        if len(found) == 1 and len(found[0]) == 1:
            return found[0][0], "title"
        return None


def _pdfs(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() == ".pdf")
        elif path.is_file():
            found.append(path)
        else:
            raise NotFoundError(f"there is no file or folder {str(path)!r}")
    if not found:
        names = ", ".join(repr(str(path)) for path in paths)
        raise NotFoundError(f"there is no PDF in {names}")
    return found


def attach_files(
    review: Review,
    paths: Sequence[Path],
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[tuple[Attached, ...], tuple[Refused, ...]]:
    """Attach PDFs from files and folders, each to the record it is told to be of.

    By PMCID, PMID or DOI in the file's name, by DOI on its first two pages, or
    by a title found there and in no other record. A file that fits nothing is
    refused and named, and the others go on.
    """
    files = _pdfs(paths)
    state = review.state()
    whose = _Whose(
        r for r in review.store.iterate_records() if r.record_id not in state.duplicate_of
    )
    attached: list[Attached] = []
    refused: list[Refused] = []
    for path in files:
        try:
            if path.stat().st_size > LARGEST_PDF_MB * 1_000_000:
                raise ParseError(
                    f"{path.name} has {path.stat().st_size / 1e6:.0f} MB, over the "
                    f"{LARGEST_PDF_MB} MB that are read; save it with smaller pictures"
                )
            content = path.read_bytes()
            pdf = read_pdf(content, name=path.name)
            found = whose.of_name(path.stem) or whose.of_content(pdf)
            if found is None:
                raise DataError(
                    f"{path.name} matches no record by PMID, DOI or title; "
                    "attach it with --record, or put the PMID into its name"
                )
            one = attach_pdf(
                review, found[0], content, name=path.name, matched_by=found[1], read=pdf
            )
            attached.append(one)
        except OSError as error:
            refused.append(Refused(name=path.name, reason=f"{path.name} cannot be read: {error}"))
        except (ParseError, DataError) as error:
            refused.append(Refused(name=path.name, reason=error.message))
        advance(1)
    return tuple(attached), tuple(refused)


def look_up(
    review: Review,
    record_ids: Sequence[RecordId],
    *,
    sources: FullTextSources | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[tuple[Attached, ...], tuple[Refused, ...]]:
    """Look for a free PDF of each record by PMCID and DOI, and attach what is found."""
    attached: list[Attached] = []
    refused: list[Refused] = []
    for record in review.store.iterate_records(record_ids):
        try:
            content, address = fetch_fulltext(doi=record.doi, pmcid=record.pmcid, sources=sources)
            one = attach_pdf(
                review, record.record_id, content, name=address, matched_by="looked up"
            )
            attached.append(one)
        except ResartusError as error:
            refused.append(Refused(name=record.record_id, reason=error.message))
        advance(1)
    return tuple(attached), tuple(refused)


def mark_missing(review: Review, record_id: RecordId, *, reason: str) -> None:
    """Say that a full text cannot be had: PRISMA's "reports not retrieved".

    Attaching it later takes the mark away, as does an undo.

    Raises
    ------
    NotFoundError
        If the record is not in the review.
    DataError
        If its full text is attached, was not sought, or no reason is given.
    """
    state = review.state()
    if record_id not in state.arrived:
        raise NotFoundError(f"record {record_id!r} is not in this review")
    if record_id in state.fulltexts:
        raise DataError(f"the full text of {record_id!r} is attached; undo that first")
    if record_id not in wanted_records(review):
        raise DataError(
            f"the full text of {record_id!r} is not sought: it has not passed title and abstract, "
            "or is marked already"
        )
    require_text(reason, field="reason", where=f"the missing full text of {record_id!r}")
    review.append(EventKind.FULLTEXT_MISSING, {"record_id": record_id, "reason": reason})
