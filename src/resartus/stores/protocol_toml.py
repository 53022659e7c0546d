"""``review.toml``: the protocol as people edit it, read with the line of every mistake."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from resartus.domain.protocol import (
    DEFAULT_ROLES,
    EFFECT_INPUTS,
    AnalysisPlan,
    Criterion,
    Eligibility,
    FormField,
    Living,
    Part,
    PlannedEffect,
    Protocol,
    Role,
    ScreeningPlan,
)
from resartus.domain.query import DATE_TAGS, Search
from resartus.errors import DataError, NotFoundError

__all__ = ["load_protocol", "parse_protocol"]

_LANGUAGE = re.compile(r"[a-z]{3}")

_MOST_LETTERS = 2_000_000
_ENDLESS_KEY = re.compile(r"(?:[\w-]{1,99}\s{0,9}\.\s{0,9}){40}")


class _Table:
    """A TOML table that knows its file and lines, so that a mistake can be pointed at."""

    def __init__(self, values: Mapping[str, Any], path: str, lines: list[str], file: str) -> None:
        self.values, self.path, self.lines, self.file = values, path, lines, file
        self.start = self._header_line()

    def _header_line(self) -> int:
        """Return the index of the line after this table's header, counting repeated headers."""
        if not self.path:
            return 0
        name, _, index = self.path.partition("#")
        wanted = int(index or 0)
        pattern = re.compile(rf"\s*\[\[?\s*{re.escape(name)}\s*\]\]?")
        for number, line in enumerate(self.lines):
            if pattern.match(line):
                if wanted == 0:
                    return number + 1
                wanted -= 1
        return 0

    def line_of(self, key: str) -> int:
        """Return the line, counted from 1, of a key, or of the table if the key is absent."""
        pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        for number, line in enumerate(self.lines[self.start :], self.start + 1):
            if pattern.match(line):
                return number
            if line.lstrip().startswith("[") and number > self.start:
                break
        return self.start or 1

    def wrong(self, key: str, complaint: str) -> DataError:
        table = self.path.partition("#")[0]
        full = f"{table}.{key}" if table else key
        line = self.line_of(key)
        return DataError(
            f"{self.file}, line {line}: {full} {complaint}", where=f"{self.file}:{line}", field=full
        )

    def only(self, allowed: Iterable[str]) -> None:
        names = list(allowed)
        for key in self.values:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(names)}"
                raise self.wrong(key, f"= {self.values[key]!r} is not a known key; {hint}")

    def text(self, key: str, *, required: bool = False) -> str | None:
        value = self.values.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value.strip():
            seen = "is missing" if value is None else f"= {value!r} is not a text"
            raise self.wrong(key, f'{seen}; write {key} = "…"')
        return value

    def needed(self, key: str) -> str:
        return self.text(key, required=True) or ""

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, f'= {value!r} is not a list of texts; write {key} = ["…", "…"]')
        return tuple(value)

    def number(self, key: str, *, low: float, high: float) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise self.wrong(key, f"= {value!r} is not a number from {low:g} to {high:g}")
        return value

    def whole(self, key: str, *, low: int, high: int) -> int | None:
        value = self.number(key, low=low, high=high)
        if value is not None and not isinstance(value, int):
            raise self.wrong(key, f"= {value!r} is not a whole number from {low} to {high}")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], *, default: str) -> str:
        value = self.values.get(key, default)
        if value not in allowed:
            near = difflib.get_close_matches(str(value), allowed, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise self.wrong(key, f"= {value!r} is not one of: {', '.join(allowed)}{hint}")
        return str(value)

    def table(self, key: str) -> _Table:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"= {value!r} is not a table; write [{key}] on its own line")
        return _Table(value, f"{self.path}.{key}" if self.path else key, self.lines, self.file)

    def tables(self, key: str) -> list[_Table]:
        value = self.values.get(key, [])
        full = f"{self.path}.{key}" if self.path else key
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, f"= {value!r} is not a list of tables; write [[{full}]]")
        return [_Table(item, f"{full}#{i}", self.lines, self.file) for i, item in enumerate(value)]


