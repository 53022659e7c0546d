"""Compare a written report with what the review gives: every difference as one named fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from resartus.reporting.audit.written import Shown, Written
from resartus.reporting.soundness import Fault

__all__ = ["compare_written"]

_MOST = 5


def _fault(kind: str, where: str, sentence: str) -> Fault:
    return Fault(kind=kind, where=where, sentence=sentence)


def _inner_faults(written: Written) -> Iterator[Fault]:
    """Find what does not hold in the file by itself."""
    for anchor, count in written.anchors.items():
        if count > 1:
            yield _fault(
                "duplicate id", anchor, f"the {written.kind} has {count} places named {anchor!r}"
            )
    for target in dict.fromkeys(written.targets):
        if target not in written.anchors:
            kind = "dangling number" if target.startswith(("n-", "e-")) else "dangling link"
            yield _fault(kind, target, f"a link of the {written.kind} leads to {target!r}, nowhere")
    for load in written.loads:
        yield _fault("loads from outside", "page", f"the page would fetch or run {load}")
    for figure in written.unseen_figures:
        yield _fault(
            "figure without words", figure, f"{figure!r} has no words for who cannot see it"
        )


def _number_faults(written: Written, expected: Written) -> Iterator[Fault]:
    wanted, found = Counter(expected.numbers), Counter(written.numbers)
    named: dict[tuple[str | None, str], Shown] = {(n.name, n.target): n for n in expected.numbers}
    names = {n.name for n in expected.numbers}
    gone = wanted - found
    for number in found - wanted:
        label = number.name or number.text
        known = named.get((number.name, number.target))
        if known is not None:
            kind, words = "wrong number", f"reads {number.text!r}; the review gives {known.text!r}"
            gone -= Counter([known])
        elif number.name is not None and number.name not in names:
            kind, words = "unknown number", "is no number of this review"
        else:
            kind, words = "wrong source", f"leads to {number.target!r}, not to its own rows"
        yield _fault(kind, label, f"number {label!r} in the {written.kind} {words}")
    for number in gone:
        label = number.name or number.text
        yield _fault("missing number", label, f"number {label!r} is gone from the {written.kind}")


def _map_faults(
    kind: str, what: str, written: Mapping[str, object], expected: Mapping[str, object]
) -> Iterator[Fault]:
    for key, value in expected.items():
        if key not in written:
            yield _fault(f"missing {kind}", key, f"{what} {key!r} is gone")
        elif written[key] != value:
            yield _fault(f"changed {kind}", key, f"{what} {key!r} was changed by hand")
    for key in written:
        if key not in expected:
            yield _fault(f"unknown {kind}", key, f"{what} {key!r} is not of this review")


def _row_kind(anchor: str) -> str:
    for start, kind in (("e-", "evidence row"), ("n-", "row of a number"), ("ref-", "reference")):
        if anchor.startswith(start):
            return kind
    return "table row"


def compare_written(written: Written, expected: Written) -> tuple[Fault, ...]:
    """Return all faults of a written report, those that name a cause first.

    Parameters
    ----------
    written : Written
        As read from the file.
    expected : Written
        As read from what the writer gives for the same version.
    """
    faults = list(_inner_faults(written))
    if written.titles != expected.titles:
        changed = [t for t in written.titles if t not in expected.titles] or ["one is gone"]
        faults.append(
            _fault("changed title", "title", f"title or version line was changed: {changed[0]!r}")
        )
    faults += _number_faults(written, expected)
    for kind in dict.fromkeys(map(_row_kind, [*expected.rows, *written.rows])):
        mine, wanted = (
            {key: words for key, words in one.rows.items() if _row_kind(key) == kind}
            for one in (written, expected)
        )
        faults += _map_faults(kind, f"the {kind}", mine, wanted)
    faults += _map_faults("section", "section", written.sections, expected.sections)
    if list(written.sections) != list(expected.sections) and set(written.sections) == set(
        expected.sections
    ):
        faults.append(_fault("order of sections", "page", "the sections stand in another order"))
    faults += _map_faults("figure", "figure", written.figures, expected.figures)
    faults += _map_faults("item mark", "the mark of item", written.items, expected.items)
    words = Counter(written.paragraphs) - Counter(expected.paragraphs)
    gone = Counter(expected.paragraphs) - Counter(written.paragraphs)
    if not faults or not {f.kind for f in faults} - {"figure without words"}:
        for text in list(words)[:_MOST]:
            faults.append(
                _fault("text changed by hand", written.kind, f"not of this review: {text[:80]!r}")
            )
        for text in list(gone)[: _MOST if not words else 0]:
            faults.append(_fault("text gone", written.kind, f"gone: {text[:80]!r}"))
    return tuple(faults)
