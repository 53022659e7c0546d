"""Reporting standards as versioned data: what each item asks, where, and when it applies."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Checklist", "Item", "load_checklist", "load_checklists"]

# In the order a reader meets them.
_FILES = ("prisma_2020", "prisma_s", "prisma_lsr", "swim", "raise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing a standard asks.

    ``needs`` are facts of the review without which a place in the document is
    not enough; ``applies`` is the fact on which the item depends, ``otherwise``
    says why it does not apply without it; ``to_do`` is what to do when missing.
    """

    key: str
    item_id: str
    asks: str
    to_do: str
    place: str | None = None
    needs: tuple[str, ...] = ()
    applies: str | None = None
    otherwise: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """One standard in one version."""

    key: str
    name: str
    version: str
    source: str
    items: tuple[Item, ...]


def _item(standard: str, plain: Mapping[str, Any]) -> Item:
    return Item(
        key=f"{standard}:{plain['id']}",
        item_id=plain["id"],
        asks=plain["asks"],
        to_do=plain.get("do", "extract it where the paper says so"),
        place=plain.get("place"),
        needs=tuple(plain.get("needs", ())),
        applies=plain.get("applies"),
        otherwise=plain.get("otherwise"),
        fields=tuple(plain.get("fields", ())),
    )


@cache
def load_checklist(name: str) -> Checklist:
    """Return one of the standards that come with the package, by its file's name."""
    path = resources.files("resartus.reporting.audit") / "checklists" / f"{name}.toml"
    plain = tomllib.loads(path.read_text(encoding="utf-8"))
    return Checklist(
        key=plain["key"],
        name=plain["name"],
        version=plain["version"],
        source=plain["source"],
        items=tuple(_item(plain["key"], entry) for entry in plain["item"]),
    )


def load_checklists() -> tuple[Checklist, ...]:
    """Return the standards that a whole report answers; CARE is asked of each case."""
    return tuple(load_checklist(name) for name in _FILES)
