"""Raudenbush SW. Analyzing effect sizes: random-effects models. In: The Handbook of Research
Synthesis and Meta-Analysis, 2nd ed. 2009:295-315. Teachers' expectations, 19 studies."""

import pytest
from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.exploring.regression import regress
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects, interval_of

# Page 309, Table 16.3: tau2, mean, standard error, statistic, 95 % limits.
CONVENTIONAL = {
    "ML": (0.013, 0.078, 0.047, 1.637, -0.015, 0.171),
    "REML": (0.019, 0.084, 0.052, 1.621, -0.018, 0.185),
    "DL": (0.026, 0.089, 0.056, 1.601, -0.020, 0.199),
    "HE": (0.080, 0.114, 0.079, 1.443, -0.041, 0.270),
}
KNAPP_HARTUNG = {
    "ML": (0.013, 0.078, 0.059, 1.311, -0.047, 0.202),
    "REML": (0.019, 0.084, 0.062, 1.359, -0.046, 0.213),
    "DL": (0.026, 0.089, 0.064, 1.405, -0.044, 0.223),
    "HE": (0.080, 0.114, 0.071, 1.608, -0.035, 0.264),
}


@pytest.mark.parametrize(
    ("test", "table"), [("z", CONVENTIONAL), ("HK", KNAPP_HARTUNG)], ids=["z", "HK"]
)
@pytest.mark.parametrize("estimator", CONVENTIONAL)
def test_four_estimators_are_table_16_3(test: str, table: dict, estimator: str) -> None:  # type: ignore[type-arg]
    y, v = columns(rows("raudenbush1985"), "yi", "vi")
    fit = fit_mixed_effects(y, v, estimator=estimator, test=test)
    mean, error = float(fit.coefficients[0]), float(fit.std_errors[0])
    interval = interval_of(fit)
    numbers = (fit.tau2_value, mean, error, mean / error, interval.low, interval.high)
    assert tuple(printed(number, 3) for number in numbers) == table[estimator]


def test_the_regression_on_weeks_is_table_16_2() -> None:
    # Page 301, Table 16.2: weeks of prior contact, cut at three.
    data = rows("raudenbush1985")
    y, v, weeks = columns(data, "yi", "vi", "weeks")
    found = regress(y, v, {"weeks": [min(week, 3.0) for week in weeks]}, test="z")
    assert [printed(c.value, 3) for c in found.coefficients] == [0.407, -0.157]
    assert [printed(c.statistic, 2) for c in found.coefficients] == [4.68, -4.39]
    assert printed(found.heterogeneity.q, 2) == 16.57
    assert printed(found.heterogeneity.tau2, 3) == 0.0
