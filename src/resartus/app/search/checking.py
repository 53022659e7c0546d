"""Is the strategy any good? Recall against known studies, and what each line and term brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from resartus.app.review import Review
from resartus.app.screening.outcome import outcomes
from resartus.app.search.engine import Progress, SearchEngine
from resartus.app.search.planning import limits_of, term_of
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import Pmid
from resartus.domain.query import Search
from resartus.errors import DataError
from resartus.search.language.ast import Chain, LineRef, Node, Operator
from resartus.search.language.parser import parse_query
from resartus.search.language.render import render_node

__all__ = ["Missed", "StrategyCheck", "TermYield", "check_strategy", "known_relevant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A known relevant record that the search does not find.

    ``lost_by`` names every part that would have to be widened: a line, a
    group of terms, a limit. It is empty for one the source does not hold.
    """

    pmid: Pmid
    lost_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermYield:
    """What one of several terms joined by OR brings.

    ``alone`` counts the term by itself; ``only`` how many records of the
    whole search no other term brings, ``None`` if that was not asked.
    """

    line: str
    term: str
    alone: int
    only: int | None

    @property
    def brings_nothing(self) -> bool:
        """Whether the search finds the same without it."""
        return self.alone == 0 or self.only == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyCheck:
    """Everything a peer reviewer of a search would ask.

    ``lines`` pairs each line or concept with its count; ``years`` counts the
    records of the search's last run by year of publication.
    """

    search_id: str
    term: str
    count: int
    known: tuple[Pmid, ...]
    missed: tuple[Missed, ...]
    lines: tuple[tuple[str, str, int], ...]
    terms: tuple[TermYield, ...]
    years: tuple[tuple[int, int], ...]

    @property
    def recall(self) -> float | None:
        """Share of the known relevant records that are found; ``None`` without any known."""
        if not self.known:
            return None
        return 1 - len(self.missed) / len(self.known)


def known_relevant(review: Review) -> tuple[Pmid, ...]:
    """Return the PMIDs of the records that passed screening and were not excluded later."""
    standing = outcomes(review.state(), reviewers=review.protocol.reviewers)
    ids = [
        name
        for name, outcome in standing.items()
        if outcome.stage is Stage.ELIGIBILITY and outcome.verdict is not Verdict.EXCLUDE
    ]
    pmids = (record.pmid for record in review.store.iterate_records(ids))
    return tuple(sorted({pmid for pmid in pmids if pmid is not None}))


# Parts -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the strategy that is asked as a whole: a term, an OR group, a limit."""

    label: str
    node: Node

    @property
    def text(self) -> str:
        return render_node(self.node)


class _Tree:
    """A strategy with its lines, walked without losing which line a part stands in."""

    def __init__(self, search: Search) -> None:
        parsed = parse_query(search.query)
        self.lines: dict[int, Node | None] = {line.number: line.node for line in parsed.lines}
        self.is_list = parsed.is_list
        self.root: Node | None = parsed.tree
        last = max(self.lines, default=1)
        self.label = f"line {last}" if parsed.is_list else ""
        self.search = search
        self.limits = limits_of(search)

    def resolved(self, node: Node, label: str) -> tuple[Node, str]:
        """Follow references to the line that says something."""
        while isinstance(node, LineRef):
            label = f"line {node.number}"
            target = self.lines.get(node.number)
            if target is None:
                return node, label
            node = target
        return node, label

    def whole(self, node: Node) -> Node:
        """Return a tree without references."""
        if isinstance(node, LineRef):
            target = self.lines.get(node.number)
            return node if target is None else self.whole(target)
        if isinstance(node, Chain):
            return replace(node, items=tuple(self.whole(item) for item in node.items))
        return node


def _and_items(node: Node | None) -> list[Node]:
    if isinstance(node, Chain) and set(node.operators) == {Operator.AND}:
        return list(node.items)
    return [] if node is None else [node]


def _is_group(node: Node) -> bool:
    return not isinstance(node, Chain) or set(node.operators) == {Operator.OR}


# Recall ----------------------------------------------------------------------

_Among = Callable[[Node], frozenset[Pmid]]
_Blame = dict[Pmid, tuple[str, ...]]


def _walk(
    tree: _Tree, node: Node, label: str, known: frozenset[Pmid], among: _Among
) -> tuple[frozenset[Pmid], _Blame]:
    """Return which known records a tree matches, and for each other what would need widening."""
    node, label = tree.resolved(node, label)
    if _is_group(node):
        matched = among(tree.whole(node))
        named = f"{label}: {_short(tree.whole(node))}" if label else _short(tree.whole(node))
        return matched, dict.fromkeys(known - matched, (named,))
    assert isinstance(node, Chain)
    matched, blame = _walk(tree, node.items[0], label, known, among)
    for operator, item in zip(node.operators, node.items[1:], strict=True):
        other, reasons = _walk(tree, item, label, known, among)
        if operator is Operator.AND:
            for pmid, parts in reasons.items():
                blame[pmid] = (*blame.get(pmid, ()), *parts)
            matched &= other
        elif operator is Operator.OR:
            matched |= other
            blame = {p: (*blame.get(p, ()), *reasons.get(p, ())) for p in known - matched}
        else:
            named = _short(tree.whole(item))
            for pmid in matched & other:
                blame[pmid] = (*blame.get(pmid, ()), f"{label}: NOT {named}".lstrip(": "))
            matched -= other
    return matched, blame


