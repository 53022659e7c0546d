"""A small report on real series (facts as their abstracts print them), for tests and looking at."""

from dataclasses import replace
from datetime import UTC, datetime

from scipy.stats import beta

from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.domain.extracted import Anchor, Cell, Extracted, Reported
from resartus.domain.guidance import Direction
from resartus.domain.ids import Pmid, RecordId, StudyId
from resartus.domain.record import Author, Record
from resartus.domain.time_zero import DIAGNOSIS, LIVER_TREATMENT, UNKNOWN_ZERO
from resartus.reporting.document import (
    NOT_REPORTED,
    Bullets,
    Callout,
    Cite,
    Column,
    CrossReference,
    Figure,
    KeyFigure,
    KeyFigures,
    Paragraph,
    References,
    Report,
    Row,
    Section,
    Table,
    Text,
    TextStyle,
    Verbatim,
    content,
)
from resartus.reporting.evidence import Evidence, evidence_from_cell
from resartus.reporting.figures.canvas import Drawing
from resartus.reporting.figures.effect_direction import FactorMark, effect_direction
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest
from resartus.reporting.figures.prisma_flow import FlowCounts, FlowItem, prisma_flow
from resartus.reporting.figures.survival_ranges import SurvivalRange, survival_ranges
from resartus.reporting.numbers import cell_number, count_number, estimate_number, sum_number


def author(text: str) -> Author:
    last, _, initials = text.rpartition(" ")
    return Author(last_name=last or initials, initials=initials if last else None)


def record(key: str, people: str, title: str, journal: str, **more: object) -> Record:
    names = tuple(author(name) for name in people.split(";"))
    return Record(
        record_id=RecordId(key),
        source="sample",
        authors=names,
        title=title,
        journal=journal,
        **more,
    )


RECORDS = (
    record(
        "kamel2011",
        "Kamel SI;de Jong MC;Schulick RD;Diaz-Montes TP;Wolfgang CL;Hirose K;Edil BH;Choti MA",
        "The Role of Liver-directed Surgery in Patients with Hepatic Metastasis from a "
        "Gynecologic Primary Carcinoma",
        "World Journal of Surgery",
        year=2011,
        volume="35",
        issue="6",
        pages="1345-1354",
        doi="10.1007/s00268-011-1074-y",
        pmid=Pmid(21452068),
    ),
    record(
        "merideth2003",
        "Merideth MA;Cliby WA;Keeney GL;Lesnick TG;Nagorney DM;Podratz KC",
        "Hepatic resection for metachronous metastases from ovarian carcinoma",
        "Gynecologic Oncology",
        year=2003,
        volume="89",
        issue="1",
        pages="16-21",
        doi="10.1016/s0090-8258(03)00004-0",
        pmid=Pmid(12694649),
    ),
    record(
        "roh2011",
        "Roh HJ;Kim DY;Joo WD;Yoo HJ;Kim JH;Kim YM;Kim YT;Nam JH",
        "Hepatic resection as part of secondary cytoreductive surgery for recurrent ovarian "
        "cancer involving the liver",
        "Archives of Gynecology and Obstetrics",
        year=2011,
        volume="284",
        issue="5",
        pages="1223-1229",
    ),
    record(
        "neumann2012",
        "Neumann",
        "Clinical outcome of patients with advanced ovarian cancer after resection of liver "
        "metastases",
        "Anticancer Research",
        year=2012,
        volume="32",
        issue="10",
        pages="4517-4521",
        pmid=Pmid(23060580),
    ),
    Record(
        record_id=RecordId("kolev2014"),
        source="sample",
        authors=(author("Kolev"),),
        year=2014,
        pmid=Pmid(24356412),
    ),
)
BY = "curator of the sample"
# study, label, field, value, place, printed words, derivation
FACTS: tuple[tuple[str, str, str, float | str | None, str | None, str | None], ...] = (
    ("kamel2011", "n_liver", "Patients operated on", 52, "n=52", None),
    ("kamel2011", "deaths", "Perioperative deaths", 0, "mortality 0%", "0% of 52 = 0"),
    ("kamel2011", "morbidity", "Complications", 19, "37%", "37% of 52 = 19"),
    ("kamel2011", "design", "Design", "matched cohort", None, None),
    ("merideth2003", "n_liver", "Patients operated on", 26, "26 patients", None),
    ("merideth2003", "deaths", "Perioperative deaths", 0, "no perioperative death", None),
    ("merideth2003", "morbidity", "Complications", 2, "2 of any kind in 26", None),
    ("merideth2003", "design", "Design", "case series", None, None),
    ("roh2011", "n_liver", "Patients operated on", 18, "n=18", None),
    ("roh2011", "deaths", "Perioperative deaths", 0, "no perioperative death", None),
    ("roh2011", "morbidity", "Complications", 1, "1 major", None),
    ("roh2011", "design", "Design", "case series", None, None),
    ("neumann2012", "n_liver", "Patients operated on", 41, "41 resected of 70", None),
    ("neumann2012", "deaths", "Perioperative deaths", None, None, None),
    ("neumann2012", "morbidity", "Complications", None, None, None),
    ("neumann2012", "design", "Design", "retrospective cohort", None, None),
    ("kolev2014", "n_liver", "Patients operated on", 27, "27 analysed", None),
    ("kolev2014", "deaths", "Perioperative deaths", None, None, None),
    ("kolev2014", "morbidity", "Complications", None, None, None),
    ("kolev2014", "design", "Design", "retrospective cohort", None, None),
)
LABELS = {item.record_id: item.label for item in RECORDS}


