"""How long reports, one patient's question and the audit take, and what the audit finds.

Run: python bench/bench_report.py. Four parts: the worked example's full report
(limit 5 s), a report on 500 studies drawn at random with a fixed seed and named
as such (limits 10 s, 500 MiB), one patient's question to 10,000 patients drawn
likewise (limit 100 ms), and the faults planted in a written page by the tests.
Wall and processor times stand side by side, since the machine may be shared.
"""

import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from resartus.domain.estimate import Estimate, Interval
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, Record
from resartus.reporting.document import (
    Cite,
    Column,
    Figure,
    Paragraph,
    References,
    Report,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.evidence import Evidence
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest
from resartus.reporting.figures.prisma_flow import FlowCounts, FlowItem, prisma_flow
from resartus.reporting.html import render_html
from resartus.reporting.numbers import cell_number, estimate_number
from resartus.reporting.word import render_docx

N_STUDIES = 500
FIELDS = ("patients", "deaths", "complications", "synchronous", "R0", "major", "median", "age")
N_ESTIMATES = 20
LIMIT_SECONDS, LIMIT_MIB = 10.0, 500.0


def records(draw: random.Random) -> tuple[Record, ...]:
    return tuple(
        Record(
            record_id=RecordId(f"bench:{number}"),
            source="bench",
            pmid=Pmid(10_000_000 + number),
            doi=f"10.1234/bench.{number}",
            title=f"Random series {number} of the benchmark, with a title of usual length "
            "for a surgical journal",
            authors=tuple(Author(last_name=f"Random{number}x{k}", initials="A") for k in range(8)),
            journal="Journal of Random Series",
            year=draw.randint(1990, 2025),
            volume=str(draw.randint(1, 90)),
            pages="100-110",
        )
        for number in range(N_STUDIES)
    )


def evidence(draw: random.Random, items: tuple[Record, ...]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            evidence_id=f"{item.record_id}/{name}",
            label=name,
            owner=item.label,
            value=draw.randint(0, 90),
            entered_by="bench",
            record_id=item.record_id,
            place="table, Table 2",
            span="as drawn at random for the benchmark",
        )
        for item in items
        for name in FIELDS
    )


def proportion(draw: random.Random, inputs: tuple[str, ...] = ()) -> Estimate:
    value = draw.random() * 0.3
    low, high = value * 0.6, min(1.0, value * 1.7)
    return Estimate(
        value=value,
        scale="proportion",
        method="drawn at random",
        interval=Interval(low=low, high=high, method="drawn at random"),
        inputs=inputs,
    )


def study_table(items: tuple[Record, ...], rows: dict[str, Evidence]) -> Table:
    return Table(
        table_id="table-studies",
        caption="Included studies",
        columns=(
            Column(title="Study", weight=2),
            *(Column(title=f, align="right") for f in FIELDS),
        ),
        rows=tuple(
            Row(
                cells=(
                    content(f"{item.label} ", Cite(record_ids=(item.record_id,))),
                    *(content(cell_number(rows[f"{item.record_id}/{name}"])) for name in FIELDS),
                ),
                anchor=f"study-{item.pmid}",
            )
            for item in items
        ),
        is_wide=True,
    )


def figures(draw: random.Random, items: tuple[Record, ...]) -> tuple[Figure, Figure]:
    flow = prisma_flow(
        FlowCounts(
            databases=(FlowItem(name="PubMed", count=20_000),),
            screened=20_000,
            excluded=19_000,
            sought=1_000,
            assessed=1_000,
            excluded_reports=(FlowItem(name="Not liver surgery", count=500),),
            new_studies=N_STUDIES,
            new_reports=N_STUDIES,
            new_patients=20_000,
        )
    )
    plot = forest(
        [ForestRow(label=item.label, estimate=proportion(draw)) for item in items],
        x_label="Mortality (%)",
        summaries=[ForestSummary(label="All", estimate=proportion(draw))],
    )
    made = []
    for name, drawing in (("figure-flow", flow), ("figure-forest", plot)):
        made.append(
            Figure(
                figure_id=name,
                caption=name,
                alt=drawing.alt,
                svg=drawing.svg,
                png=drawing.png,
                width_cm=drawing.width_cm,
            )
        )
    return made[0], made[1]


def build() -> Report:
    draw = random.Random(20120124)
    items = records(draw)
    facts = evidence(draw, items)
    rows = {row.evidence_id: row for row in facts}
    flow, plot = figures(draw, items)
    paragraphs = []
    for number in range(N_ESTIMATES):
        field = FIELDS[number % len(FIELDS)]
        inputs = tuple(f"{item.record_id}/{field}" for item in items)
        live = estimate_number(f"bench.{number}", proportion(draw, inputs), style="percent")
        paragraphs.append(Paragraph(content=content(f"Pooled {field}: ", live, ".")))
    return Report(
        title="Benchmark: 500 random series",
        snapshot_line="Benchmark, no evidence",
        made_at=datetime(2025, 1, 1, tzinfo=UTC),
        records=items,
        evidence=facts,
        sections=(
            Section(section_id="flow", title="Flow", blocks=(flow,)),
            Section(section_id="studies", title="Studies", blocks=(study_table(items, rows),)),
            Section(section_id="outcomes", title="Outcomes", blocks=(plot, *paragraphs)),
            Section(section_id="references", title="References", blocks=(References(),)),
        ),
    )


