"""Score a report against a standard: each item met at a place, missing, or not applicable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from resartus.reporting.audit.checklist import Checklist, Item
from resartus.reporting.document import (
    Block,
    Figure,
    Number,
    References,
    Report,
    Section,
    Table,
    Text,
    Verbatim,
)
from resartus.reporting.reading import block_contents

__all__ = ["Place", "Scored", "Standing", "places_of", "score"]


class Standing(StrEnum):
    """How an item stands."""

    MET = "met"
    MISSING = "missing"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a report an item is answered: the anchor, and its title for a reader."""

    anchor: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One item as it stands: where it is met, what to do, or why it does not apply."""

    item: Item
    standing: Standing
    places: tuple[Place, ...] = ()
    sentence: str = ""


def _says_something(block: Block) -> bool:
    if isinstance(block, Figure | References):
        return True
    if isinstance(block, Verbatim):
        return bool(block.text.strip())
    if isinstance(block, Table) and not block.rows:
        return False
    return any(
        inline.text.strip()
        for run in block_contents(block)
        for inline in run
        if isinstance(inline, Text | Number)
    )


def _is_filled(section: Section) -> bool:
    return any(_says_something(b) for part in section.walk() for b in part.blocks)


def places_of(report: Report) -> Mapping[str, tuple[Place, ...]]:
    """Return, for each item named in the document, where it is answered; empty places are none."""
    found: dict[str, list[Place]] = {}
    for section in report.walk():
        here = Place(anchor=section.section_id, title=section.title)
        for key in section.items if _is_filled(section) else ():
            found.setdefault(key, []).append(here)
        for block in section.blocks:
            place = here
            if isinstance(block, Table):
                place = Place(anchor=block.table_id, title=block.caption)
            elif isinstance(block, Figure):
                place = Place(anchor=block.figure_id, title=block.caption)
            for key in block.items if _says_something(block) else ():
                if place not in found.setdefault(key, []):
                    found[key].append(place)
    return {key: tuple(places) for key, places in found.items()}


def _scored(
    item: Item, places: Mapping[str, tuple[Place, ...]], facts: Mapping[str, object]
) -> Scored:
    if item.applies is not None and not facts.get(item.applies):
        return Scored(item=item, standing=Standing.NOT_APPLICABLE, sentence=item.otherwise or "")
    here = places.get(item.key, ())
    if item.place is not None:
        here = (Place(anchor=item.place, title="The title"),)
    lacking = [need for need in item.needs if not facts.get(need)]
    if not here or lacking:
        return Scored(item=item, standing=Standing.MISSING, sentence=item.to_do)
    return Scored(item=item, standing=Standing.MET, places=here)


def score(
    report: Report, checklists: Sequence[Checklist], *, facts: Mapping[str, object]
) -> tuple[tuple[Checklist, tuple[Scored, ...]], ...]:
    """Return every item of every standard as it stands.

    Parameters
    ----------
    report : Report
        As the writers set it.
    facts : mapping of str to object
        What the review knows of itself; a fact that is absent or empty does
        not hold.
    """
    places = places_of(report)
    return tuple(
        (one, tuple(_scored(item, places, facts) for item in one.items)) for one in checklists
    )
