from collections import defaultdict

import pytest
from scipy.special import ndtr
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.summary_curve import CurvePoint, StudyCurve, summary_curve


def curve(name: str, *points: tuple[float, float, float]) -> StudyCurve:
    return StudyCurve(
        study_id=name,
        points=tuple(CurvePoint(time=t, survival=s, at_risk=n) for t, s, n in points),
    )


@pytest.mark.parametrize(("model", "key"), [("common", "fixed"), ("random", "random")])
def test_the_summary_curve_agrees_with_metasurvival(model: str, key: str) -> None:
    r = oracle("metasurvival_summary_curve")
    studies = defaultdict(list)
    for row in zip(*(r.data[k] for k in ("Study", "Time", "Survival", "NbRisk")), strict=True):
        studies[row[0]].append(row[1:])
    # metaSurvival writes its normal quantile as 1.96.
    level = 2 * float(ndtr(1.96)) - 1
    found = summary_curve(
        [curve(str(name), *sorted(points)) for name, points in studies.items()],
        model=model,
        level=level,
    )
    e = r.expected
    agree(found.times, e["fixed_time"], r.tolerance)
    agree(found.survival, e[key], r.tolerance)
    agree(found.low, e[f"{key}_lb"], r.tolerance)
    agree(found.high, e[f"{key}_ub"], r.tolerance)
    median, *limits = e[f"median_{key}"].values()
    agree(found.median.value, median, r.tolerance)
    mean, *mean_limits = e[f"mean_{key}"].values()
    agree(found.restricted_mean.value, mean, r.tolerance)
    # Both draw at random: their limits agree to about a hundredth.
    for mine, theirs in ((found.median, limits), (found.restricted_mean, mean_limits)):
        assert mine.interval is not None
        assert [mine.interval.low, mine.interval.high] == pytest.approx(theirs, rel=0.01)
    h = found.heterogeneity
    assert h.i2 is not None
    agree([h.q, h.h2, 100 * h.i2], e["heterogeneity"], r.tolerance)


def test_studies_alike_give_the_curve_of_each() -> None:
    points = ((12, 0.8, 50), (24, 0.6, 40), (36, 0.5, 30))
    found = summary_curve([curve("a", *points), curve("b", *points), curve("c", *points)])
    assert found.survival == pytest.approx([0.8, 0.6, 0.5], abs=0.01)
    assert found.median.value == pytest.approx(36, abs=1.5)
    assert "from 3 studies is poorly known" in found.diagnostics[0]


def test_studies_that_end_early_are_counted_at_each_time() -> None:
    found = summary_curve(
        [curve("a", (12, 0.8, 50), (24, 0.7, 40)), curve("b", (12, 0.9, 20))], model="common"
    )
    assert found.n_studies == (2, 1)
    assert found.at_risk == (70, 40)
    assert found.median.value is None
    assert "not reached by 24 months" in found.median.diagnostics[0]
    assert "1 of 2 studies end before 24" in found.diagnostics[0]


@pytest.mark.parametrize(
    ("curves", "said"),
    [
        ([], "no study curve"),
        ([curve("a", (12, 0.8, 5))], "fewer than two times"),
        ([curve("a", (12, 0.8, 5), (24, 0.9, 5))], "survival 0.9 at 24 after 0.8"),
        ([curve("a", (12, 0.8, 5), (24, 0.7, 0))], "time 24 with 0 at risk"),
        ([curve("a", (12, 0.8, 5), (24, 0.7, 4)), curve("b", (24, 0.7, 4))], "'b' is not read at"),
    ],
)
def test_impossible_curves_are_named(curves: list[StudyCurve], said: str) -> None:
    with pytest.raises(DataError, match=said):
        summary_curve(curves)
