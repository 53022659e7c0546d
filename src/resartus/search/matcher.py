"""Match a query against records one by one: slow, complete, and easy to believe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.search.documents import Document, words_of
from resartus.search.language.ast import Chain, LineRef, Node, Operator, Range, Term
from resartus.search.language.diagnostics import Diagnostic, Severity
from resartus.search.language.fields import Field
from resartus.search.language.parser import parse_query
from resartus.search.language.strategy import ParsedQuery
from resartus.search.variants import word_variants

__all__ = ["SearchResult", "search_records"]

_YEAR = re.compile(r"\d{4}")
_LANGUAGES = {
    "english": "eng", "french": "fre", "german": "ger", "spanish": "spa", "italian": "ita",
    "japanese": "jpn", "chinese": "chi", "russian": "rus", "portuguese": "por",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a query found, how it was read, and what a reader should know of it.

    ``record_ids`` stand in the order the records were given.
    ``line_counts`` pairs each line of a numbered strategy with its count.
    """

    record_ids: tuple[RecordId, ...]
    translation: str
    diagnostics: tuple[Diagnostic, ...]
    line_counts: tuple[tuple[int, int], ...]


def _fits(pattern: str, word: str) -> bool:
    if "*" not in pattern:
        return pattern == word
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), word) is not None


def _has_word(runs: list[list[str]], wanted: frozenset[str]) -> bool:
    plain = {w for w in wanted if "*" not in w}
    wild = [w for w in wanted if "*" in w]
    return any(
        word in plain or any(_fits(pattern, word) for pattern in wild)
        for run in runs
        for word in run
    )


def _has_phrase(runs: list[list[str]], phrase: list[str]) -> bool:
    size = len(phrase)
    return any(
        all(_fits(p, w) for p, w in zip(phrase, run[i : i + size], strict=True))
        for run in runs
        for i in range(len(run) - size + 1)
    )


def _near(runs: list[list[str]], words: list[str], distance: int) -> bool:
    """Whether all words stand in one window with at most ``distance`` words between neighbours."""
    window = len(words) + distance * (len(words) - 1)
    return any(
        all(any(_fits(word, seen) for seen in run[i : i + window]) for word in words)
        for run in runs
        for i in range(max(1, len(run) - window + 1))
    )


def _patterns(text: str) -> list[str]:
    """Return the words of a term, each keeping its ``*``."""
    kept = re.sub(r"\*+", "\ufffe", text)
    found = []
    for part in re.findall(r"[^\W_\ufffe]*\ufffe?(?:[^\W_\ufffe]+\ufffe?)*", kept):
        words = words_of(part.replace("\ufffe", "zqz"))
        found += [word.replace("zqz", "*") for word in words]
    return found


class _Matcher:
    """One query over one set of documents; results of lines are kept for ``#n``."""

    def __init__(self, documents: list[Document], today: date) -> None:
        self.documents = documents
        self.today = today
        self.lines: dict[int, frozenset[int]] = {}
        self.unanswered: dict[str, None] = {}

    def find(self, node: Node | None) -> frozenset[int]:
        """Return the positions of the documents a tree matches."""
        if node is None:
            return frozenset()
        if isinstance(node, Chain):
            found = self.find(node.items[0])
            # PubMed joins strictly left to right, AND and OR alike.
            for operator, item in zip(node.operators, node.items[1:], strict=True):
                other = self.find(item)
                if operator is Operator.AND:
                    found &= other
                elif operator is Operator.OR:
                    found |= other
                else:
                    found -= other
            return found
        if isinstance(node, LineRef):
            return self.lines.get(node.number, frozenset())
        return self._where(self._test(node))

    def _where(self, test: Callable[[Document], bool]) -> frozenset[int]:
        return frozenset(i for i, document in enumerate(self.documents) if test(document))

    def _test(self, node: Term | Range) -> Callable[[Document], bool]:
        if isinstance(node, Range):
            return self._range(node)
        field = Field.ALL if node.tag is None else node.tag.field
        if field is Field.UID:
            wanted = set(re.findall(r"\d+", node.text))
            return lambda d: str(d.record.pmid or "") in wanted
        if field is Field.LANGUAGE:
            code = _LANGUAGES.get(node.text.casefold(), node.text.casefold())
            return lambda d: code in d.record.languages
        if field is Field.FILTER or (node.tag is None and node.text.casefold() == "hasabstract"):
            return self._filter(node)
        if field.is_date:
            year = _YEAR.search(node.text)
            return lambda d: year is not None and d.record.year == int(year[0])
        if field in (Field.MESH, Field.MESH_MAJOR):
            return self._mesh(node, is_major=field is Field.MESH_MAJOR)
        return self._words(node, field)

    def _range(self, node: Range) -> Callable[[Document], bool]:
        low, high = _YEAR.search(node.low), _YEAR.search(node.high)
        if node.tag.field is Field.UID:
            first, last = int(node.low), int(node.high)
            return lambda d: d.record.pmid is not None and first <= d.record.pmid <= last
        start = int(low[0]) if low else 0
        end = int(high[0]) if high else self.today.year
        return lambda d: d.record.year is not None and start <= d.record.year <= end

    def _filter(self, node: Term) -> Callable[[Document], bool]:
        name = node.text.casefold()
        if name == "all":
            return lambda d: True
        if name == "hasabstract":
            return lambda d: d.record.abstract is not None
        self.unanswered[f"filter {node.text!r} cannot be decided here and matched nothing"] = None
        return lambda d: False

    def _mesh(self, node: Term, *, is_major: bool) -> Callable[[Document], bool]:
        heading, _, subheading = node.text.partition("/")
        wanted, under = words_of(heading), words_of(subheading)

        def test(document: Document) -> bool:
            for mesh in document.record.mesh:
                names = [q for q in mesh.qualifiers if not under or words_of(q.name) == under]
                if words_of(mesh.descriptor) != wanted or (under and not names):
                    continue
                if not is_major or mesh.major or any(q.major for q in names):
                    return True
            return False

        self.unanswered["MeSH terms were matched without the headings below them"] = None
        return test

    def _words(self, node: Term, field: Field) -> Callable[[Document], bool]:
        patterns = _patterns(node.text)
        distance = None if node.tag is None else node.tag.distance
        untagged = node.tag is None and not node.quoted

        def test(document: Document) -> bool:
            runs = document.runs(field)
            if runs is None:
                self.unanswered[f"field {field.label!r} is not held by these records"] = None
                return False
            if not patterns:
                return False
            if distance is not None:
                return _near(runs, patterns, distance)
            if node.quoted:
                return _has_phrase(runs, patterns)
            if untagged:
                return all(_has_word(runs, _variants(word)) for word in patterns)
            return all(_has_word(runs, frozenset((word,))) for word in patterns)

        return test


