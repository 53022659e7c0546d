"""PRISMA-S: what a methods section must say of its searches, and what only people can add.

Rethlefsen ML et al. PRISMA-S: an extension to the PRISMA statement for
reporting literature searches in systematic reviews. Syst Rev 2021;10:39.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from resartus import __version__
from resartus.app.review import Review
from resartus.app.search.planning import limits_of
from resartus.domain.protocol import Protocol
from resartus.domain.query import SearchRun
from resartus.domain.state import ReviewState

__all__ = ["PrismaSItem", "items_of", "prisma_s", "render_prisma_s"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrismaSItem:
    """One of the sixteen items; ``text`` is ``None`` while a person still has to say it.

    ``to_fill`` then names the key of review.toml where the answer goes.
    """

    number: int
    title: str
    text: str | None
    to_fill: str | None = None


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _latest(state: ReviewState) -> list[SearchRun]:
    """Return the last run of each search and span of years, in order of first running."""
    latest: dict[tuple[str, int | None], SearchRun] = {}
    for run in state.search_runs:
        latest[run.search.search_id, run.search.from_year] = run
    return list(latest.values())


def _databases(state: ReviewState) -> str | None:
    places = dict.fromkeys(
        f"{run.corpus} ({run.corpus_version})" if run.corpus_version else run.corpus
        for run in state.search_runs
    )
    return "; ".join(places) + "." if places else None


def _multi(state: ReviewState) -> str | None:
    if not state.search_runs:
        return None
    names = {run.corpus for run in state.search_runs}
    if len(names) == 1:
        return "No platform was used to search several databases at once."
    return "Each database was searched on its own platform; none were searched at once."


def _strategies(state: ReviewState) -> str | None:
    """Each strategy once, then how it was sent for each span of years."""
    by_text: dict[tuple[str, str, str], list[SearchRun]] = {}
    for run in _latest(state):
        key = (run.search.search_id, run.search.query, run.translation)
        by_text.setdefault(key, []).append(run)
    parts = []
    for (name, query, translation), runs in by_text.items():
        said = [f"Search “{name}”, as typed:\n{query.strip()}"]
        sent = dict.fromkeys(run.term for run in runs if run.term not in (None, query))
        said += [f"as sent:\n{term}" for term in sent]
        said.append(f"as translated:\n{translation}")
        if runs[-1].line_counts:
            lines = (f"#{number}: {_plural(n, 'record')}" for number, n in runs[-1].line_counts)
            said.append("records by line: " + "; ".join(lines))
        parts.append("\n".join(said))
    return "\n\n".join(parts) or None


def _limits(state: ReviewState, protocol: Protocol) -> str | None:
    runs = _latest(state)
    if not runs:
        return None
    stated = [
        f"“{run.search.search_id}”: {limits_of(run.search) or 'none'}"
        + (f" ({run.search.date_type} dates)" if run.search.from_year or run.search.to_year else "")
        for run in runs
    ]
    reason = protocol.prisma_s.get("limits")
    if reason is None and any(limits_of(run.search) for run in runs):
        reason = "[Say why: limits]"
    return "; ".join(stated) + "." + (f" {reason}" if reason else "")


def _updates(state: ReviewState, protocol: Protocol) -> str | None:
    if "updates" in protocol.prisma_s:
        return protocol.prisma_s["updates"]
    months = protocol.living.search_every_months
    ran = sorted({run.ran_at.date() for run in state.search_runs})
    if months:
        return (
            f"The searches are run again every {_plural(months, 'month')}; each run is compared "
            "with the one before, record by record."
        )
    if len(ran) > 1:
        days = ", ".join(map(str, ran[1:]))
        return f"The searches were run again on {days} and each result compared with the last."
    return "The searches were not updated." if ran else None


def _dates(state: ReviewState) -> str | None:
    said = [f"“{run.search.search_id}”: {run.ran_at:%Y-%m-%d}" for run in state.search_runs]
    return "; ".join(said) + "." if said else None


def _totals(state: ReviewState) -> str | None:
    said = []
    for run in _latest(state):
        text = f"“{run.search.search_id}” in {run.corpus}: {_plural(run.count, 'record')}"
        if run.undelivered:
            text += f" ({len(run.undelivered)} more were found but not delivered)"
        said.append(text)
    for imported in state.imports:
        said.append(f"{imported.origin}: {_plural(len(imported.record_ids), 'record')}")
    return "; ".join(said) + "." if said else None


def _duplicates(state: ReviewState, protocol: Protocol) -> str | None:
    if not state.arrived:
        return None
    linked = len(state.duplicate_of)
    own = protocol.prisma_s.get("duplicates", "")
    text = (
        f"{_plural(linked, 'record')} of {len(state.arrived):,} linked to another as its "
        f"duplicate with Resartus {__version__}; none was deleted."
    )
    return f"{text} {own}".rstrip()


_TITLES = (
    "Database name", "Multi-database searching", "Study registries",
    "Online resources and browsing", "Citation searching", "Contacts", "Other methods",
    "Full search strategies", "Limits and restrictions", "Search filters", "Prior work",
    "Updates", "Dates of searches", "Peer review", "Total records", "Deduplication",
)  # fmt: skip
_BY_PEOPLE = {
    3: "registries", 4: "browsing", 5: "citation_searching", 6: "contacts", 7: "other_methods",
    10: "filters", 11: "prior_work", 14: "peer_review",
}  # fmt: skip


def prisma_s(review: Review) -> tuple[PrismaSItem, ...]:
    """Return the sixteen items of a review as it stands."""
    return items_of(review.state(), review.protocol)


def items_of(state: ReviewState, protocol: Protocol) -> tuple[PrismaSItem, ...]:
    """Return the sixteen items: from the log where it knows, from ``[prisma_s]`` where people say.

    Notes
    -----
    Items 1, 2, 8, 9, 12, 13, 15 and 16 come from the runs; 3 to 7, 10, 11 and
    14 are for people, and stay ``None`` until ``review.toml`` answers them.
    """
    computed: Mapping[int, Callable[[], str | None]] = {
        1: lambda: _databases(state),
        2: lambda: _multi(state),
        8: lambda: _strategies(state),
        9: lambda: _limits(state, protocol),
        12: lambda: _updates(state, protocol),
        13: lambda: _dates(state),
        15: lambda: _totals(state),
        16: lambda: _duplicates(state, protocol),
    }
    items = []
    for number, title in enumerate(_TITLES, 1):
        key = _BY_PEOPLE.get(number)
        text = protocol.prisma_s.get(key) if key else computed[number]()
        items.append(
            PrismaSItem(number=number, title=title, text=text, to_fill=None if text else key)
        )
    return tuple(items)


def render_prisma_s(items: tuple[PrismaSItem, ...]) -> str:
    """Return the items as text to put into a supplement; what is open stands in brackets."""
    parts = []
    for item in items:
        if item.text is not None:
            said = item.text
        elif item.to_fill is not None:
            said = f"[To be filled in: {item.to_fill} in the [prisma_s] table of review.toml]"
        else:
            said = "[No search has been run yet]"
        parts.append(f"{item.number}. {item.title}\n{said}\n")
    return "\n".join(parts)
