"""``resartus synthesise``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from resartus.app.pooling.wording import effect_plain, effect_report
from resartus.app.settled import settled
from resartus.cli.context import open_review, output
from resartus.cli.output import Output
from resartus.domain.protocol import EFFECT_INPUTS, Part
from resartus.errors import DataError

__all__ = ["command"]


def _fields(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return ``events_1=mortality_n`` and its like as a mapping."""
    fields = {}
    for pair in pairs:
        key, equals, name = pair.partition("=")
        if not equals or key not in EFFECT_INPUTS or not name:
            raise DataError(
                f"--field {pair!r} is not INPUT=FIELD; inputs are {', '.join(EFFECT_INPUTS)}",
                field="--field",
            )
        fields[key] = name
    return fields


def _show(out: Output, result: Any, sensitivity: Any, *, planned: bool) -> None:
    """Print one pooled effect with what was examined."""
    for part in effect_report(result, sensitivity, is_planned=planned):
        if isinstance(part, str):
            out.say(part)
        else:
            out.table(*part)


def _effects(out: Output, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Pool the planned effects, or the one asked for, and return their JSON forms."""
    from resartus.app.pooling.asking import asked_effects, effect_outside
    from resartus.app.pooling.run import effects_of_file, effects_of_review

    what = tuple(
        name
        for name, flag in (
            ("leave-one-out", "leave_one_out"),
            ("cumulative", "cumulative"),
            ("influence", "influence"),
            ("asymmetry", "asymmetry"),
            ("directions", "directions"),
        )
        if given[flag]
    )
    level = given["level"]
    asked: dict[str, Any] = {
        "name": given["effect"],
        "measure": given["measure"],
        "fields": _fields(given["field"]),
        "moderators": given["moderator"],
        "options": given,
    }
    if given["source"] is not None:
        if given["measure"] is None:
            raise DataError("--from needs --measure, such as --measure RR", field="--measure")
        plan = effect_outside(**asked)
        found = [(effects_of_file(Path(given["source"]), plan, level=level), True)]
    else:
        with open_review() as review:
            chosen = asked_effects(review.protocol.analysis.effects, **asked)
            found = [
                (effects_of_review(review, plan, level=level), planned) for plan, planned in chosen
            ]
    plain = []
    for result, planned in found:
        sensitivity, paths = result.examined(
            what, figures=None if given["figures"] is None else Path(given["figures"])
        )
        _show(out, result.effect, sensitivity, planned=planned)
        for path in paths:
            out.say(f"  drawn: {path}")
        plain.append(
            effect_plain(result.effect, sensitivity, is_planned=planned)
            | {"figures": [str(path) for path in paths]}
        )
    return plain


def _counts(out: Output) -> tuple[list[Any], list[Any]]:
    """Show the planned proportions and survival by time zero, and return them."""
    from resartus.app.evidence import assemble, survival_rows
    from resartus.app.synthesising import pooled_proportion
    from resartus.app.wording import proportion_text

    with open_review() as review:
        state = settled(review)
        plan = review.protocol.analysis
        treated = {
            study_id
            for study_id, entry in state.studies.items()
            if review.protocol.part_of(entry.role) is Part.TREATED
        }
    if state.waiting:
        out.say(state.waiting.sentence())
    studies = assemble(state)
    results = [
        pooled_proportion(
            studies, field, treated=treated, denominator=plan.denominator, level=plan.level
        )
        for field in plan.proportions
    ]
    rows = survival_rows(studies)
    for result in results:
        shown = zip(result.studies, result.events, result.totals, result.per_study, strict=True)
        head = f"{result.field}: {proportion_text(result.pooled)}"
        if result.studies:
            out.table(
                head,
                ("series", "events", "treated", "per cent (exact interval)"),
                [(s.label, e, n, proportion_text(one)) for s, e, n, one in shown],
            )
        else:
            out.say(head)
        for note in result.pooled.diagnostics:
            out.say(f"  {note}")
        for study, reason in result.left_out:
            out.say(f"  not pooled: {study.label} ({reason})")
    out.table(
        "Survival as printed, by time zero",
        ("counted from", "series", "n", "median months"),
        [
            (r.time_zero, f"{r.study.label}: {r.group.key}", r.n, r.median_months)
            for r in sorted(rows, key=lambda r: r.time_zero)
            if r.median_months is not None
        ],
    )
    return results, rows


@click.command("synthesise")
@click.option("--effect", help="One effect of the plan by its name.")
@click.option("--measure", help="An effect outside the plan: RR, OR, HR, SMD, PLO … or its words.")
@click.option("--field", multiple=True, metavar="INPUT=FIELD",
              help="Which field holds an input of the measure: events_1=deaths.")  # fmt: skip
@click.option("--from", "source", type=click.Path(dir_okay=False), metavar="CSV",
              help="Pool the rows of a CSV file instead of the review's studies.")  # fmt: skip
@click.option("--model", help="auto, random, common, MH, Peto, GLMM, beta-binomial or none.")
@click.option("--estimator", help="Of tau2: REML, ML, DL, PM, EB, HE, HS or SJ.")
@click.option("--test", help="HK-guarded, HK, t or z.")
@click.option("--prediction", help="HTS, metafor, Nagashima or none.")
@click.option("--subgroup", metavar="FIELD", help="Pool by the groups of a field as well.")
@click.option("--moderator", multiple=True, metavar="FIELD", help="Regress on a field.")
@click.option("--leave-one-out", is_flag=True, help="Pool again without each study.")
@click.option("--cumulative", is_flag=True, help="Pool again as each study was added, by year.")
@click.option("--influence", is_flag=True, help="Show which studies carry the result.")
@click.option("--asymmetry", is_flag=True, help="Egger, Begg, trim and fill.")
@click.option("--directions", is_flag=True, help="Count directions and combine p values (SWiM).")
@click.option("--level", type=float, help="Confidence level; the plan's, or 0.95.")
@click.option("--figures", type=click.Path(file_okay=False), metavar="FOLDER",
              help="Draw the plots of what was asked for there, as SVG and PNG.")  # fmt: skip
def command(**given: Any) -> None:
    """Pool what the protocol plans, and lay out survival by time zero.

    An effect outside the plan is computed and marked as not planned.
    """
    out = output()
    alone = given["measure"] or given["effect"] or given["source"]
    results, rows = ([], []) if alone else _counts(out)
    effects = _effects(out, given)
    if out.as_json:
        out.result(
            {
                "effects": effects,
                "proportions": [
                    {
                        "field": r.field,
                        "pooled": r.pooled,
                        "studies": [s.study_id for s in r.studies],
                        "left_out": [
                            {"study": s.study_id, "reason": reason} for s, reason in r.left_out
                        ],
                    }
                    for r in results
                ],
                "survival": [
                    {
                        "study": r.study.study_id,
                        "group": r.group.key,
                        "time_zero": r.time_zero,
                        "n": r.n,
                        "median_months": r.median_months,
                    }
                    for r in rows
                ],
            }
        )