def cell_evidence() -> tuple[Evidence, ...]:
    rows = []
    for study, name, label, value, span, derivation in FACTS:
        anchor = Anchor(
            record_id=RecordId(study), place="abstract", span=span, derivation=derivation
        )
        reported = Reported.NOT_REPORTED if value is None else Reported.REPORTED
        extracted = Extracted(value=value, entered_by=BY, reported=reported, anchor=anchor)
        cell = Cell(study_id=StudyId(study), field=name, extracted=extracted)
        rows.append(evidence_from_cell(cell, label=label, owner=LABELS[RecordId(study)]))
    return tuple(rows)


def proportion(events: int, total: int, *, inputs: tuple[str, ...] = ()) -> Estimate:
    low = 0.0 if events == 0 else float(beta.ppf(0.025, events, total - events + 1))
    high = 1.0 if events == total else float(beta.ppf(0.975, events + 1, total - events))
    return Estimate(
        value=events / total,
        scale="proportion",
        method="Exact proportion of all patients taken together",
        interval=Interval(low=low, high=high, method="Clopper-Pearson"),
        n_studies=len(inputs) // 2 or 1,
        n_patients=total,
        n_events=events,
        inputs=inputs,
        diagnostics=("Three series are few: the interval holds for these patients only",),
    )


def as_figure(figure_id: str, drawing: Drawing, *, caption: str, **more: object) -> Figure:
    return Figure(
        figure_id=figure_id,
        caption=caption,
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=drawing.width_cm,
        **more,
    )


def flow_section(rows: dict[str, Evidence]) -> Section:
    counts = FlowCounts(
        databases=(FlowItem(name="Sample of citations", count=5),),
        screened=5,
        excluded=0,
        sought=5,
        assessed=5,
        new_studies=5,
        new_reports=5,
        new_patients=164,
    )
    figure = as_figure(
        "figure-flow",
        prisma_flow(counts),
        caption="Flow of records, reports, studies and patients (PRISMA 2020)",
        items=("PRISMA2020:16a",),
    )
    studies = [key for key in rows if key.endswith("/n_liver")]
    included = count_number("flow.studies", studies, derivation="studies that operated")
    patients = sum_number(
        "flow.patients", [rows[k] for k in studies], derivation="patients operated on, all series"
    )
    return Section(
        section_id="results-flow",
        title="What was found",
        is_result=True,
        blocks=(
            Paragraph(
                content=content(
                    included,
                    " studies with ",
                    patients,
                    " operated patients were included (",
                    CrossReference(target="figure-flow"),
                    "; ",
                    CrossReference(target="table-studies"),
                    ").",
                )
            ),
            figure,
        ),
    )


def studies_table(rows: dict[str, Evidence]) -> Table:
    lines = []
    for item in RECORDS:
        key = item.record_id
        cells = [content(f"{item.label} ", Cite(record_ids=(key,)))]
        cells.append(content(str(rows[f"{key}/design"].value)))
        for name in ("n_liver", "deaths", "morbidity"):
            row = rows[f"{key}/{name}"]
            cells.append(content(NOT_REPORTED if row.value is None else cell_number(row)))
        lines.append(Row(cells=tuple(cells), anchor=f"study-{key}"))
    return Table(
        table_id="table-studies",
        caption="Included series and what they report on safety",
        columns=(
            Column(title="Study", weight=2),
            Column(title="Design", weight=2),
            Column(title="Patients operated on", align="right"),
            Column(title="Perioperative deaths", align="right"),
            Column(title="Patients with complications", align="right"),
        ),
        rows=tuple(lines),
        notes=(
            content("Complications as each paper counts them; Roh 2011 counts major ones only."),
        ),
        items=("PRISMA2020:17",),
    )


