import math
from collections.abc import Callable
from statistics import NormalDist

import pytest

from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.domain.guidance import Direction
from resartus.errors import DataError
from resartus.reporting.figures.albatross import AlbatrossPoint, albatross, contour_size
from resartus.reporting.figures.baujat import baujat_plot
from resartus.reporting.figures.canvas import Drawing
from resartus.reporting.figures.cumulative import cumulative
from resartus.reporting.figures.effect_direction import FactorMark, effect_direction
from resartus.reporting.figures.forest import (
    ForestRow,
    ForestSummary,
    forest,
    heterogeneity_text,
)
from resartus.reporting.figures.funnel import FunnelPoint, funnel
from resartus.reporting.figures.harvest import HarvestBar, harvest
from resartus.reporting.figures.kept import KEPT

NAMES = ("Aronson 1948", "Ferguson 1949", "Rosenthal 1960")


def ratio(value: float, low: float, high: float, *, level: float = 0.95) -> Estimate:
    return Estimate(
        value=value,
        scale="risk ratio",
        method="given",
        interval=Interval(low=low, high=high, level=level, method="given"),
        prediction=Interval(low=low / 2, high=high * 2, level=level, method="given"),
        heterogeneity=Heterogeneity(
            q=152.23, degrees_of_freedom=12, p_value=1e-20, tau2=0.3132, i2=0.922
        ),
    )


def forest_of_groups() -> Drawing:
    rows = [
        ForestRow(label=name, estimate=ratio(0.4, 0.2, 0.9), n=262, weight=0.3, group=group)
        for name, group in zip(NAMES, ("random", "random", "other"), strict=True)
    ]
    pooled = ForestSummary(label="All", estimate=ratio(0.5, 0.3, 0.7), n=1322)
    group = ForestSummary(label="random: pooled", estimate=ratio(0.4, 0.2, 0.8), group="random")
    return forest(
        rows,
        x_label="Risk ratio",
        scale="ratio",
        summaries=[group, pooled],
        notes=[heterogeneity_text(pooled.estimate) or ""],
    )


def a_funnel() -> Drawing:
    points = [
        FunnelPoint(label=n, effect=-0.5, std_error=0.2 + i / 10) for i, n in enumerate(NAMES)
    ]
    mirror = FunnelPoint(label="filled", effect=0.4, std_error=0.3, is_filled=True)
    return funnel([*points, mirror], centre=-0.4, x_label="Risk ratio")


def a_cumulative() -> Drawing:
    steps = [ratio(0.4, 0.1, 1.2), ratio(0.27, 0.001, 220.0), ratio(0.38, 0.2, 0.8)]
    return cumulative(NAMES, steps, x_label="Risk ratio so far", n_patients=[262, 871, 1322])


def an_albatross() -> Drawing:
    points = [
        AlbatrossPoint(label=n, n=50, p_value=0.03, is_increase=bool(i))
        for i, n in enumerate(NAMES)
    ]
    return albatross(points)


def a_harvest() -> Drawing:
    directions = (Direction.BETTER, Direction.WORSE, Direction.UNCLEAR)
    return harvest(
        [
            HarvestBar(outcome="Death", study=n, direction=d, height=2, kind="cohort")
            for n, d in zip(NAMES, directions, strict=True)
        ],
        height_means="larger series",
    )


def an_effect_direction() -> Drawing:
    return effect_direction(
        [FactorMark(factor="Death", study=NAMES[0], direction=Direction.BETTER)],
        row_title="Outcome",
        headings={Direction.BETTER: "Fewer deaths"},
    )


FIGURES = {
    "forest": (forest_of_groups, "3 studies. random: pooled: 0.40 (0.20 to 0.80)"),
    "funnel": (a_funnel, "3 studies around 0.67, with 1 filled in"),
    "cumulative": (a_cumulative, "3 studies"),
    "baujat": (lambda: baujat_plot(NAMES, [0.1, 2.0, 1.0], [0.01, 0.3, 0.1]), "Ferguson 1949"),
    "albatross": (an_albatross, "2 on the side of increase, 1 of decrease"),
    "harvest": (a_harvest, "Death: 1 harm, 0 no difference shown, 1 benefit"),
    "effect direction": (an_effect_direction, "Aronson 1948 better"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_same_bytes_each_time_and_says_in_words_what_it_shows(name: str) -> None:
    make: Callable[[], Drawing] = FIGURES[name][0]
    KEPT.clear()
    first = make()
    KEPT.clear()
    second = make()
    assert first is not second
    assert (first.svg, first.png) == (second.svg, second.png)
    assert first.svg.lstrip().startswith("<?xml")
    assert first.png.startswith(b"\x89PNG")
    assert FIGURES[name][1] in first.alt


def test_heterogeneity_is_one_line_in_its_symbols() -> None:
    words = heterogeneity_text(ratio(0.5, 0.3, 0.7))
    assert words == "Heterogeneity: τ² 0.313, I² 92%, Q 152.2 (12 df, p < 0.001)"


@pytest.mark.parametrize(("d", "p"), [(0.5, 0.05), (0.2, 0.001)])
def test_a_contour_of_means_is_where_the_z_test_gives_that_p(d: float, p: float) -> None:
    n = contour_size(d, p)
    z = d / math.sqrt(4 / n)
    assert math.isclose(2 * (1 - NormalDist().cdf(z)), p, rel_tol=1e-9)


def test_a_contour_of_odds_ratios_is_the_same_for_the_same_evidence() -> None:
    n = contour_size(2.0, 0.05, measure="OR", risk=0.2)
    p1 = 0.5 / 1.5
    variance = 2 / n * (1 / (p1 * (1 - p1)) + 1 / (0.2 * 0.8))
    assert math.isclose(math.log(2.0) / math.sqrt(variance), 1.959963984540054, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: funnel([], centre=0.0, x_label="x"), "no studies"),
        (lambda: FunnelPoint(label="A", effect=0.0, std_error=0.0), "not above 0"),
        (lambda: cumulative(["A"], [], x_label="x"), "give one each"),
        (lambda: baujat_plot(["A"], [], []), "for each study"),
        (lambda: albatross([]), "no studies"),
        (lambda: AlbatrossPoint(label="A", n=20, p_value=0.0, is_increase=True), "p above 0"),
        (lambda: harvest([], height_means="x"), "no study shows a direction"),
    ],
)
def test_nothing_to_draw_is_said(call: Callable[[], object], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        call()
