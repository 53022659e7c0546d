"""Query text to tokens: dirt is replaced or dropped here, and said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from resartus.search.language.ast import Operator, Span, Tag
from resartus.search.language.diagnostics import Diagnostics, Severity
from resartus.search.language.fields import closest_tag, field_by_tag, is_known_tag

__all__ = ["Token", "TokenKind", "clean_characters", "tokenise"]


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    TAG = auto()
    UNKNOWN_TAG = auto()
    OPEN = auto()
    CLOSE = auto()
    COLON = auto()
    OPERATOR = auto()
    LINE_REF = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query with its place in the text as typed."""

    kind: TokenKind
    text: str
    span: Span
    tag: Tag | None = None
    operator: Operator | None = None


_REPLACED = {
    **dict.fromkeys(map(ord, "“”„‟«»″＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′＇`´"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), " "),
    **dict.fromkeys(map(ord, "［【"), "["),
    **dict.fromkeys(map(ord, "］】"), "]"),
    ord("（"): "(",
    ord("）"): ")",
    ord("："): ":",
    ord("＊"): "*",
    ord("＃"): "#",
}
_CURLY = re.compile("[“”„‟«»″＂]")
_PIECE = re.compile(r'(\s+)|([()])|(")|(\[)|(\])|(:)|([&|])|([^\s()\[\]":&|]+)')
_BRACKETED = re.compile(r'\[{1,2}([^\[\]()"]{0,100})\]{1,2}')
_UNCLOSED = re.compile(r"\[([A-Za-z][A-Za-z/ -]{0,30}?)(?=\s*(?:[()\[]|$|\b(?:AND|OR|NOT)\b))")
_QUOTED_TAG = re.compile(r"\[([^\[\]]{1,60})\]")
_LINE_REF = re.compile(r"#(\d{1,6})[.,;]*")
_OPERATORS = {operator.value: operator for operator in Operator}
_SIGNS = {"&": Operator.AND, "|": Operator.OR}
_HAS_SUBSTANCE = re.compile(r"[^\W_]|\*")


def clean_characters(text: str) -> str:
    """Replace typographic characters by the plain ones, each by exactly one."""
    return text.translate(_REPLACED)


def tokenise(
    text: str, *, offset: int, notes: Diagnostics, strict_case: bool = False
) -> list[Token]:
    """Cut text into tokens.

    Parameters
    ----------
    text : str
        One query or one line of a strategy, as typed.
    offset : int
        Where ``text`` begins in what was typed; added to all spans.
    notes : Diagnostics
        Receives what was replaced or dropped.
    strict_case : bool
        Take ``and``, ``or``, ``not`` in lower case as words.
    """
    curly = _CURLY.search(text)
    if curly:
        notes.add(
            Severity.WARNING,
            "curly-quotes",
            "Curly quotes are read as straight ones; PubMed may not do so.",
            span=(offset + curly.start(), offset + curly.end()),
            suggestion='"',
        )
    return _Lexer(clean_characters(text), offset, notes, strict_case).run()