def _search(table: _Table) -> Search:
    table.only(("id", "source", "query", "from_year", "to_year", "date_type", "languages", "note"))
    for code in table.texts("languages"):
        if not _LANGUAGE.fullmatch(code):
            raise table.wrong("languages", f"has {code!r}; give MEDLINE codes such as 'eng'")
    first = table.whole("from_year", low=1500, high=2200)
    last = table.whole("to_year", low=1500, high=2200)
    if first and last and first > last:
        raise table.wrong("to_year", f"= {last} is before from_year = {first}")
    return Search(
        search_id=table.needed("id"),
        source=table.one_of("source", ("pubmed", "snapshot", "file"), default="pubmed"),
        query=table.needed("query"),
        from_year=first,
        to_year=last,
        date_type=table.one_of("date_type", tuple(DATE_TAGS), default="publication"),
        languages=table.texts("languages"),
        note=table.text("note"),
    )


def _criterion(table: _Table) -> Criterion:
    table.only(("name", "text"))
    return Criterion(name=table.needed("name"), text=table.needed("text"))


def _form_field(table: _Table) -> FormField:
    table.only(("name", "label", "kind", "level", "unit", "choices", "minimum", "maximum"))
    kind = table.one_of(
        "kind", ("text", "integer", "number", "choice", "date", "boolean"), default="text"
    )
    if kind == "choice" and not table.texts("choices"):
        raise table.wrong("choices", 'is missing; a choice needs choices = ["…", "…"]')
    return FormField(
        name=table.needed("name"),
        label=table.text("label") or table.needed("name"),
        kind=kind,
        level=table.one_of("level", ("study", "patient"), default="study"),
        unit=table.text("unit"),
        choices=table.texts("choices"),
        minimum=table.number("minimum", low=-1e9, high=1e9),
        maximum=table.number("maximum", low=-1e9, high=1e9),
    )


def _effect(table: _Table) -> PlannedEffect:
    options = ("model", "estimator", "test", "prediction")
    texts = ("name", "measure", "subgroup", "role", "lower_is")
    table.only((*texts, "moderators", *options, *EFFECT_INPUTS))
    return PlannedEffect(
        name=table.needed("name"),
        measure=table.needed("measure"),
        fields={key: table.needed(key) for key in EFFECT_INPUTS if key in table.values},
        moderators=table.texts("moderators"),
        subgroup=table.text("subgroup"),
        role=table.text("role"),
        lower_is=table.text("lower_is"),
        **{key: table.needed(key) for key in options if key in table.values},
    )


def _role(table: _Table) -> Role:
    table.only(("name", "title", "part"))
    part = table.one_of("part", tuple(p.value for p in Part), default=Part.TREATED.value)
    return Role(name=table.needed("name"), title=table.needed("title"), part=Part(part))


def _screening(table: _Table) -> ScreeningPlan:
    table.only(
        ("reviewers_title_abstract", "reviewers_full_text", "settled_by", "order", "rank_shown",
         "ranking", "stop_recall", "stop_confidence")
    )  # fmt: skip
    plan = ScreeningPlan()
    recall = table.number("stop_recall", low=0.5, high=1)
    confidence = table.number("stop_confidence", low=0.5, high=0.999)
    return ScreeningPlan(
        reviewers_title_abstract=table.whole("reviewers_title_abstract", low=1, high=2),
        reviewers_full_text=table.whole("reviewers_full_text", low=1, high=2),
        settled_by=table.one_of("settled_by", plan.SETTLED_BY, default=plan.settled_by),
        order=table.one_of("order", plan.ORDER, default=plan.order),
        rank_shown=table.one_of("rank_shown", plan.RANK_SHOWN, default=plan.rank_shown),
        ranking=table.text("ranking") or plan.ranking,
        stop_recall=plan.stop_recall if recall is None else recall,
        stop_confidence=plan.stop_confidence if confidence is None else confidence,
    )


