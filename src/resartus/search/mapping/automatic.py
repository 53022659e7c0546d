"""PubMed's automatic term mapping of untagged words, as far as its tables are public.

The order is PubMed's (User Guide, Automatic Term Mapping): subjects (MeSH
headings and entry terms, subheadings, publication types, supplementary
concepts), then journals, then authors and investigators; the longest stretch
of words from the left that a table holds is taken, and what is left over is
searched word by word in all fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resartus.search.exact import token
from resartus.search.language.ast import Tag, Term
from resartus.search.language.diagnostics import Severity
from resartus.search.language.fields import Field
from resartus.search.mapping.filters import is_flag
from resartus.search.mapping.forms import phrase_forms
from resartus.search.mapping.mapped import Mapped, Sureness
from resartus.search.mapping.names import author_tokens, split_name
from resartus.search.mapping.patterns import STOPWORDS
from resartus.search.mapping.tagged import TaggedTerms, words_plan
from resartus.search.plan import NOTHING, Plan, Tokens, all_of, any_of
from resartus.search.variants import word_variants
from resartus.search.words import words_of

__all__ = ["AutomaticMapping"]

_LONGEST = 12
"""Words of the longest stretch looked up at once; no heading in use has more."""
_FORMS_UP_TO = 4


@dataclass(slots=True)
class _Clause:
    """The alternatives a stretch of words becomes, in PubMed's order, each once."""

    plans: list[Plan]
    texts: dict[str, None]

    def add(self, plan: Plan, text: str) -> None:
        if text not in self.texts:
            self.texts[text] = None
            self.plans.append(plan)

    def words(self, words: Sequence[str]) -> None:
        """Add words as a phrase in all fields."""
        self.add(words_plan(tuple(words), Field.ALL), f'"{" ".join(words)}"[All Fields]')

    def each(self, words: Sequence[str]) -> None:
        """Add all of the words, wherever they stand."""
        kept = [word for word in words if word not in STOPWORDS]
        if len(kept) > 1:
            text = " AND ".join(f'"{word}"[All Fields]' for word in kept)
            self.add(all_of(words_plan((word,), Field.ALL) for word in kept), f"({text})")

    def mapped(self) -> Mapped:
        """Return the clause."""
        return Mapped(
            plan=any_of(self.plans),
            text=" OR ".join(self.texts),
            is_single=len(self.texts) == 1,
        )


