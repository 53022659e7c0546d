"""Answer plans by looking at every record: slow, complete, and easy to believe.

The oracle against which every index is held, and the engine for the few
hundred records of a review.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pyroaring import BitMap

from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.search.documents import Document, document_of
from resartus.search.journals import Journals, journal_of
from resartus.search.language.diagnostics import Diagnostic
from resartus.search.mapping.bundled import bundled_vocabulary
from resartus.search.mapping.mapped import Translation, TranslationCache
from resartus.search.mapping.vocabulary import Vocabulary
from resartus.search.near import are_near
from resartus.search.plan import (
    All,
    Any,
    But,
    Everything,
    Given,
    Part,
    Period,
    Plan,
    Pmids,
    Steps,
    Tokens,
    Words,
)
from resartus.search.searching import search_index

__all__ = ["Matcher", "SearchResult", "search_records"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a query found, how it was read, and what a reader should know of it.

    ``record_ids`` stand in the order the records were given.
    ``line_counts`` pairs each line of a numbered strategy with its count.
    """

    record_ids: tuple[RecordId, ...]
    translation: str
    translations: tuple[Translation, ...]
    diagnostics: tuple[Diagnostic, ...]
    line_counts: tuple[tuple[int, int], ...]


def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in pattern.split("*")), re.DOTALL)


def _fits(pattern: str) -> Callable[[str], bool]:
    if "*" not in pattern:
        return lambda word: word == pattern
    wanted = _regex(pattern)
    return lambda word: wanted.fullmatch(word) is not None


class Matcher:
    """Documents in a list; a plan's answer is the positions of those it matches."""

    def __init__(self, documents: Sequence[Document], journals: Journals | None = None) -> None:
        self.documents = documents
        self._journals = journals or Journals()
        self._runs = {
            id(document): {part: [r.split() for r in runs] for part, runs in document.texts.items()}
            for document in documents
        }

    def _runs_of(self, document: Document, parts: Iterable[Part]) -> Iterator[list[str]]:
        runs = self._runs[id(document)]
        for part in parts:
            yield from runs.get(part, ())

    def journals(self) -> Journals:
        """Return the journals of the records."""
        return self._journals

    def has_token(self, prefix: str) -> bool:
        """Say whether any record has a token that begins so."""
        return any(t.startswith(prefix) for d in self.documents for t in d.tokens)

    def count(self, plan: Plan) -> int:
        """Return how many records a plan matches."""
        return len(self.evaluate(plan))

    def evaluate(self, plan: Plan) -> BitMap:
        """Return the positions of the documents a plan matches."""
        match plan:
            case Given():
                return plan.pmids
            case Any():
                return BitMap.union(BitMap(), *(self.evaluate(item) for item in plan.items))
            case All():
                return BitMap.intersection(*(self.evaluate(item) for item in plan.items))
            case But():
                return self.evaluate(plan.kept) - self.evaluate(plan.dropped)
            case Steps():
                found = self.evaluate(plan.items[0])
                for operator, item in zip(plan.operators, plan.items[1:], strict=True):
                    other = self.evaluate(item)
                    if operator == "AND":
                        found = found & other
                    elif operator == "OR":
                        found = found | other
                    else:
                        found = found - other
                return found
            case _:
                test = self._test(plan)
                return BitMap([i for i, document in enumerate(self.documents) if test(document)])

    def _test(self, plan: Plan) -> Callable[[Document], bool]:
        match plan:
            case Words():
                return self._words(plan)
            case Tokens():
                return self._tokens(plan)
            case Period():
                return lambda d: any(
                    plan.low <= x <= plan.high for x in d.dates.get(plan.field, ())
                )
            case Pmids():
                return lambda d: plan.low <= d.pmid <= plan.high
            case Everything():
                return lambda d: True
            case _:  # pragma: no cover - evaluate has taken the others
                raise AssertionError(plan)

    def _tokens(self, plan: Tokens) -> Callable[[Document], bool]:
        tests = [_fits(pattern) for pattern in plan.patterns]
        prefixes = tuple(plan.prefixes)
        return lambda d: any(
            t in plan.exact or t.startswith(prefixes) or any(fits(t) for fits in tests)
            for t in d.tokens
        )

    def _words(self, plan: Words) -> Callable[[Document], bool]:
        words = plan.words
        if not words:
            return lambda d: False
        if plan.distance is not None:
            distance = plan.distance
            return lambda d: any(
                are_near(run, words, distance) for run in self._runs_of(d, plan.parts)
            )
        tests = [_fits(word) for word in words]
        first, size = words[0], len(words)

        def has_phrase(document: Document) -> bool:
            for run in self._runs_of(document, plan.parts):
                if "*" not in first and first not in run:
                    continue
                for start in range(len(run) - size + 1):
                    if all(fits(run[start + i]) for i, fits in enumerate(tests)):
                        return True
            return False

        return has_phrase


def search_records(
    query: str,
    records: Iterable[Record],
    *,
    today: date,
    vocabulary: Vocabulary | None = None,
    cache: TranslationCache | None = None,
) -> SearchResult:
    """Return the records a PubMed query matches.

    Parameters
    ----------
    query : str
        PubMed's language; numbered lines may refer to each other by ``#n``.
        Never raises for what is typed: what was not understood is a diagnostic.
    records : iterable of Record
        All are looked at, one by one: for hundreds or thousands, not millions.
    today : date
        What relative dates count from.
    vocabulary : Vocabulary, optional
        MeSH; the bundled table if left out.
    cache : TranslationCache, optional
        Translations received from NCBI, preferred to our own.
    """
    held = tuple(records)
    mesh = bundled_vocabulary() if vocabulary is None else vocabulary
    journals = Journals()
    journals.add(j for record in held if (j := journal_of(record)) is not None)
    matcher = Matcher([document_of(record, mesh.id_of) for record in held], journals)
    outcome = search_index(query, matcher, vocabulary=mesh, today=today, cache=cache)
    return SearchResult(
        record_ids=tuple(held[i].record_id for i in outcome.pmids),
        translation=outcome.translation or "(nothing)",
        translations=outcome.translations,
        diagnostics=outcome.diagnostics,
        line_counts=tuple((line.number, line.count) for line in outcome.lines),
    )
