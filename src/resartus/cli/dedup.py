"""``resartus dedup``: find duplicates, judge the doubtful pairs by single keys, take links out."""

from __future__ import annotations

import click

from resartus.app.dedup.judging import (
    PairVerdict,
    PairView,
    judge_pair,
    linked_groups,
    merged_view,
    open_questions,
    pair_view,
    unlink,
)
from resartus.app.dedup.overlaps import judge_overlap, proposed_overlaps
from resartus.app.dedup.reports import judge_reports, proposed_studies
from resartus.app.dedup.running import find_and_link
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.cli.context import open_review, output
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import PatientsShared
from resartus.domain.plain import to_plain

__all__ = ["command"]

_KEYS = {"s": PairVerdict.SAME, "d": PairVerdict.DIFFERENT, "r": PairVerdict.RELATED}
# Long abstracts are for the full view; here their beginning tells enough.
_WIDTH = 300


def _show(view: PairView, *, place: str) -> None:
    rows = [
        (f.name, (f.left or "–")[:_WIDTH], (f.right or "–")[:_WIDTH], f.agreement or "–")
        for f in view.fields
    ]
    output().table(
        f"[{place}] {view.probability:.0%} the same", ("field", "left", "right", "agreement"), rows
    )


def _judge(review: Review) -> int:
    """Show open pairs until none is left or the person stops; return how many were judged."""
    out, judged = output(), 0
    waiting = open_questions(review)
    out.say("s same · d different · r related · k skip · u undo the last · q stop")
    for number, question in enumerate(waiting, start=1):
        if question not in open_questions(review):
            continue
        view = pair_view(review, question.record_id, question.other_id)
        _show(view, place=f"{number}/{len(waiting)}")
        while True:
            key = click.prompt("", prompt_suffix="> ").strip().lower()[:1]
            if key == "u" and judged:
                undo_event(review, own=True)
                judged -= 1
                out.say("taken back; it will be asked again")
            elif key in {*_KEYS, "k", "q"}:
                break
            else:
                out.say("s, d, r, k, u or q")
        if key == "q":
            break
        if key == "k":
            continue
        judge_pair(review, question.record_id, question.other_id, verdict=_KEYS[key])
        judged += 1
    return judged


def _find(review: Review) -> None:
    out = output()
    n = review.store.count_records()
    with out.progress(3 * n, "comparing") as advance:
        run = find_and_link(review, advance=advance)
    lines = [
        f"{run.records} records, {run.compared} pairs compared",
        f"{run.linked} linked as duplicates ({run.duplicates} in all)",
        f"{run.asked} to judge" + (": resartus dedup --judge" if run.asked else ""),
        f"{run.related} related and kept apart: errata, replies, abstracts, parts of series",
    ]
    out.result(run, lines=lines)


def _list(review: Review) -> None:
    waiting = open_questions(review)
    lines = [
        f"{q.probability:.0%}  {q.record_id}  {q.other_id}  {', '.join(q.reasons)}" for q in waiting
    ]
    output().result(waiting, lines=lines or ["no pair waits to be judged"])


def _list_linked(review: Review) -> None:
    groups = linked_groups(review)
    lines = [f"{g.kept}  {g.label}  = {', '.join(g.duplicates)}" for g in groups]
    output().result(groups, lines=lines or ["nothing is linked"])


def _show_merged(review: Review, record_id: RecordId) -> None:
    view = merged_view(review, record_id)
    named = "; ".join(author.short_name for author in view.record.authors)
    rows = [
        (
            name,
            (named if name == "authors" else str(to_plain(getattr(view.record, name))))[:_WIDTH],
            ", ".join(given),
        )
        for name, given in view.sources.items()
    ]
    output().result(view)
    output().table(f"{view.record.label}, from all its records", ("field", "value", "from"), rows)


def _list_studies(review: Review) -> None:
    found = proposed_studies(review)
    lines = [f"{p.record_id}  {p.other_id}  {'; '.join(p.evidence)}" for p in found]
    output().result(found, lines=lines or ["no reports seem to be of one study"])


