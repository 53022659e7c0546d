"""``review.toml``: the protocol as people edit it, read with the line of every mistake."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

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
    ReportPlan,
    Role,
    ScreeningPlan,
)
from resartus.domain.query import DATE_TAGS, Search
from resartus.domain.time_zero import TimeZero
from resartus.errors import DataError, NotFoundError
from resartus.stores.toml_table import TomlTable

__all__ = ["load_protocol", "parse_protocol"]

_LANGUAGE = re.compile(r"[a-z]{3}")

_MOST_LETTERS = 2_000_000
_ENDLESS_KEY = re.compile(r"(?:[\w-]{1,99}\s{0,9}\.\s{0,9}){40}")


def _search(table: TomlTable) -> Search:
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


def _criterion(table: TomlTable) -> Criterion:
    table.only(("name", "text"))
    return Criterion(name=table.needed("name"), text=table.needed("text"))


def _form_field(table: TomlTable) -> FormField:
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


def _better(table: TomlTable) -> str:
    return table.one_of("better", ("lower", "higher"), default="lower")


def _effect(table: TomlTable) -> PlannedEffect:
    options = ("model", "estimator", "test", "prediction")
    texts = ("name", "measure", "subgroup", "role", "lower_is", "better")
    table.only((*texts, "moderators", *options, *EFFECT_INPUTS))
    return PlannedEffect(
        name=table.needed("name"),
        measure=table.needed("measure"),
        fields={key: table.needed(key) for key in EFFECT_INPUTS if key in table.values},
        moderators=table.texts("moderators"),
        subgroup=table.text("subgroup"),
        role=table.text("role"),
        lower_is=table.text("lower_is"),
        better=_better(table) if "better" in table.values else None,
        **{key: table.needed(key) for key in options if key in table.values},
    )


def _role(table: TomlTable) -> Role:
    table.only(("name", "title", "part"))
    part = table.one_of("part", tuple(p.value for p in Part), default=Part.TREATED.value)
    return Role(name=table.needed("name"), title=table.needed("title"), part=Part(part))


def _screening(table: TomlTable) -> ScreeningPlan:
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


def _analysis(table: TomlTable) -> AnalysisPlan:
    table.only(
        (
            "proportions",
            "denominator",
            "treatment",
            "treated_groups",
            "level",
            "minimum_studies",
            "effect",
            "factors",
        )
    )
    level = table.number("level", low=0.5, high=0.999)
    return AnalysisPlan(
        proportions=table.texts("proportions"),
        level=0.95 if level is None else level,
        minimum_studies=table.whole("minimum_studies", low=1, high=100) or 3,
        denominator=table.text("denominator") or "n_total",
        treatment=table.text("treatment"),
        effects=tuple(_effect(table) for table in table.tables("effect")),
        factors=table.texts("factors"),
        treated_groups=table.texts("treated_groups"),
    )


def _report(table: TomlTable) -> ReportPlan:
    names = ("study_columns", "patient_columns", "course")
    table.only(names)
    return ReportPlan(**{name: table.texts(name) for name in names})


PRISMA_S = (
    "registries", "browsing", "citation_searching", "contacts", "other_methods", "limits",
    "filters", "prior_work", "updates", "peer_review", "duplicates",
)  # fmt: skip
NOTES = (
    "background", "searches", "selection", "extraction", "appraisal", "limits", "process", "living",
)  # fmt: skip
_TOP = (
    "title", "question", "population", "intervention", "comparator", "outcomes", "authors",
    "reviewers_per_stage", "extractors", "appraisers", "registration", "funding", "interests",
    "search", "eligibility", "screening", "role", "form", "analysis", "times_zero", "report",
    "living", "notes", "prisma_s", "local_pubmed",
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
    top = TomlTable(values, "", text.splitlines(), file)
    top.only(_TOP)
    searches = tuple(_search(table) for table in top.tables("search"))
    ids = [search.search_id for search in searches]
    for table, search_id in zip(top.tables("search"), ids, strict=True):
        if ids.count(search_id) > 1:
            raise table.wrong("id", f"= {search_id!r} stands twice; give each search its own id")
    eligibility = top.table("eligibility")
    eligibility.only(("include", "exclude"))
    living = top.table("living")
    living.only(("search_every_months", "trigger", "retirement"))
    notes = top.table("notes")
    notes.only(NOTES)
    prisma_s = top.table("prisma_s")
    prisma_s.only(PRISMA_S)
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
        analysis=_analysis(top.table("analysis")),
        report=_report(top.table("report")),
        living=Living(
            search_every_months=living.whole("search_every_months", low=1, high=120),
            trigger=living.text("trigger"),
            retirement=living.text("retirement"),
        ),
        times_zero=tuple(TimeZero(name) for name in top.texts("times_zero")),
        authors=top.texts("authors"),
        reviewers_per_stage=top.whole("reviewers_per_stage", low=1, high=2) or 1,
        extractors=top.whole("extractors", low=1, high=2),
        appraisers=top.whole("appraisers", low=1, high=2),
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
