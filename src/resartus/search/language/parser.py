"""The parser: every text gives a tree and remarks, in time linear in its length."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field, replace
from itertools import pairwise

from resartus.search.language.ast import (
    EVERYTHING,
    Chain,
    LineRef,
    Node,
    Operator,
    Range,
    Span,
    Tag,
    Term,
)
from resartus.search.language.diagnostics import Diagnostics, Severity
from resartus.search.language.fields import Field
from resartus.search.language.lexer import Token, TokenKind, tokenise
from resartus.search.language.strategy import Line, ParsedQuery, RawLine, split_lines

__all__ = ["MAX_DEPTH", "parse_query"]

MAX_DEPTH = 100
"""Parentheses deeper than this are ignored, with a remark; real strategies stay under 20."""

_OVID_LINES = re.compile(
    r"\s*(?:(?P<op1>and|or)\s*/\s*(?P<set1>[#\d,\s-]+)|(?P<set2>[#\d,\s-]+)/\s*(?P<op2>and|or))\s*",
    re.IGNORECASE,
)
_PMID_LABEL = frozenset({"pmid", "pmids"})


def parse_query(
    text: str, *, strict_case: bool = False, known_lines: Set[int] = frozenset()
) -> ParsedQuery:
    """Read a PubMed query or a numbered strategy. Never raises.

    Parameters
    ----------
    text : str
        As typed or pasted.
    strict_case : bool
        Take ``and``, ``or``, ``not`` in lower case as words, not operators.
    known_lines : set of int
        Numbers that ``#n`` may name besides lines above: a server's history.

    Returns
    -------
    ParsedQuery
        The tree of each line, and diagnostics with positions in ``text``.

    Notes
    -----
    Operators have one precedence and run left to right, as the PubMed User
    Guide says (https://pubmed.ncbi.nlm.nih.gov/help/). A missing operator is
    AND. Time grows linearly with the text.

    Examples
    --------
    >>> parsed = parse_query("liver[ti] OR hepatic[ti] and resection")
    >>> [operator.value for operator in parsed.tree.operators]
    ['OR', 'AND']
    >>> parsed.diagnostics[0].code
    'lower-case-operator'
    """
    notes = Diagnostics()
    raw_lines, is_list = split_lines(text)
    lines: list[Line] = []
    known: set[int] = set(known_lines)
    for raw in raw_lines:
        node = _parse_line(raw, known if is_list or known_lines else None, notes, strict_case)
        if node is None:
            notes.add(
                Severity.ERROR,
                "nothing-to-search",
                f"Line {raw.number} holds nothing to search for."
                if is_list
                else "The query holds nothing to search for.",
                span=(raw.start, raw.start + len(raw.text)),
            )
        else:
            known.add(raw.number)
        lines.append(
            Line(number=raw.number, node=node, start=raw.start, end=raw.start + len(raw.text))
        )
    return ParsedQuery(text=text, lines=tuple(lines), is_list=is_list, diagnostics=notes.sorted())


def _parse_line(
    raw: RawLine, known: set[int] | None, notes: Diagnostics, strict_case: bool
) -> Node | None:
    if known is not None:
        combined = _combined_lines(raw, known, notes)
        if combined is not None:
            return combined
    tokens = tokenise(raw.text, offset=raw.start, notes=notes, strict_case=strict_case)
    if known is not None:
        tokens = _bare_references(tokens, known)
    parser = _Parser(tokens, known, notes)
    node = parser.run()
    if known is None and isinstance(node, Term) and node.tag is None and not node.quoted:
        pmids = _pmids(node.text.split(), node.span, shortest=1)
        if pmids is not None:
            return pmids
    return node


def _combined_lines(raw: RawLine, known: set[int], notes: Diagnostics) -> Node | None:
    """Read Ovid's ``or/1-3``."""
    found = _OVID_LINES.fullmatch(raw.text) if len(raw.text) < 2000 else None
    if found is None:
        return None
    operator = Operator((found["op1"] or found["op2"]).upper())
    span = (raw.start, raw.start + len(raw.text))
    numbers: list[int] = []
    for part in (found["set1"] or found["set2"]).replace("#", "").split(","):
        first, _, last = part.replace(" ", "").partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            return None
        if len(first) > 4 or len(last) > 4:
            return None
        numbers.extend(range(int(first), int(last or first) + 1))
    present = [number for number in numbers if number in known]
    if len(present) < len(numbers) or not numbers:
        notes.add(
            Severity.ERROR,
            "unknown-line",
            f"{raw.text.strip()!r} names lines that are not above it.",
            span=span,
        )
    refs = tuple(LineRef(number=number, span=span) for number in present)
    if len(refs) < 2:
        return refs[0] if refs else None
    return Chain(items=refs, operators=(operator,) * (len(refs) - 1), span=span)


def _bare_references(tokens: list[Token], known: set[int]) -> list[Token]:
    """In a list, ``1 AND 2`` means lines, when nothing else stands in the line."""
    words = [token for token in tokens if token.kind is TokenKind.WORD]
    others = {TokenKind.OPEN, TokenKind.CLOSE, TokenKind.OPERATOR, TokenKind.LINE_REF}
    allowed = {*others, TokenKind.WORD, TokenKind.TAG}
    # A tag that follows no word is ignored, so it makes no difference here either.
    is_tagged = any(
        left.kind is TokenKind.WORD and right.kind is TokenKind.TAG
        for left, right in pairwise(tokens)
    )
    if not words or is_tagged or any(token.kind not in allowed for token in tokens):
        return tokens
    if not all(word.text.isdecimal() and int(word.text[:7]) in known for word in words):
        return tokens
    return [
        replace(token, kind=TokenKind.LINE_REF) if token.kind is TokenKind.WORD else token
        for token in tokens
    ]


def _pmids(words: list[str], span: Span, *, shortest: int) -> Node | None:
    if len(words) > 1 and words[0].casefold() in _PMID_LABEL:
        words, shortest = words[1:], 1
    numbers = [word.strip(",;.") for word in words]
    if not all(n.isascii() and n.isdecimal() and shortest <= len(n) <= 8 for n in numbers):
        return None
    terms = tuple(Term(text=n, tag=Tag(field=Field.UID), span=span) for n in numbers)
    if len(terms) == 1:
        return terms[0]
    return Chain(items=terms, operators=(Operator.OR,) * (len(terms) - 1), span=span)


@dataclass(slots=True)
class _Frame:
    """An open parenthesis with the units read since."""

    start: int
    items: list[Node] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    pending: Operator | None = None
    pending_span: Span = (0, 0)
    negate: bool = False


class _Parser:
    def __init__(self, tokens: list[Token], known: set[int] | None, notes: Diagnostics) -> None:
        self.tokens = tokens
        self.known = known
        self.notes = notes
        self.stack = [_Frame(start=tokens[0].span[0] if tokens else 0)]
        self.ignored_depth = 0

    def run(self) -> Node | None:
        position = 0
        while position < len(self.tokens):
            position = self._step(position)
        if len(self.stack) > 1:
            self.notes.add(
                Severity.WARNING,
                "unclosed-parenthesis",
                f"{len(self.stack) - 1} parenthesis is not closed; it is closed at the end."
                if len(self.stack) == 2
                else f"{len(self.stack) - 1} parentheses are not closed; they are closed at "
                "the end.",
                span=(self.stack[-1].start, self.stack[-1].start + 1),
            )
        while len(self.stack) > 1:
            self._close(self.tokens[-1].span[1])
        return self._build(self.stack[0], self.tokens[-1].span[1] if self.tokens else 0)

    def _step(self, position: int) -> int:
        token = self.tokens[position]
        if token.kind is TokenKind.OPEN:
            if len(self.stack) > MAX_DEPTH:
                self.ignored_depth += 1
                self._too_deep(token)
            else:
                self.stack.append(_Frame(start=token.span[0]))
        elif token.kind is TokenKind.CLOSE:
            if self.ignored_depth:
                self.ignored_depth -= 1
            elif len(self.stack) == 1:
                self._warn("stray-parenthesis", "A closing parenthesis opens nowhere.", token)
            else:
                return self._closed_group(position)
        elif token.kind is TokenKind.OPERATOR and token.operator is not None:
            self._operator(token.operator, token)
        elif token.kind is TokenKind.LINE_REF:
            self._reference(token)
        elif token.kind in (TokenKind.WORD, TokenKind.QUOTED):
            return self._term(position)
        elif token.kind in (TokenKind.TAG, TokenKind.UNKNOWN_TAG):
            self._warn(
                "tag-without-term", f"The tag [{token.text}] follows no term; it is ignored.", token
            )
        else:
            self._colon(token)
        return position + 1

    def _warn(self, code: str, message: str, token: Token) -> None:
        self.notes.add(Severity.WARNING, code, message, span=token.span, suggestion="")

    def _too_deep(self, token: Token) -> None:
        self.notes.add(
            Severity.ERROR,
            "too-deep",
            f"Parentheses deeper than {MAX_DEPTH} are ignored.",
            span=token.span,
        )

    def _colon(self, token: Token) -> None:
        self.notes.add(
            Severity.INFO,
            "colon",
            "A colon joins two dates or two PMIDs; here it is read as a space.",
            span=token.span,
            suggestion=" ",
        )

    # Groups ---------------------------------------------------------------

    def _closed_group(self, position: int) -> int:
        token = self.tokens[position]
        added = self._close(token.span[1])
        following = self._at(position + 1)
        if following is None or following.kind is not TokenKind.TAG or not added:
            return position + 1
        frame = self.stack[-1]
        tag = following.tag
        if tag is not None:
            frame.items[-1] = _tagged(frame.items[-1], tag)
        self._note_group_tag(following)
        return position + 2

    def _note_group_tag(self, token: Token) -> None:
        self.notes.add(
            Severity.WARNING,
            "tag-on-group",
            f"[{token.text}] after a parenthesis is given to every untagged term inside; "
            "PubMed does not document this.",
            span=token.span,
        )

    def _close(self, end: int) -> bool:
        frame = self.stack.pop()
        node = self._build(frame, end)
        if node is None:
            self.notes.add(
                Severity.WARNING,
                "empty-parentheses",
                "Parentheses with nothing to search for between them are ignored.",
                span=(frame.start, end),
                suggestion="",
            )
            return False
        self._unit(node)
        return True

    def _build(self, frame: _Frame, end: int) -> Node | None:
        if frame.pending is not None:
            self.notes.add(
                Severity.WARNING,
                "dangling-operator",
                f"{frame.pending.value} is followed by nothing and is ignored.",
                span=frame.pending_span,
                suggestion="",
            )
            if frame.pending is Operator.NOT and frame.items == [EVERYTHING]:
                return None
        if not frame.items:
            return None
        if len(frame.items) == 1:
            return frame.items[0]
        return Chain(
            items=tuple(frame.items), operators=tuple(frame.operators), span=(frame.start, end)
        )

    # Operators and units --------------------------------------------------

    def _operator(self, operator: Operator, token: Token) -> None:
        frame = self.stack[-1]
        if frame.pending is None:
            if frame.items or operator is Operator.NOT:
                if not frame.items:
                    frame.items.append(EVERYTHING)
                    self._leading_not(token)
                frame.pending, frame.pending_span = operator, token.span
            else:
                self._warn("leading-operator", f"{operator.value} follows nothing.", token)
        elif operator is Operator.NOT and frame.pending is Operator.AND:
            frame.pending, frame.pending_span = operator, token.span
            self.notes.add(
                Severity.INFO,
                "and-not",
                "AND NOT is read as NOT.",
                span=token.span,
                suggestion="NOT",
            )
        elif operator is Operator.NOT and frame.pending is Operator.OR and not frame.negate:
            frame.negate = True
            self.notes.add(
                Severity.WARNING,
                "or-not",
                "OR NOT is read as OR (everything NOT ...); write it so if that is meant.",
                span=token.span,
            )
        else:
            self._warn(
                "doubled-operator",
                f"{operator.value} after {frame.pending.value} is ignored.",
                token,
            )

    def _leading_not(self, token: Token) -> None:
        self.notes.add(
            Severity.WARNING,
            "leading-not",
            "NOT takes away from what stands before it; here that is taken as every record.",
            span=token.span,
            suggestion="all[sb] NOT",
        )

    def _unit(self, node: Node, *, joined: bool = False) -> None:
        frame = self.stack[-1]
        if frame.negate:
            node = Chain(items=(EVERYTHING, node), operators=(Operator.NOT,), span=node.span)
        if frame.items:
            if frame.pending is None and not joined:
                self._note_implicit_and(frame.items[-1], node)
            frame.operators.append(frame.pending or Operator.AND)
        frame.items.append(node)
        frame.pending = None
        frame.negate = False

    def _note_implicit_and(self, left: Node, right: Node) -> None:
        self.notes.add(
            Severity.INFO,
            "implicit-and",
            "Two units stand side by side without an operator; they are joined by AND.",
            span=(left.span[1], max(left.span[1], right.span[0])),
            suggestion=" AND ",
        )

    def _reference(self, token: Token) -> None:
        number = int(token.text)
        if self.known is not None and number in self.known:
            self._unit(LineRef(number=number, span=token.span))
            return
        self.notes.add(
            Severity.ERROR,
            "unknown-line",
            f"#{number} names no line above this one; it is ignored.",
            span=token.span,
        )

    # Terms ----------------------------------------------------------------

    def _at(self, position: int) -> Token | None:
        return self.tokens[position] if position < len(self.tokens) else None

    def _range_at(self, position: int) -> tuple[Range, int] | None:
        """Read ``value [tag]? : value [tag]`` if it stands here."""
        low = self.tokens[position]
        after = self._at(position + 1)
        left_tag = None
        if after is not None and after.kind is TokenKind.TAG:
            left_tag, position = after.tag, position + 1
            after = self._at(position + 1)
        if after is None or after.kind is not TokenKind.COLON:
            return None
        high = self._at(position + 2)
        if high is None or high.kind not in (TokenKind.WORD, TokenKind.QUOTED):
            return None
        if not (low.text[:1].isdecimal() and high.text[:1].isdecimal()):
            return None
        closing = self._at(position + 3)
        end = position + 3
        tag = left_tag
        if closing is not None and closing.kind is TokenKind.TAG:
            tag, end = closing.tag, position + 4
        if tag is None or not tag.field.takes_range:
            return None
        span = (low.span[0], self.tokens[end - 1].span[1])
        low_text, high_text = ("".join(value.text.split()) for value in (low, high))
        return Range(low=low_text, high=high_text, tag=Tag(field=tag.field), span=span), end

    def _term(self, position: int) -> int:
        first = self.tokens[position]
        found = self._range_at(position)
        if found is not None:
            self._unit(found[0])
            return found[1]
        if first.kind is TokenKind.QUOTED:
            tag, end = self._tag_at(position + 1)
            self._unit(Term(text=first.text, quoted=True, tag=tag, span=self._span(position, end)))
            return end
        end = position + 1
        while True:
            token = self._at(end)
            if token is not None and token.kind is TokenKind.COLON:
                self._colon(token)
            elif token is None or token.kind is not TokenKind.WORD or self._range_at(end):
                break
            end += 1
        words = [t.text for t in self.tokens[position:end] if t.kind is TokenKind.WORD]
        tag, after = self._tag_at(end)
        span = self._span(position, after)
        if tag is None:
            pmids = _pmids(words, span, shortest=5)
            if pmids is not None:
                self._unit(pmids)
                return after
        self._unit(Term(text=" ".join(words), tag=tag, span=span))
        return after

    def _span(self, position: int, end: int) -> Span:
        return (self.tokens[position].span[0], self.tokens[end - 1].span[1])

    def _tag_at(self, position: int) -> tuple[Tag | None, int]:
        token = self._at(position)
        if token is not None and token.kind in (TokenKind.TAG, TokenKind.UNKNOWN_TAG):
            return token.tag, position + 1
        return None, position


def _tagged(node: Node, tag: Tag) -> Node:
    """Give a tag to every untagged term; depth is bounded by ``MAX_DEPTH``."""
    if isinstance(node, Term):
        return node if node.tag is not None else replace(node, tag=tag)
    if isinstance(node, Chain):
        return replace(node, items=tuple(_tagged(item, tag) for item in node.items))
    return node