def outcome_section(rows: dict[str, Evidence]) -> Section:
    known = ("kamel2011", "merideth2003", "roh2011")
    inputs = tuple(f"{s}/{name}" for s in known for name in ("deaths", "n_liver"))
    pooled = replace(
        proportion(0, 96, inputs=inputs),
        heterogeneity=Heterogeneity(i2=0.0),
        prediction=Interval(low=0.0, high=0.061, method="for the next 50 patients, exact"),
    )
    mortality = estimate_number("mortality.pooled", pooled, style="percent")
    lines = [
        ForestRow(
            label=LABELS[RecordId(s)],
            estimate=proportion(0, int(rows[f"{s}/n_liver"].number or 0)),
            counts=f"0/{rows[f'{s}/n_liver'].value}",
            weight=(rows[f"{s}/n_liver"].number or 0) / 96,
        )
        for s in known
    ]
    drawing = forest(
        lines,
        x_label="Perioperative deaths (%)",
        summaries=(ForestSummary(label="All patients", estimate=pooled, counts="0/96"),),
    )
    medians = survival_ranges(
        (
            SurvivalRange(
                label="Kamel 2011, resected", time_zero=DIAGNOSIS, median_months=53, n=52
            ),
            SurvivalRange(
                label="Kamel 2011, biopsy only",
                time_zero=DIAGNOSIS,
                median_months=21,
                n=35,
                is_comparator=True,
            ),
            SurvivalRange(
                label="Kolev 2014",
                time_zero=LIVER_TREATMENT,
                median_months=12,
                n=27,
                low=2,
                high=190,
                span_kind="range",
            ),
            SurvivalRange(
                label="Neumann 2012, R0",
                time_zero=UNKNOWN_ZERO,
                median_months=42,
                low=17,
                high=66,
                span_kind="95% CI",
            ),
        ),
        x_label="Median survival (months)",
    )
    return Section(
        section_id="results-outcome",
        title="Safety and survival",
        is_result=True,
        blocks=(
            KeyFigures(
                figures=(
                    KeyFigure(label="Perioperative mortality, pooled", number=mortality),
                    KeyFigure(
                        label="Patients it rests on",
                        number=estimate_number(
                            "mortality.patients", pooled, style="decimal", part="n"
                        ),
                        detail=content("in three series"),
                    ),
                )
            ),
            Paragraph(
                content=content("Perioperative mortality was ", mortality, "."),
                items=("PRISMA2020:20b",),
            ),
            as_figure(
                "figure-mortality", drawing, caption="Perioperative mortality", numbers=(mortality,)
            ),
            Callout(
                kind="warning",
                title="Medians counted from different moments cannot be compared",
                content=(
                    content(
                        "A median from diagnosis is longer than one from liver surgery for the "
                        "same patients. They are drawn in groups and not pooled."
                    ),
                ),
            ),
            as_figure(
                "figure-survival", medians, caption="Median survival of each series by time zero"
            ),
        ),
    )


def factor_section() -> Section:
    marks = (
        FactorMark(
            factor="Complete resection", study="Neumann 2012", direction=Direction.BETTER, n=41
        ),
        FactorMark(
            factor="Complete resection",
            study="Roh 2011",
            direction=Direction.BETTER,
            n=18,
            is_significant=True,
        ),
        FactorMark(
            factor="Interval from primary over 24 months",
            study="Kolev 2014",
            direction=Direction.UNCLEAR,
            n=27,
            is_significant=True,
        ),
    )
    return Section(
        section_id="results-factors",
        title="Whom does it help",
        is_result=True,
        blocks=(
            as_figure(
                "figure-factors",
                effect_direction(marks, factors=("Platinum response",)),
                caption="Selection factors: the studies by the direction they point in",
            ),
        ),
    )


def sample_report() -> Report:
    evidence = cell_evidence()
    rows = {row.evidence_id: row for row in evidence}
    cited = tuple(item.record_id for item in RECORDS)
    return Report(
        title="Resection of liver metastases from gynaecological cancers",
        subtitle="Five published series: safety, survival and whom it may help",
        snapshot_line="Version 1 · 2 February 2025 · snapshot 3f9a1c07",
        made_at=datetime(2025, 2, 2, 9, 0, tzinfo=UTC),
        authors=("The reporting room's sample",),
        records=RECORDS,
        evidence=evidence,
        software={"Resartus": "0.1.0"},
        sections=(
            Section(
                section_id="methods",
                title="Methods",
                blocks=(
                    Paragraph(
                        content=content(
                            "The sample holds five series ",
                            Cite(record_ids=cited),
                            ". It is ",
                            Text(text="not", style=TextStyle.EMPHASIS),
                            " a systematic search.",
                        )
                    ),
                    Verbatim(
                        label="Search exactly as run",
                        text='"liver metastasis" AND (gynecological OR ovarian OR uterine) AND '
                        "1990:2011[dp] AND english[la]",
                        items=("PRISMA2020:7", "PRISMA-S:8"),
                    ),
                ),
            ),
            Section(
                section_id="results",
                title="Results",
                sections=(
                    replace(
                        flow_section(rows),
                        blocks=(*flow_section(rows).blocks, studies_table(rows)),
                    ),
                    outcome_section(rows),
                    factor_section(),
                ),
            ),
            Section(
                section_id="limits",
                title="Limits",
                blocks=(
                    Callout(
                        kind="limit",
                        title="What this cannot show",
                        content=(
                            content(
                                "All series are retrospective and chose whom to operate. "
                                "No comparison here is free of that choice."
                            ),
                        ),
                    ),
                    Bullets(
                        entries=(
                            content("Perioperative death is not defined alike in all papers."),
                            content("Two series print no mortality in the part that was read."),
                        )
                    ),
                ),
            ),
            Section(section_id="references", title="References", blocks=(References(),)),
        ),
    )
