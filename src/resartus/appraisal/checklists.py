"""Appraisal tools as versioned data: items, answers, which design, what its authors warn of."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from resartus.errors import DataError, NotFoundError

__all__ = ["Answer", "Item", "Level", "Tool", "load_tools", "parse_tool", "tool", "tools_for"]

_TOP = {"id", "version", "name", "short", "source", "designs", "note", "warning", "overall",
        "overall_rule", "counts_stars", "answer", "item"}  # fmt: skip
_ITEM = {"id", "domain", "text", "prompts", "default", "answers"}
_ANSWER = {"code", "label", "level", "stars"}


class Level(StrEnum):
    """What an answer says of the risk of bias, alike over all tools, for plots and analyses."""

    LOW = "low"
    SOME = "some"
    HIGH = "high"
    CRITICAL = "critical"
    UNCLEAR = "unclear"
    NONE = "none"
    """Not applicable: says nothing either way."""

    @property
    def severity(self) -> int:
        """Rank from 0 (nothing to say) to 5 (critical); unclear stands above some."""
        return (Level.NONE, Level.LOW, Level.SOME, Level.UNCLEAR, Level.HIGH, Level.CRITICAL).index(
            self
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One possible answer with its level; ``stars`` only where a tool counts them."""

    code: str
    label: str
    level: Level
    stars: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of a tool, in our own words."""

    item_id: str
    text: str
    answers: tuple[Answer, ...]
    domain: str | None = None
    prompts: tuple[str, ...] = ()
    default: str | None = None

    @property
    def short(self) -> str:
        """The item's name where it has one before a colon, else its question."""
        name, mark, _ = self.text.partition(":")
        return name if mark and len(name) < 40 else self.text

    def answer(self, code: str) -> Answer:
        """Return one of the item's answers.

        Raises
        ------
        DataError
            Naming the answers there are.
        """
        for known in self.answers:
            if known.code == code:
                return known
        allowed = ", ".join(repr(known.code) for known in self.answers)
        raise DataError(f"answer {code!r} to {self.item_id!r} is not one of: {allowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool in one version. ``overall`` are the possible judgements of the whole.

    With ``overall_rule`` "worst" the whole is at least as bad as the worst
    item. Nothing is ever summed, except stars where the tool is stars.
    """

    tool_id: str
    version: str
    name: str
    short: str
    source: str
    designs: tuple[str, ...]
    items: tuple[Item, ...]
    overall: tuple[str, ...]
    overall_rule: str | None = None
    counts_stars: bool = False
    note: str | None = None
    warning: str | None = None

    @property
    def key(self) -> str:
        """``"jbi-case-report@2020"``: what an answer is logged under."""
        return f"{self.tool_id}@{self.version}"

    def item(self, item_id: str) -> Item:
        """Return one item.

        Raises
        ------
        NotFoundError
            Naming the items there are.
        """
        for known in self.items:
            if known.item_id == item_id:
                return known
        names = ", ".join(known.item_id for known in self.items)
        raise NotFoundError(f"item {item_id!r} is not one of {self.name}'s: {names}, overall")


def _only(values: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for name in values:
        if name not in allowed:
            raise DataError(
                f"{where}: {name!r} is not a known key; allowed: {', '.join(sorted(allowed))}"
            )


def _needed(values: Mapping[str, Any], name: str, where: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f'{where}: {name} is missing; write {name} = "…"', field=name)
    return value


def parse_tool(text: str, *, file: str = "tool.toml") -> Tool:
    """Return the tool that a TOML file describes.

    Raises
    ------
    DataError
        Naming the file, the item and the key that does not hold.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file} is not valid TOML: {error}", where=file) from error
    _only(values, _TOP, file)
    answers: dict[str, Answer] = {}
    for row in values.get("answer", []):
        _only(row, _ANSWER, f"{file}, an answer")
        code = _needed(row, "code", f"{file}, an answer")
        level = row.get("level")
        if level not in [member.value for member in Level]:
            allowed = ", ".join(member.value for member in Level)
            raise DataError(f"{file}: level {level!r} of {code!r} is not one of: {allowed}")
        answers[code] = Answer(
            code=code, label=row.get("label", code), level=Level(level), stars=row.get("stars")
        )
    items = []
    for row in values.get("item", []):
        _only(row, _ITEM, f"{file}, an item")
        item_id = _needed(row, "id", f"{file}, an item")
        where = f"{file}, item {item_id!r}"
        codes = row.get("answers", list(answers))
        for code in (*codes, *filter(None, [row.get("default")])):
            if code not in answers:
                raise DataError(f"{where}: {code!r} is not one of: {', '.join(answers)}")
        items.append(
            Item(
                item_id=item_id,
                text=_needed(row, "text", where),
                answers=tuple(answers[code] for code in codes),
                domain=row.get("domain"),
                prompts=tuple(row.get("prompts", ())),
                default=row.get("default"),
            )
        )
    ids = [item.item_id for item in items]
    if not ids or len(set(ids)) < len(ids) or "overall" in ids:
        raise DataError(f"{file}: items need ids of their own, none of them 'overall'", where=file)
    return Tool(
        tool_id=_needed(values, "id", file),
        version=_needed(values, "version", file),
        name=_needed(values, "name", file),
        short=values.get("short") or _needed(values, "name", file),
        source=_needed(values, "source", file),
        designs=tuple(values.get("designs", ())),
        items=tuple(items),
        overall=tuple(values.get("overall", ())),
        overall_rule=values.get("overall_rule"),
        counts_stars=bool(values.get("counts_stars", False)),
        note=values.get("note"),
        warning=values.get("warning"),
    )


@cache
def _bundled() -> tuple[Tool, ...]:
    folder = resources.files(__package__) / "tools"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(parse_tool(f.read_text(encoding="utf-8"), file=f.name) for f in files)


def load_tools(extra: Iterable[Path] = ()) -> tuple[Tool, ...]:
    """Return the bundled tools and those of further files; a file may bring a new version."""
    own = tuple(parse_tool(p.read_text(encoding="utf-8"), file=p.name) for p in extra)
    return (*_bundled(), *own)


def tool(name: str, *, tools: Iterable[Tool] | None = None) -> Tool:
    """Return a tool by its id, or by id and version ("robins-i@1 (2016)").

    Raises
    ------
    NotFoundError
        Naming the tools there are.
    """
    known = tuple(tools if tools is not None else load_tools())
    for candidate in known:
        if name in (candidate.key, candidate.tool_id):
            return candidate
    raise NotFoundError(
        f"appraisal tool {name!r} is not known; there are: {', '.join(t.tool_id for t in known)}"
    )


def tools_for(design: str, *, tools: Iterable[Tool] | None = None) -> tuple[Tool, ...]:
    """Return the tools for a design, the best first; those with a warning come last.

    A design that no tool names is matched by the words it shares ("retrospective
    case series" is a case series).
    """
    known = tuple(tools if tools is not None else load_tools())
    plain = design.strip().lower()
    named = [t for t in known if plain in t.designs]
    if not named:
        named = [t for t in known if any(d in plain for d in t.designs)]
    return tuple(sorted(named, key=lambda t: t.warning is not None))
