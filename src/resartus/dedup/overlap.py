"""Which studies may count the same patients: proposed with the evidence, judged by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from resartus.dedup.investigation import (
    Period,
    centres_in,
    people,
    period_in,
    registries_in,
)
from resartus.dedup.words import words_of
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule, OverlapVerdict, PatientsShared
from resartus.domain.patient import Patient
from resartus.domain.record import Record
from resartus.domain.study import Study

__all__ = ["Evidence", "OverlapProposal", "Strength", "kept_studies", "propose_overlaps"]

_CENTRE = ("centre", "center", "institution", "hospital", "site", "centres")
_PERIOD = ("recruited", "period", "recruitment", "years")
_SIZE = ("n_liver_surgery", "n_treated", "n_patients", "n_total")
_FOLLOW_UP = ("follow_up_median_months", "follow_up_months")
_ORGANS = {
    "ovary": ("ovar",), "tube": ("tube", "tubal", "fallop"), "cervix": ("cervi",),
    "uterine body": ("endometri", "uter", "corpus"), "vulva": ("vulv",), "vagina": ("vagin",),
}  # fmt: skip
_ALIKE = ("age_years", "primary_site", "histology", "n_lesions", "max_size_cm", "interval_months",
          "follow_up_months", "procedure")  # fmt: skip


class Strength(StrEnum):
    """How much the evidence says; it is a reason to look and no probability."""

    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact about two studies, in words; ``speaks_for`` is ``None`` where it is not known."""

    kind: str
    text: str
    speaks_for: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapProposal:
    """Two studies that may share patients, at most ``at_most`` of them."""

    study_ids: tuple[StudyId, StudyId]
    labels: tuple[str, str]
    strength: Strength
    evidence: tuple[Evidence, ...]
    at_most: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    study: Study
    centres: Mapping[frozenset[str], str]
    registries: frozenset[str]
    country: str | None
    period: Period | None
    authors: Mapping[str, str]
    organs: frozenset[str]
    size: int | None


def _first_number(study: Study, names: Sequence[str]) -> float | None:
    return next((n for name in names if (n := study.number(name)) is not None), None)


def _first_text(study: Study, names: Sequence[str]) -> str | None:
    return next((str(v) for name in names if (v := study.value(name)) is not None), None)


def _organs(text: str) -> frozenset[str]:
    """Return the organs named; none for "gynaecological" or "mixed", which fit any."""
    words = words_of(text)
    return frozenset(
        organ
        for organ, stems in _ORGANS.items()
        if any(word.startswith(stem) for word in words for stem in stems)
    )


def _facts(study: Study, records: Mapping[RecordId, Record]) -> _Facts:
    reports = [records[r] for r in study.record_ids if r in records]
    authors = [author for report in reports for author in report.authors]
    country = _first_text(study, ("country",))
    centre = [_first_text(study, (name,)) for name in _CENTRE]
    affiliations = [text for author in authors for text in author.affiliations]
    told = [study.label, study.design, *(r.title for r in reports), *(r.abstract for r in reports)]
    single = [str(p.values["primary_site"].value) for p in study.patients
              if "primary_site" in p.values]  # fmt: skip
    size = _first_number(study, _SIZE)
    period = period_in(_first_text(study, _PERIOD))
    if period is None:
        period = next((p for r in reports if (p := period_in(r.abstract))), None)
    return _Facts(
        study=study,
        centres=centres_in([*centre, country, *affiliations]),
        registries=registries_in(told),
        country=country.split("(")[0].strip().lower() if country else None,
        period=period,
        authors=people(authors),
        organs=_organs(" ".join([_first_text(study, ("primary_sites",)) or "", *single])),
        size=int(size) if size is not None else (len(study.patients) or None),
    )


def _centre_evidence(a: _Facts, b: _Facts) -> Evidence | None:
    for words, name in a.centres.items():
        for other, other_name in b.centres.items():
            if words <= other or other <= words:
                text = name if name == other_name else f"{name} / {other_name}"
                return Evidence(kind="centre", text=f"same centre: {text}", speaks_for=True)
    shared = a.registries & b.registries
    if shared:
        text = f"same registry: {', '.join(sorted(shared))}"
        return Evidence(kind="registry", text=text, speaks_for=True)
    if a.country and b.country and a.country != b.country:
        text = f"other countries: {a.country}, {b.country}"
        return Evidence(kind="country", text=text, speaks_for=False)
    if a.country and a.country == b.country:
        return Evidence(kind="country", text=f"same country: {a.country}", speaks_for=None)
    return None


def _author_evidence(a: _Facts, b: _Facts) -> Evidence | None:
    if not a.authors or not b.authors:
        return Evidence(kind="authors", text="authors of one not on hand", speaks_for=None)
    shared = [name for key, name in a.authors.items() if key in b.authors]
    # One name in common happens; two of a team do not by chance.
    if len(shared) < 2:
        return None
    named = ", ".join(shared[:5]) + (" …" if len(shared) > 5 else "")
    return Evidence(
        kind="authors", text=f"{len(shared)} authors in common: {named}", speaks_for=True
    )


def _period_evidence(a: _Facts, b: _Facts) -> Evidence:
    if a.period is None or b.period is None:
        known = a.period or b.period
        text = f"period of one not reported; the other {known}" if known else "periods not reported"
        return Evidence(kind="period", text=text, speaks_for=None)
    years = a.period.shared_years(b.period)
    text = f"{a.period} and {b.period}: {years or 'no'} years in common"
    return Evidence(kind="period", text=text, speaks_for=years > 0)


