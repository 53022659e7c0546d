"""The settled part of a review: what reports, results and updates are made of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import Any

from resartus.app.appraisal.answering import tools_of_review
from resartus.app.appraisal.blinding import given_by
from resartus.app.review import Review
from resartus.app.screening.outcome import votes_needed
from resartus.app.screening.voting import is_vote_told
from resartus.domain.decision import Stage
from resartus.domain.protocol import Protocol
from resartus.domain.settled import SettledState, Waiting, is_told
from resartus.domain.state import ReviewState

__all__ = ["settled"]


def settled(
    review: Review,
    state: ReviewState | None = None,
    *,
    protocol: Protocol | None = None,
    to: str | None = None,
) -> SettledState:
    """Return a state without what waits for a second person: results are the same for everybody.

    Where one person suffices, all of it is settled.

    Parameters
    ----------
    state : ReviewState, optional
        The review as it was; as it is if left out.
    protocol : Protocol, optional
        The protocol of that time, which says how many must read.
    to : str, optional
        Whose own is kept too, for a page of their own work; nobody's in results.
    """
    state = review.state() if state is None else state
    protocol = review.protocol if protocol is None else protocol
    parts: dict[str, Any] = {f.name: getattr(state, f.name) for f in fields(ReviewState)}
    parts |= _votes(state, protocol, to)
    parts |= _cells(state, protocol, to)
    parts |= _answers(review, state, protocol, to)
    waiting = Waiting(
        n_votes=len(state.decisions) - len(parts["decisions"]),
        n_values=len(state.cells) - len(parts["cells"]),
        n_answers=len(state.appraisals) - len(parts["appraisals"]),
    )
    return SettledState(**parts, waiting=waiting)


def _votes(state: ReviewState, protocol: Protocol, to: str | None) -> dict[str, Any]:
    told = {}
    for (record_id, at), given in state.votes.items():
        needed = votes_needed(state, record_id, stage=Stage(at), reviewers=protocol.reviewers)
        kept = {by: v for by, v in given.items() if is_vote_told(v, given, needed=needed, to=to)}
        if kept:
            told[record_id, at] = kept
    decisions = {
        key: decision
        for key, decision in state.decisions.items()
        if decision.decided_by in told.get((decision.record_id, decision.stage.value), ())
    }
    return {"votes": told, "decisions": decisions}


def _cells(state: ReviewState, protocol: Protocol, to: str | None) -> dict[str, Any]:
    needed = protocol.extractors_needed
    entered: dict[str, set[str]] = defaultdict(set)
    for cell_id, by in state.cells:
        entered[cell_id].add(by)
    kept = {
        (cell_id, by): cell
        for (cell_id, by), cell in state.cells.items()
        if is_told(
            by=by,
            to=to,
            given=entered[cell_id],
            needed=needed,
            is_settled=cell_id in state.consensus,
        )
    }
    return {"cells": kept}


def _answers(
    review: Review, state: ReviewState, protocol: Protocol, to: str | None
) -> dict[str, Any]:
    if not state.appraisals:
        return {}
    tools = {tool.key: tool for tool in tools_of_review(review)}
    answers: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for (study_id, key, item, by), data in state.appraisals.items():
        answers.setdefault((study_id, key), {}).setdefault(item, {})[by] = data
    needed = protocol.appraisers_needed
    done = {at: given_by(given, tools.get(at[1]), needed=needed) for at, given in answers.items()}
    kept = {
        (study_id, key, item, by): data
        for (study_id, key, item, by), data in state.appraisals.items()
        if is_told(
            by=by,
            to=to,
            given=done[study_id, key],
            needed=needed,
            is_settled=(study_id, key, item) in state.settled_appraisals,
        )
    }
    return {"appraisals": kept}
