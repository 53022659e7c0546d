"""Look words up in the review's vocabularies: the bundled packs and its own."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.extraction.form_in_use import review_packs
from resartus.app.review import Review
from resartus.errors import NotFoundError
from resartus.extraction.vocabularies.deriving import DerivedTerm, derive_term, stated_grade
from resartus.extraction.vocabularies.pack import Pack, Term, Vocabulary, load_packs, vocabulary
from resartus.extraction.vocabularies.resections import Resection, parse_resection

__all__ = ["Meaning", "Pack", "Resection", "Term", "Vocabulary", "look_up", "packs_of_review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What words mean: terms by vocabulary, stages a finding sets, segments, a grade."""

    text: str
    terms: tuple[tuple[str, Term], ...]
    stages: tuple[tuple[str, Term], ...]
    other_scales: tuple[tuple[str, str], ...]
    resection: Resection | None
    complication: DerivedTerm | None


def packs_of_review(review: Review | None = None) -> tuple[Pack, ...]:
    """Return the bundled packs and those of the review's folder ``vocabularies/``."""
    return load_packs() if review is None else review_packs(review)


def look_up(text: str, *, packs: tuple[Pack, ...]) -> Meaning:
    """Return what words mean in every vocabulary.

    Raises
    ------
    NotFoundError
        If they mean nothing in any.
    """
    every = [v for pack in packs for v in pack.vocabularies]
    terms = tuple((v.vocabulary_id, found) for v in every if (found := v.find(text)))
    stages = tuple(
        (v.vocabulary_id, v.stage_of(name))
        for v in every
        for name in v.findings
        if name.casefold() == text.strip().casefold()
    )
    codes = {vocabulary_id: term.code for vocabulary_id, term in terms}
    others = tuple(
        (walk.to_id, walk.convert(codes[walk.from_id]))
        for pack in packs
        for walk in pack.crosswalks
        if walk.from_id in codes
    )
    scale = vocabulary("clavien-dindo", packs=packs)
    meaning = Meaning(
        text=text,
        terms=terms,
        stages=stages,
        other_scales=others,
        resection=parse_resection(text, names=vocabulary("resection", packs=packs)),
        complication=stated_grade(text) or derive_term(text, scale),
    )
    if not (terms or stages or meaning.resection or meaning.complication):
        raise NotFoundError(
            f"{text!r} means nothing in: {', '.join(v.vocabulary_id for v in every)}"
        )
    return meaning