class AutomaticMapping:
    """Maps the untagged terms of one query."""

    def __init__(self, tagged: TaggedTerms) -> None:
        self.tagged = tagged
        self.tables = tagged.tables
        self._known: dict[str, Mapped | None] = {}

    def map(self, term: Term) -> list[Mapped]:
        """Return the clauses of an untagged term, to be joined by AND; none if all is dropped."""
        if is_flag(term.text):
            return [self.tagged.map(term, Tag(field=Field.FILTER)) or _nothing()]
        if term.quoted or "*" in term.text:
            return self._as_typed(term)
        slashed = self._heading_with_subheading(term)
        if slashed is not None:
            return [slashed]
        units = [words_of(raw) for raw in term.text.split()]
        units = [unit for unit in units if unit]
        found: list[Mapped] = []
        start = 0
        while start < len(units):
            clause, end = self._longest(term, units, start)
            if clause is not None:
                found.append(clause)
            start = end
        if not found:
            self.tagged.note(
                Severity.WARNING,
                "stopwords",
                f"{term.text!r} holds only words that PubMed ignores.",
                term,
            )
        return found

    def _as_typed(self, term: Term) -> list[Mapped]:
        """Search quoted words as a phrase in all fields, truncated ones each for itself."""
        if term.quoted:
            found = self.tagged.map(term, Tag(field=Field.ALL))
            return [] if found is None else [found]
        clauses = []
        for raw in term.text.split():
            piece = Term(text=raw, span=term.span)
            if "*" in raw:
                found = self.tagged.map(piece, Tag(field=Field.ALL))
                clauses += [] if found is None else [found]
            else:
                clauses += [found for found in (self._word_or_none(words_of(raw)),) if found]
        return clauses

    def _heading_with_subheading(self, term: Term) -> Mapped | None:
        heading, slash, sub = term.text.rpartition("/")
        vocabulary = self.tables.vocabulary
        if not slash or vocabulary.qualifier(sub) is None or not vocabulary.find(heading):
            return None
        return self.tagged.mesh(term, Tag(field=Field.MESH))

    # Stretches ------------------------------------------------------------

    def _longest(
        self, term: Term, units: Sequence[list[str]], start: int
    ) -> tuple[Mapped | None, int]:
        """Return the clause of the longest mapped stretch from here, and where it ends."""
        for end in range(min(len(units), start + _LONGEST), start, -1):
            words = [word for unit in units[start:end] for word in unit]
            clause = self._stretch(term, words)
            if clause is not None:
                return clause, end
        unit = units[start]
        if len(unit) > 1:
            # A hyphen holds its words together as a phrase.
            clause_of = _Clause([], {})
            clause_of.words(unit)
            return clause_of.mapped(), start + 1
        return self._word_or_none(unit), start + 1

    def _word_or_none(self, words: Sequence[str]) -> Mapped | None:
        if len(words) != 1:
            clause = _Clause([], {})
            if words:
                clause.words(words)
            return clause.mapped() if words else None
        if words[0] in STOPWORDS:
            return None
        clause = _Clause([], {})
        for form in sorted(word_variants(words[0])):
            clause.words((form,))
        return clause.mapped()

    def _stretch(self, term: Term, words: list[str]) -> Mapped | None:
        phrase = " ".join(words)
        if phrase not in self._known:
            self._known[phrase] = self._looked_up(term, words, phrase)
        return self._known[phrase]

    def _looked_up(self, term: Term, words: list[str], phrase: str) -> Mapped | None:
        if not self.tables.maps_untagged or (len(words) == 1 and phrase in STOPWORDS):
            return None
        subject = self._subject(term, words)
        if subject is not None:
            return subject
        ids = self.tables.journals.ids(phrase)
        if ids:
            return self._journal(term, words, ids)
        if len(words) > 1 and split_name(phrase) is not None:
            return self._person(term, phrase)
        return None

    def _found(self, words: list[str]) -> tuple[tuple[str, ...], str, Sureness] | None:
        """Return headings, the form they are listed under, and how sure that is."""
        vocabulary = self.tables.vocabulary
        phrase = " ".join(words)
        exact = vocabulary.find(phrase)
        if exact:
            return exact, phrase, Sureness.TABLE
        if len(words) > _FORMS_UP_TO:
            return None
        for form in self._forms(words):
            uis = vocabulary.find_key(form)
            if uis:
                return uis, form, Sureness.GUESS
        return None

    def _forms(self, words: list[str]) -> Iterator[str]:
        if len(words) == 1:
            return iter(sorted(word_variants(words[0]) - {words[0]}))
        firsts = {form.split(" ")[0] for form in phrase_forms(words[:1])} | {words[0]}
        seconds = set(phrase_forms(words[1:2])) | {words[1]}
        begins = self.tables.vocabulary.begins
        if not any(begins(first, second) for first in firsts for second in seconds):
            return iter(())
        return phrase_forms(words)

    # Subjects -------------------------------------------------------------

    def _subject(self, term: Term, words: list[str]) -> Mapped | None:
        vocabulary = self.tables.vocabulary
        phrase = " ".join(words)
        clause = _Clause([], {})
        sureness = Sureness.TABLE
        found = self._found(words)
        if found is not None:
            uis, _, sureness = found
            for ui in uis:
                self._heading(clause, ui)
        qualifier = vocabulary.qualifier(phrase) if len(phrase) > 2 else None
        if qualifier is None and found is None:
            named = [vocabulary.qualifier(form) for form in self._forms(words) if len(form) > 2]
            qualifier = next((name for name in named if name), None)
            sureness = Sureness.GUESS if qualifier else sureness
        if qualifier is not None:
            tokens = frozenset(token("sh", n) for n in vocabulary.explode_qualifier(qualifier))
            clause.add(Tokens(exact=tokens), f'"{qualifier}"[MeSH Subheading]')
        concepts = vocabulary.concepts(phrase)
        if concepts:
            names = ", ".join(vocabulary.label(ui).lower() for ui in concepts[:1])
            tokens = frozenset(f"nm:{ui}" for ui in concepts) | {token("nm", names)}
            clause.add(Tokens(exact=tokens), f'"{names}"[Supplementary Concept]')
            clause.words(words_of(names))
        if not clause.plans:
            return None
        if not concepts:
            clause.each(words)
        clause.words(words)
        if len(words) == 1:
            for form in sorted(word_variants(words[0])):
                clause.words((form,))
        mapped = clause.mapped()
        self.tagged.translated(Term(text=phrase), mapped.text, sureness)
        return mapped

    def _heading(self, clause: _Clause, ui: str) -> None:
        """Add a heading: exploded, its words, and its name in natural order."""
        vocabulary = self.tables.vocabulary
        label = vocabulary.label(ui)
        below = vocabulary.explode(ui)
        if not vocabulary.is_only_publication_type(ui):
            exact = frozenset(f"mh:{item}" for item in below)
            clause.add(Tokens(exact=exact), f'"{label.lower()}"[MeSH Terms]')
        if vocabulary.is_publication_type(ui):
            exact = frozenset(f"pt:{item}" for item in below)
            clause.add(Tokens(exact=exact), f'"{label.lower()}"[Publication Type]')
        acting = vocabulary.acting(ui)
        if acting:
            exact = frozenset(f"{code}:{item}" for item in acting for code in ("mh", "nm"))
            clause.add(Tokens(exact=exact), f'"{label.lower()}"[Pharmacological Action]')
        words = words_of(label)
        # No words one by one for headings with a lone number or letter, such as Protein C.
        if not any(len(word) == 1 or word.isdigit() for word in words):
            clause.each(words)
        natural = [word for piece in reversed(label.split(", ")) for word in words_of(piece)]
        clause.words(natural)

    # Journals and people --------------------------------------------------

    def _journal(self, term: Term, words: list[str], ids: tuple[str, ...]) -> Mapped:
        clause = _Clause([], {})
        tokens = frozenset(token("jid", nlm_id) for nlm_id in ids)
        clause.add(Tokens(exact=tokens), f'"{self.tables.journals.label(ids[0])}"[Journal]')
        clause.each(words)
        clause.words(words)
        mapped = clause.mapped()
        self.tagged.translated(Term(text=" ".join(words)), mapped.text, Sureness.TABLE)
        return mapped

    def _person(self, term: Term, phrase: str) -> Mapped | None:
        clause = _Clause([], {})
        for code, label in (("au", Field.AUTHOR.label), ("ir", Field.INVESTIGATOR.label)):
            parts = split_name(phrase)
            if parts and self.tables.has_token(f"{code}:{parts[0]}|{parts[1]}"):
                clause.add(author_tokens(code, phrase, is_exact=False), f"{phrase}[{label}]")
        if not clause.plans:
            return None
        mapped = clause.mapped()
        self.tagged.translated(Term(text=phrase), mapped.text, Sureness.TABLE)
        return mapped


def _nothing() -> Mapped:
    return Mapped(plan=NOTHING, text='""[All Fields]')
