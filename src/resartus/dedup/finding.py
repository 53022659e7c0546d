"""Find duplicates among records: links, questions for a person, and related reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from resartus.dedup.blocking import candidate_pairs
from resartus.dedup.citation import Citation, normalise
from resartus.dedup.clusters import Clusters
from resartus.dedup.comparing import Comparison, compare
from resartus.dedup.corpus import seen_together
from resartus.dedup.relations import BY_REF_TYPE, Form, Relation
from resartus.dedup.score import Model, Outcome, load_model
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Record

__all__ = ["Found", "Link", "Question", "RelatedPair", "find_duplicates", "relation_of"]

Pair = tuple[RecordId, RecordId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """``record_id`` is the same report as ``same_as``, the one that is kept in view."""

    record_id: RecordId
    same_as: RecordId
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two records that may be one report: a person should look."""

    record_id: RecordId
    other_id: RecordId
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPair:
    """Two reports that belong together and are not the same."""

    record_id: RecordId
    other_id: RecordId
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search for duplicates gave."""

    links: tuple[Link, ...]
    questions: tuple[Question, ...]
    related: tuple[RelatedPair, ...]
    n_records: int
    n_compared: int
    model: str


def relation_of(a: Citation, b: Citation, comparison: Comparison) -> Relation | None:
    """Return how two records that are not the same belong together, or ``None``."""
    alike = (comparison.title or 0.0) >= 0.85 or comparison.has("title contained")
    by_same = (comparison.authors or 0.0) >= 0.4
    if not alike or comparison.has("common title same"):
        return None
    for form in (a.form, b.form):
        if form in (Form.ERRATUM, Form.RETRACTION, Form.COMMENT, Form.REPLY):
            return Relation(form.value)
    if not by_same:
        return None
    forms = {a.form, b.form}
    for form in (Form.PREPRINT, Form.PROTOCOL, Form.CONFERENCE_ABSTRACT):
        if form in forms:
            return Relation(form.value)
    if comparison.has("title numbers differ"):
        return Relation.SERIES
    same_title = comparison.has("title same") or comparison.has("title nearly same")
    return Relation.REPUBLISHED if same_title else None


def _pairs(questions: Iterable[Question]) -> list[Pair]:
    return [(question.record_id, question.other_id) for question in questions]


def _as_pubmed_says(
    citations: Sequence[Citation], told: Iterable[tuple[int, Pmid, Relation]]
) -> list[tuple[int, int, Relation]]:
    """Return the pairs that PubMed calls erratum, comment, update … of each other."""
    by_pmid: dict[int, list[int]] = {}
    for at, citation in enumerate(citations):
        if citation.pmid is not None:
            by_pmid.setdefault(citation.pmid, []).append(at)
    return [(at, other, kind) for at, pmid, kind in told for other in by_pmid.get(pmid, ())]


def _fullness(citation: Citation) -> int:
    """Count what a citation tells, to choose the one kept in view."""
    told = (
        citation.pmid, citation.doi, citation.sketch, citation.title, citation.surnames,
        citation.journals, citation.year, citation.volume, citation.first_page,
    )  # fmt: skip
    return sum(bool(part) for part in told)


class _Search:
    """One run: citations by place, and what is known of their pairs."""

    def __init__(self, citations: Sequence[Citation], model: Model) -> None:
        self.citations = citations
        self.model = model

    def comparison(self, a: int, b: int) -> Comparison:
        return compare(self.citations[a], self.citations[b])

    def probability(self, a: int, b: int) -> float:
        comparison = self.comparison(a, b)
        if comparison.has("form different"):
            return 0.0
        return self.model.probability(comparison)


def find_duplicates(
    records: Iterable[Record],
    *,
    apart: Collection[Pair] = (),
    together: Collection[Pair] = (),
    rank: Mapping[RecordId, int] | None = None,
    model: Model | None = None,
    advance: Callable[[int], None] = lambda n: None,
) -> Found:
    """Find which records are the same report.

    Use it on all records of a review; what people judged before is kept.
    Records are read once and may come from a generator: a million of them
    stay under 4 GB.

    Parameters
    ----------
    records : iterable of Record
        With distinct ids.
    apart : pairs of ids
        Judged to be different; never linked again, not even through a third.
    together : pairs of ids
        Already linked; they stay together.
    rank : mapping, optional
        Of the records in a group, the one with the highest rank is kept in
        view (one that was judged already, say); among equals, the fullest.
    advance : callable, optional
        Told how many of the steps are done; about three to a record.

    Returns
    -------
    Found
        Links, questions and related reports, each with what speaks for it.
    """
    model = model or load_model()
    citations: list[Citation] = []
    told: list[tuple[int, Pmid, Relation]] = []
    for at, record in enumerate(records):
        citations.append(normalise(record))
        told += [
            (at, link.pmid, BY_REF_TYPE[link.kind])
            for link in record.related
            if link.pmid is not None and link.kind in BY_REF_TYPE
        ]
        advance(1)
    citations = seen_together(citations)
    place = {citation.record_id: at for at, citation in enumerate(citations)}

    def places(pairs: Iterable[Pair]) -> list[tuple[int, int]]:
        return [(place[a], place[b]) for a, b in pairs if a in place and b in place]

    search = _Search(citations, model)
    pairs = candidate_pairs(citations, advance=advance)
    same: list[tuple[float, int, int]] = []
    asked: list[tuple[float, int, int]] = []
    said = _as_pubmed_says(citations, told)
    related = list(said)
    step = max(1, len(pairs) // max(1, len(citations)))
    for number, (a, b) in enumerate(map(tuple, pairs)):
        comparison = compare(citations[a], citations[b])
        outcome = model.outcome(comparison)
        if outcome is Outcome.SAME:
            same.append((model.probability(comparison), int(a), int(b)))
        else:
            if outcome is Outcome.ASK:
                asked.append((model.probability(comparison), int(a), int(b)))
            if relation := relation_of(citations[a], citations[b], comparison):
                related.append((int(a), int(b), relation))
        if number % step == 0:
            advance(1)
    clusters = Clusters(
        len(citations),
        probability=search.probability,
        apart=places(apart) + [(a, b) for a, b, _ in said],
    )
    for a, b in places(together):
        clusters.join(a, b, is_judged=True)
    for probability, a, b in sorted(same, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if not clusters.join(a, b):
            asked.append((probability, a, b))
    questions = tuple(_questions(search, clusters, asked))
    return Found(
        links=tuple(_links(search, clusters, rank or {}, set(together))),
        questions=questions,
        related=tuple(_related(search, clusters, related, places(_pairs(questions)))),
        n_records=len(citations),
        n_compared=len(pairs),
        model=model.version,
    )


def _links(
    search: _Search, clusters: Clusters, rank: Mapping[RecordId, int], known: Collection[Pair]
) -> Iterable[Link]:
    for members in clusters.groups():
        kept = min(
            members,
            key=lambda at: (
                -rank.get(RecordId(search.citations[at].record_id), 0),
                -_fullness(search.citations[at]),
                at,
            ),
        )
        kept_id = RecordId(search.citations[kept].record_id)
        for member in sorted(members):
            record_id = RecordId(search.citations[member].record_id)
            if member == kept or (record_id, kept_id) in known:
                continue
            comparison = search.comparison(member, kept)
            yield Link(
                record_id=record_id,
                same_as=kept_id,
                probability=round(search.model.probability(comparison), 4),
                reasons=search.model.reasons(comparison),
            )


def _questions(
    search: _Search, clusters: Clusters, asked: Iterable[tuple[float, int, int]]
) -> Iterable[Question]:
    """Yield one question for each two groups: the pair most likely to be the same."""
    seen = set()
    for probability, a, b in sorted(asked, key=lambda pair: (-pair[0], pair[1], pair[2])):
        groups = frozenset((clusters.group_of(a), clusters.group_of(b)))
        if len(groups) == 1 or groups in seen or clusters.are_apart(a, b):
            continue
        seen.add(groups)
        yield Question(
            record_id=RecordId(search.citations[a].record_id),
            other_id=RecordId(search.citations[b].record_id),
            probability=round(probability, 4),
            reasons=search.model.reasons(search.comparison(a, b)),
        )


def _related(
    search: _Search,
    clusters: Clusters,
    found: Iterable[tuple[int, int, Relation]],
    asked: Iterable[tuple[int, int]],
) -> Iterable[RelatedPair]:
    """Yield one relation for each two groups that are not put to a person anyway."""

    def groups(a: int, b: int) -> frozenset[int]:
        return frozenset((clusters.group_of(a), clusters.group_of(b)))

    seen = {groups(a, b) for a, b in asked}
    for a, b, relation in found:
        between = groups(a, b)
        if len(between) == 1 or between in seen:
            continue
        seen.add(between)
        yield RelatedPair(
            record_id=RecordId(search.citations[a].record_id),
            other_id=RecordId(search.citations[b].record_id),
            relation=relation,
        )
