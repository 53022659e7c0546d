"""The albatross plot: p values against sample sizes, for studies that print nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from resartus.domain.checks import require_one_of
from resartus.errors import DataError
from resartus.reporting.figures.canvas import INK, QUIET, RULE, Drawing, draw
from resartus.reporting.figures.kept import drawn_once
from resartus.reporting.figures.numbered import key_width_cm, write_key, write_numbers

__all__ = ["AlbatrossPoint", "albatross", "contour_size"]

_SMALLEST_P = 1e-6
MEASURES = ("SMD", "r", "OR")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbatrossPoint:
    """One study: patients, two-sided p value, and whether the effect is an increase."""

    label: str
    n: int
    p_value: float
    is_increase: bool

    def __post_init__(self) -> None:
        if self.n < 4 or not 0 < self.p_value <= 1:
            raise DataError(
                f"{self.label!r} has n {self.n!r} and p {self.p_value!r}; n must be 4 or more "
                "and p above 0 and up to 1"
            )


def contour_size(
    effect: float, p_value: float, *, measure: str = "SMD", ratio: float = 1.0, risk: float = 0.2
) -> float:
    """Return the sample size at which ``effect`` gives a two-sided ``p_value``.

    Parameters
    ----------
    effect : float
        Standardised mean difference, correlation, or odds ratio.
    ratio : float
        Patients in arm 2 per patient in arm 1, for SMD and OR.
    risk : float
        In arm 2, for OR.

    References
    ----------
    .. [1] Harrison S, Jones HE, Martin RM, Lewis SJ, Higgins JPT. The albatross
       plot: a novel graphical tool for presenting results of diversely
       reported studies in a systematic review. Res Synth Methods
       2017;8:281-289.
    """
    require_one_of(measure, MEASURES, field="measure", where="the albatross plot")
    z2 = NormalDist().inv_cdf(p_value / 2) ** 2
    if measure == "SMD":
        return z2 * (ratio + 1) ** 2 / (ratio * effect**2)
    if measure == "r":
        return 3 + z2 / math.atanh(effect) ** 2
    odds = effect * risk / (1 - risk)
    first = odds / (1 + odds)
    share_1, share_2 = 1 / (ratio + 1), ratio / (ratio + 1)
    variance = 1 / (share_1 * first * (1 - first)) + 1 / (share_2 * risk * (1 - risk))
    return z2 * variance / math.log(effect) ** 2


def _place(p_value: float, is_increase: bool) -> float:
    """Return where a p value stands: 0 for p = 1, outwards as it gets smaller."""
    distance = -math.log10(max(p_value, _SMALLEST_P))
    return distance if is_increase else -distance


@drawn_once
def albatross(
    points: Sequence[AlbatrossPoint],
    *,
    measure: str = "SMD",
    effects: Sequence[float] = (0.1, 0.25, 0.5),
    ratio: float = 1.0,
    risk: float = 0.2,
    decrease: str = "Decrease",
    increase: str = "Increase",
) -> Drawing:
    """Draw studies by sample size and p value over contours of equal effect.

    Parameters
    ----------
    points : sequence of AlbatrossPoint
        P values below 1e-6 are drawn at the edge.
    measure : str
        Of the contours: ``SMD``, ``r`` or ``OR``.
    effects : sequence of float
        One contour each, mirrored; odds ratios above 1 are mirrored as their inverse.
    ratio, risk : float
        See ``contour_size``.
    decrease, increase : str
        Words for the two halves.
    """
    if not points:
        raise DataError("an albatross plot of no studies; leave the figure out")
    sizes = [point.n for point in points]
    low, high = 10 ** math.floor(math.log10(min(sizes) * 0.9)), max(sizes) * 1.6
    reach = -math.log10(_SMALLEST_P)
    grid = [reach * i / 240 for i in range(1, 241)]
    invert: Callable[[float], float] = (lambda e: 1 / e) if measure == "OR" else (lambda e: -e)
    dashes = ("-", (0, (5, 1.8)), (0, (1.2, 1.4)), (0, (6, 1.5, 1.2, 1.5)))
    labels = [point.label for point in points]
    with draw(width_cm=14.0 + key_width_cm(labels), height_cm=10.0) as canvas:
        axes = canvas.plot(left=1.7, bottom=2.2, width=11.8, height=7.3)
        axes.set_yscale("log")
        for position, effect in enumerate(effects):
            style = {"color": QUIET, "lw": 0.9, "ls": dashes[position % len(dashes)], "zorder": 1}
            for side in (1, -1):
                value = effect if side > 0 else invert(effect)
                n = [
                    contour_size(value, 10**-x, measure=measure, ratio=ratio, risk=risk)
                    for x in grid
                ]
                label = f"{measure} ±{effect:g}" if measure != "OR" else f"OR {effect:g} or inverse"
                axes.plot([side * x for x in grid], n, label=label if side > 0 else None, **style)
        axes.axvline(0, color=RULE, lw=0.9)
        for p in (0.05,):
            for side in (1, -1):
                axes.axvline(-side * math.log10(p), color=RULE, lw=0.8, ls=(0, (2, 2)), zorder=0)
        for point in points:
            x = _place(point.p_value, point.is_increase)
            axes.plot(x, point.n, marker="o", markersize=4.2, color=INK, zorder=3)
        places_x = [_place(point.p_value, point.is_increase) for point in points]
        write_numbers(axes, places_x, sizes)
        write_key(canvas.page(), labels, left=13.7, top=9.5, height=9.0)
        marks = (1e-6, 1e-4, 1e-2, 0.05)
        places = [*(math.log10(p) for p in marks), 0.0, *(-math.log10(p) for p in reversed(marks))]
        words = ["≤10⁻⁶", "10⁻⁴", "0.01", "0.05", "1", "0.05", "0.01", "10⁻⁴", "≤10⁻⁶"]
        axes.set_xticks(places, labels=words)
        axes.set_xlim(-reach * 1.03, reach * 1.12)
        axes.set_ylim(low, high)
        axes.set_ylabel("Patients")
        axes.set_xlabel(f"{decrease}  ←   two-sided p value   →  {increase}")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=4, frameon=False,
                    fontsize=7.0, handlelength=3.0)  # fmt: skip
        up = sum(point.is_increase for point in points)
        return canvas.finish(
            alt=f"Albatross plot of {len(points)} studies by size and p value: {up} on the side of "
            f"{increase.lower()}, {len(points) - up} of {decrease.lower()}."
        )