def _short(node: Node, *, most: int = 70) -> str:
    text = render_node(node)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _recall(
    tree: _Tree, known: Sequence[Pmid], engine: SearchEngine, tick: Callable[[], None]
) -> tuple[Missed, ...]:
    everything = frozenset(known)
    if not everything or tree.root is None:
        return ()

    def among(node: Node) -> frozenset[Pmid]:
        tick()
        return engine.among(render_node(node), known)

    held = engine.among("all[sb]", known)
    matched, blame = _walk(tree, tree.root, tree.label, everything, among)
    if tree.limits is not None:
        inside = engine.among("all[sb]", known, limits=tree.search)
        for pmid in held - inside:
            blame[pmid] = (*blame.get(pmid, ()), f"the limits {tree.limits}")
        matched &= inside
    return tuple(
        Missed(pmid=pmid, lost_by=tuple(dict.fromkeys(blame.get(pmid, ()))) if pmid in held else ())
        for pmid in sorted(everything - matched)
    )


# Terms -----------------------------------------------------------------------

_Rebuild = Callable[[Node | None], Node | None]


def _alternatives(
    tree: _Tree, node: Node, label: str, rebuild: _Rebuild
) -> Iterator[tuple[str, Node, Node | None]]:
    """Yield every term joined by OR, with its line and the whole strategy without it."""
    node, label = tree.resolved(node, label)
    if not isinstance(node, Chain):
        return
    for index, item in enumerate(node.items):

        def with_item(changed: Node | None, *, at: int = index, chain: Chain = node) -> Node | None:
            return rebuild(_with(chain, at, changed))

        joined = {node.operators[index - 1]} if index else set()
        joined |= {node.operators[index]} if index < len(node.operators) else set()
        inner, inner_label = tree.resolved(item, label)
        if isinstance(inner, Chain):
            yield from _alternatives(tree, item, inner_label, with_item)
        elif joined == {Operator.OR}:
            yield label, inner, with_item(None)


def _with(chain: Chain, index: int, changed: Node | None) -> Node | None:
    """Return a chain with one item replaced, or left out with its operator."""
    if changed is not None:
        items = (*chain.items[:index], changed, *chain.items[index + 1 :])
        return replace(chain, items=items)
    items = (*chain.items[:index], *chain.items[index + 1 :])
    cut = max(index - 1, 0)
    operators = (*chain.operators[:cut], *chain.operators[cut + 1 :])
    return items[0] if len(items) == 1 else replace(chain, items=items, operators=operators)


def _lines(tree: _Tree) -> list[tuple[str, Node]]:
    """Return each line of a list, or each concept joined by AND."""
    if tree.is_list:
        named = [
            (f"line {number}", tree.whole(node))
            for number, node in sorted(tree.lines.items())
            if node is not None
        ]
    else:
        items = _and_items(tree.root)
        named = [(f"concept {i}", item) for i, item in enumerate(items, 1)] if items[1:] else []
    return named


def check_strategy(
    review: Review,
    search: Search,
    *,
    engine: SearchEngine,
    known: Sequence[Pmid],
    is_thorough: bool = True,
    on_progress: Progress | None = None,
) -> StrategyCheck:
    """Check a search against known relevant records and take it apart.

    Parameters
    ----------
    known : sequence of Pmid
        Records that a good search finds: seeds, earlier reviews' studies.
    is_thorough : bool
        Also ask for each term what the search finds without it: one more
        question a term, which takes a third of a second each at NCBI.

    Raises
    ------
    DataError
        If nothing in the query can be searched.
    """
    tree = _Tree(search)
    if tree.root is None:
        raise DataError(
            f"the query of search {search.search_id!r} holds nothing to search for; "
            "correct it in review.toml",
            field="query",
        )
    alternatives = list(_alternatives(tree, tree.root, tree.label, lambda node: node))
    lines = _lines(tree)
    steps = len(lines) + len(alternatives) * (2 if is_thorough else 1) + 1
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(min(done, steps), steps)

    def counted(query: str, *, limits: Search | None = None) -> int:
        tick()
        return engine.count(query, limits=limits)

    whole = render_node(tree.whole(tree.root))
    total = counted(whole, limits=search)
    terms = []
    for label, node, rest in alternatives:
        alone = counted(render_node(node))
        only = None
        if is_thorough and alone and rest is not None:
            only = total - counted(render_node(tree.whole(rest)), limits=search)
        terms.append(TermYield(line=label, term=render_node(node), alone=alone, only=only))
    missed = _recall(tree, known, engine, tick)
    return StrategyCheck(
        search_id=search.search_id,
        term=term_of(search),
        count=total,
        known=tuple(known),
        missed=missed,
        lines=(
            *((name, render_node(n), counted(render_node(n))) for name, n in lines),
            *(
                [("limits", tree.limits, engine.count("all[sb]", limits=search))]
                if tree.limits
                else []
            ),
        ),
        terms=tuple(terms),
        years=_years(review, search),
    )


def _years(review: Review, search: Search) -> tuple[tuple[int, int], ...]:
    """Count the records of the search's last run by year, every year between first and last."""
    runs = [r for r in review.state().search_runs if r.search.search_id == search.search_id]
    if not runs:
        return ()
    records = review.store.iterate_records(runs[-1].record_ids)
    tally: Mapping[int, int] = Counter(r.year for r in records if r.year is not None)
    if not tally:
        return ()
    return tuple((year, tally.get(year, 0)) for year in range(min(tally), max(tally) + 1))
