"""Is a hazard ratio constant over time? The score test of Grambsch and Therneau."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resartus.synthesis.distributions import chi2_tail
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, risk_table
from resartus.synthesis.survival.partial_likelihood import evaluate
from resartus.synthesis.survival.risk_sets import RiskSets

__all__ = ["ProportionalityTest", "proportionality_tests"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionalityTest:
    """The test of one covariate, or of all (``name`` "GLOBAL")."""

    name: str
    statistic: float
    degrees_of_freedom: int
    p_value: float


def _survival_before(times: FloatArray, is_event: BoolArray, at: FloatArray) -> FloatArray:
    """Return the Kaplan-Meier curve of everybody just before each time."""
    table = risk_table(times, is_event)
    curve = np.concatenate(([1.0], np.cumprod(1 - table.n_events / table.at_risk)))
    before: FloatArray = curve[np.searchsorted(table.times, at, side="left")]
    return before


def proportionality_tests(
    x: FloatArray,
    sets: RiskSets,
    beta: FloatArray,
    *,
    names: tuple[str, ...],
    is_efron: bool,
    times: FloatArray,
    is_event: BoolArray,
) -> tuple[ProportionalityTest, ...]:
    """Test a coefficient that drifts with g(t), g being 1 minus the Kaplan-Meier curve.

    Each covariate gets a second coefficient on x g(t); the score test of its
    being 0 needs the score and the information at the fitted model alone.

    References
    ----------
    Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based
    on weighted residuals. Biometrika 1994;81:515-526.
    """
    n, p = x.shape
    at = evaluate(x, sets, beta, is_efron=is_efron, offset=np.zeros(n))
    g_group = 1.0 - _survival_before(times, is_event, sets.time)
    g = g_group[sets.death_group]
    events = sets.is_event
    drift = (g[:, None] * (x[events] - at.means)).sum(axis=0)
    starts = np.concatenate(([0], np.cumsum(sets.n_deaths)[:-1]))

    def moment(power: int) -> FloatArray:
        """Return the sum over events of g^power times the covariance of the risk set."""
        factor = g**power
        share = sets.over_groups_at_risk(np.add.reduceat(factor * at.inverse, starts))
        taken = np.add.reduceat(factor * at.fraction * at.inverse, starts)
        share[events] -= taken[sets.death_group]
        weighted: FloatArray = (x * (at.weights * share)[:, None]).T @ x
        return weighted - (at.means * factor[:, None]).T @ at.means

    i00, i01, i11 = moment(0), moment(1), moment(2)
    remaining = i11 - i01.T @ np.linalg.solve(i00, i01)

    def test(name: str, rows: list[int]) -> ProportionalityTest:
        if name == "GLOBAL":
            inner = remaining
        else:
            inner = i11[np.ix_(rows, rows)] - i01[:, rows].T @ np.linalg.solve(i00, i01[:, rows])
        u = drift[rows]
        statistic = float(u @ np.linalg.lstsq(inner, u, rcond=None)[0])
        return ProportionalityTest(
            name=name,
            statistic=statistic,
            degrees_of_freedom=len(rows),
            p_value=chi2_tail(statistic, len(rows)),
        )

    single = [test(name, [i]) for i, name in enumerate(names)]
    return (*single, test("GLOBAL", list(range(p))))
