"""Changes as one person may see them: a colleague's blind vote stays hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from resartus.app.review import Review
from resartus.app.screening import visible_votes
from resartus.domain.change import Change, ChangeKind
from resartus.domain.decision import Stage

__all__ = ["HIDDEN", "shown_to"]

HIDDEN = "voted; shown once it is settled"


def shown_to(review: Review, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes with what this person may not see yet left out."""
    changes = tuple(changes)
    decided = {change.what for change in changes if change.kind is ChangeKind.DECISION}
    blind = {
        name
        for record_id, stage, by in review.state().decisions
        if by != review.person
        and (name := f"{record_id} at {stage} by {by}") in decided
        and by not in visible_votes(review, record_id, stage=Stage(stage))
    }
    return tuple(
        replace(change, before=None, after=HIDDEN) if change.what in blind else change
        for change in changes
    )
