"""A pooled effect as words, tables and plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from resartus.domain.plain import to_plain

if TYPE_CHECKING:
    from resartus.app.pooling.effects import PooledEffect
    from resartus.app.pooling.sensitivity import Sensitivity
    from resartus.domain.estimate import Estimate

__all__ = ["effect_plain", "effect_report"]

Table = tuple[str, Sequence[str], list[Sequence[object]]]


def _text(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if 0.095 <= abs(value) < 1000 else f"{value:.3g}"


def _estimate(estimate: Estimate) -> str:
    if estimate.value is None:
        return "not pooled"
    bounds = estimate.interval
    if bounds is None:
        return _text(estimate.value)
    level = f"{100 * bounds.level:g}%"
    return f"{_text(estimate.value)} ({level} CI {_text(bounds.low)} to {_text(bounds.high)})"


def _p(p_value: float | None) -> str:
    if p_value is None:
        return "–"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def effect_report(
    result: PooledEffect, sensitivity: Sensitivity, *, is_planned: bool
) -> Iterator[str | Table]:
    """Yield lines and tables (title, columns, rows) for people, in the order to read them."""
    from resartus.app.pooling.effects import natural

    measure = result.measure

    def shown(estimate: Estimate) -> str:
        return _estimate(natural(estimate, measure))

    weights = result.weights or (None,) * len(result.values)
    rows: list[Sequence[object]] = [
        (label, n, shown(own), "–" if w is None else f"{100 * w:.1f}%")
        for label, n, own, w in zip(
            result.labels, result.n_patients, result.per_study, weights, strict=True
        )
    ]
    if not is_planned:
        yield "Not in the protocol's plan: computed on request."
    title = f"{result.plan.name}: {measure.natural} {shown(result.pooled)}"
    yield title, ("study", "n", measure.natural, "weight"), rows
    yield f"  {result.pooled.method}"
    if result.pooled.interval is not None:
        yield f"  interval: {result.pooled.interval.method}"
    back = natural(result.pooled, measure)
    if back.prediction is not None:
        p = back.prediction
        yield f"  next study: {_text(p.low)} to {_text(p.high)} ({p.method})"
    h = result.pooled.heterogeneity
    if h is not None and h.degrees_of_freedom:
        words = [f"Q {_text(h.q)} ({h.degrees_of_freedom} df, p {_p(h.p_value)})"]
        if h.tau2 is not None and h.tau2_interval is not None:
            ends = f"{h.tau2_interval.low:.3g} to {h.tau2_interval.high:.3g}"
            words.append(f"tau2 {h.tau2:.3g} ({ends}, {h.tau2_interval.method})")
        if h.i2 is not None:
            words.append(f"I2 {100 * h.i2:.0f}%")
        yield f"  heterogeneity: {', '.join(words)}"
    for note in (*result.pooled.diagnostics, *result.notes):
        yield f"  {note}"
    for label, reason in result.table.left_out:
        yield f"  not pooled: {label} ({reason})"
    yield from _groups(result, shown)
    yield from _examined(result, sensitivity, shown)


def _groups(result: PooledEffect, shown: Any) -> Iterator[str | Table]:
    s = result.subgroups
    if s is not None:
        test = (
            "groups not tested against each other"
            if s.statistic is None
            else f"Q between {_text(s.statistic)}, {s.degrees_of_freedom} df, p {_p(s.p_value)}"
        )
        rows: list[Sequence[object]] = [
            (name, e.n_studies, shown(e)) for name, e in zip(s.names, s.estimates, strict=True)
        ]
        yield f"By {result.plan.subgroup}: {test}", ("group", "studies", "pooled"), rows
        for note in s.diagnostics:
            yield f"  {note}"
    r = result.regression
    if r is not None:
        explained = "not defined" if r.r2 is None else f"{100 * r.r2:.0f}%"
        rows = [
            (name, _estimate(c), _p(c.p_value))
            for name, c in zip(r.names, r.coefficients, strict=True)
        ]
        yield (
            f"Meta-regression on the {result.measure.scale} scale: p {_p(r.omnibus.p_value)} "
            f"over all, tau2 explained {explained}",
            ("", "coefficient", "p"),
            rows,
        )
        for note in r.diagnostics:
            yield f"  {note}"


def _examined(result: PooledEffect, found: Sensitivity, shown: Any) -> Iterator[str | Table]:
    if found.without:
        rows: list[Sequence[object]] = [
            (label, shown(e)) for label, e in zip(result.labels, found.without, strict=True)
        ]
        yield "Without each study", ("left out", "pooled"), rows
    if found.cumulative:
        names = [result.labels[i] for i in found.cumulative_order]
        rows = [(name, shown(e)) for name, e in zip(names, found.cumulative, strict=True)]
        yield "As studies were added", ("added", "pooled"), rows
    if found.influence:
        rows = [
            (
                f"{label}{' (influential)' if one.is_influential else ''}",
                _text(one.rstudent),
                _text(one.dffits),
                _text(one.cook_distance),
                _text(one.covariance_ratio),
                _text(one.hat),
            )
            for label, one in zip(result.labels, found.influence, strict=True)
        ]
        columns = ("study", "deleted residual", "dffits", "Cook", "covariance ratio", "hat")
        yield "Influence", columns, rows
    if found.asymmetry:
        rows = [(t.method, _text(t.statistic), _p(t.p_value)) for t in found.asymmetry]
        yield "Asymmetry", ("test", "statistic", "p"), rows
        filled = found.trim_and_fill
        if filled is not None:
            yield (
                f"  trim and fill ({filled.estimator}): {filled.n_filled} filled in on the "
                f"{filled.side}; then {shown(filled.estimate)}"
            )
        yield from (f"  {note}" for note in found.asymmetry[0].diagnostics)
    if found.below is not None and found.below.value is not None:
        e = found.below
        yield (
            "Without pooling",
            ("question", "answer"),
            [
                (e.scale, f"{_estimate(e)}, sign test p {_p(e.p_value)}"),
                *((c.scale, f"p {_p(c.p_value)} ({c.method})") for c in found.combined),
            ],
        )
        yield from (f"  {note}" for note in e.diagnostics)
    yield from (f"  {note}" for note in found.notes)


def effect_plain(
    result: PooledEffect, sensitivity: Sensitivity, *, is_planned: bool
) -> dict[str, Any]:
    """Return the effect as plain values for ``--json``, on both scales."""
    from resartus.app.pooling.effects import natural

    measure = result.measure
    weights = result.weights or (None,) * len(result.values)
    plain: dict[str, Any] = {
        "name": result.plan.name,
        "measure": measure.name,
        "scale": measure.scale,
        "natural_scale": measure.natural,
        "is_planned": is_planned,
        "pooled": to_plain(result.pooled),
        "natural": to_plain(natural(result.pooled, measure)),
        "studies": [
            {"study": label, "effect": y, "variance": v, "weight": w}
            for label, y, v, w in zip(
                result.labels, result.values, result.variances, weights, strict=True
            )
        ],
        "left_out": [{"study": label, "reason": why} for label, why in result.table.left_out],
        "notes": list(result.notes),
    }
    if result.subgroups is not None:
        plain["subgroups"] = to_plain(result.subgroups)
    if result.regression is not None:
        r = result.regression
        plain["regression"] = {
            "coefficients": dict(zip(r.names, (to_plain(c) for c in r.coefficients), strict=True)),
            "omnibus": to_plain(r.omnibus),
            "heterogeneity": to_plain(r.heterogeneity),
            "r2": r.r2,
            "notes": list(r.diagnostics),
        }
    if sensitivity.without:
        plain["leave_one_out"] = [
            {"without": label, "pooled": to_plain(e)}
            for label, e in zip(result.labels, sensitivity.without, strict=True)
        ]
    if sensitivity.cumulative:
        plain["cumulative"] = [
            {"added": result.labels[i], "pooled": to_plain(e)}
            for i, e in zip(sensitivity.cumulative_order, sensitivity.cumulative, strict=True)
        ]
    if sensitivity.influence:
        plain["influence"] = [
            {"study": label, **to_plain(one)}
            for label, one in zip(result.labels, sensitivity.influence, strict=True)
        ]
    if sensitivity.asymmetry:
        plain["asymmetry"] = [to_plain(test) for test in sensitivity.asymmetry]
        plain["trim_and_fill"] = to_plain(sensitivity.trim_and_fill)
    if sensitivity.below is not None:
        plain["directions"] = to_plain(sensitivity.below)
        plain["combined_p"] = to_plain(sensitivity.combined)
    plain["notes"] += list(sensitivity.notes)
    return plain
