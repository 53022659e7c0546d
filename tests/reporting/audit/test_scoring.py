"""Every item of every standard is met at its place, missing without it, or does not apply."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from resartus.reporting.audit.checklist import Checklist, Item, load_checklist, load_checklists
from resartus.reporting.audit.scoring import Standing, score
from resartus.reporting.document import Column, Paragraph, Report, Section, Table, content

ITEMS = [(one, item) for one in load_checklists() for item in one.items]
FACTS: dict[str, object] = {
    name: True
    for _, item in ITEMS
    for name in (*item.needs, *([item.applies] if item.applies else []))
}


def report(*items: str, text: str = "Said.") -> Report:
    paragraph = Paragraph(content=content(text), items=items)
    section = Section(section_id="all", title="All", blocks=(paragraph,))
    made = datetime(2026, 11, 24, tzinfo=UTC)
    return Report(title="A review", snapshot_line="Version 1", made_at=made, sections=(section,))


WHOLE = report(*(item.key for _, item in ITEMS))


def standing(item: Item, checklist: Checklist, one: Report, facts: dict[str, object]) -> Standing:
    scored = score(one, [checklist], facts=facts)[0][1]
    return next(s.standing for s in scored if s.item == item)


@pytest.mark.parametrize(("checklist", "item"), ITEMS, ids=[item.key for _, item in ITEMS])
def test_an_item_is_met_and_missed(checklist: Checklist, item: Item) -> None:
    assert standing(item, checklist, WHOLE, FACTS) is Standing.MET
    if item.place is None:
        rest = report(*(other.key for _, other in ITEMS if other != item))
        assert standing(item, checklist, rest, FACTS) is Standing.MISSING
    for need in item.needs:
        assert standing(item, checklist, WHOLE, {**FACTS, need: False}) is Standing.MISSING
    if item.applies:
        facts = {**FACTS, item.applies: False}
        assert standing(item, checklist, WHOLE, facts) is Standing.NOT_APPLICABLE


def test_an_empty_place_answers_nothing() -> None:
    checklist = load_checklist("prisma_2020")
    item = next(i for i in checklist.items if i.item_id == "17")
    empty = Table(
        table_id="t", caption="Studies", columns=(Column(title="A"),), rows=(), items=(item.key,)
    )
    blank = report(item.key, text="  ")
    only = replace(WHOLE, sections=(Section(section_id="s", title="S", blocks=(empty,)),))
    for one in (blank, only):
        assert standing(item, checklist, one, FACTS) is Standing.MISSING


def test_the_standards_have_all_their_items() -> None:
    sizes = {one.key: len(one.items) for one in load_checklists()}
    assert sizes["PRISMA2020"] == 42
    assert sizes["PRISMA-S"] == 16
    assert sizes["SWiM"] == 9
    assert {"L1", "L2", "L3", "L4"} <= {i.item_id for i in load_checklist("prisma_lsr").items}
    assert len(load_checklist("care").items) == 13
    for one in load_checklists():
        assert len({item.item_id for item in one.items}) == len(one.items)
        assert all(item.to_do and item.asks for item in one.items)
