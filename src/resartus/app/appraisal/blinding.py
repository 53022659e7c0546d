"""Two people appraise alone: who may see whose answers, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resartus.app.review import Review
from resartus.appraisal.checklists import Tool
from resartus.appraisal.judgements import StudyJudgement, judge
from resartus.domain.ids import StudyId
from resartus.domain.state import ReviewState

__all__ = ["ENOUGH", "answers_of", "finished", "own_answers", "seen_judgement", "visible_answers"]

ENOUGH = 2
"""With as many finished appraisals nobody is blind any more: the rest is consensus."""

Answers = Mapping[str, Mapping[str, Mapping[str, Any]]]


def answers_of(state: ReviewState, study_id: StudyId, tool: Tool) -> Answers:
    """Return every answer to a study under a tool, by item and person."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for (study, key, item, person), data in state.appraisals.items():
        if study == study_id and key == tool.key:
            found.setdefault(item, {})[person] = data
    return found


def finished(answers: Answers, tool: Tool) -> frozenset[str]:
    """Return who has answered every item that has no answer by default."""
    wanted = [item.item_id for item in tool.items if item.default is None]
    people = {person for given in answers.values() for person in given}
    return frozenset(p for p in people if all(p in answers.get(item, {}) for item in wanted))


def own_answers(review: Review, study_id: StudyId, tool: Tool) -> Mapping[str, Mapping[str, Any]]:
    """Return this person's answers by item."""
    answers = answers_of(review.state(), study_id, tool)
    return {item: given[review.person] for item, given in answers.items() if review.person in given}


def visible_answers(
    review: Review, study_id: StudyId, tool: Tool, *, is_appraiser: bool = True
) -> Answers:
    """Return the answers that this person may see, by item and person.

    Blinded: an appraiser sees others' answers once they have answered every
    item themselves, or once two people have. Who does not appraise sees all.
    """
    state = review.state()
    answers = answers_of(state, study_id, tool)
    done = finished(answers, tool)
    if not is_appraiser or review.person in done or len(done) >= ENOUGH:
        return answers
    return {
        item: {by: data for by, data in given.items()
               if by == review.person or (study_id, tool.key, item) in state.settled_appraisals}
        for item, given in answers.items()
    }  # fmt: skip


def seen_judgement(
    review: Review, study_id: StudyId, tool: Tool, *, is_appraiser: bool = True
) -> StudyJudgement:
    """Return what counts for a study, as far as this person may see it."""
    return judge(
        study_id,
        tool,
        answers=visible_answers(review, study_id, tool, is_appraiser=is_appraiser),
        settled={
            item: data
            for (study, key, item), data in review.state().settled_appraisals.items()
            if study == study_id and key == tool.key
        },
    )
