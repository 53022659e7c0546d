"""Firth's penalised Cox model: finite hazard ratios where one group has no event."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError, NotConverged
from resartus.synthesis.distributions import chi2_quantile, chi2_tail
from resartus.synthesis.survival.design import Design, design
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, checked_follow_up
from resartus.synthesis.survival.risk_sets import RiskSets, codes, risk_sets

__all__ = ["FirthCoxModel", "fit_firth_cox"]

_MAX_ITERATIONS = 500
_FEW_EVENTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Penalised:
    """Log partial likelihood + log det(information) / 2, Breslow ties, on sorted rows."""

    x: FloatArray
    sets: RiskSets

    def at(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return penalised log likelihood, its gradient (p,) and the information (p, p).

        Notes
        -----
        The gradient is U_c + trace(I^-1 dI/dbeta_c) / 2 (Firth 1993, equation
        3.1); dI/dbeta sums the third central moments of the risk sets.
        """
        x, sets, d = self.x, self.sets, self.sets.n_deaths
        eta = x @ beta
        shift = float(eta.max())
        w = np.exp(eta - shift)
        x2 = x[:, :, None] * x[:, None, :]
        x3 = x2[:, :, :, None] * x[:, None, None, :]
        s0 = sets.over_risk_set(w)
        m1 = sets.over_risk_set(w[:, None] * x) / s0[:, None]
        m2 = sets.over_risk_set(w[:, None, None] * x2) / s0[:, None, None]
        m3 = sets.over_risk_set(w[:, None, None, None] * x3) / s0[:, None, None, None]
        events = sets.is_event
        log_likelihood = float((eta[events] - shift).sum() - (d * np.log(s0)).sum())
        score = x[events].sum(axis=0) - (d[:, None] * m1).sum(axis=0)
        information = np.einsum("g,gab->ab", d, m2 - m1[:, :, None] * m1[:, None, :])
        pair = m2[:, :, :, None] * m1[:, None, None, :]
        third = (
            m3
            - pair
            - pair.transpose(0, 1, 3, 2)
            - pair.transpose(0, 3, 2, 1)
            + 2 * m1[:, :, None, None] * m1[:, None, :, None] * m1[:, None, None, :]
        )
        sign, log_det = np.linalg.slogdet(information)
        if sign <= 0:
            return -math.inf, score, information
        inverse = np.linalg.inv(information)
        penalty = 0.5 * np.einsum("ab,g,gabc->c", inverse, d, third)
        return log_likelihood + 0.5 * float(log_det), score + penalty, information

    def maximum(
        self, start: FloatArray, free: Sequence[int]
    ) -> tuple[FloatArray, float, FloatArray, int, bool]:
        """Climb over the ``free`` coefficients; the others stay at ``start``."""
        beta = start.copy()
        value, gradient, information = self.at(beta)
        if not free:
            return beta, value, information, 0, True
        rows = np.ix_(free, free)
        for iteration in range(1, _MAX_ITERATIONS + 1):
            step = np.linalg.solve(information[rows], gradient[free])
            # Half a unit of standard deviation at a time, as the penalised surface bends.
            step *= min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-300))
            for _ in range(30):
                trial = beta.copy()
                trial[free] += step
                ahead = self.at(trial)
                if ahead[0] >= value - 1e-12 * abs(value):
                    break
                step = step / 2
            beta, (value, gradient, information) = trial, ahead
            if np.abs(gradient[free]).max() < 1e-9 or np.abs(step).max() < 1e-13:
                return beta, value, information, iteration, True
        return beta, value, information, _MAX_ITERATIONS, False


