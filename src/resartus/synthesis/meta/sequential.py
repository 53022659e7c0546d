"""Looking again and again: monitoring bounds, required information, and signals to update.

For comparisons only. A single-arm rate tests nothing, so that bounds on it
would be wrong; for one, ask whether its interval moved past the limit that
matters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from scipy import optimize, special

from resartus.domain.checks import require_one_of
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile, normal_two_sided
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects

__all__ = [
    "SPENDING",
    "MonitoringBounds",
    "RequiredInformation",
    "UpdateSignal",
    "monitoring_bounds",
    "required_information",
    "update_signals",
]

SPENDING = ("O'Brien-Fleming", "Pocock")
_REACH = 8.5


@cache
def _unit_rule() -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights on -1..1: 12 panels of 24 Gauss-Legendre points."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    edges = np.linspace(-1, 1, 13)
    half = (edges[1] - edges[0]) / 2
    middles = (edges[:-1] + edges[1:]) / 2
    return (middles[:, None] + half * nodes[None, :]).ravel(), np.tile(half * weights, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringBounds:
    """Upper bounds of z at each look (the lower are their negatives), and alpha spent so far.

    A bound is ``None`` where so little alpha is to be spent that no finite z
    would be enough.
    """

    fractions: tuple[float, ...]
    upper: tuple[float | None, ...]
    spent: tuple[float, ...]
    spending: str
    alpha: float


def _spent(t: float, alpha: float, spending: str) -> float:
    """Return the one-sided alpha spent at an information fraction (Lan and DeMets 1983)."""
    if t >= 1:
        return alpha
    if spending == "Pocock":
        return alpha * math.log(1 + (math.e - 1) * t)
    return float(2 * special.ndtr(-normal_quantile(1 - alpha / 2) / math.sqrt(t)))


def monitoring_bounds(
    fractions: Sequence[float],
    *,
    alpha: float = 0.05,
    spending: str = "O'Brien-Fleming",
    sides: int = 2,
) -> MonitoringBounds:
    """Return Lan-DeMets bounds for looks at the given information fractions.

    Parameters
    ----------
    fractions : sequence of float
        Information at each look over the required information, rising, above 0 and up to 1.
    alpha : float
        Over all looks and both sides.
    spending : str
        ``"O'Brien-Fleming"`` or ``"Pocock"`` type.
    sides : int
        2 spends alpha / 2 on each side; 1 spends alpha above alone.

    Notes
    -----
    The density of the Brownian score that has not yet crossed is carried from
    look to look by numerical integration; at each look the bound is where
    the mass beyond it equals the alpha to be spent there. A side's alpha
    counts paths that leave on that side first.

    References
    ----------
    .. [1] Lan KKG, DeMets DL. Discrete sequential boundaries for clinical
       trials. Biometrika 1983;70:659-663.
    .. [2] Armitage P, McPherson CK, Rowe BC. Repeated significance tests on
       accumulating data. J R Stat Soc A 1969;132:235-244.

    Examples
    --------
    >>> [round(b, 3) for b in monitoring_bounds([0.2, 0.6, 1.0]).upper]
    [4.877, 2.669, 1.981]
    """
    require_one_of(spending, SPENDING, field="spending", where="the monitoring bounds")
    if not 0 < alpha < 1:
        raise DataError(f"alpha {alpha!r} is not between 0 and 1; 0.05 is usual")
    times = [float(t) for t in fractions]
    if not times or any(not 0 < t <= 1 for t in times):
        raise DataError(f"information fractions {times!r} are not above 0 and up to 1")
    if any(b <= a for a, b in pairwise(times)):
        raise DataError(f"information fractions {times!r} do not rise; drop looks without new data")
    require_one_of(sides, (1, 2), field="sides", where="the monitoring bounds")
    half = alpha / sides
    upper: list[float | None] = []
    spent: list[float] = []
    done = 0.0
    grid, density = np.zeros(1), np.ones(1)
    weights = np.ones(1)
    before = 0.0
    for t in times:
        step = math.sqrt(t - before)
        target = max(_spent(t, half, spending) - done, 0.0)
        reach = _REACH * math.sqrt(t)

        def beyond(
            b: float,
            grid: FloatArray = grid,
            mass: FloatArray = density * weights,
            step: float = step,
        ) -> float:
            return float(np.dot(mass, special.ndtr((grid - b) / step)))

        # What stays out beyond the reach is too little to spend.
        if target <= beyond(reach):
            bound = reach
            upper.append(None)
        else:
            bound = float(
                optimize.brentq(lambda b: beyond(b) - target, 0.0, reach, xtol=1e-12)  # noqa: B023
            )
            upper.append(bound / math.sqrt(t))
        done += beyond(bound)
        spent.append(sides * done)
        nodes, node_weights = _unit_rule()
        middle, width = (0.0, bound) if sides == 2 else ((bound - reach) / 2, (bound + reach) / 2)
        new_grid = middle + width * nodes
        kernel = np.exp(-0.5 * ((new_grid[:, None] - grid[None, :]) / step) ** 2)
        density = kernel @ (density * weights) / (step * math.sqrt(2 * math.pi))
        grid, weights, before = new_grid, width * node_weights, t
    return MonitoringBounds(
        fractions=tuple(times),
        upper=tuple(upper),
        spent=tuple(spent),
        spending=spending,
        alpha=alpha,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredInformation:
    """Information (1 / variance of the pooled effect) needed, had, and their ratio.

    ``diversity`` D2 (0 to below 1) is how much heterogeneity widens the
    pooled effect; ``fraction`` is common-effect information over the
    required, not capped at 1; ``z`` the random-effects statistic.
    """

    diversity: float
    required_without_heterogeneity: float
    required: float
    had: float
    fraction: float
    z: float


def required_information(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    delta: float,
    alpha: float = 0.05,
    power: float = 0.9,
    estimator: str = "DL",
) -> RequiredInformation:
    """Return the diversity-adjusted required information size.

    Parameters
    ----------
    effects, variances : sequence of float, length k >= 2
        Comparative effects, such as log risk ratios.
    delta : float
        Effect worth finding, on the same scale: ``math.log(0.8)``.
    alpha, power : float
        Two-sided error and power.

    Notes
    -----
    (z_{1-alpha/2} + z_{power})^2 / delta^2 / (1 - D2), with D2 = 1 -
    var_common / var_random.

    References
    ----------
    .. [1] Wetterslev J, Thorlund K, Brok J, Gluud C. Estimating required
       information size by quantifying diversity in random-effects model
       meta-analyses. BMC Med Res Methodol 2009;9:86.
    """
    if not delta or not math.isfinite(delta):
        raise DataError(f"delta {delta!r} is no effect; give the smallest one worth finding")
    if not 0 < power < 1 or not 0 < alpha < 1:
        raise DataError(f"alpha {alpha!r} and power {power!r} must lie between 0 and 1")
    common = fit_mixed_effects(effects, variances, model="common", test="z")
    random = fit_mixed_effects(effects, variances, estimator=estimator, test="z")
    narrow, wide = float(common.covariance[0, 0]), float(random.covariance[0, 0])
    diversity = max(0.0, 1 - narrow / wide)
    plain = (normal_quantile(1 - alpha / 2) + normal_quantile(power)) ** 2 / delta**2
    required = plain / (1 - diversity)
    return RequiredInformation(
        diversity=diversity,
        required_without_heterogeneity=plain,
        required=required,
        had=1 / narrow,
        fraction=1 / narrow / required,
        z=float(random.coefficients[0]) / math.sqrt(wide),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSignal:
    """What changed with one more study (or update), in Shojania's quantitative terms.

    ``relative_change`` is of the effect, (new - old) / old, ``None`` at the
    first and where there was no effect before.
    """

    is_significant: bool
    significance_changed: bool
    relative_change: float | None
    magnitude_changed: bool

    @property
    def is_signal(self) -> bool:
        """Whether either sign calls for an update."""
        return self.significance_changed or self.magnitude_changed


def update_signals(
    effects: Sequence[float],
    std_errors: Sequence[float],
    *,
    is_log_ratio: bool = True,
    alpha: float = 0.05,
    threshold: float = 0.5,
) -> tuple[UpdateSignal, ...]:
    """Return, for a series of pooled effects over time, where the answer changed.

    Parameters
    ----------
    effects, std_errors : sequence of float, same length
        The pooled effect after each update, as ``cumulate`` gives.
    is_log_ratio : bool
        Whether they are log ratios; the change is then that of the relative
        reduction 1 - ratio, otherwise of the effect itself.
    threshold : float
        Relative change that counts, 0.5 in the paper.

    References
    ----------
    .. [1] Shojania KG, Sampson M, Ansari MT, et al. How quickly do systematic
       reviews go out of date? Ann Intern Med 2007;147:224-233.
    """
    if len(effects) != len(std_errors):
        raise DataError(f"{len(effects)} effects but {len(std_errors)} standard errors were given")
    found: list[UpdateSignal] = []
    previous: float | None = None
    was_significant: bool | None = None
    for i, (effect, error) in enumerate(zip(effects, std_errors, strict=True), start=1):
        if not (math.isfinite(effect) and math.isfinite(error) and error > 0):
            raise DataError(f"step {i} has effect {effect!r} and standard error {error!r}")
        size = 1 - math.exp(effect) if is_log_ratio else effect
        is_significant = normal_two_sided(effect / error) < alpha
        change = None if not previous else (size - previous) / previous
        found.append(
            UpdateSignal(
                is_significant=is_significant,
                significance_changed=was_significant is not None
                and is_significant != was_significant,
                relative_change=change,
                magnitude_changed=change is not None and abs(change) >= threshold,
            )
        )
        previous, was_significant = size, is_significant
    return tuple(found)
