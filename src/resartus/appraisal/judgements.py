"""What was answered on each study, by whom, what was settled, and what analyses may draw on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resartus.appraisal.checklists import Item, Level, Tool

__all__ = ["OVERALL", "ItemJudgement", "StudyJudgement", "judge", "studies_at", "without_studies"]

OVERALL = "overall"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemJudgement:
    """One item of one study: everybody's answer and the one that counts.

    ``answer`` is ``None`` while nobody answered or while answers differ and
    nobody settled them; ``support`` are the words it rests on.
    """

    item_id: str
    answers: Mapping[str, str]
    answer: str | None
    level: Level | None
    support: str | None = None
    is_consensus: bool = False

    @property
    def is_conflict(self) -> bool:
        """Whether people answered differently and nobody settled it."""
        return self.answer is None and len(set(self.answers.values())) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyJudgement:
    """One study under one tool. ``worst`` is the worst level among its items."""

    study_id: str
    tool: Tool
    items: tuple[ItemJudgement, ...]
    overall: ItemJudgement

    @property
    def worst(self) -> Level | None:
        """The worst level among the items answered so far."""
        levels = [item.level for item in self.items if item.level is not None]
        return max(levels, key=lambda level: level.severity, default=None)

    @property
    def overall_level(self) -> Level | None:
        """The judgement of the whole; by rule where the tool has one and all is answered."""
        if self.overall.level is not None:
            return self.overall.level
        return self.worst if self.tool.overall_rule == "worst" and self.is_complete else None

    @property
    def is_complete(self) -> bool:
        """Whether every item has an answer that counts."""
        return all(item.answer is not None for item in self.items)

    @property
    def stars(self) -> int | None:
        """Stars, only for a tool that is stars and when all is answered."""
        if not self.tool.counts_stars or not self.is_complete:
            return None
        known = zip(self.tool.items, self.items, strict=True)
        return sum(i.answer(j.answer or "").stars or 0 for i, j in known)


_OVERALL_LEVELS = {
    "include": Level.LOW,
    "exclude": Level.HIGH,
    "seek further information": Level.UNCLEAR,
    "low risk of bias": Level.LOW,
    "moderate risk of bias": Level.SOME,
    "high risk of bias": Level.HIGH,
    "low": Level.LOW,
    "moderate": Level.SOME,
    "serious": Level.HIGH,
    "high": Level.HIGH,
    "critical": Level.CRITICAL,
    "no information": Level.UNCLEAR,
    "good": Level.LOW,
    "fair": Level.SOME,
    "poor": Level.HIGH,
}


def _judgement(
    item_id: str,
    item: Item | None,
    answers: Mapping[str, Mapping[str, str]],
    settled: Mapping[str, str] | None,
) -> ItemJudgement:
    said = {person: given["answer"] for person, given in answers.items()}
    answer = support = None
    if settled is not None:
        answer, support = settled["answer"], settled.get("support")
    elif said and len(set(said.values())) == 1:
        answer = next(iter(said.values()))
        support = next((g["support"] for g in answers.values() if g.get("support")), None)
    elif not said and item is not None and item.default is not None:
        answer = item.default
    level = None
    if answer is not None:
        level = item.answer(answer).level if item is not None else _OVERALL_LEVELS.get(answer)
    return ItemJudgement(
        item_id=item_id,
        answers=said,
        answer=answer,
        level=level,
        support=support,
        is_consensus=settled is not None,
    )


def judge(
    study_id: str,
    tool: Tool,
    *,
    answers: Mapping[str, Mapping[str, Mapping[str, str]]],
    settled: Mapping[str, Mapping[str, str]],
) -> StudyJudgement:
    """Return what counts for one study under one tool.

    Parameters
    ----------
    answers : mapping
        By item, then by person: ``answer`` and perhaps ``support``.
    settled : mapping
        By item: the consensus.
    """
    return StudyJudgement(
        study_id=study_id,
        tool=tool,
        items=tuple(
            _judgement(i.item_id, i, answers.get(i.item_id, {}), settled.get(i.item_id))
            for i in tool.items
        ),
        overall=_judgement(OVERALL, None, answers.get(OVERALL, {}), settled.get(OVERALL)),
    )


def studies_at(
    judgements: Iterable[StudyJudgement], levels: Iterable[Level], *, item: str = OVERALL
) -> frozenset[str]:
    """Return the studies whose item, or whole, stands at one of these levels.

    A sensitivity analysis leaves out ``studies_at(…, {Level.HIGH, Level.CRITICAL})``.
    """
    wanted = set(levels)
    found = set()
    for judgement in judgements:
        if item == OVERALL:
            level = judgement.overall_level
        else:
            level = next((i.level for i in judgement.items if i.item_id == item), None)
        if level in wanted:
            found.add(judgement.study_id)
    return frozenset(found)


def without_studies(
    judgements: Iterable[StudyJudgement], levels: Iterable[Level]
) -> Mapping[str, frozenset[str]]:
    """Return, for each item and the whole, the studies a sensitivity analysis would leave out.

    Items that would leave out none are absent.
    """
    known = list(judgements)
    items = dict.fromkeys(i.item_id for j in known for i in j.items)
    wanted = tuple(levels)
    sets = {item: studies_at(known, wanted, item=item) for item in (OVERALL, *items)}
    return {item: studies for item, studies in sets.items() if studies}