@dataclass(frozen=True, kw_only=True, eq=False)
class FirthCoxModel:
    """A fitted Firth model; intervals and tests by the penalised profile likelihood."""

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    level: float
    n_patients: int
    n_events: int
    iterations: int
    inputs: tuple[str, ...]
    _design: Design = field(repr=False)
    _surface: _Penalised = field(repr=False)

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors from the information, shape (p,); for display, not for intervals."""
        root: FloatArray = np.sqrt(np.diag(self.covariance))
        return root

    def _profile(self, i: int, value: float, start: FloatArray) -> tuple[float, FloatArray]:
        """Return the penalised log likelihood with coefficient ``i`` held at ``value``, scaled."""
        held = start.copy()
        held[i] = value
        free = [j for j in range(len(held)) if j != i]
        beta, height, _, _, is_converged = self._surface.maximum(held, free)
        if not is_converged:
            raise NotConverged(
                f"the profile likelihood of {self.names[i]!r} did not settle at "
                f"{value / float(self._design.scales[i])!r}; leave a covariate out"
            )
        return height, beta

    def _limit(self, i: int, direction: float) -> float | None:
        """Return where the profile has fallen by half the chi-squared quantile, or ``None``."""
        scaled = self.coefficients * self._design.scales
        top = self._surface.at(scaled)[0]
        drop = chi2_quantile(self.level, 1) / 2
        start = scaled
        inner = float(scaled[i])
        step = float(self.std_errors[i] * self._design.scales[i])

        def beyond(value: float) -> float:
            """Return how far the profile is below the limit's height."""
            return top - self._profile(i, value, start)[0] - drop

        for _ in range(60):
            outer = inner + direction * step
            height, start = self._profile(i, outer, start)
            if top - height >= drop:
                root = brentq(beyond, *sorted((inner, outer)), xtol=1e-9, rtol=1e-11)
                return float(root) / float(self._design.scales[i])
            inner = outer
        return None

    def log_hazard_ratio(self, name: str) -> Estimate:
        """Return one coefficient with profile interval and penalised likelihood-ratio test.

        Raises
        ------
        DataError
            If there is no such covariate.
        """
        require_one_of(name, self.names, field="covariate", where="a Firth Cox model")
        i = self.names.index(name)
        scaled = self.coefficients * self._design.scales
        without = self._profile(i, 0.0, scaled)[0]
        statistic = max(0.0, 2 * (self._surface.at(scaled)[0] - without))
        doubts = []
        if self.n_events < _FEW_EVENTS * len(self.names):
            doubts.append(
                f"Only {self.n_events} events for {len(self.names)} "
                f"{'covariate' if len(self.names) == 1 else 'covariates'}."
            )
        return Estimate(
            value=float(self.coefficients[i]),
            scale="log hazard ratio",
            method="Cox with Firth's penalty, Breslow ties",
            std_error=float(self.std_errors[i]),
            statistic=statistic,
            p_value=chi2_tail(statistic, 1),
            interval=Interval(
                low=self._limit(i, -1.0),
                high=self._limit(i, 1.0),
                level=self.level,
                method="penalised profile likelihood",
            ),
            n_patients=self.n_patients,
            n_events=self.n_events,
            diagnostics=tuple(doubts),
            inputs=self.inputs,
        )

    def hazard_ratio(self, name: str) -> Estimate:
        """Return one hazard ratio per unit of the covariate, with its interval."""
        return self.log_hazard_ratio(name).transformed(math.exp, scale="hazard ratio")


def fit_firth_cox(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    covariates: Mapping[str, Sequence[float] | FloatArray],
    *,
    strata: Sequence[Hashable] | None = None,
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> FirthCoxModel:
    """Fit Cox's model with Firth's penalty, for few patients or a group without events.

    The ordinary model's hazard ratio runs away to 0 or infinity when every
    event stands on one side; this one stays finite, and its interval is wide.

    Parameters
    ----------
    times, is_event, covariates, strata, level, inputs
        As for ``fit_cox``.

    Returns
    -------
    FirthCoxModel

    Raises
    ------
    DataError
        If input is impossible, nobody has the event, or there are more
        covariates than patients can carry.
    NotConverged
        If the penalised likelihood does not settle.

    References
    ----------
    .. [1] Firth D. Bias reduction of maximum likelihood estimates. Biometrika
       1993;80:27-38.
    .. [2] Heinze G, Schemper M. A solution to the problem of monotone
       likelihood in Cox regression. Biometrics 2001;57:114-119.
    """
    require_level(level, where="a Firth Cox model")
    t, e = checked_follow_up(times, is_event)
    d = design(covariates, len(t))
    if not e.any():
        raise DataError("no patient had the event; a hazard ratio needs at least one")
    sets = risk_sets(t, e, codes(strata, len(t), what="strata"))
    surface = _Penalised(d.values[sets.order], sets)
    zero = np.zeros(len(d.names))
    null = surface.at(zero)[0]
    if not math.isfinite(null):
        raise DataError(
            "the patients at risk at the events do not differ in some covariate; "
            "leave it out or pool strata"
        )
    beta, best, information, iterations, is_converged = surface.maximum(
        zero, list(range(len(zero)))
    )
    if not is_converged:
        raise NotConverged(
            f"Firth's model of {', '.join(map(repr, d.names))} did not settle in {iterations} "
            "steps; leave a covariate out"
        )
    # log det(information) moves by a constant with the scale of the covariates.
    units = float(np.log(d.scales).sum())
    return FirthCoxModel(
        names=d.names,
        coefficients=d.coefficients(beta),
        covariance=d.covariance(np.linalg.inv(information)),
        log_likelihood_null=null + units,
        log_likelihood=best + units,
        level=level,
        n_patients=len(t),
        n_events=int(e.sum()),
        iterations=iterations,
        inputs=tuple(inputs),
        _design=d,
        _surface=surface,
    )
