"""Which reports are of one study: proposed by registration, name, people, centre and period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from resartus.dedup.investigation import (
    Period,
    centres_in,
    people,
    period_in,
    registrations,
    registries_in,
)
from resartus.dedup.naming import are_siblings, study_names
from resartus.dedup.words import title_words
from resartus.domain.ids import RecordId
from resartus.domain.record import Record

__all__ = ["StudyProposal", "propose_studies"]

_MOST_UNDER_ONE_KEY = 40
"""Reports under one number or pair of authors that are compared; more tell nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyProposal:
    """Two reports that may be of one study, with what speaks for it."""

    record_id: RecordId
    other_id: RecordId
    evidence: tuple[str, ...]
    is_registered: bool
    """Whether both carry one registration number, the strongest evidence there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    record: Record
    numbers: frozenset[str]
    studies: dict[str, str]
    authors: frozenset[str]
    names: dict[str, str]
    centres: dict[frozenset[str], str]
    registries: frozenset[str]
    period: Period | None
    title: str


def _facts(record: Record) -> _Facts:
    named = people(record.authors)
    affiliations = [text for author in record.authors for text in author.affiliations]
    return _Facts(
        record=record,
        numbers=registrations(record),
        studies=study_names(record),
        authors=frozenset(named),
        names=named,
        centres=centres_in(affiliations),
        registries=registries_in((record.title, record.abstract)),
        period=period_in(record.abstract),
        title=" ".join(title_words(record.title or "")),
    )


def _candidates(facts: Sequence[_Facts]) -> set[tuple[int, int]]:
    """Return pairs that share a number, a name, or two of their first and last authors."""
    keys: dict[object, list[int]] = defaultdict(list)
    for at, fact in enumerate(facts):
        for number in (*fact.numbers, *fact.studies):
            keys[number].append(at)
        ends = sorted({*list(fact.names)[:4], *list(fact.names)[-2:]})
        for pair in combinations(ends, 2):
            keys[pair].append(at)
    return {
        pair
        for places in keys.values()
        if len(places) <= _MOST_UNDER_ONE_KEY
        for pair in combinations(places, 2)
    }


def _propose(a: _Facts, b: _Facts) -> StudyProposal | None:
    evidence = []
    numbers = a.numbers & b.numbers
    if numbers:
        evidence.append(f"registered as {', '.join(sorted(numbers))}")
    elif a.numbers and b.numbers:
        # Two registrations are two studies, whoever did them.
        return None
    named = [name for key, name in a.studies.items() if key in b.studies]
    if named:
        evidence.append(f"both name {', '.join(named[:3])}")
    elif not numbers and any(are_siblings(x, y) for x in a.studies for y in b.studies):
        # SOLO1 and SOLO2 are two studies, by one team and under like titles.
        return None
    shared = [name for key, name in a.names.items() if key in b.authors]
    if shared:
        evidence.append(f"{len(shared)} authors in common: {', '.join(shared[:4])}")
    centres = [
        name for words, name in a.centres.items() for w in b.centres if words <= w or w <= words
    ]
    if centres:
        evidence.append(f"same centre: {centres[0]}")
    if a.registries & b.registries:
        evidence.append(f"same registry: {', '.join(sorted(a.registries & b.registries))}")
    alike = fuzz.token_set_ratio(a.title, b.title) / 100
    if alike >= 0.6:
        evidence.append(f"titles {alike:.0%} alike")
    is_same_time = a.period is not None and a.period == b.period
    if is_same_time:
        evidence.append(f"both recruited {a.period}")
    elif a.period and b.period and not a.period.shared_years(b.period) and not (numbers or named):
        return None
    team = len(shared) >= max(2, 0.5 * min(len(a.authors), len(b.authors)))
    # A trial may be named for comparison: someone or something else has to agree.
    by_name = bool(named) and (bool(shared) or alike >= 0.6)
    if numbers or by_name or (team and (is_same_time or alike >= 0.6)):
        return StudyProposal(
            record_id=a.record.record_id,
            other_id=b.record.record_id,
            evidence=tuple(evidence),
            is_registered=bool(numbers),
        )
    return None


def propose_studies(records: Iterable[Record]) -> tuple[StudyProposal, ...]:
    """Return pairs of reports that may be of one study, the registered first.

    Use it on the reports that passed title and abstract, without duplicates.
    Two reports are proposed when they carry one registration number; when they
    name one trial or cohort and share an author or have like titles; or when
    half of the smaller team wrote both and the period is the same or the
    titles are alike. A person judges.
    """
    facts = [_facts(record) for record in records]
    found = [
        proposal
        for a, b in sorted(_candidates(facts))
        if (proposal := _propose(facts[a], facts[b])) is not None
    ]
    return tuple(sorted(found, key=lambda p: (not p.is_registered, -len(p.evidence))))
