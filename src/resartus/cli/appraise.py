"""``resartus appraise``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from resartus.app.appraisal.answering import (
    OVERALL,
    StudyJudgement,
    Tool,
    answer,
    bias_figures,
    conflicts,
    judgements,
    left_out_by_bias,
    settle_answer,
    suggested_tools,
    tools_of_review,
)
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.cli.context import open_review, output
from resartus.cli.output import Output
from resartus.domain.ids import StudyId
from resartus.errors import NotFoundError

__all__ = ["command"]


def _pairs(given: tuple[str, ...], option: str) -> list[tuple[str, str, str | None]]:
    pairs = []
    for text in given:
        item, mark, rest = text.partition("=")
        said, _, support = rest.partition(":")
        if not mark or not item or not said:
            raise click.UsageError(f"{option} {text!r} is not of the form ITEM=ANSWER: WORDS")
        pairs.append((item.strip(), said.strip(), support.strip() or None))
    return pairs


def _choose(review: Review, name: str | None, study: str | None) -> Tool:
    tools = tools_of_review(review)
    if name is not None:
        for known in tools:
            if name in (known.tool_id, known.key):
                return known
        raise NotFoundError(
            f"appraisal tool {name!r} is not known; there are: "
            f"{', '.join(t.tool_id for t in tools)}"
        )
    for suggested in suggested_tools(review):
        if suggested.study_id == study:
            if suggested.tools:
                return suggested.tools[0]
            raise NotFoundError(
                f"no tool is made for the design {suggested.design!r} of {study!r}; "
                f"name one with --tool: {', '.join(t.tool_id for t in tools)}"
            )
    raise NotFoundError(f"study {study!r} is not in this review")


def _ask(review: Review, study: StudyId, tool: Tool, out: Output) -> None:
    """Ask item by item; what was answered stays when the person stops."""
    for item in tool.items:
        out.say("")
        out.say(f"{item.domain + ': ' if item.domain else ''}{item.text}")
        for prompt in item.prompts:
            out.say(f"  · {prompt}")
        said = click.prompt(
            item.item_id,
            type=click.Choice([a.code for a in item.answers]),
            default=item.default,
        )
        support = click.prompt("  because", default="", show_default=False)
        answer(review, study, tool=tool, item=item.item_id, answer=said, support=support or None)
    if tool.overall:
        said = click.prompt("As a whole", type=click.Choice(list(tool.overall)))
        answer(review, study, tool=tool, item=OVERALL, answer=said)


def _show(out: Output, tool: Tool, judgement: StudyJudgement | None, study: str) -> None:
    known = {i.item_id: i for i in (*judgement.items, judgement.overall)} if judgement else {}
    rows: list[tuple[object, ...]] = []
    for item in tool.items:
        said = known.get(item.item_id)
        rows.append(
            (
                item.item_id,
                item.text,
                said.answer if said else item.default,
                "; ".join(f"{who}: {what}" for who, what in said.answers.items()) if said else None,
                said.support if said else None,
            )
        )
    whole = known.get(OVERALL)
    rows.append((OVERALL, "As a whole", whole.answer if whole else None, None, None))
    out.table(f"{study}: {tool.name}", ("item", "question", "answer", "who", "because"), rows)
    if judgement and judgement.stars is not None:
        out.say(f"{judgement.stars} of 9 stars")
    for text in (tool.warning, tool.note):
        if text:
            out.say(text)


@click.command("appraise")
@click.argument("study", required=False)
@click.option("--tool", "tool_name", help="By id, as listed; by design if left out.")
@click.option("--answer", "answers", multiple=True, metavar="ITEM=ANSWER: WORDS")
@click.option("--settle", "settling", multiple=True, metavar="ITEM=ANSWER: WORDS")
@click.option("--ask", is_flag=True, help="Ask item by item in the terminal.")
@click.option("--figures", is_flag=True, help="Write traffic lights and summary to out/.")
def command(
    study: str | None,
    tool_name: str | None,
    answers: tuple[str, ...],
    settling: tuple[str, ...],
    ask: bool,
    figures: bool,
) -> None:
    """Appraise a study item by item, or list the tools for each study's design."""
    out = output()
    with open_review() as review:
        if figures:
            if tool_name is None:
                raise click.UsageError("--figures needs --tool")
            _figures(review, _choose(review, tool_name, None), out)
            return
        if study is None:
            suggested = suggested_tools(review)
            if out.as_json:
                out.result(suggested)
                return
            out.table(
                "Tools by design",
                ("study", "design", "tools, the best first", "answers"),
                [
                    (s.study_id, s.design, ", ".join(t.tool_id for t in s.tools) or None,
                     s.n_answered)
                    for s in suggested
                ],
            )  # fmt: skip
            return
        tool, study_id = _choose(review, tool_name, study), StudyId(study)
        for item, said, support in _pairs(answers, "--answer"):
            answer(review, study_id, tool=tool, item=item, answer=said, support=support)
        for item, said, support in _pairs(settling, "--settle"):
            settle_answer(review, study_id, tool=tool, item=item, answer=said, support=support)
        if ask:
            if not sys.stdin.isatty():
                raise click.UsageError("--ask needs a terminal; give --answer instead")
            _ask(review, study_id, tool, out)
        # One's own answers too; a colleague's once both have given theirs.
        state = settled(review, to=review.person)
        own = next((j for j in judgements(state, tool) if j.study_id == study), None)
        if out.as_json:
            out.result({"tool": tool.key, "judgement": own, "conflicts": conflicts(state, tool)})
            return
        _show(out, tool, own, study)


def _figures(review: Review, tool: Tool, out: Output) -> None:
    state = settled(review)
    written: list[Path] = []
    for name, drawing in bias_figures(state, tool, known=judgements(state, tool)).items():
        stem = review.out / f"risk-of-bias-{tool.tool_id}-{name}"
        stem.with_suffix(".svg").write_text(drawing.svg, encoding="utf-8")
        stem.with_suffix(".png").write_bytes(drawing.png)
        written += [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    sets = left_out_by_bias(state, tool)
    out.result(
        {"files": [str(path) for path in written], "left_out": sets},
        lines=[
            *(f"Wrote {path}" for path in written),
            *(
                f"Sensitivity, {item}: without {', '.join(sorted(studies))}"
                for item, studies in sets.items()
            ),
        ],
    )