def example(folder: Path) -> bool:
    """Build the worked example's full report, as 'resartus report' does."""
    from resartus.app.demo import build_demo
    from resartus.app.reporting.audit import audit_review
    from resartus.app.reporting.build import build_report, write_references, write_report
    from resartus.app.reporting.material import gather

    with build_demo(folder / "demo") as review:
        snapshot = review.state().versions[-1]
        clocks = []
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            report = build_report(gather(review, snapshot))
            files = write_report(report, folder)
            write_references(report, folder)
            clocks.append((time.perf_counter() - wall, time.process_time() - cpu))
        wall, cpu = time.perf_counter(), time.process_time()
        audit = audit_review(review, snapshot, written=files)
        audited = time.perf_counter() - wall, time.process_time() - cpu
    # A process draws a figure once (reporting/figures/kept.py): only the first has drawn.
    first, again = clocks[0], min(clocks[1:])
    print("the worked example's full report: gathered, computed, drawn, HTML, Word, CSL-JSON")
    print(f"  the first time         {first[0]:6.2f} s wall {first[1]:6.2f} s processor  limit 5 s")
    print(f"  again, figures kept    {again[0]:6.2f} s wall {again[1]:6.2f} s processor")
    print(f"  audited with its files {audited[0]:6.2f} s wall {audited[1]:6.2f} s processor"
          f"  {len(audit.faults)} faults")  # fmt: skip
    print(f"  ratio to limit         {first[1] / 5:.2f} (processor)")
    return first[1] < 5 and not audit.faults


def one_patient(count: int = 10_000) -> bool:
    """Ask one patient's question of many, drawn at random."""
    from resartus.domain.extracted import CellValue, Extracted
    from resartus.domain.ids import StudyId
    from resartus.domain.patient import FollowUp, Patient, TimeZero, VitalStatus
    from resartus.tailoring.factors import load_factors
    from resartus.tailoring.nearest import PatientIndex
    from resartus.tailoring.profile import Profile, coverage_in, standings
    from resartus.tailoring.subgroups import subgroups

    draw, factors = random.Random(20261125), load_factors()

    def drawn() -> dict[str, CellValue]:
        values: dict[str, CellValue] = {}
        for factor in factors:
            known = draw.choice([band.value for band in factor.bands])
            value = round(draw.uniform(0, 120), 1) if factor.kind == "number" else known
            if value is not None and draw.random() < 0.7:
                values[factor.field] = value
        return values

    everyone = [
        Patient(
            study_id=StudyId("bench"),
            name=str(n),
            follow_up=FollowUp(
                months=round(draw.uniform(1, 120), 1),
                time_zero=TimeZero.LIVER_TREATMENT,
                status=draw.choice(list(VitalStatus)),
            ),
            values={k: Extracted(value=v, entered_by="bench") for k, v in drawn().items()},
        )
        for n in range(count)
    ]
    start = time.perf_counter()
    index = PatientIndex(everyone, factors)
    laid = time.perf_counter() - start
    took = []
    for n in range(20):
        profile = Profile(name=str(n), values=drawn())
        wall, cpu = time.perf_counter(), time.process_time()
        standings(profile, factors=factors)
        index.nearest(profile.values)
        subgroups(profile.values, index)
        coverage_in(profile, index)
        took.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    walls, cpus = sorted(w for w, _ in took), sorted(c for _, c in took)
    print(f"one patient's question to {count:,} patients, {len(factors)} factors, 20 profiles")
    print(f"  laid out once          {1000 * laid:6.0f} ms")
    print(f"  median                 {walls[10]:6.0f} ms wall {cpus[10]:6.0f} ms processor")
    print(f"  slowest                {walls[-1]:6.0f} ms wall {cpus[-1]:6.0f} ms processor")
    print(f"  ratio to limit (100 ms) {cpus[10] / 100:.2f} (median, processor)")
    return cpus[10] < 100


def planted() -> bool:
    """Count the kinds of fault that the tests plant and the audit finds."""
    import subprocess

    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider",
               "tests/reporting/audit/test_planted.py"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print("faults planted in page, Word file and document:", done.stdout.strip().splitlines()[-1])
    return done.returncode == 0


def writers() -> bool:
    """Write a report on many studies."""
    start, cpu = time.perf_counter(), time.process_time()
    report = build()
    built = time.perf_counter()
    page = render_html(report)
    paged = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.docx"
        render_docx(report, path)
        size = path.stat().st_size
    done, spent = time.perf_counter(), time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{N_STUDIES} studies, {len(report.evidence)} cells, {N_ESTIMATES} pooled numbers")
    print(f"  assemble with figures  {built - start:6.2f} s")
    print(f"  HTML                   {paged - built:6.2f} s   {len(page) / 1e6:6.1f} MB")
    print(f"  Word                   {done - paged:6.2f} s   {size / 1e6:6.1f} MB")
    print(f"  together               {done - start:6.2f} s   limit {LIMIT_SECONDS:.0f} s")
    print(f"  processor              {spent:6.2f} s")
    print(f"  peak memory            {peak:6.0f} MiB limit {LIMIT_MIB:.0f} MiB")
    print(f"  ratio to limit         {spent / LIMIT_SECONDS:.2f} (processor)", end=" ")
    print(f"{peak / LIMIT_MIB:.2f} (memory)")
    return spent < LIMIT_SECONDS and peak < LIMIT_MIB


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        held = [writers(), example(Path(folder)), one_patient(), planted()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