def _variants(word: str) -> frozenset[str]:
    return frozenset((word,)) if "*" in word else word_variants(word)


def _quoted(word: str, field: Field) -> str:
    return f'"{word}"[{field.label}]' if "*" not in word else f"{word}[{field.label}]"


def _translated(node: Node | None) -> str:
    """Return how a tree was matched, in the manner of PubMed's Search Details."""
    if node is None:
        return "(nothing)"
    if isinstance(node, Chain):
        parts = [_translated(node.items[0])]
        for operator, item in zip(node.operators, node.items[1:], strict=True):
            parts += [operator.value, _translated(item)]
        return "(" + " ".join(parts) + ")"
    if isinstance(node, LineRef):
        return f"#{node.number}"
    if isinstance(node, Range):
        return f"{node.low}:{node.high}[{node.tag.field.label}]"
    field = Field.ALL if node.tag is None else node.tag.field
    if node.quoted or field not in (Field.ALL, Field.TITLE, Field.TITLE_ABSTRACT, Field.TEXT_WORD):
        return f'"{node.text}"[{field.label}]'
    words = []
    for word in _patterns(node.text):
        forms = sorted(_variants(word)) if node.tag is None else [word]
        text = " OR ".join(_quoted(form, field) for form in forms)
        words.append(f"({text})" if len(forms) > 1 else text)
    return " AND ".join(words)


def _translation(query: ParsedQuery) -> str:
    if not query.is_list:
        return _translated(query.tree)
    return "\n".join(f"{line.number}. {_translated(line.node)}" for line in query.lines)


def search_records(query: str, records: Iterable[Record], *, today: date) -> SearchResult:
    """Return the records a PubMed query matches.

    Parameters
    ----------
    query : str
        PubMed's language; numbered lines may refer to each other by ``#n``.
        Never raises for what is typed: what was not understood is a diagnostic.
    records : iterable of Record
        All are looked at, one by one: for hundreds or thousands, not millions.
    today : date
        The end of an open range of dates.

    Notes
    -----
    Untagged words are matched in all fields with plural and British or
    American forms, joined by AND. Terms are not mapped to MeSH and MeSH is not
    exploded; a diagnostic says so where it matters.
    """
    parsed = parse_query(query)
    documents = [Document(record) for record in records]
    matcher = _Matcher(documents, today)
    found: frozenset[int] = frozenset()
    counts = []
    for line in parsed.lines:
        found = matcher.find(line.node)
        matcher.lines[line.number] = found
        counts.append((line.number, len(found)))
    notes = tuple(
        Diagnostic(
            severity=Severity.WARNING, code="not-decided", message=text, start=0, end=len(query)
        )
        for text in matcher.unanswered
    )
    return SearchResult(
        record_ids=tuple(documents[i].record.record_id for i in sorted(found)),
        translation=_translation(parsed),
        diagnostics=(*parsed.diagnostics, *notes),
        line_counts=tuple(counts),
    )
