"""``resartus screen``: one record at a time by single keys, or one vote by options."""

from __future__ import annotations

import click

from resartus.app.review import Review
from resartus.app.screening import (
    Outcome,
    conflicts,
    decide,
    open_records,
    skipped_records,
    visible_votes,
)
from resartus.app.screening.ranking import ScreeningOrder
from resartus.cli.context import open_review, output
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId

__all__ = ["command"]

# Rayyan's keys, with the aliases other tools taught people.
_KEYS = {
    **dict.fromkeys("iyr", Verdict.INCLUDE),
    **dict.fromkeys("en", Verdict.EXCLUDE),
    **dict.fromkeys("um", Verdict.MAYBE),
    "s": Verdict.SKIP,
}


def _show(review: Review, record_id: RecordId, *, place: str) -> None:
    record = review.store.load_record(record_id)
    out = output()
    out.say("")
    out.say(f"[{place}] {record.title or 'no title given'}")
    names = ", ".join(author.short_name for author in record.authors[:6])
    out.say(
        f"  {names or 'no authors given'} · {record.journal or 'no journal'}"
        f" · {record.year or 'no year'}"
    )
    if record.abstract:
        out.say("")
        out.say(record.abstract)


def _reasons(review: Review) -> tuple[str, ...]:
    return tuple(criterion.name for criterion in review.protocol.eligibility.exclude)


def _ask_reason(review: Review) -> tuple[str, ...]:
    names = _reasons(review)
    out = output()
    for number, name in enumerate(names, start=1):
        out.say(f"  {number} {name}")
    number = click.prompt("reason", type=click.IntRange(1, len(names)))
    return (names[number - 1],)


def _conflict(review: Review, outcome: Outcome) -> list[str]:
    """Say who voted what; a conflict is there only when all who must have voted."""
    votes = visible_votes(review, outcome.record_id, stage=outcome.stage).values()
    return [
        f"{outcome.record_id} at {outcome.stage.value}",
        *(
            f"  {vote.decided_by}: {vote.verdict.value}"
            + (f" ({', '.join(vote.reasons)})" if vote.reasons else "")
            + (f" – {vote.note}" if vote.note else "")
            for vote in votes
        ),
    ]


def _criteria(review: Review) -> None:
    out, eligibility = output(), review.protocol.eligibility
    for word, criteria in (("include", eligibility.include), ("exclude", eligibility.exclude)):
        for criterion in criteria:
            out.say(f"  {word}: {criterion.name} – {criterion.text}")


def _why(order: ScreeningOrder, record_id: RecordId, stage: Stage) -> str:
    terms = order.explain(record_id, stage)
    words = ", ".join(f"{'+' if t.adds > 0 else '-'} {t.term}" for t in terms)
    return f"  {order.label}: {words or 'nothing learnt yet'}"


def _interactive(
    review: Review, stage: Stage, waiting: list[RecordId], *, order: ScreeningOrder | None
) -> int:
    """Show these records until none is left or the person stops; return how many were judged.

    With an order they come up by its ranking, learnt anew as votes come.
    """
    judged = 0
    plan = review.protocol.screening
    is_ranked = order is not None and plan.order == "ranked"
    _criteria(review)
    output().say("i include · e exclude · u maybe · s skip · q stop (also y/n/m/r)")
    total, passed = len(waiting), set[RecordId]()
    while waiting:
        # A long list is sorted anew only now and then: that takes longer than a vote changes.
        if order is not None and judged % max(1, total // 200) == 0:
            left = [r for r in waiting if r not in passed]
            waiting = order.order(stage, left)
        record_id = waiting.pop(0)
        passed.add(record_id)
        _show(review, record_id, place=f"{judged + 1}/{total}")
        if is_ranked and order is not None and plan.rank_shown == "always":
            output().say(_why(order, record_id, stage))
        while (key := click.prompt("", prompt_suffix="> ").strip().lower()[:1]) not in {
            *_KEYS,
            "q",
        }:
            output().say("i, e, u, s or q")
        if key == "q":
            break
        verdict = _KEYS[key]
        needs_reason = verdict is Verdict.EXCLUDE and stage is Stage.ELIGIBILITY
        reasons = _ask_reason(review) if needs_reason and _reasons(review) else ()
        decide(
            review,
            record_id,
            stage=stage,
            verdict=verdict,
            reasons=reasons,
            ranked_by=order.label if is_ranked and order is not None else None,
        )
        judged += 1
    return judged


@click.command("screen")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.SCREENING.value,
    help="Title and abstract, or full text.",
)
@click.option("--list", "is_list", is_flag=True, help="List the open records.")
@click.option("--conflicts", "is_conflicts", is_flag=True, help="List votes that disagree.")
@click.option("--skipped", "is_skipped", is_flag=True, help="Go through what you put aside.")
@click.option(
    "--audit",
    "is_audit",
    is_flag=True,
    help="Draw what is left at random: evidence for 'resartus stop'.",
)
@click.option("--record", "record_id", default=None, help="Vote on this record, without asking.")
@click.option("--verdict", type=click.Choice([v.value for v in Verdict]), default=None)
@click.option("--reason", "reasons", multiple=True, help="A reason of review.toml; repeatable.")
@click.option("--tag", "tags", multiple=True, help="A word to find the record by; repeatable.")
@click.option("--note", default=None, help="A note kept with the vote.")
@click.option("--final", "is_final", is_flag=True, help="Settle a conflict: this vote decides.")
def command(
    stage: str,
    is_list: bool,
    is_conflicts: bool,
    is_skipped: bool,
    is_audit: bool,
    record_id: str | None,
    verdict: str | None,
    reasons: tuple[str, ...],
    tags: tuple[str, ...],
    note: str | None,
    is_final: bool,
) -> None:
    """Judge records, one at a time."""
    at, out = Stage(stage), output()
    with open_review() as review:
        if is_conflicts:
            found = conflicts(review)
            out.result(found, lines=[line for c in found for line in _conflict(review, c)])
        elif is_list:
            waiting = open_records(review, at)
            lines = [
                f"{r.record_id}  {r.label}  {r.title or 'no title given'}"
                for r in review.store.iterate_records(waiting)
            ]
            out.result(waiting, lines=lines)
        elif record_id is not None:
            if verdict is None:
                raise click.UsageError("--record needs --verdict")
            decision = decide(
                review,
                RecordId(record_id),
                stage=at,
                verdict=Verdict(verdict),
                reasons=reasons,
                tags=tags,
                note=note,
                is_adjudication=is_final,
            )
            out.result(decision, lines=[f"{record_id}: {verdict} at {stage}"])
        else:
            waiting = skipped_records(review, at) if is_skipped else open_records(review, at)
            order = None if is_skipped else ScreeningOrder(review, by_chance=is_audit)
            judged = _interactive(review, at, waiting, order=order)
            left = len(open_records(review, at))
            out.result({"judged": judged, "left": left}, lines=[f"{judged} judged, {left} left"])