def _organ_evidence(a: _Facts, b: _Facts) -> Evidence | None:
    if not a.organs or not b.organs:
        return Evidence(kind="disease", text="primary sites of one not told apart", speaks_for=None)
    shared = a.organs & b.organs
    text = f"both: {', '.join(sorted(shared))}" if shared else "no primary site in common"
    return Evidence(kind="disease", text=text, speaks_for=bool(shared))


def _is_alike(a: Patient, b: Patient) -> bool:
    """Whether two patients have four and more values in common and none that differs."""
    both = [f for f in _ALIKE if f in a.values and f in b.values]
    values = [(a.values[f].value, b.values[f].value) for f in both]
    known = [(x, y) for x, y in values if x is not None and y is not None]
    return len(known) >= 4 and all(str(x).lower() == str(y).lower() for x, y in known)


def _patient_evidence(a: _Facts, b: _Facts) -> Evidence | None:
    alike = [
        (p.name, q.name) for p in a.study.patients for q in b.study.patients if _is_alike(p, q)
    ]
    if not alike:
        return None
    text = f"patients alike: {', '.join(f'{p} and {q}' for p, q in alike[:5])}"
    return Evidence(kind="patients", text=text, speaks_for=True)


def _propose(a: _Facts, b: _Facts) -> OverlapProposal | None:
    found = (
        _centre_evidence(a, b),
        _author_evidence(a, b),
        _patient_evidence(a, b),
        _period_evidence(a, b),
        _organ_evidence(a, b),
    )
    evidence = tuple(fact for fact in found if fact is not None)
    says = {fact.kind: fact.speaks_for for fact in evidence}
    if says.get("period") is False or says.get("disease") is False:
        return None
    people_say = any(says.get(kind) for kind in ("centre", "registry", "authors", "patients"))
    if not people_say or (says.get("country") is False and not says.get("patients")):
        return None
    certain = says.get("period") is True and says.get("disease") is True
    sizes = [facts.size for facts in (a, b) if facts.size is not None]
    return OverlapProposal(
        study_ids=(a.study.study_id, b.study.study_id),
        labels=(a.study.label, b.study.label),
        strength=Strength.LIKELY if certain or says.get("patients") else Strength.POSSIBLE,
        evidence=evidence,
        at_most=min(sizes) if sizes else None,
    )


def propose_overlaps(
    studies: Sequence[Study], records: Mapping[RecordId, Record]
) -> tuple[OverlapProposal, ...]:
    """Return the pairs of studies that may count the same patients, the likely first.

    A pair is proposed when centre, registry, two authors or single patients are
    in common, unless the periods or the organs are known to be apart, or the
    countries differ. It is never more than a reason to look: the Cochrane
    Handbook (5.1, section 7.2.2) asks for the same detective work by hand.

    Parameters
    ----------
    studies : sequence of Study
        Those that an analysis would count.
    records : mapping
        Their reports, for authors, affiliations and abstracts.
    """
    # A review whose table holds several studies says nothing on who did them.
    uses = Counter(record_id for study in studies for record_id in study.record_ids)
    own = {r: record for r, record in records.items() if uses[r] == 1}
    facts = [_facts(study, own) for study in studies]
    found = [p for a, b in combinations(facts, 2) if (p := _propose(a, b)) is not None]
    return tuple(
        sorted(found, key=lambda p: (p.strength is not Strength.LIKELY, -(p.at_most or 0)))
    )


def _size(study: Study) -> float | None:
    size = _first_number(study, _SIZE)
    return size if size is not None else (len(study.patients) or None)


def _follow_up(study: Study) -> float | None:
    told = _first_number(study, _FOLLOW_UP)
    months = [p.follow_up.months for p in study.patients if p.follow_up.months is not None]
    return told if told is not None else (max(months) if months else None)


def kept_studies(
    studies: Sequence[Study],
    verdicts: Iterable[OverlapVerdict],
    rule: OverlapRule,
    *,
    measure: Callable[[Study], float | None] | None = None,
) -> tuple[Study, ...]:
    """Return the studies that enter an analysis under a rule, in their order.

    Of studies judged to share patients, "keep largest" keeps the one with the
    most patients and "keep longest" the one followed up longest; any study
    that shares none with those kept stays in. The latest verdict on two
    studies counts. "Unclear" counts as distinct: nothing is left out on a guess.

    Parameters
    ----------
    studies : sequence of Study
    verdicts : iterable of OverlapVerdict
        In the order they were made.
    rule : OverlapRule
    measure : callable, optional
        What is compared instead of the number of patients or the median
        follow-up in months; ``None`` ranks last.
    """
    if rule is OverlapRule.KEEP_ALL:
        return tuple(studies)
    measure = measure or (_size if rule is OverlapRule.KEEP_LARGEST else _follow_up)
    latest = {frozenset(v.study_ids): v.verdict for v in verdicts}
    shared = [pair for pair, verdict in latest.items() if verdict is PatientsShared.SHARED]
    # Largest first; unknown last; of equals the later report, which mostly holds the earlier.
    measured = [(measure(study), study) for study in studies]
    ranked = [
        study
        for value, study in sorted(
            measured,
            key=lambda m: (m[0] is None, -(m[0] or 0.0), -(m[1].year or 0), m[1].study_id),
        )
    ]
    kept: set[StudyId] = set()
    for study in ranked:
        if not any(study.study_id in pair and pair & kept for pair in shared):
            kept.add(study.study_id)
    return tuple(study for study in studies if study.study_id in kept)
