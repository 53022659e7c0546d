"""Two people appraise alone: who may see whose answers, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resartus.app.review import Review
from resartus.appraisal.checklists import Tool
from resartus.appraisal.judgements import StudyJudgement, judge
from resartus.domain.ids import StudyId
from resartus.domain.settled import is_told
from resartus.domain.state import ReviewState

__all__ = ["answers_of", "finished", "given_by", "own_answers", "seen_judgement", "visible_answers"]

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


def given_by(answers: Answers, tool: Tool | None, *, needed: int) -> frozenset[str]:
    """Return who has given theirs: with two that must, each once every item is answered.

    Nobody has under a tool that is not known any more, where two must.
    """
    if needed > 1:
        return frozenset() if tool is None else finished(answers, tool)
    return frozenset(person for given in answers.values() for person in given)


def own_answers(review: Review, study_id: StudyId, tool: Tool) -> Mapping[str, Mapping[str, Any]]:
    """Return this person's answers by item."""
    answers = answers_of(review.state(), study_id, tool)
    return {item: given[review.person] for item, given in answers.items() if review.person in given}


def visible_answers(review: Review, study_id: StudyId, tool: Tool) -> Answers:
    """Return the answers that this person may see, by item and person.

    Blinded: where two must appraise, each sees their own until both have answered every item.
    """
    state = review.state()
    answers = answers_of(state, study_id, tool)
    needed = review.protocol.appraisers_needed
    done = given_by(answers, tool, needed=needed)
    return {
        item: {
            by: data
            for by, data in given.items()
            if is_told(
                by=by,
                to=review.person,
                given=done,
                needed=needed,
                is_settled=(study_id, tool.key, item) in state.settled_appraisals,
            )
        }
        for item, given in answers.items()
    }


def seen_judgement(review: Review, study_id: StudyId, tool: Tool) -> StudyJudgement:
    """Return what counts for a study, as far as this person may see it."""
    return judge(
        study_id,
        tool,
        answers=visible_answers(review, study_id, tool),
        settled={
            item: data
            for (study, key, item), data in review.state().settled_appraisals.items()
            if study == study_id and key == tool.key
        },
    )
