"""Changes as one person may see them: colleagues' blind votes and answers stay hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from resartus.app.appraisal.answering import tools_of_review
from resartus.app.appraisal.blinding import visible_answers
from resartus.app.review import Review
from resartus.app.screening import visible_votes
from resartus.domain.change import Change, ChangeKind
from resartus.domain.decision import Stage

__all__ = ["HIDDEN", "shown_to"]

HIDDEN = "given; shown once it is settled"


def _blind_answers(review: Review, changes: Iterable[Change]) -> set[str]:
    """Return the names of colleagues' appraisals that this person must not see yet."""
    told = {change.what for change in changes if change.kind is ChangeKind.APPRAISAL}
    if not told:
        return set()
    tools = {tool.key: tool for tool in tools_of_review(review)}
    return {
        name
        for study_id, key, item, by in review.state().appraisals
        if by != review.person
        and (name := f"{study_id}/{key}/{item}/{by}") in told
        and (key not in tools
             or by not in visible_answers(review, study_id, tools[key]).get(item, {}))
    }  # fmt: skip


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
    blind |= _blind_answers(review, changes)
    return tuple(
        replace(change, before=None, after=HIDDEN) if change.what in blind else change
        for change in changes
    )