PRISMA_S = (
    "registries", "browsing", "citation_searching", "contacts", "other_methods", "limits",
    "filters", "prior_work", "updates", "peer_review", "duplicates",
)  # fmt: skip
NOTES = ("background", "searches", "selection", "extraction", "appraisal", "limits")
_TOP = (
    "title", "question", "population", "intervention", "comparator", "outcomes", "authors",
    "reviewers_per_stage", "registration", "funding", "interests", "search", "eligibility",
    "screening", "role", "form", "analysis", "living", "notes", "prisma_s", "local_pubmed",
)  # fmt: skip


def parse_protocol(text: str, *, file: str = "review.toml") -> Protocol:
    """Return the protocol a ``review.toml`` states.

    Raises
    ------
    DataError
        With the line, the key, the value seen and the values allowed.
    """
    # Each part of a key costs the parser all parts before it.
    if len(text) > _MOST_LETTERS or _ENDLESS_KEY.search(text):
        raise DataError(
            f"{file} has {len(text)} letters or a key of 40 parts; make it simpler",
            where=file,
        )
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"{file} is not valid TOML: {error}; put texts in quotes and lists in brackets",
            where=file,
        ) from error
    except RecursionError as error:
        raise DataError(f"{file} nests tables or lists too deeply to be a protocol") from error
    top = _Table(values, "", text.splitlines(), file)
    top.only(_TOP)
    searches = tuple(_search(table) for table in top.tables("search"))
    ids = [search.search_id for search in searches]
    for table, search_id in zip(top.tables("search"), ids, strict=True):
        if ids.count(search_id) > 1:
            raise table.wrong("id", f"= {search_id!r} stands twice; give each search its own id")
    eligibility = top.table("eligibility")
    eligibility.only(("include", "exclude"))
    analysis = top.table("analysis")
    analysis.only(("proportions", "denominator", "treatment", "level", "minimum_studies", "effect"))
    living = top.table("living")
    living.only(("search_every_months", "trigger", "retirement"))
    notes = top.table("notes")
    notes.only(NOTES)
    prisma_s = top.table("prisma_s")
    prisma_s.only(PRISMA_S)
    level = analysis.number("level", low=0.5, high=0.999)
    roles = tuple(_role(table) for table in top.tables("role"))
    return Protocol(
        title=top.needed("title"),
        question=top.needed("question"),
        population=top.needed("population"),
        intervention=top.needed("intervention"),
        comparator=top.text("comparator") or "none",
        outcomes=top.texts("outcomes"),
        searches=searches,
        eligibility=Eligibility(
            include=tuple(_criterion(table) for table in eligibility.tables("include")),
            exclude=tuple(_criterion(table) for table in eligibility.tables("exclude")),
        ),
        roles=roles or DEFAULT_ROLES,
        form=tuple(_form_field(table) for table in top.tables("form")),
        analysis=AnalysisPlan(
            proportions=analysis.texts("proportions"),
            level=0.95 if level is None else level,
            minimum_studies=analysis.whole("minimum_studies", low=1, high=100) or 3,
            denominator=analysis.text("denominator") or "n_total",
            treatment=analysis.text("treatment"),
            effects=tuple(_effect(table) for table in analysis.tables("effect")),
        ),
        living=Living(
            search_every_months=living.whole("search_every_months", low=1, high=120),
            trigger=living.text("trigger"),
            retirement=living.text("retirement"),
        ),
        authors=top.texts("authors"),
        reviewers_per_stage=top.whole("reviewers_per_stage", low=1, high=2) or 1,
        screening=_screening(top.table("screening")),
        registration=top.text("registration"),
        funding=top.text("funding"),
        interests=top.text("interests"),
        notes={key: notes.needed(key) for key in NOTES if key in notes.values},
        local_pubmed=top.text("local_pubmed"),
        prisma_s={key: prisma_s.needed(key) for key in PRISMA_S if key in prisma_s.values},
    )


def load_protocol(path: Path) -> Protocol:
    """Read a protocol file; see ``parse_protocol``."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(
            f"there is no {path.name} in {str(path.parent)!r}; run 'resartus init' there, "
            "or name the review's folder with --review"
        ) from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not UTF-8 at byte {error.start}; save it as UTF-8", where=path.name
        ) from error
    return parse_protocol(text, file=path.name)
