"""Appraisal by tools, and the certainty of outcomes."""

from __future__ import annotations

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.appraisal.answering import (
    StudyJudgement,
    Tool,
    answer,
    bias_figures,
    conflicts,
    judgements,
    settle_answer,
    suggested_tools,
    tools_of_review,
)
from resartus.app.appraisal.grading import Grade, grades, rate
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.domain.ids import StudyId
from resartus.errors import NotFoundError

__all__ = ["APPRAISAL"]

_REVIEW = "/reviews/{review_id}"


class NewAnswer(Body):
    """One answer to one item of a tool, with the words it rests on."""

    tool: Id
    item: Id
    answer: Line
    support: Line | None = None
    key: Line | None = None


class ToolView(Body):
    """A tool and the key that names it with its version."""

    key: str
    tool: Tool


class Suggestion(Body):
    """The keys of the tools made for a study's design, and how much was answered."""

    study_id: StudyId
    design: str
    tools: tuple[str, ...]
    n_answered: int


class AnswersDiffer(Body):
    """An item that people answered differently and nobody settled; everybody's answer."""

    study_id: StudyId
    item: str
    answers: dict[str, str]


class BiasFigure(Body):
    """The traffic lights or the summary, as SVG, and in words."""

    name: str
    svg: str
    alt: str


def _tool(review: Review, key: str) -> Tool:
    tools = {tool.key: tool for tool in tools_of_review(review)}
    if key not in tools:
        raise NotFoundError(f"tool {key!r} is not known; there are: {', '.join(tools)}")
    return tools[key]


def _tools(call: Call) -> list[ToolView]:
    with call.review() as review:
        return [ToolView(key=tool.key, tool=tool) for tool in tools_of_review(review)]


def _suggested(call: Call) -> list[Suggestion]:
    with call.review() as review:
        return [
            Suggestion(
                study_id=found.study_id,
                design=found.design,
                tools=tuple(tool.key for tool in found.tools),
                n_answered=found.n_answered,
            )
            for found in suggested_tools(review)
        ]


def _answer(call: Call) -> NewAnswer:
    said = call.body
    with call.review() as review:
        answer(
            review,
            StudyId(call.path["study_id"]),
            tool=_tool(review, said.tool),
            item=said.item,
            answer=said.answer,
            support=said.support,
            key=said.key,
        )
    return NewAnswer(
        tool=said.tool, item=said.item, answer=said.answer, support=said.support, key=said.key
    )


def _settle(call: Call) -> NewAnswer:
    said: NewAnswer = call.body
    with call.review() as review:
        settle_answer(
            review,
            StudyId(call.path["study_id"]),
            tool=_tool(review, said.tool),
            item=said.item,
            answer=said.answer,
            support=said.support,
        )
    return said


def _judgements(call: Call) -> list[StudyJudgement]:
    with call.review() as review:
        return judgements(settled(review, to=review.person), _tool(review, call.path["tool"]))


def _conflicts(call: Call) -> list[AnswersDiffer]:
    with call.review() as review:
        found = conflicts(settled(review), _tool(review, call.path["tool"]))
    return [
        AnswersDiffer(study_id=StudyId(study_id), item=item, answers=dict(answers))
        for study_id, item, answers in found
    ]


def _figures(call: Call) -> list[BiasFigure]:
    with call.aside() as review:
        state, tool = settled(review), _tool(review, call.path["tool"])
        drawn = bias_figures(state, tool, known=judgements(state, tool))
    return [
        BiasFigure(name=name, svg=drawing.svg, alt=drawing.alt) for name, drawing in drawn.items()
    ]


def _grades(call: Call) -> list[Grade]:
    with call.review() as review:
        return list(grades(review.state()).values())


def _rate(call: Call) -> Grade:
    grade: Grade = call.body
    with call.review() as review:
        rate(review, grade)
    return grade


APPRAISAL = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/appraisal/tools",
        summary="The tools, with their items and answers",
        work=_tools,
        action=Action.READ,
        answer=list[ToolView],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/appraisal/suggested",
        summary="For each study the tools made for its design",
        work=_suggested,
        action=Action.READ,
        answer=list[Suggestion],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/appraisal/judgements/{tool}",
        summary="What counts for every study appraised with a tool",
        work=_judgements,
        action=Action.ADJUDICATE,
        answer=list[StudyJudgement],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/studies/{study_id}/appraisal",
        summary="Answer one item of a tool",
        work=_answer,
        action=Action.EXTRACT,
        body=NewAnswer,
        answer=NewAnswer,
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/studies/{study_id}/appraisal/settled",
        summary="Settle an item that people answered differently",
        work=_settle,
        action=Action.ADJUDICATE,
        body=NewAnswer,
        answer=NewAnswer,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/appraisal/conflicts/{tool}",
        summary="Items of a tool that people answered differently and nobody settled",
        work=_conflicts,
        action=Action.ADJUDICATE,
        answer=list[AnswersDiffer],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/appraisal/figures/{tool}",
        summary="Traffic lights and summary of all studies appraised with a tool",
        work=_figures,
        action=Action.ADJUDICATE,
        answer=list[BiasFigure],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/certainty",
        summary="How certain each outcome is",
        work=_grades,
        action=Action.READ,
        answer=list[Grade],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/certainty",
        summary="Rate an outcome's certainty",
        work=_rate,
        action=Action.EXTRACT,
        body=Grade,
        answer=Grade,
        status=201,
    ),
)
