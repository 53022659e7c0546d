"""Appraise studies: choose the tool by design, answer its items, settle what differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resartus.app.review import Review
from resartus.appraisal.checklists import Level, Tool, load_tools, tools_for
from resartus.appraisal.judgements import (
    OVERALL,
    StudyJudgement,
    judge,
    studies_at,
    without_studies,
)
from resartus.domain.event import EventKind
from resartus.domain.ids import StudyId
from resartus.domain.settled import SettledState
from resartus.domain.state import ReviewState
from resartus.errors import DataError, NotFoundError
from resartus.reporting.figures.canvas import Drawing
from resartus.reporting.figures.risk_of_bias import BiasRow, bias_summary, traffic_lights

__all__ = [
    "OVERALL",
    "Level",
    "StudyJudgement",
    "Suggested",
    "Tool",
    "answer",
    "bias_figures",
    "conflicts",
    "judgements",
    "left_out_by_bias",
    "settle_answer",
    "suggested_tools",
    "tools_of_review",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """The tools that fit a study's design, and what has been answered under them."""

    study_id: StudyId
    label: str
    design: str
    tools: tuple[Tool, ...]
    n_answered: int


def tools_of_review(review: Review) -> tuple[Tool, ...]:
    """Return the bundled tools and those of the review's own folder ``appraisal/``."""
    folder = review.folder / "appraisal"
    own: list[Path] = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    return load_tools(own)


def suggested_tools(review: Review) -> list[Suggested]:
    """Return, for each study, the tools for its design; none where no tool is made for it."""
    state, tools = review.state(), tools_of_review(review)
    answered: dict[StudyId, int] = defaultdict(int)
    for study_id, *_ in state.appraisals:
        answered[study_id] += 1
    return [
        Suggested(
            study_id=study_id,
            label=entry.label,
            design=entry.design,
            tools=tools_for(entry.design, tools=tools),
            n_answered=answered[study_id],
        )
        for study_id, entry in state.studies.items()
    ]


def _checked(review: Review, study_id: StudyId, tool: Tool, item: str, answer: str) -> None:
    if study_id not in review.state().studies:
        raise NotFoundError(f"study {study_id!r} is not in this review; define it first")
    if item == OVERALL:
        if answer not in tool.overall:
            raise DataError(
                f"{answer!r} is no judgement of the whole under {tool.name}; "
                f"there are: {', '.join(tool.overall)}"
            )
    else:
        tool.item(item).answer(answer)


def answer(
    review: Review,
    study_id: StudyId,
    *,
    tool: Tool,
    item: str,
    answer: str,
    support: str | None = None,
    key: str | None = None,
) -> None:
    """Log one person's answer to one item, or to ``OVERALL``, with the words it rests on.

    Raises
    ------
    DataError
        If the tool has no such answer.
    NotFoundError
        If the study or the item is unknown.
    """
    _checked(review, study_id, tool, item, answer)
    data = {
        "study_id": study_id,
        "tool": tool.key,
        "item": item,
        "answer": answer,
        "support": support,
        "by": review.person,
    }
    review.append(EventKind.APPRAISAL_ANSWERED, data, key=key)


def settle_answer(
    review: Review,
    study_id: StudyId,
    *,
    tool: Tool,
    item: str,
    answer: str,
    support: str | None = None,
) -> None:
    """Log the consensus on an item; everybody's answers stay.

    Raises
    ------
    NotFoundError
        If nobody answered the item: a consensus follows answers.
    """
    _checked(review, study_id, tool, item, answer)
    state = review.state()
    if not any(key[:3] == (study_id, tool.key, item) for key in state.appraisals):
        raise NotFoundError(f"nobody has answered {item!r} of {study_id!r} under {tool.name} yet")
    data = {
        "study_id": study_id,
        "tool": tool.key,
        "item": item,
        "answer": answer,
        "support": support,
        "by": review.person,
    }
    review.append(EventKind.APPRAISAL_SETTLED, data)


def judgements(state: SettledState, tool: Tool) -> list[StudyJudgement]:
    """Return what counts for every study that was appraised with a tool."""
    answers: dict[StudyId, dict[str, dict[str, Mapping[str, Any]]]] = defaultdict(dict)
    for (study_id, key, item, person), data in state.appraisals.items():
        if key == tool.key:
            answers[study_id].setdefault(item, {})[person] = data
    settled: dict[StudyId, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for (study_id, key, item), data in state.settled_appraisals.items():
        if key == tool.key:
            settled[study_id][item] = data
    return [
        judge(study_id, tool, answers=answers[study_id], settled=settled[study_id])
        for study_id in state.studies
        if study_id in answers
    ]


def conflicts(state: SettledState, tool: Tool) -> list[tuple[str, str, Mapping[str, str]]]:
    """Return study, item and everybody's answer where people differ and nobody settled it."""
    return [
        (judgement.study_id, item.item_id, item.answers)
        for judgement in judgements(state, tool)
        for item in (*judgement.items, judgement.overall)
        if item.is_conflict
    ]


def left_out_by_bias(
    state: SettledState,
    tool: Tool,
    *,
    levels: Iterable[Level] = (Level.HIGH, Level.CRITICAL),
    item: str | None = None,
) -> Mapping[str, frozenset[str]]:
    """Return the studies that sensitivity analyses leave out, by item (and ``OVERALL``).

    Synthesis runs each analysis again without each set.
    """
    known, wanted = judgements(state, tool), tuple(levels)
    if item is not None:
        return {item: studies_at(known, wanted, item=item)}
    return without_studies(known, wanted)


def bias_figures(
    state: ReviewState, tool: Tool, *, known: Sequence[StudyJudgement]
) -> Mapping[str, Drawing]:
    """Return the traffic lights and the summary of studies as they were judged with a tool.

    Raises
    ------
    NotFoundError
        If no study was.
    """
    if not known:
        raise NotFoundError(f"no study was appraised with {tool.name}; see 'resartus appraise'")
    rows = [
        BiasRow(
            study=state.studies[StudyId(j.study_id)].label,
            levels=tuple(None if i.level is None else i.level.value for i in j.items),
            overall=None if j.overall_level is None else j.overall_level.value,
        )
        for j in known
    ]
    items = [
        item.text.partition(":")[0] if ":" in item.text[:40] else item.text for item in tool.items
    ]
    return {
        "traffic-lights": traffic_lights(rows, items, title=tool.name),
        "summary": bias_summary(rows, items, title=tool.name),
    }
