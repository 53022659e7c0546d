"""Retractions, expressions of concern and errata of reports that the review already includes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.domain.event import Event, EventKind
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Record
from resartus.domain.state import ReviewState
from resartus.errors import ConflictError, DataError, NotFoundError

__all__ = [
    "Notice",
    "included_reports",
    "note_deleted",
    "note_notices",
    "notices",
    "notices_in",
    "settle_notice",
]

_ON_THE_REPORT = {
    "RetractionIn": "retraction",
    "PartialRetractionIn": "partial retraction",
    "RetractedandRepublishedIn": "retraction and republication",
    "ExpressionOfConcernIn": "expression of concern",
    "CorrectedandRepublishedIn": "corrected republication",
    "ErratumIn": "erratum",
    "UpdateIn": "update",
}
"""PubMed's RefType on the report itself, gravest first."""
_ON_THE_NOTICE = {kind.removesuffix("In") + "Of": said for kind, said in _ON_THE_REPORT.items()}
_ON_THE_NOTICE |= {
    "RetractedandRepublishedFrom": "retraction and republication",
    "CorrectedandRepublishedFrom": "corrected republication",
    "ErratumFor": "erratum",
    "ExpressionOfConcernFor": "expression of concern",
}
DELETED = "deleted from PubMed"
_GRAVITY = [*_ON_THE_REPORT.values(), DELETED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice on an included report. ``settled`` says how a person dealt with it."""

    record_id: RecordId
    kind: str
    pmid: Pmid | None = None
    citation: str | None = None
    settled: str | None = None

    @property
    def notice_id(self) -> str:
        """``"pubmed:123/retraction/456"``; without a PMID, by a hash of the citation."""
        where = self.pmid or hashlib.sha256((self.citation or "").encode()).hexdigest()[:10]
        return f"{self.record_id}/{self.kind}/{where}"


def included_reports(state: ReviewState) -> dict[RecordId, None]:
    """Return the reports of all studies, in the order the studies were defined."""
    return {r: None for study in state.studies.values() for r in study.record_ids}


def notices_in(records: Iterable[Record], *, included: Mapping[RecordId, Record]) -> list[Notice]:
    """Return every notice these records hold on included reports.

    A notice stands on the report (``RetractionIn``) or is a record of its own
    that names the report by PMID (``RetractionOf``).
    """
    by_pmid = {r.pmid: record_id for record_id, r in included.items() if r.pmid is not None}
    found: dict[str, Notice] = {}
    for record in records:
        for related in record.related:
            notice = None
            if record.record_id in included and related.kind in _ON_THE_REPORT:
                notice = Notice(
                    record_id=record.record_id,
                    kind=_ON_THE_REPORT[related.kind],
                    pmid=related.pmid,
                    citation=related.citation,
                )
            elif related.kind in _ON_THE_NOTICE and related.pmid in by_pmid:
                notice = Notice(
                    record_id=by_pmid[related.pmid],
                    kind=_ON_THE_NOTICE[related.kind],
                    pmid=record.pmid,
                    citation=record.label,
                )
            if notice is not None:
                found.setdefault(notice.notice_id, notice)
    return list(found.values())


def _log(review: Review, found: Iterable[Notice]) -> tuple[Notice, ...]:
    known = review.state().notices
    fresh = tuple(notice for notice in found if notice.notice_id not in known)
    review.append_all(
        review.new_event(
            EventKind.NOTICE_FOUND,
            {
                "notice_id": notice.notice_id,
                "record_id": notice.record_id,
                "kind": notice.kind,
                **({"pmid": notice.pmid} if notice.pmid is not None else {}),
                **({"citation": notice.citation} if notice.citation else {}),
            },
            key=f"notice:{notice.notice_id}",
        )
        for notice in fresh
    )
    return fresh


def note_notices(review: Review, records: Iterable[Record]) -> tuple[Notice, ...]:
    """Log the notices that these records bring and the log does not hold; return those."""
    ids = list(included_reports(review.state()))
    included = {r.record_id: r for r in review.store.iterate_records(ids)}
    return _log(review, notices_in(records, included=included))


def note_deleted(review: Review, pmids: Iterable[Pmid]) -> tuple[Notice, ...]:
    """Log which included reports NLM has deleted; their records stay as they were."""
    gone = set(pmids)
    ids = list(included_reports(review.state()))
    return _log(
        review,
        [
            Notice(record_id=record.record_id, kind=DELETED, pmid=record.pmid)
            for record in review.store.iterate_records(ids)
            if record.pmid in gone
        ],
    )


def notices(state: ReviewState, *, is_open: bool | None = None) -> tuple[Notice, ...]:
    """Return all notices, gravest first; only the open or the settled ones if asked."""
    found = [
        Notice(
            record_id=RecordId(data["record_id"]),
            kind=data["kind"],
            pmid=None if data.get("pmid") is None else Pmid(data["pmid"]),
            citation=data.get("citation"),
            settled=data.get("settled"),
        )
        for data in state.notices.values()
    ]
    wanted = [n for n in found if is_open is None or (n.settled is None) is is_open]
    return tuple(sorted(wanted, key=lambda notice: _GRAVITY.index(notice.kind)))


def settle_notice(review: Review, notice_id: str, *, note: str) -> Event:
    """Say how an open notice was dealt with.

    Raises
    ------
    NotFoundError
        If there is no such notice.
    ConflictError
        If it was settled already.
    DataError
        If the note is empty.
    """
    data = review.state().notices.get(notice_id)
    if data is None:
        known = ", ".join(review.state().notices) or "none"
        raise NotFoundError(f"notice {notice_id!r} does not exist; there are: {known}")
    if data.get("settled"):
        raise ConflictError(f"notice {notice_id!r} was settled already: {data['settled']}")
    if not note.strip():
        raise DataError(f"notice {notice_id!r} needs a note: say what was done about it")
    return review.append(
        EventKind.NOTICE_SETTLED, {"notice_id": notice_id, "note": " ".join(note.split())}
    )