def _list_overlaps(review: Review) -> None:
    out, found = output(), proposed_overlaps(review)
    out.result(found, lines=[] if found else ["no studies seem to share patients"])
    for proposal in found:
        most = "" if proposal.at_most is None else f", at most {proposal.at_most} patients"
        out.say(f"{proposal.strength.value}: {' and '.join(proposal.labels)}{most}")
        out.say(f"  --overlap --pair {' '.join(proposal.study_ids)}")
        for fact in proposal.evidence:
            mark = {True: "+", False: "-", None: "?"}[fact.speaks_for]
            out.say(f"  {mark} {fact.text}")


_SHARED = {
    "same": PatientsShared.SHARED,
    "different": PatientsShared.DISTINCT,
    "unclear": PatientsShared.UNCLEAR,
}


def _judge_named(
    review: Review,
    pair: tuple[str, str],
    verdict: str,
    *,
    of: str,
    relation: str | None,
    note: str | None,
) -> None:
    """Log a verdict on two records, two reports or two studies."""
    one, other = pair
    if of == "overlap":
        judge_overlap(review, StudyId(one), StudyId(other), verdict=_SHARED[verdict], note=note)
    elif of == "studies":
        if verdict not in ("same", "different"):
            raise click.UsageError("two reports are of the same study or of different ones")
        is_same = verdict == "same"
        judge_reports(review, RecordId(one), RecordId(other), is_same_study=is_same, note=note)
    else:
        if verdict == "unclear":
            raise click.UsageError("two records are the same, different or related")
        judge_pair(
            review,
            RecordId(one),
            RecordId(other),
            verdict=PairVerdict(verdict),
            relation=relation,
            note=note,
        )
    output().result({"pair": pair, "verdict": verdict}, lines=[f"{one} and {other}: {verdict}"])


@click.command("dedup")
@click.option("--judge", "is_judge", is_flag=True, help="Judge the doubtful pairs, one by one.")
@click.option("--list", "is_list", is_flag=True, help="List the doubtful pairs.")
@click.option("--linked", "is_linked", is_flag=True, help="List what is linked.")
@click.option("--studies", "is_studies", is_flag=True, help="Reports that may be of one study.")
@click.option("--overlap", "is_overlap", is_flag=True, help="Studies that may share patients.")
@click.option("--pair", nargs=2, default=None, help="Show these two records, or judge them.")
@click.option(
    "--verdict", type=click.Choice(["same", "different", "related", "unclear"]), default=None
)
@click.option("--relation", default=None, help="How two related reports belong together.")
@click.option("--merged", default=None, help="Show the best of all records of this one's report.")
@click.option("--unlink", "unlinked", default=None, help="Take this record's link out.")
@click.option("--note", default=None, help="A note kept with the verdict.")
def command(
    is_judge: bool,
    is_list: bool,
    is_linked: bool,
    is_studies: bool,
    is_overlap: bool,
    pair: tuple[str, str] | None,
    verdict: str | None,
    relation: str | None,
    merged: str | None,
    unlinked: str | None,
    note: str | None,
) -> None:
    """Find duplicates and link them; nothing is deleted, every link can be taken out.

    With --studies or --overlap the pair and the verdict are about reports of
    one study, or about studies that share patients.
    """
    out = output()
    with open_review() as review:
        if unlinked is not None:
            event = unlink(review, RecordId(unlinked), note=note)
            out.result({"seq": event.seq}, lines=[f"{unlinked} is a record of its own again"])
        elif merged is not None:
            _show_merged(review, RecordId(merged))
        elif pair is not None and verdict is not None:
            of = "overlap" if is_overlap else "studies" if is_studies else "records"
            _judge_named(review, pair, verdict, of=of, relation=relation, note=note)
        elif verdict is not None:
            raise click.UsageError("--verdict needs --pair ID ID")
        elif is_studies:
            _list_studies(review)
        elif is_overlap:
            _list_overlaps(review)
        elif pair is not None:
            view = pair_view(review, RecordId(pair[0]), RecordId(pair[1]))
            out.result(view)
            _show(view, place="pair")
        elif is_list:
            _list(review)
        elif is_linked:
            _list_linked(review)
        elif is_judge:
            judged, left = _judge(review), len(open_questions(review))
            out.result({"judged": judged, "left": left}, lines=[f"{judged} judged, {left} left"])
        else:
            _find(review)
