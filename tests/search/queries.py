"""Queries made of what real records hold, for holding an index against the matcher."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from resartus.search.documents import Document
from resartus.search.mapping.vocabulary import Vocabulary
from resartus.search.plan import Part

T = TypeVar("T")
WORD_TAGS = ("ti", "tiab", "tw", "all", "ot", "ad", "tiab", "ti")
FIELDED = ("gr", "nm", "si", "tt", "cois", "cn")
EXACT = ("vi", "ip", "pg", "pl", "la", "jid", "rn")
FLAGS = (
    "hasabstract",
    "hasstructuredabstract",
    "haskeyword",
    "hascois",
    "medline[sb]",
    "publisher[sb]",
    "inprocess[sb]",
    "english[filter]",
    "humans[filter]",
    "all[sb]",
)


def queries(documents: Sequence[Document], vocabulary: Vocabulary) -> st.SearchStrategy[str]:
    """Return a strategy of whole queries over these documents."""
    leaves = st.one_of(
        _words(documents), _words(documents), _phrases(documents), _near(documents),
        _subjects(documents, vocabulary), _tokens(documents), _dates(documents),
        _people(documents), st.sampled_from(FLAGS), _untagged(documents),
    )  # fmt: skip
    operators = st.sampled_from(["AND", "OR", "NOT", "OR", "AND"])

    def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def text(parts: tuple[list[str], list[str], bool]) -> str:
            items, words, grouped = parts
            joined_text = items[0]
            for word, item in zip(words, items[1:], strict=False):
                joined_text += f" {word} {item}"
            return f"({joined_text})" if grouped else joined_text

        return st.tuples(
            st.lists(inner, min_size=2, max_size=4),
            st.lists(operators, min_size=3, max_size=3),
            st.booleans(),
        ).map(text)

    return st.recursive(leaves, joined, max_leaves=8)


def _pick(items: Sequence[T]) -> st.SearchStrategy[T]:
    """Draw one of many items without naming them all in a failure."""
    return st.integers(0, len(items) - 1).map(lambda index: items[index])


def _runs(documents: Sequence[Document]) -> st.SearchStrategy[list[str]]:
    """Draw the words of one part of one record."""
    parts = [p for p in Part if p is not Part.FIELDED]
    drawn = st.tuples(_pick(documents), st.sampled_from(parts), st.integers(0, 50))
    return drawn.map(_run).filter(bool)


def _run(drawn: tuple[Document, Part, int]) -> list[str]:
    document, part, number = drawn
    runs = document.texts.get(part) or document.texts.get(Part.TITLE) or [""]
    return runs[number % len(runs)].split()


def _one(words: list[str]) -> st.SearchStrategy[str]:
    return _pick(words)


def _cut(word: str, at: int) -> str:
    kept = 4 + at % max(1, len(word) - 4)
    if len(word) < 5:
        return word
    return f"{word[:kept]}*" if at % 3 else f"{word[:4]}*{word[-1]}"


def _words(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    drawn = st.tuples(
        _runs(documents).flatmap(_one), st.sampled_from(WORD_TAGS), st.integers(0, 20)
    )
    return drawn.map(lambda d: f"{d[0] if d[2] < 14 else _cut(d[0], d[2])}[{d[1]}]")


def _stretch(drawn: tuple[list[str], int, int]) -> list[str]:
    words, start, size = drawn
    start %= len(words)
    return words[start : start + size]


def _phrases(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    stretch = st.tuples(_runs(documents), st.integers(0, 400), st.integers(2, 5)).map(_stretch)
    drawn = st.tuples(stretch, st.sampled_from(WORD_TAGS), st.integers(0, 9))

    def text(parts: tuple[list[str], str, int]) -> str:
        words, tag, wild = parts
        if wild < 3:
            words = [_cut(word, wild) if i == wild else word for i, word in enumerate(words)]
        return f'"{" ".join(words)}"[{tag}]'

    return drawn.map(text)


def _near(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    stretch = st.tuples(_runs(documents), st.integers(0, 400), st.integers(3, 12)).map(_stretch)
    drawn = st.tuples(
        stretch, st.sampled_from(["ti", "tiab", "ad"]), st.integers(0, 30), st.randoms()
    )

    def text(parts: tuple[list[str], str, int, object]) -> str:
        words, tag, distance, random = parts
        count = min(len(words), 2 + distance % 3)
        chosen = random.sample(words, count)  # type: ignore[attr-defined]
        return f'"{" ".join(chosen)}"[{tag}:~{distance}]'

    return drawn.map(text)


def _subjects(documents: Sequence[Document], vocabulary: Vocabulary) -> st.SearchStrategy[str]:
    held = sorted(
        {t for d in documents for t in d.tokens if t.startswith(("mh:D", "mj:D", "pt:D"))}
    )
    ends = st.sampled_from(["", ":noexp"])

    def text(drawn: tuple[str, str, bool]) -> str:
        token, end, is_up = drawn
        code, _, rest = token.partition(":")
        ui, _, qualifier = rest.partition("/")
        name = vocabulary.label(ui)
        if is_up and not qualifier:
            parents = [u for u in ("D009369", "D004066", "D013812") if ui in vocabulary.explode(u)]
            name = vocabulary.label(parents[0]) if parents else name
        tag = {"mh": "mh", "mj": "majr", "pt": "pt"}[code]
        slash = "/" + qualifier.replace("_", " ") if qualifier else ""
        return f"{name}{slash}[{tag}{end}]".replace("(", " ").replace(")", " ")

    return st.tuples(_pick(held), ends, st.booleans()).map(text)


def _tokens(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    held = sorted({t for d in documents for t in d.tokens if t.partition(":")[0] in EXACT})
    exact = _pick(held).map(
        lambda t: f"{t.partition(':')[2].replace('_', ' ')}[{t.partition(':')[0]}]"
    )
    words = sorted({w for d in documents for r in d.texts.get(Part.FIELDED, ()) for w in r.split()})
    fielded = _pick(words or ["gr:nih"]).map(
        lambda w: f"{w.partition(':')[2]}[{w.partition(':')[0]}]"
    )
    return st.one_of(exact, fielded)


def _people(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    codes = ("au:", "1au:", "lastau:", "fau:")
    held = sorted({t for d in documents for t in d.tokens if t.startswith(codes)})

    def text(drawn: tuple[str, int]) -> str:
        token, form = drawn
        tag, _, name = token.partition(":")
        last, first, *_ = [part.replace("_", " ") for part in name.split("|")]
        return [
            f"{last}[{tag}]", f"{last} {first}[{tag}]", f'"{last} {first}"[{tag}]',
            f"{last} {first[:1]}[{tag}]", f"{last[:4]}*[{tag}]", f"{first} {last}[{tag}]",
        ][form]  # fmt: skip

    return st.tuples(_pick(held), st.integers(0, 5)).map(text)


def _dates(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    days = sorted(
        {(f, n) for d in documents for f, ns in d.dates.items() for n in ns if f != "dp1"}
    )

    def text(drawn: tuple[tuple[str, int], int, int]) -> str:
        (tag, day), form, more = drawn
        year, month = day // 10_000, day // 100 % 100
        return [
            f"{year}[{tag}]", f"{year}/{month:02d}[{tag}]", f"{year}:{year + more}[{tag}]",
            f"{year}/{month:02d}/{day % 100:02d}:3000[{tag}]", f'"last {more + 1} years"[{tag}]',
        ][form]  # fmt: skip

    return st.tuples(_pick(days), st.integers(0, 4), st.integers(0, 9)).map(text)


def _untagged(documents: Sequence[Document]) -> st.SearchStrategy[str]:
    stretch = st.tuples(_runs(documents), st.integers(0, 400), st.integers(1, 4)).map(_stretch)
    return stretch.map(" ".join).filter(lambda text: not {"and", "or", "not"} & set(text.split()))
