"""Whether a report holds together: every link has an end, every number its inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from resartus.errors import DataError
from resartus.reporting.anchors import evidence_anchor, number_anchor, reference_anchor
from resartus.reporting.document import (
    Block,
    Cite,
    CrossReference,
    Figure,
    Link,
    Number,
    NumberKind,
    Report,
    Section,
    Table,
)
from resartus.reporting.evidence import Evidence, value_text
from resartus.reporting.numbers import estimate_text
from resartus.reporting.reading import (
    block_contents,
    iterate_blocks,
    iterate_numbers,
    named_numbers,
    number_report,
)

__all__ = ["Fault", "find_faults", "recompute_text", "require_sound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that does not hold: its kind in a word, where, and a sentence."""

    kind: str
    where: str
    sentence: str


def recompute_text(number: Number, evidence: dict[str, Evidence]) -> str | None:
    """Return what a number's text must be by its inputs, or ``None`` where only words say how."""
    rows = [evidence[key] for key in number.all_inputs if key in evidence]
    if number.kind is NumberKind.ESTIMATE and number.estimate is not None and number.shows:
        style, _, part = number.shows.partition(": ")
        return estimate_text(number.estimate, style=style, part=part)
    if number.kind is NumberKind.COUNT:
        return str(len(set(number.inputs)))
    if number.kind is NumberKind.CELL:
        return value_text(rows[0].value) if rows else None
    if number.kind is NumberKind.SUM:
        parts = [row.number for row in rows]
        if any(part is None for part in parts):
            return "not a sum of numbers"
        return value_text(float(sum(part for part in parts if part is not None)))
    return None


def _duplicates(report: Report) -> Iterator[Fault]:
    ids = [section.section_id for section in report.walk()]
    for _, block in iterate_blocks(report):
        if isinstance(block, Table):
            ids.append(block.table_id)
            ids.extend(row.anchor for row in block.rows if row.anchor)
        elif isinstance(block, Figure):
            ids.append(block.figure_id)
    for key, count in Counter(ids).items():
        if count > 1:
            yield Fault(
                kind="duplicate id",
                where=key,
                sentence=f"id {key!r} stands {count} times; give each place its own",
            )
    for key, count in Counter(row.evidence_id for row in report.evidence).items():
        if count > 1:
            yield Fault(
                kind="duplicate evidence",
                where=key,
                sentence=f"evidence {key!r} stands {count} times; keep one",
            )


def _targets(report: Report) -> set[str]:
    targets = {section.section_id for section in report.walk()}
    for _, block in iterate_blocks(report):
        if isinstance(block, Table):
            targets.add(block.table_id)
            targets.update(row.anchor for row in block.rows if row.anchor)
        elif isinstance(block, Figure):
            targets.add(block.figure_id)
    targets.update(evidence_anchor(row.evidence_id) for row in report.evidence)
    targets.update(number_anchor(key) for key in named_numbers(report))
    targets.update(reference_anchor(record.record_id) for record in report.records)
    return targets


def _link_faults(
    section: Section, block: Block, *, targets: set[str], known: set[str], labels: dict[str, str]
) -> Iterator[Fault]:
    where = f"section {section.section_id}"
    for run in block_contents(block):
        for inline in run:
            if (
                isinstance(inline, Link)
                and inline.href.startswith("#")
                and inline.href[1:] not in targets
            ):
                yield Fault(
                    kind="dangling link",
                    where=where,
                    sentence=f"link {inline.text!r} leads to {inline.href!r}, which is not there",
                )
            elif isinstance(inline, CrossReference) and inline.target not in labels:
                yield Fault(
                    kind="dangling cross-reference",
                    where=where,
                    sentence=f"a cross-reference names {inline.target!r}, which is no table, "
                    "figure or section",
                )
            elif isinstance(inline, Cite):
                for record_id in inline.record_ids:
                    if record_id not in known:
                        yield Fault(
                            kind="unknown citation",
                            where=where,
                            sentence=f"{record_id!r} is cited but not among the report's records",
                        )


def _number_faults(report: Report) -> Iterator[Fault]:
    evidence = {row.evidence_id: row for row in report.evidence}
    first: dict[str, Number] = {}
    for section, _, number in iterate_numbers(report):
        name = number.number_id or number.text
        where = f"section {section.section_id}"
        missing = [key for key in number.all_inputs if key not in evidence]
        if missing:
            yield Fault(
                kind="dangling number",
                where=where,
                sentence=f"number {name!r} rests on {missing[0]!r}, which is no evidence row"
                + (f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""),
            )
            continue
        if not number.all_inputs and not (number.kind is NumberKind.COUNT and number.text == "0"):
            yield Fault(
                kind="number without inputs",
                where=where,
                sentence=f"number {name!r} names nothing it was computed from",
            )
        expected = recompute_text(number, evidence)
        if expected is not None and expected != number.text:
            yield Fault(
                kind="wrong number",
                where=where,
                sentence=f"number {name!r} reads {number.text!r} but its inputs give {expected!r}",
            )
        if number.number_id is not None:
            earlier = first.setdefault(number.number_id, number)
            if earlier.text != number.text or earlier.all_inputs != number.all_inputs:
                yield Fault(
                    kind="one name, two numbers",
                    where=where,
                    sentence=f"number {name!r} reads {earlier.text!r} and {number.text!r}",
                )


def find_faults(report: Report) -> tuple[Fault, ...]:
    """Return everything that does not hold, in reading order; empty when the report is sound."""
    labels = number_report(report).labels
    targets = _targets(report)
    known: set[str] = {record.record_id for record in report.records}
    faults = list(_duplicates(report))
    for section, block in iterate_blocks(report):
        faults.extend(_link_faults(section, block, targets=targets, known=known, labels=labels))
    faults.extend(_number_faults(report))
    for row in report.evidence:
        if row.record_id is not None and row.record_id not in known:
            faults.append(
                Fault(
                    kind="evidence without article",
                    where=row.evidence_id,
                    sentence=f"evidence {row.evidence_id!r} was read in {row.record_id!r}, "
                    "which is not among the report's records",
                )
            )
    return tuple(faults)


def require_sound(report: Report) -> None:
    """Refuse a report with faults: the first is named, the others are counted.

    Raises
    ------
    DataError
        If any link, citation or number of the report does not resolve.
    """
    faults = find_faults(report)
    if faults:
        more = f"; and {len(faults) - 1} more faults" if len(faults) > 1 else ""
        raise DataError(f"{faults[0].sentence} ({faults[0].where}){more}", where=faults[0].where)
