"""Question and methods: the protocol, and each search exactly as it was run."""

from __future__ import annotations

from resartus.app.reporting.material import Material, search_key
from resartus.app.reporting.procedures import procedure_sections
from resartus.domain.query import SearchRun
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Column,
    Paragraph,
    Row,
    Section,
    Table,
    Text,
    TextStyle,
    Verbatim,
    content,
)

__all__ = ["methods_section", "question_section"]


def _strong(text: str) -> Text:
    return Text(text=text, style=TextStyle.STRONG)


def question_section(material: Material) -> Section:
    """Return the question and its parts."""
    protocol = material.protocol
    parts = (
        ("Population", protocol.population),
        ("Intervention", protocol.intervention),
        ("Comparator", protocol.comparator),
        ("Outcomes", "; ".join(protocol.outcomes) or "not stated"),
    )
    return Section(
        section_id="question",
        title="Question",
        items=("PRISMA2020:4",),
        blocks=(
            Paragraph(content=content(protocol.question)),
            Bullets(entries=tuple(content(_strong(name + ": "), text) for name, text in parts)),
        ),
    )


def _limits(run: SearchRun) -> str:
    search = run.search
    parts = []
    if search.from_year or search.to_year:
        dated = {"publication": "published", "entry": "entered", "creation": "created"}
        parts.append(
            f"{dated[search.date_type]} {search.from_year or 'any'} to {search.to_year or 'today'}"
        )
    if search.languages:
        parts.append("language " + ", ".join(search.languages))
    return "; ".join(parts) or "none"


def _as_run(run: SearchRun) -> str:
    """Return a search as typed, as sent and as translated, with the count of each line."""
    parts = [run.search.query]
    if run.term is not None and run.term != run.search.query:
        parts.append(f"sent as\n{run.term}")
    parts.append(f"translated as\n{run.translation}")
    if run.line_counts:
        counts = (f"#{number}: {count}" for number, count in run.line_counts)
        parts.append("records by line\n" + ", ".join(counts))
    return "\n\n".join(parts)


def _searches(material: Material) -> tuple[Block, ...]:
    rows = []
    blocks: list[Block] = []
    seen: set[str] = set()
    for run in material.state.search_runs:
        rows.append(
            Row(
                cells=(
                    content(run.search.search_id),
                    content(_limits(run)),
                    content(run.engine),
                    content(f"{run.ran_at:%Y-%m-%d}"),
                    material.cell(search_key(run.search.search_id, run.search.from_year)),
                )
            )
        )
        if run.search.search_id not in seen:
            seen.add(run.search.search_id)
            text = _as_run(run)
            label = f"Search “{run.search.search_id}”, exactly as run"
            blocks.append(Verbatim(text=text, label=label, items=("PRISMA-S:8",)))
            notes = tuple(content(note) for note in (run.search.note, *run.diagnostics) if note)
            if notes:
                blocks.append(Bullets(entries=notes))
    corpora = sorted(
        {
            f"{run.corpus}, {run.corpus_version}" if run.corpus_version else run.corpus
            for run in material.state.search_runs
        }
    )
    table = Table(
        table_id="table-searches",
        caption="Searches with their limits, date and yield",
        columns=(
            Column(title="Search"),
            Column(title="Limits", weight=2),
            Column(title="Engine", weight=1.5),
            Column(title="Run on"),
            Column(title="Records", align="right"),
        ),
        rows=tuple(rows),
        notes=tuple(content(f"Corpus: {name}.") for name in corpora),
        items=("PRISMA-S:1", "PRISMA-S:9", "PRISMA-S:13", "PRISMA-S:15"),
    )
    return (table, *blocks)


def _criteria(material: Material) -> tuple[Block, ...]:
    eligibility = material.protocol.eligibility

    def listed(title: str, entries: tuple[tuple[str, str], ...]) -> tuple[Block, ...]:
        if not entries:
            return ()
        return (
            Paragraph(content=content(_strong(title))),
            Bullets(
                is_numbered=title.startswith("Excluded"),
                entries=tuple(content(_strong(name + ": "), text) for name, text in entries),
            ),
        )

    return (
        *listed("Included", tuple((c.name, c.text) for c in eligibility.include)),
        *listed(
            "Excluded, in order of rank: the first that applies is the reason",
            tuple((c.name, c.text) for c in eligibility.exclude),
        ),
    )


def methods_section(material: Material) -> Section:
    """Return the methods: searches, eligibility, then each step."""
    note = material.protocol.notes.get("searches")
    searched = Callout(kind="note", title="What was searched", content=(content(note or ""),))
    return Section(
        section_id="methods",
        title="Methods",
        sections=(
            Section(
                section_id="searches",
                title="Searches",
                items=("PRISMA2020:6", "PRISMA2020:7"),
                blocks=(*_searches(material), *((searched,) if note else ())),
            ),
            Section(
                section_id="eligibility",
                title="Eligibility",
                items=("PRISMA2020:5",),
                blocks=_criteria(material),
            ),
            *procedure_sections(material),
        ),
    )
