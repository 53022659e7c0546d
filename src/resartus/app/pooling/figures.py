"""The drawings of a pooled effect."""

from __future__ import annotations

import math
from pathlib import Path

from resartus.app.pooling.effects import PooledEffect, natural
from resartus.app.pooling.sensitivity import Sensitivity
from resartus.reporting.figures.albatross import AlbatrossPoint, albatross
from resartus.reporting.figures.baujat import baujat_plot
from resartus.reporting.figures.canvas import Drawing
from resartus.reporting.figures.cumulative import cumulative
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest, heterogeneity_text
from resartus.reporting.figures.funnel import FunnelPoint, funnel
from resartus.reporting.numbers import p_text
from resartus.synthesis.distributions import normal_two_sided

__all__ = ["draw_effect", "save_drawings"]

_PERCENT = ("proportion",)


def _scale(result: PooledEffect) -> str:
    """Return the forest's scale for a measure."""
    if result.measure.is_ratio:
        return "ratio"
    if result.measure.natural in _PERCENT:
        return "percent"
    return "months" if result.measure.name.startswith("MEDIAN") else "difference"


def _axis(result: PooledEffect) -> str:
    words = result.measure.natural[0].upper() + result.measure.natural[1:]
    if result.plan.lower_is:
        words += f" (lower: {result.plan.lower_is})"
    return words if _scale(result) != "percent" else f"{words}, %"


def _counts(result: PooledEffect) -> list[str | None]:
    columns = result.table.columns
    whole = [
        [f"{number:g}" if (number := columns[name][i]) is not None else "–" for name in columns]
        for i in result.positions
    ]
    if set(columns) == {"events_1", "total_1", "events_2", "total_2"}:
        order = [list(columns).index(n) for n in ("events_1", "total_1", "events_2", "total_2")]
        rows = [[row[k] for k in order] for row in whole]
        return [f"{a}/{b} v {c}/{d}" for a, b, c, d in rows]
    if set(columns) == {"events", "total"}:
        order = [list(columns).index(n) for n in ("events", "total")]
        return [f"{row[order[0]]}/{row[order[1]]}" for row in whole]
    return [None] * len(whole)


def _forest(result: PooledEffect) -> Drawing:
    groups: list[str | None] = [None] * len(result.values)
    if result.subgroups is not None and result.plan.subgroup:
        column = result.table.attributes[result.plan.subgroup]
        groups = [str(column[i] or "not reported") for i in result.positions]
    counts, sizes = _counts(result), result.n_patients
    rows = [
        ForestRow(
            label=label,
            estimate=natural(own, result.measure),
            counts=counts[i],
            n=None if counts[i] else sizes[i],
            weight=result.weights[i] if result.weights else None,
            group=groups[i],
        )
        for i, (label, own) in enumerate(zip(result.labels, result.per_study, strict=True))
    ]
    rows.sort(key=lambda row: row.group or "")
    summaries, notes = [], []
    if result.subgroups is not None:
        s = result.subgroups
        for name, estimate in zip(s.names, s.estimates, strict=True):
            if estimate.value is not None and (estimate.n_studies or 0) > 1:
                shown = natural(estimate, result.measure)
                summaries.append(ForestSummary(label=f"{name}: pooled", estimate=shown, group=name))
    if result.pooled.value is not None:
        summaries.append(
            ForestSummary(
                label="Pooled",
                estimate=natural(result.pooled, result.measure),
                n=None if any(counts) else result.pooled.n_patients,
            )
        )
        words = heterogeneity_text(result.pooled)
        notes += [words] if words else []
    else:
        notes.append(f"{len(rows)} studies, shown and not pooled.")
    if result.subgroups is not None and result.subgroups.p_value is not None:
        s = result.subgroups
        notes.append(
            f"Between groups: Q {s.statistic:.2f} ({s.degrees_of_freedom} df, "
            f"{p_text(s.p_value or 0.0)})"
        )
    return forest(rows, x_label=_axis(result), scale=_scale(result), summaries=summaries,
                  notes=notes)  # fmt: skip


def _albatross(result: PooledEffect) -> Drawing:
    """Draw p values against sizes, over contours of the measure where it has some."""
    null = result.measure.null or 0.0
    points = [
        AlbatrossPoint(
            label=label,
            n=int(n or 0),
            p_value=max(normal_two_sided((y - null) / math.sqrt(v)), 1e-300),
            is_increase=y > null,
        )
        for label, n, y, v in zip(
            result.labels, result.n_patients, result.values, result.variances, strict=True
        )
    ]
    if result.measure.name in ("OR", "PETO", "RR"):
        columns = result.table.columns
        events = sum(number or 0.0 for number in columns["events_2"])
        risk = min(max(events / sum(n or 0.0 for n in columns["total_2"]), 0.01), 0.9)
        return albatross(
            points, measure="OR", effects=(1.25, 1.5, 2.0), risk=risk, decrease="Lower",
            increase="Higher",
        )  # fmt: skip
    return albatross(points, decrease="Lower", increase="Higher")


def draw_effect(result: PooledEffect, sensitivity: Sensitivity) -> dict[str, Drawing]:
    """Return the drawings that the result and its examinations allow, by name."""
    if not result.values:
        return {}
    drawings = {"forest": _forest(result)}
    is_ratio = result.measure.is_ratio
    if result.measure.null is not None and result.pooled.value is not None:
        points = [
            FunnelPoint(label=label, effect=y, std_error=math.sqrt(v))
            for label, y, v in zip(result.labels, result.values, result.variances, strict=True)
        ]
        filled = sensitivity.trim_and_fill
        if sensitivity.asymmetry:
            if filled is not None:
                points += [
                    FunnelPoint(label="filled in", effect=y, std_error=math.sqrt(v), is_filled=True)
                    for y, v in zip(filled.filled_effects, filled.filled_variances, strict=True)
                ]
            drawings["funnel"] = funnel(
                points,
                centre=result.pooled.value,
                x_label=_axis(result),
                scale="ratio" if is_ratio else "difference",
            )
    if sensitivity.cumulative:
        sizes = [result.n_patients[i] for i in sensitivity.cumulative_order]
        running = []
        for i in range(len(sizes)):
            so_far = sizes[: i + 1]
            running.append(None if None in so_far else sum(n or 0 for n in so_far))
        drawings["cumulative"] = cumulative(
            [result.labels[i] for i in sensitivity.cumulative_order],
            [natural(e, result.measure) for e in sensitivity.cumulative],
            x_label=f"{_axis(result)} so far",
            scale=_scale(result),
            n_patients=running,
        )
    patients = result.n_patients
    if (
        sensitivity.below is not None
        and patients
        and None not in patients
        and min(n or 0 for n in patients) > 3
    ):
        drawings["albatross"] = _albatross(result)
    if sensitivity.baujat:
        drawings["baujat"] = baujat_plot(
            result.labels,
            [point.heterogeneity for point in sensitivity.baujat],
            [point.influence for point in sensitivity.baujat],
        )
    return drawings


def save_drawings(drawings: dict[str, Drawing], folder: Path, *, name: str) -> tuple[Path, ...]:
    """Write each drawing as SVG and PNG, named after the effect, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
    written = []
    for kind, drawing in drawings.items():
        svg, png = folder / f"{stem}-{kind}.svg", folder / f"{stem}-{kind}.png"
        svg.write_text(drawing.svg, encoding="utf-8")
        png.write_bytes(drawing.png)
        written += [svg, png]
    return tuple(written)
