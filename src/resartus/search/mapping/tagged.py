"""Tagged terms to plans: what each of PubMed's fields means for a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from resartus.search.exact import token
from resartus.search.journals import Journals
from resartus.search.language.ast import Range, Tag, Term
from resartus.search.language.diagnostics import Diagnostics, Severity
from resartus.search.language.fields import Field
from resartus.search.mapping.dates import FAR, parse_relative, parse_span, render_day
from resartus.search.mapping.filters import plan_of_filter
from resartus.search.mapping.forms import phrase_forms
from resartus.search.mapping.languages import language_codes
from resartus.search.mapping.mapped import Mapped, Sureness, Translation
from resartus.search.mapping.names import author_tokens, full_name_tokens
from resartus.search.mapping.patterns import FIELDED, LEAST_BEFORE_STAR, PARTS, patterns_of
from resartus.search.mapping.vocabulary import Vocabulary
from resartus.search.plan import (
    EVERYTHING,
    NOTHING,
    Part,
    Period,
    Plan,
    Pmids,
    Tokens,
    Words,
    any_of,
)
from resartus.search.words import words_of

__all__ = ["Tables", "TaggedTerms", "words_plan"]


@dataclass(slots=True)
class Tables:
    """What words are looked up in."""

    vocabulary: Vocabulary
    today: date
    journals: Journals = field(default_factory=Journals)
    has_token: Callable[[str], bool] = lambda prefix: False
    maps_untagged: bool = True
    """Whether untagged words are looked up; without it each is searched in all fields."""


# Exact fields: the tag is the token's field.
_EXACT = {
    Field.VOLUME: "vi",
    Field.ISSUE: "ip",
    Field.PAGINATION: "pg",
    Field.PLACE: "pl",
    Field.JOURNAL_ID: "jid",
    Field.ISBN: "isbn",
    Field.REGISTRY_NUMBER: "rn",
    Field.ARTICLE_ID: "aid",
    # Locations are article ids too, and lie with them.
    Field.LOCATION_ID: "aid",
}
_NAMES = {
    Field.AUTHOR: "au",
    Field.FIRST_AUTHOR: "1au",
    Field.LAST_AUTHOR: "lastau",
    Field.INVESTIGATOR: "ir",
    Field.EDITOR: "ed",
    Field.PERSONAL_NAME: "ps",
}
_FULL_NAMES = {Field.FULL_AUTHOR: "fau", Field.FULL_INVESTIGATOR: "fir"}
_DIGITS = re.compile(r"\d+")


def words_plan(words: tuple[str, ...], field: Field, distance: int | None = None) -> Plan:
    """Return words in one of the fields made of words."""
    if not words:
        return NOTHING
    code = FIELDED.get(field)
    if code is not None:
        return Words(tuple(f"{code}:{word}" for word in words), (Part.FIELDED,), distance)
    return Words(words, PARTS[field], distance)


class TaggedTerms:
    """Maps terms that have a tag; says what it could not do as PubMed does."""

    def __init__(self, tables: Tables, notes: Diagnostics) -> None:
        self.tables = tables
        self.notes = notes
        self.translations: list[Translation] = []

    def note(self, severity: Severity, code: str, message: str, term: Term | Range) -> None:
        """Add a remark on a term."""
        self.notes.add(severity, code, message, span=term.span)

    def translated(self, term: Term, target: str, sureness: Sureness) -> None:
        """Keep a mapping for the translation set."""
        shown = f"{term.text}{f'[{term.tag.field.tag}]' if term.tag else ''}"
        item = Translation(source=shown, target=target, sureness=sureness)
        if item not in self.translations[-200:]:
            self.translations.append(item)

    def map(self, term: Term, tag: Tag) -> Mapped | None:
        """Return what a tagged term means, or ``None`` where nothing of it is left."""
        kind = tag.field
        if kind in PARTS or kind in FIELDED:
            return self._words(term, tag)
        if kind in _EXACT:
            return self._exact(term, _EXACT[kind])
        if kind in _NAMES or kind in _FULL_NAMES:
            return self._name(term, kind)
        if kind.is_date:
            return self._date(term, kind)
        return _BY_FIELD[kind](self, term, tag)

    # Words ----------------------------------------------------------------

    def patterns(self, term: Term) -> tuple[str, ...]:
        """Return a term's words and say where a wildcard came too early."""
        words, is_short = patterns_of(term.text)
        if is_short:
            self.note(
                Severity.WARNING,
                "short-wildcard",
                f"in {term.text!r} a '*' has fewer than 4 characters before it; PubMed reads it "
                "as a space.",
                term,
            )
        return words

    def _words(self, term: Term, tag: Tag) -> Mapped | None:
        words = self.patterns(term)
        if not words:
            self.note(Severity.WARNING, "nothing-left", f"{term.text!r} holds no word.", term)
            return None
        distance = tag.distance
        if distance is not None and not tag.field.takes_proximity:
            return Mapped(plan=NOTHING, text=f'"{" ".join(words)}"[{tag.field.label}:~{distance}]')
        if distance is not None and any("*" in word for word in words):
            self.note(
                Severity.WARNING,
                "wildcard-proximity",
                "PubMed ignores the distance of a proximity search with a wildcard; it is "
                "searched as a phrase.",
                term,
            )
            distance = None
        shown = " ".join(words)
        label = tag.field.label if distance is None else f"{tag.field.label}:~{distance}"
        bare = len(words) == 1 and "*" in shown
        text = f"{shown}[{label}]" if bare else f'"{shown}"[{label}]'
        plan = words_plan(words, tag.field, distance)
        if tag.field is Field.SUBSTANCE and self.tables.vocabulary.concepts(term.text):
            plan = self._concept(term, plan)
        return Mapped(plan=plan, text=text)

    def _concept(self, term: Term, plan: Plan) -> Plan:
        uis = self.tables.vocabulary.concepts(term.text)
        return any_tokens(plan, [f"nm:{ui}" for ui in uis])

    def _exact(self, term: Term, code: str) -> Mapped:
        wanted = token(code, term.text.replace("*", ""))
        if "*" in term.text:
            head = token(code, term.text.partition("*")[0])
            plan = Tokens(prefixes=frozenset((head,)))
        else:
            plan = Tokens(exact=frozenset((wanted,)))
        assert term.tag is not None
        return Mapped(plan=plan, text=f'"{_lower(term.text)}"[{term.tag.field.label}]')

    def _name(self, term: Term, kind: Field) -> Mapped:
        if kind in _FULL_NAMES:
            plan = full_name_tokens(_FULL_NAMES[kind], term.text)
        else:
            plan = author_tokens(_NAMES[kind], term.text, is_exact=term.quoted)
        shown = _lower(term.text)
        text = f'"{shown}"[{kind.label}]' if term.quoted else f"{shown}[{kind.label}]"
        return Mapped(plan=plan, text=text)

    # Dates and numbers ----------------------------------------------------

    def _date(self, term: Term, kind: Field) -> Mapped:
        days = parse_span(term.text)
        code = kind.tag
        if days is not None:
            # A single publication date does not look at a later electronic date.
            code = "dp1" if kind is Field.PUBLICATION_DATE else code
        else:
            open_end = kind is Field.PUBLICATION_DATE
            days = parse_relative(term.text, today=self.tables.today, open_end=open_end)
        if days is None:
            self.note(
                Severity.ERROR,
                "bad-date",
                f'{term.text!r} is not a date; write 2011, 2011/03, 2011/03/05 or "last 5 years".',
                term,
            )
            return Mapped(plan=NOTHING, text=f'"{_lower(term.text)}"[{kind.label}]')
        return Mapped(plan=Period(code, *days), text=_period_text(*days, kind))

    def range(self, node: Range) -> Mapped:
        """Return a range of dates or PMIDs."""
        kind = node.tag.field
        if kind is Field.UID:
            found = [_DIGITS.search(text) for text in (node.low, node.high)]
            low, high = (min(int(m[0]), 1 << 40) if m else 0 for m in found)
            return Mapped(plan=Pmids(low, high), text=f"{low}:{high}[{kind.label}]")
        first, last = parse_span(node.low), parse_span(node.high)
        if node.high.strip() == "3000":
            last = (FAR, FAR)
        if first is None or last is None:
            bad = node.low if first is None else node.high
            self.note(
                Severity.ERROR,
                "bad-date",
                f"{bad!r} is not a date; write 2011, 2011/03 or 2011/03/05.",
                node,
            )
            return Mapped(plan=NOTHING, text=f"{node.low}:{node.high}[{kind.label}]")
        return Mapped(
            plan=Period(kind.tag, first[0], last[1]), text=_period_text(first[0], last[1], kind)
        )

    # Subjects -------------------------------------------------------------

    def mesh(self, term: Term, tag: Tag) -> Mapped:
        """Return headings, exploded unless told not to, with a subheading if one is named."""
        vocabulary = self.tables.vocabulary
        heading, qualifiers, shown = self._with_late_stars(term), frozenset[str](), None
        uis = vocabulary.find(heading) if "*" not in heading else vocabulary.fitting(heading)
        if not uis and "/" in heading:
            heading, _, sub = heading.rpartition("/")
            shown = vocabulary.qualifier(sub)
            uis = vocabulary.find(heading) if "*" not in heading else vocabulary.fitting(heading)
            if shown is None:
                self.note(
                    Severity.ERROR,
                    "unknown-subheading",
                    f"{sub.strip()!r} is no MeSH subheading; see the list in MeSH.",
                    term,
                )
                return Mapped(plan=NOTHING, text=f'"{_lower(term.text)}"[{tag.field.label}]')
            qualifiers = frozenset((shown,)) if tag.noexp else vocabulary.explode_qualifier(shown)
        sureness = Sureness.TABLE
        if not uis and not term.quoted and "*" not in heading:
            uis = self._by_other_forms(heading)
            sureness = Sureness.GUESS
        uis = tuple(ui for ui in uis if not vocabulary.is_only_publication_type(ui)) or uis
        if term.quoted:
            uis = uis[:1]
        ids = self._ids(term, heading, uis, is_whole=tag.noexp or "*" in heading)
        code = "mj" if tag.field is Field.MESH_MAJOR else "mh"
        if qualifiers:
            names = [_underscored(name) for name in qualifiers]
            exact = frozenset(f"{code}:{ui}/{name}" for ui in ids for name in names)
        else:
            exact = frozenset(f"{code}:{ui}" for ui in ids)
        label = f"{tag.field.label}:noexp" if tag.noexp else tag.field.label
        end = f"/{shown}" if shown else ""
        names = [vocabulary.label(ui).lower() for ui in uis] or [_lower(heading)]
        if "*" in heading:
            names = [_lower(heading)]
        text = " OR ".join(f'"{name}{end}"[{label}]' for name in names)
        if uis and "*" not in heading and names[0] != _lower(heading):
            self.translated(term, text, sureness)
        return Mapped(plan=Tokens(exact=exact), text=text, is_single=len(names) == 1)

    def _by_other_forms(self, heading: str) -> tuple[str, ...]:
        """Return headings that hold another form of the words, such as their singular."""
        words = words_of(heading)[:5]
        if len(words) > 4:
            return ()
        found = (self.tables.vocabulary.find_key(form) for form in phrase_forms(words))
        return next((uis for uis in found if uis), ())

    def _with_late_stars(self, term: Term) -> str:
        """Return a heading's text; a ``*`` that comes too early is a space."""
        if "*" not in term.text or len(term.text.partition("*")[0].strip()) >= LEAST_BEFORE_STAR:
            return term.text
        self.patterns(term)
        return term.text.replace("*", " ")

    def _ids(self, term: Term, heading: str, uis: Iterable[str], *, is_whole: bool) -> set[str]:
        vocabulary = self.tables.vocabulary
        found = set[str]()
        for ui in uis:
            found |= {ui} if is_whole else vocabulary.explode(ui)
        if not found:
            self.note(
                Severity.WARNING,
                "unknown-heading",
                f"{heading.strip()!r} is not in the MeSH table on hand ({vocabulary.edition}); "
                "records with exactly this heading are looked for.",
                term,
            )
            found.add("=" + _underscored(heading))
        return found

    def _subheading(self, term: Term, tag: Tag) -> Mapped:
        vocabulary = self.tables.vocabulary
        name = vocabulary.qualifier(term.text)
        if name is None:
            self.note(
                Severity.WARNING,
                "unknown-subheading",
                f"{term.text!r} is no MeSH subheading.",
                term,
            )
            names: Iterable[str] = (term.text,)
        else:
            names = {name} if tag.noexp else vocabulary.explode_qualifier(name)
        label = f"{tag.field.label}:noexp" if tag.noexp else tag.field.label
        exact = frozenset(f"sh:{_underscored(item)}" for item in names)
        return Mapped(plan=Tokens(exact=exact), text=f'"{name or _lower(term.text)}"[{label}]')

    def _publication_type(self, term: Term, tag: Tag) -> Mapped:
        vocabulary = self.tables.vocabulary
        name = self._with_late_stars(term)
        uis = vocabulary.fitting(name) if "*" in name else vocabulary.find(name)
        uis = tuple(ui for ui in uis if vocabulary.is_publication_type(ui))
        ids = self._ids(term, term.text, uis, is_whole=tag.noexp)
        label = f"{tag.field.label}:noexp" if tag.noexp else tag.field.label
        name = vocabulary.label(uis[0]).lower() if len(uis) == 1 else _lower(term.text)
        exact = frozenset(f"pt:{ui}" for ui in ids)
        return Mapped(plan=Tokens(exact=exact), text=f'"{name}"[{label}]')

    def _action(self, term: Term, tag: Tag) -> Mapped:
        vocabulary = self.tables.vocabulary
        text = f'"{_lower(term.text)}"[{tag.field.label}]'
        if not vocabulary.knows_actions:
            self.note(
                Severity.ERROR,
                "no-actions",
                "pharmacological actions are not in the MeSH table on hand; load NLM's desc and "
                "supp files with 'resartus mesh load'. The term finds nothing.",
                term,
            )
            return Mapped(plan=NOTHING, text=text)
        members = {m for ui in vocabulary.find(term.text) for m in vocabulary.acting(ui)}
        exact = frozenset(f"{code}:{ui}" for ui in members for code in ("mh", "nm"))
        return Mapped(plan=Tokens(exact=exact), text=text)

    # The rest -------------------------------------------------------------

    def _uid(self, term: Term, tag: Tag) -> Mapped:
        numbers = [int(n) for n in _DIGITS.findall(term.text) if len(n) < 12]
        plan: Plan = NOTHING
        if numbers:
            plan = Pmids(numbers[0], numbers[0])
        return Mapped(plan=plan, text=f"{numbers[0] if numbers else 0}[{tag.field.label}]")

    def _language(self, term: Term, tag: Tag) -> Mapped:
        codes = language_codes(term.text)
        exact = frozenset(f"la:{code}" for code in codes)
        return Mapped(plan=Tokens(exact=exact), text=f'"{_lower(term.text)}"[{tag.field.label}]')

    def _author_id(self, term: Term, tag: Tag) -> Mapped:
        digits = re.sub(r"orcid|[^0-9x]", "", term.text.lower())
        plan = Tokens(exact=frozenset((f"auid:{digits}",)))
        return Mapped(plan=plan, text=f'"{_lower(term.text)}"[{tag.field.label}]')

    def _journal(self, term: Term, tag: Tag) -> Mapped:
        if tag.journal_id is not None:
            plan = Tokens(exact=frozenset((token("jid", tag.journal_id),)))
            return Mapped(plan=plan, text=f'"{_lower(term.text)}"[{tag.field.label}]')
        if "*" in term.text:
            heads = frozenset(token(code, term.text.partition("*")[0]) for code in ("jt", "ta"))
            return Mapped(plan=Tokens(prefixes=heads), text=f"{_lower(term.text)}[Journal]")
        exact = [token(code, term.text) for code in ("jt", "ta", "is")]
        ids = () if term.quoted else self.tables.journals.ids(term.text)
        shown = _lower(term.text)
        if ids:
            exact += [token("jid", nlm_id) for nlm_id in ids]
            label = self.tables.journals.label(ids[0])
            self.translated(term, f'"{label}"[Journal:__jid{ids[0]}]', Sureness.TABLE)
            shown = label.lower()
        return Mapped(plan=Tokens(exact=frozenset(exact)), text=f'"{shown}"[Journal]')

    def _filter(self, term: Term, tag: Tag) -> Mapped:
        plan, remark = plan_of_filter(term.text, self.tables.vocabulary, self.tables.today)
        if remark is not None:
            severity = Severity.ERROR if plan is NOTHING else Severity.WARNING
            self.note(severity, "filter", remark, term)
        if plan is EVERYTHING:
            return Mapped(plan=plan, text="all[Filter]")
        return Mapped(plan=plan, text=f'"{_lower(term.text)}"[{tag.field.label}]')


_BY_FIELD: dict[Field, Callable[[TaggedTerms, Term, Tag], Mapped]] = {
    Field.MESH: TaggedTerms.mesh,
    Field.MESH_MAJOR: TaggedTerms.mesh,
    Field.SUBHEADING: TaggedTerms._subheading,
    Field.PUBLICATION_TYPE: TaggedTerms._publication_type,
    Field.PHARMACOLOGICAL_ACTION: TaggedTerms._action,
    Field.UID: TaggedTerms._uid,
    Field.LANGUAGE: TaggedTerms._language,
    Field.AUTHOR_ID: TaggedTerms._author_id,
    Field.JOURNAL: TaggedTerms._journal,
    Field.FILTER: TaggedTerms._filter,
}


def any_tokens(plan: Plan, tokens: Iterable[str]) -> Plan:
    """Return a plan or any of these tokens."""
    return any_of((plan, Tokens(exact=frozenset(tokens))))


def _lower(text: str) -> str:
    return " ".join(text.lower().split())


def _underscored(name: str) -> str:
    return token("", name)[1:]


def _period_text(low: int, high: int, kind: Field) -> str:
    return f"{render_day(low)}:{render_day(high)}[{kind.label}]"