class _Lexer:
    def __init__(self, text: str, offset: int, notes: Diagnostics, strict_case: bool) -> None:
        self.text = text
        self.offset = offset
        self.notes = notes
        self.strict_case = strict_case
        self.tokens: list[Token] = []

    def run(self) -> list[Token]:
        position = 0
        while position < len(self.text):
            piece = _PIECE.match(self.text, position)
            if piece is None:  # pragma: no cover - the pattern covers every character
                position += 1
                continue
            space, paren, quote, bracket, stray, colon, sign, word = piece.groups()
            start, position = piece.span()
            if space:
                continue
            if word:
                self._word(word, start)
            elif paren:
                self._add(TokenKind.OPEN if paren == "(" else TokenKind.CLOSE, paren, start)
            elif quote:
                position = self._quote(start)
            elif bracket:
                position = self._bracket(start)
            elif stray:
                self._drop_bracket(start, "]")
            elif colon:
                self._add(TokenKind.COLON, ":", start)
            elif sign:
                self._add(TokenKind.OPERATOR, sign, start, operator=_SIGNS[sign])
        return self.tokens

    def _span(self, start: int, end: int) -> Span:
        return (self.offset + start, self.offset + end)

    def _add(
        self,
        kind: TokenKind,
        text: str,
        start: int,
        *,
        end: int | None = None,
        tag: Tag | None = None,
        operator: Operator | None = None,
    ) -> None:
        span = self._span(start, start + len(text) if end is None else end)
        self.tokens.append(Token(kind, text, span, tag, operator))

    def _word(self, word: str, start: int) -> None:
        operator = _OPERATORS.get(word)
        if operator is None and not self.strict_case:
            operator = _OPERATORS.get(word.upper())
            if operator is not None:
                self.notes.add(
                    Severity.WARNING,
                    "lower-case-operator",
                    f"{word!r} is read as the operator {operator.value}; write it in capitals, "
                    "or put the phrase in quotes.",
                    span=self._span(start, start + len(word)),
                    suggestion=operator.value,
                )
        if operator is not None:
            self._add(TokenKind.OPERATOR, word, start, operator=operator)
            return
        reference = _LINE_REF.fullmatch(word)
        if reference:
            self._add(TokenKind.LINE_REF, reference[1], start, end=start + len(word))
        elif _HAS_SUBSTANCE.search(word):
            self._add(TokenKind.WORD, word, start)
        else:
            self.notes.add(
                Severity.INFO,
                "punctuation",
                f"{word!r} stands alone and is ignored, as PubMed does.",
                span=self._span(start, start + len(word)),
                suggestion="",
            )

    def _quote(self, start: int) -> int:
        end = self.text.find('"', start + 1)
        content = self.text[start + 1 : end] if end >= 0 else ""
        swallowed = any(is_known_tag(found[1]) for found in _QUOTED_TAG.finditer(content))
        if end < 0 or swallowed:
            self.notes.add(
                Severity.WARNING,
                "unpaired-quote",
                "A quotation mark has no partner and is ignored.",
                span=self._span(start, start + 1),
                suggestion="",
            )
            return start + 1
        phrase = " ".join(content.split())
        if _HAS_SUBSTANCE.search(phrase):
            self._add(TokenKind.QUOTED, phrase, start, end=end + 1)
        else:
            self.notes.add(
                Severity.WARNING,
                "empty-quotes",
                "Quotation marks with nothing to search for between them are ignored.",
                span=self._span(start, end + 1),
                suggestion="",
            )
        return end + 1

    def _bracket(self, start: int) -> int:
        found = _BRACKETED.match(self.text, start)
        if found is None:
            return self._unclosed(start)
        content = found[1]
        has_owner = bool(self.tokens) and self.tokens[-1].kind in (
            TokenKind.WORD,
            TokenKind.QUOTED,
            TokenKind.CLOSE,
        )
        if is_known_tag(content):
            tag = self._tag(content, self._span(start, found.end()))
            self._add(TokenKind.TAG, content, start, end=found.end(), tag=tag)
            return found.end()
        if has_owner and content.strip():
            self._unknown(content, start, found.end())
            return found.end()
        self._drop_bracket(start, "[")
        return start + 1

    def _unclosed(self, start: int) -> int:
        found = _UNCLOSED.match(self.text, start)
        if found and is_known_tag(found[1]):
            span = self._span(start, found.end())
            self.notes.add(
                Severity.WARNING,
                "unclosed-tag",
                f"The tag [{found[1].strip()} has no closing bracket; one is assumed.",
                span=span,
                suggestion=f"[{found[1].strip()}]",
            )
            self._add(
                TokenKind.TAG, found[1], start, end=found.end(), tag=self._tag(found[1], span)
            )
            return found.end()
        self._drop_bracket(start, "[")
        return start + 1

    def _unknown(self, content: str, start: int, end: int) -> None:
        name = content.partition(":")[0].strip()
        close = closest_tag(name)
        self.notes.add(
            Severity.ERROR,
            "unknown-tag",
            f"PubMed has no field [{name}]; the term is searched in all fields.",
            span=self._span(start, end),
            suggestion=f"[{close}]" if close else None,
        )
        self._add(TokenKind.UNKNOWN_TAG, content, start, end=end)

    def _drop_bracket(self, start: int, bracket: str) -> None:
        self.notes.add(
            Severity.WARNING,
            "stray-bracket",
            f"The bracket {bracket!r} belongs to no field tag and is ignored.",
            span=self._span(start, start + 1),
            suggestion="",
        )

    def _tag(self, content: str, span: Span) -> Tag:
        name, _, modifier = content.partition(":")
        field = field_by_tag(name.strip("[] "))
        if field is None:  # pragma: no cover - callers asked is_known_tag first
            raise AssertionError(content)
        modifier = "".join(modifier.casefold().split())
        if not modifier:
            return Tag(field=field)
        if modifier == "noexp" and field.takes_noexp:
            return Tag(field=field, noexp=True)
        distance = re.fullmatch(r"~(\d{1,4})", modifier)
        if distance:
            if not field.takes_proximity:
                self.notes.add(
                    Severity.ERROR,
                    "proximity-field",
                    f"Proximity works in [ti], [tiab] and [ad] only; in [{field.tag}] PubMed "
                    "finds nothing.",
                    span=span,
                    suggestion=f"[tiab:~{distance[1]}]",
                )
            return Tag(field=field, distance=int(distance[1]))
        journal = re.fullmatch(r"__jid(\w{1,20})", modifier)
        if journal:
            return Tag(field=field, journal_id=journal[1])
        self.notes.add(
            Severity.WARNING,
            "unknown-modifier",
            f"{':' + modifier!r} means nothing in [{field.tag}] and is ignored.",
            span=span,
            suggestion=f"[{field.tag}]",
        )
        return Tag(field=field)
