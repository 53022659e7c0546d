"""Judge pairs of records: the same report, different, or related; and take a link out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.app.dedup.running import record_rank
from resartus.app.review import Review
from resartus.dedup.merged import MergedRecord
from resartus.domain.duplicates import DuplicateQuestion, pair_of
from resartus.domain.event import Event, EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.errors import ConflictError, DataError, NotFoundError

__all__ = [
    "FieldView",
    "GroupView",
    "MergedRecord",
    "PairVerdict",
    "PairView",
    "asked_pairs",
    "judge_pair",
    "linked_groups",
    "merged_view",
    "open_questions",
    "pair_view",
    "unlink",
]


class PairVerdict(StrEnum):
    """What a person says of two records."""

    SAME = "same"
    DIFFERENT = "different"
    RELATED = "related"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One field of two records side by side, with how far it agrees.

    ``agreement`` is in words, such as "nearly same"; ``None`` where one side
    is missing, which speaks neither way.
    """

    name: str
    left: str | None
    right: str | None
    agreement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Two records side by side, ready to be judged."""

    record_id: RecordId
    other_id: RecordId
    probability: float
    reasons: tuple[str, ...]
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Records that were linked as one report; the first is kept in view."""

    kept: RecordId
    label: str
    duplicates: tuple[RecordId, ...]


def _shown(record: Record) -> dict[str, str | None]:
    return {
        "title": record.title,
        "authors": "; ".join(author.short_name for author in record.authors) or None,
        "year": None if record.year is None else str(record.year),
        "journal": record.journal or record.journal_abbreviation,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "doi": record.doi,
        "pmid": None if record.pmid is None else str(record.pmid),
        "type": ", ".join(record.publication_types) or None,
        "source": record.source,
        "abstract": record.abstract,
    }


def _agreement(name: str, levels: tuple[str, ...]) -> str | None:
    """Return what the comparison says of one field: "title nearly same" says "nearly same"."""
    if name == "pages":
        levels = tuple(level.replace("first page same", "pages begin the same").replace(
            "last page same", "pages end the same") for level in levels)  # fmt: skip
    said = [level.removeprefix(f"{name} ") for level in levels if level.startswith(f"{name} ")]
    if name == "title":
        said += ["same, but common" for level in levels if level == "common title same"]
        joint = ("and authors same", "same in another volume", "same in another issue")
        said = [part for part in said if part not in joint]
    if name == "volume":
        said = [part for part in said if part != "and page same"]
    return ", ".join(said) or None


def pair_view(review: Review, record_id: RecordId, other_id: RecordId) -> PairView:
    """Return any two records side by side.

    Raises
    ------
    NotFoundError
        If one of them is not in the review.
    """
    from resartus.dedup.citation import normalise
    from resartus.dedup.comparing import compare
    from resartus.dedup.score import load_model

    left, right = (review.store.load_record(r) for r in (record_id, other_id))
    comparison = compare(normalise(left), normalise(right))
    model = load_model()
    ours, theirs = _shown(left), _shown(right)
    return PairView(
        record_id=record_id,
        other_id=other_id,
        probability=round(model.probability(comparison), 4),
        reasons=model.reasons(comparison),
        fields=tuple(
            FieldView(
                name=name,
                left=ours[name],
                right=theirs[name],
                agreement=_agreement(name, comparison.levels)
                if ours[name] and theirs[name]
                else None,
            )
            for name in ours
            if ours[name] or theirs[name]
        ),
    )


def open_questions(review: Review) -> list[DuplicateQuestion]:
    """Return the pairs that wait for a person, the most likely first."""
    return review.state().duplicates.open_questions()


def asked_pairs(review: Review, *, count: int | None = None) -> list[PairView]:
    """Return the pairs that wait for a person, side by side, at most ``count``."""
    waiting = open_questions(review)[:count]
    return [pair_view(review, question.record_id, question.other_id) for question in waiting]


def linked_groups(review: Review) -> list[GroupView]:
    """Return what is linked, group by group."""
    members = review.state().duplicates.members
    records = review.store.iterate_records(list(members))
    return [
        GroupView(
            kept=record.record_id, label=record.label, duplicates=tuple(members[record.record_id])
        )
        for record in records
    ]


def merged_view(review: Review, record_id: RecordId) -> MergedRecord:
    """Return one view of a report: of each field the best that any of its records gives.

    Raises
    ------
    NotFoundError
        If the record is not in the review.
    """
    from resartus.dedup.merged import merge_records

    group = review.state().duplicates.group(record_id)
    return merge_records([review.store.load_record(member) for member in group])


def judge_pair(
    review: Review,
    record_id: RecordId,
    other_id: RecordId,
    *,
    verdict: PairVerdict,
    relation: str | None = None,
    note: str | None = None,
) -> Event:
    """Log what a person says of two records.

    "Same" links them; "different" keeps them apart for ever, and takes out a
    link that joined them; "related" keeps them apart and says how they belong
    together, such as ``"conference abstract"``.

    Raises
    ------
    NotFoundError
        If one of them is not in the review.
    DataError
        If both are one record.
    ConflictError
        If they are linked already and are said to be the same.
    """
    state = review.state()
    if record_id == other_id:
        raise DataError(f"record {record_id!r} is given twice; name two records")
    for named in (record_id, other_id):
        if named not in state.arrived:
            raise NotFoundError(
                f"record {named!r} is not in this review; 'resartus dedup --list' shows the pairs"
            )
    noted = {"note": note} if note else {}
    if verdict is PairVerdict.SAME:
        if state.duplicates.root(record_id) == state.duplicates.root(other_id):
            raise ConflictError(f"records {record_id!r} and {other_id!r} are linked already")
        rank = record_rank(state)
        roots = [state.duplicates.root(r) for r in (record_id, other_id)]
        if rank.get(roots[0], 0) > rank.get(roots[1], 0):
            record_id, other_id = other_id, record_id
        link = {"record_id": record_id, "same_as": other_id, **noted}
        return review.append(EventKind.DUPLICATES_LINKED, link)
    if verdict is PairVerdict.DIFFERENT:
        first, second = pair_of(record_id, other_id)
        return review.append(
            EventKind.DUPLICATES_KEPT_APART, {"record_id": first, "other_id": second, **noted}
        )
    return review.append(
        EventKind.REPORTS_RELATED,
        {
            "record_id": record_id,
            "other_id": other_id,
            "relation": relation or "related",
            "is_judged": True,
            **noted,
        },
    )


def unlink(review: Review, record_id: RecordId, *, note: str | None = None) -> Event:
    """Take the link of a duplicate out; it is a record of its own again and stays one.

    Raises
    ------
    NotFoundError
        If the record is not linked to another.
    """
    if record_id not in review.state().duplicates.same_as:
        raise NotFoundError(
            f"record {record_id!r} is not linked as a duplicate; "
            "'resartus dedup --linked' lists those that are"
        )
    data = {"record_id": record_id} | ({"note": note} if note else {})
    return review.append(EventKind.DUPLICATES_UNLINKED, data)
