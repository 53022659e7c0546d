"""``resartus changes``."""

from __future__ import annotations

from collections import Counter

import click

from resartus.app.living.cumulative import cumulative_of
from resartus.app.living.diff import VersionDiff, diff_versions
from resartus.app.living.pending import pending_of
from resartus.app.living.signals import caution, signals_of
from resartus.app.versions import draft_version, find_version
from resartus.cli.context import open_review, output
from resartus.domain.change import Change
from resartus.errors import DataError

__all__ = ["command"]

_SHOWN = 12


def _line(change: Change) -> str:
    before, after = change.before or "(none)", change.after or "(gone)"
    cause = change.causes[-1] if change.causes else None
    why = f"   [event {cause.seq}, {cause.by}]" if cause else ""
    return f"  {change.what}: {before} -> {after}{why}"


def _lines(diff: VersionDiff, *, full: bool) -> list[str]:
    lines = []
    tally = Counter(change.kind for change in diff.changes)
    for kind, count in sorted(tally.items(), key=lambda item: not item[0].is_conclusion):
        lines.append(f"{kind.value}: {count}")
        mine = diff.of_kind(kind)
        shown = mine if full or kind.is_conclusion else mine[:_SHOWN]
        lines += [_line(change) for change in shown]
        if len(shown) < len(mine):
            lines.append(f"  … and {len(mine) - len(shown)} more (--full shows all)")
    return lines


@click.command("changes")
@click.argument("before", type=int, required=False)
@click.argument("after", type=int, required=False)
@click.option("--full", is_flag=True, help="Every change, not the first of each kind.")
@click.option("--by-year", is_flag=True, help="Each pooled outcome as it stood year by year.")
def command(before: int | None, after: int | None, full: bool, by_year: bool) -> None:
    """Say what changed between two versions, and whether any conclusion did.

    Without numbers: from the newest version to the review as it stands.
    """
    with open_review() as review:
        versions = review.state().versions
        if not versions:
            raise DataError("no version is pinned yet; run 'resartus report --pin'")
        old = versions[-1] if before is None else find_version(review, before)
        new = draft_version(review) if after is None else find_version(review, after)
        if new.last_seq < old.last_seq:
            raise DataError(f"version {new.version} is older than {old.version}; turn them round")
        diff = diff_versions(review, old, new)
        pending = pending_of(review)
        steps = cumulative_of(review) if by_year else ()
    signals = signals_of(diff)
    lines = [f"From version {old.version} ({old.trigger}) to {new.trigger}"]
    if not diff.changed_conclusions:
        lines.append("Did any conclusion change? No.")
    else:
        lines.append(
            f"Did any conclusion change? {len(diff.changed_conclusions)} are worded anew; "
            f"{len(signals)} signals:"
        )
        lines += [f"  {signal.strength.value}: {signal.sentence}" for signal in signals]
    looked = caution([*versions, new] if new not in versions else versions)
    lines += [looked] if looked else []
    lines += _lines(diff, full=full)
    if pending.n_pending:
        lines.append(f"{pending.n_pending} records are still open. If they are like those before:")
        told = [outcome.sentence() for outcome in pending.outcomes]
        lines += [f"  {sentence}" for sentence in told or ["No outcome can be forecast yet."]]
    lines += [
        f"{step.year}  {step.field}: {step.text}, {step.n_studies} series, "
        f"with {', '.join(step.added)}"
        for step in steps
    ]
    output().result(
        {
            "before": old.version,
            "after": new.version,
            "changes": diff.changes,
            "signals": signals,
            "pending": pending,
            "by_year": steps,
        },
        lines=lines,
    )
