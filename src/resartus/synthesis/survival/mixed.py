"""One survival model for patients, reconstructed curves and published figures together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import minimize

from resartus.domain.checks import require_finite, require_level, require_one_of
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError, NotConverged
from resartus.synthesis.distributions import normal_quantile
from resartus.synthesis.survival.follow_up import FloatArray
from resartus.synthesis.survival.kaplan_meier import kaplan_meier
from resartus.synthesis.survival.mixed_evidence import (
    Mixture,
    PatientRows,
    PublishedFigure,
    mixture,
)
from resartus.synthesis.survival.wald import wald_estimate

__all__ = ["MixedSurvival", "fit_mixed_survival", "marginal_log_likelihood"]

_POINTS = 15
_TAU_AT_ZERO = 1e-3
_FAR = 0.15
_LOG_LOG_2 = math.log(math.log(2))


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """The log likelihood of each study as a function of its random intercept b.

    D b - exp(b) H - sum over figures of (r - b)^2 / (2 v), shape (studies,)
    and (f,), with ``constant`` free of b.
    """

    deaths: FloatArray
    hazard: FloatArray
    residual: FloatArray
    variance: FloatArray
    constant: float


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """The marginal likelihood; parameters are (mu, beta…, log shape[, log tau])."""

    data: Mixture
    log_time: FloatArray

    def terms(self, theta: FloatArray) -> _Terms:
        d, f = self.data, self.data.figures
        p, k = len(d.names), len(d.studies)
        mu, beta, log_shape = theta[0], theta[1 : 1 + p], theta[1 + p]
        shape = math.exp(log_shape)
        eta = mu + d.x @ beta
        log_cumulative = shape * self.log_time + eta
        log_hazard = log_shape + log_cumulative - self.log_time
        hazard = np.bincount(d.study, weights=np.exp(np.minimum(log_cumulative, 500)), minlength=k)
        deaths = np.bincount(d.study, weights=d.is_event.astype(np.float64), minlength=k)
        constant = float(log_hazard[d.is_event].sum())
        # A median's error is one of time: on the log-log scale it grows with the shape.
        # With n alone, the asymptotic 1 / (n (log 2)^2) of a median.
        from_n = np.divide(1.0, f.n * math.log(2) ** 2, out=np.zeros_like(f.n), where=f.n > 0)
        variance = f.variance + shape**2 * f.time_variance + from_n
        residual = f.y - shape * f.log_time - mu - f.x @ beta
        constant -= 0.5 * float(np.log(2 * math.pi * variance).sum())
        # The density of log m, not of its place on the log-log scale.
        constant += log_shape * float((f.variance == 0).sum())
        return _Terms(
            deaths.astype(np.float64), hazard.astype(np.float64), residual, variance, constant
        )

    def log_likelihood(self, theta: FloatArray, *, is_common: bool) -> float:
        terms = self.terms(theta)
        f = self.data.figures
        k = len(self.data.studies)
        weight = np.bincount(f.study, weights=1 / terms.variance, minlength=k)
        pull = np.bincount(f.study, weights=terms.residual / terms.variance, minlength=k)
        square = float((terms.residual**2 / terms.variance).sum())
        if is_common:
            return terms.constant - float(terms.hazard.sum()) - 0.5 * square
        tau = math.exp(float(np.clip(theta[-1], -20, 5)))
        nodes, weights = np.polynomial.hermite_e.hermegauss(_POINTS)

        def height(b: FloatArray) -> FloatArray:
            """Return each study's log density at b (…, k), without constants."""
            found: FloatArray = (
                terms.deaths * b
                - terms.hazard * np.exp(np.minimum(b, 500))
                + pull * b
                - 0.5 * weight * b**2
                - 0.5 * (b / tau) ** 2
            )
            return found

        mode = np.zeros(k)
        for _ in range(60):
            grown = terms.hazard * np.exp(np.minimum(mode, 500))
            slope = terms.deaths - grown + pull - weight * mode - mode / tau**2
            bend = grown + weight + 1 / tau**2
            step = np.clip(slope / bend, -2, 2)
            mode = mode + step
            if np.abs(step).max() < 1e-10:
                break
        spread = 1 / np.sqrt(terms.hazard * np.exp(np.minimum(mode, 500)) + weight + 1 / tau**2)
        b = mode + spread * nodes[:, None]
        log_terms = height(b) + 0.5 * nodes[:, None] ** 2 + np.log(weights)[:, None]
        top = log_terms.max(axis=0)
        integral = top + np.log(np.exp(log_terms - top).sum(axis=0)) + np.log(spread)
        # hermegauss weights sum to sqrt(2 pi): that of the normal density of b is 1 over it.
        return (
            terms.constant
            - 0.5 * square
            + float(integral.sum())
            - k * (math.log(tau) + 0.5 * math.log(2 * math.pi))
        )


def marginal_log_likelihood(data: Mixture, theta: FloatArray) -> float:
    """Return the log likelihood with the studies' effects integrated out.

    Parameters
    ----------
    data : Mixture
        With no follow-up of 0.
    theta : array
        mu, one coefficient per covariate, log shape, log tau.
    """
    return _Model(data, np.log(data.times)).log_likelihood(theta, is_common=False)


def _numeric_hessian(f: Callable[[FloatArray], float], x: FloatArray) -> FloatArray:
    """Return the Hessian by central differences."""
    n = len(x)
    h = 1e-4 * np.maximum(1.0, np.abs(x))
    found = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            a, b = np.zeros(n), np.zeros(n)
            a[i], b[j] = h[i], h[j]
            found[i, j] = found[j, i] = (
                f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)
            ) / (4 * h[i] * h[j])
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class MixedSurvival:
    """A Weibull curve for the typical study, from all evidence at once.

    S(t) = exp(-exp(mu + x beta + b + shape log t)), the study's b normal with
    standard deviation ``tau`` (0 with ``study="common"``).
    """

    names: tuple[str, ...]
    parameters: FloatArray
    covariance: FloatArray
    tau: float
    log_likelihood: float
    study_effect: str
    level: float
    unit: str
    n_studies: int
    n_reported: int
    n_reconstructed: int
    n_figures_only: int
    n_events: int
    largest_departure: float | None
    diagnostics: tuple[str, ...]
    inputs: tuple[str, ...] = field(default=())

    @property
    def shape(self) -> float:
        """The Weibull shape: above 1 where the hazard rises."""
        return math.exp(float(self.parameters[1 + len(self.names)]))

    @property
    def n_patients(self) -> int:
        """All patients behind the model, however they are known."""
        return self.n_reported + self.n_reconstructed + self.n_figures_only

    @property
    def method(self) -> str:
        """``"Weibull, random study effect, patients and published figures"``."""
        kinds = [
            name
            for name, n in (
                ("reported patients", self.n_reported),
                ("reconstructed patients", self.n_reconstructed),
                ("published figures", self.n_figures_only),
            )
            if n
        ]
        return f"Weibull, {self.study_effect} study effect, from {', '.join(kinds)}"

    def _at(self, gradient: FloatArray) -> float:
        """Return the standard error of a linear function of the parameters."""
        g = np.zeros(len(self.parameters))
        g[: len(gradient)] = gradient
        return math.sqrt(max(float(g @ self.covariance @ g), 0.0))

    def _profile(self, at: dict[str, float] | None) -> FloatArray:
        values = at or {}
        for name in values:
            require_one_of(name, self.names, field="covariate", where="a mixed survival model")
        return np.asarray([values.get(name, 0.0) for name in self.names])

    def survival_at(self, time: float, *, at: dict[str, float] | None = None) -> Estimate:
        """Return survival at ``time`` in the typical study, and in the next one (prediction).

        Parameters
        ----------
        time : float
            Above 0, in ``unit``.
        at : mapping, optional
            Covariate values; 0 for those not named.
        """
        require_finite(time, field="time", where="a mixed survival model")
        if time <= 0:
            raise DataError(f"time {time!r} is not above 0; survival is counted from time zero")
        x = self._profile(at)
        p = len(self.names)
        shape = self.shape
        gradient = np.concatenate(([1.0], x, [shape * math.log(time)]))
        y = float(self.parameters[: 1 + p] @ gradient[: 1 + p]) + shape * math.log(time)
        std_error = self._at(gradient)
        z = normal_quantile(0.5 + self.level / 2)

        def back(half: float) -> Interval:
            low, high = (math.exp(-math.exp(y + sign * half)) for sign in (1, -1))
            return Interval(low=low, high=high, level=self.level, method="delta, log-log")

        return self._told(
            Estimate(
                value=math.exp(-math.exp(y)),
                scale=f"survival at {time:g} {self.unit}",
                method=self.method,
                interval=back(z * std_error),
                prediction=back(z * math.hypot(std_error, self.tau)) if self.tau else None,
            )
        )

    def median(self, *, at: dict[str, float] | None = None) -> Estimate:
        """Return the median of the typical study, and of the next one (prediction)."""
        x = self._profile(at)
        p = len(self.names)
        shape = self.shape
        location = float(self.parameters[0] + x @ self.parameters[1 : 1 + p])
        log_median = (_LOG_LOG_2 - location) / shape
        gradient = np.concatenate(([-1 / shape], -x / shape, [-log_median]))
        std_error = self._at(gradient)
        z = normal_quantile(0.5 + self.level / 2)

        def back(half: float) -> Interval:
            return Interval(
                low=math.exp(log_median - half),
                high=math.exp(log_median + half),
                level=self.level,
                method="delta, log",
            )

        return self._told(
            Estimate(
                value=math.exp(log_median),
                scale=self.unit,
                method=self.method,
                interval=back(z * std_error),
                prediction=back(z * math.hypot(std_error, self.tau / shape)) if self.tau else None,
            )
        )

    def log_hazard_ratio(self, name: str) -> Estimate:
        """Return one covariate's log hazard ratio, within studies, with its interval."""
        require_one_of(name, self.names, field="covariate", where="a mixed survival model")
        i = 1 + self.names.index(name)
        return self._told(
            wald_estimate(
                float(self.parameters[i]),
                math.sqrt(max(float(self.covariance[i, i]), 0.0)),
                scale="log hazard ratio",
                method=self.method,
                level=self.level,
            )
        )

    def _told(self, estimate: Estimate) -> Estimate:
        """Return an estimate with what it rests on."""
        return replace(
            estimate,
            n_studies=self.n_studies,
            n_patients=self.n_patients,
            n_events=self.n_events,
            diagnostics=self.diagnostics,
            inputs=self.inputs,
        )


def _start(data: Mixture, log_time: FloatArray) -> FloatArray:
    """Return exponential starting values: one event per time lived."""
    f = data.figures
    rates = [data.is_event.sum() / np.exp(log_time).sum()] if data.is_event.any() else []
    rates += list(np.exp(f.y - f.log_time))
    rate = float(np.exp(np.mean(np.log(rates))))
    return np.concatenate(([math.log(rate)], np.zeros(len(data.names)), [0.0]))


def _climb(f: Callable[[FloatArray], float], start: FloatArray) -> tuple[FloatArray, float]:
    """Return the maximum of ``f`` and its height."""
    found = minimize(lambda x: -f(x), start, method="BFGS", options={"gtol": 1e-6, "maxiter": 500})
    refined = minimize(
        lambda x: -f(x), found.x, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}
    )
    if not math.isfinite(refined.fun):
        raise NotConverged(
            "the mixed survival model has no maximum for these data; pool the figures instead"
        )
    return np.asarray(refined.x), -float(refined.fun)


def _departure(data: Mixture, theta: FloatArray, floor: float) -> float | None:
    """Return the largest distance of the fitted curve from the patients' Kaplan-Meier curve."""
    if len(data.times) < 5 or not data.is_event.any() or data.names:
        return None
    curve = kaplan_meier(data.times, data.is_event)
    t = np.maximum(np.asarray(curve.times), floor)
    fitted = np.exp(-np.exp(float(theta[0]) + math.exp(float(theta[1])) * np.log(t)))
    return float(np.abs(fitted - np.asarray(curve.survival)).max())


def _doubts_of(data: Mixture, departure: float | None) -> list[str]:
    doubts = []
    known = data.n_reported + data.n_reconstructed
    if data.n_reconstructed:
        doubts.append(f"{data.n_reconstructed} of {known} patients were reconstructed from curves.")
    if data.n_figures_only > known:
        doubts.append(
            f"{data.n_figures_only} of {data.n_figures_only + known} patients are known by a "
            "published figure alone."
        )
    if departure is not None and departure > _FAR:
        doubts.append(
            f"The fitted curve departs from the patients' own by up to {departure:.2f}; "
            "the Weibull shape or the mix of studies does not fit."
        )
    return doubts


def fit_mixed_survival(
    rows: Sequence[PatientRows],
    published: Sequence[PublishedFigure] = (),
    *,
    covariates: Sequence[str] = (),
    study: str = "random",
    unit: str = "months",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> MixedSurvival:
    """Fit one Weibull model to all that is known of survival from one time zero.

    Use it where some reports give each patient, some a curve and some no
    more than a median: leaving any out would waste or bias what there is.

    Parameters
    ----------
    rows : sequence of PatientRows
    published : sequence of PublishedFigure
        Groups known by one figure alone.
    covariates : sequence of str
        Factors (coded as numbers) whose hazard ratio is wanted; every part
        must carry them.
    study : str
        ``"random"`` (studies differ in their level of risk) or ``"common"``.
    unit, level, inputs
        As elsewhere.

    Returns
    -------
    MixedSurvival
        With ``median()``, ``survival_at(t)`` and ``log_hazard_ratio(name)``.

    Raises
    ------
    DataError
        If nothing is given, a group comes twice, or nobody died and no
        figure is published.
    NotConverged
        If the likelihood has no maximum.

    Notes
    -----
    A patient adds log h(t) - H(t) or -H(t). A published survival or median
    adds the normal density of its log(-log) or its log time. The study's
    random intercept is integrated out by adaptive Gauss-Hermite quadrature
    with 15 points. Deaths at time 0 are set to half the shortest other time.
    The interval of the fitted curve does not cover a wrong shape: compare
    ``largest_departure`` from the Kaplan-Meier curve of the patients.

    References
    ----------
    .. [1] Collett D. Modelling survival data in medical research. 3rd ed. Boca
       Raton: CRC Press, 2015, chapters 5 and 10.
    .. [2] Riley RD, Lambert PC, Abo-Zaid G. Meta-analysis of individual
       participant data. BMJ 2010;340:c221 (one model for patient and
       aggregate data).
    """
    require_level(level, where="a mixed survival model")
    require_one_of(study, ("random", "common"), field="study", where="fit_mixed_survival")
    data = mixture(rows, published, covariates=covariates)
    if not data.is_event.any() and not published:
        raise DataError(
            "no patient died and no figure is published; a curve needs one or the other"
        )
    doubts = list(data.doubts)
    positive = data.times[data.times > 0]
    floor = float(positive.min()) / 2 if len(positive) else 0.5
    at_zero = int((data.times == 0).sum())
    if at_zero:
        doubts.append(f"{at_zero} follow-ups of 0 {unit} were set to {floor:g}.")
    log_time = np.log(np.where(data.times > 0, data.times, floor))
    model = _Model(data, log_time)
    k = len(data.studies)

    def common(theta: FloatArray) -> float:
        return model.log_likelihood(theta, is_common=True)

    def random(theta: FloatArray) -> float:
        return model.log_likelihood(theta, is_common=False)

    best, height = _climb(common, _start(data, log_time))
    tau, target = 0.0, common
    if study == "random" and k > 1:
        beside, above = _climb(random, np.append(best, math.log(0.3)))
        if above > height + 1e-6 and math.exp(float(beside[-1])) > _TAU_AT_ZERO:
            best, height, target = beside, above, random
            tau = math.exp(float(beside[-1]))
        else:
            doubts.append("The studies differ no more than by chance: their variance is at 0.")
        if k < 5:
            doubts.append(f"Between-study spread from {k} studies is poorly known.")
    information = -_numeric_hessian(target, best)
    if np.linalg.eigvalsh(information).min() <= 0:
        raise NotConverged(
            f"the mixed survival model of {k} studies is not determined by these data; "
            "leave covariates out or give more figures"
        )
    departure = _departure(data, best, floor)
    doubts += _doubts_of(data, departure)
    return MixedSurvival(
        names=data.names,
        parameters=best,
        covariance=np.asarray(np.linalg.inv(information), dtype=np.float64),
        tau=tau,
        log_likelihood=height,
        study_effect="random" if tau else "common",
        level=level,
        unit=unit,
        n_studies=k,
        n_reported=data.n_reported,
        n_reconstructed=data.n_reconstructed,
        n_figures_only=data.n_figures_only,
        n_events=int(data.is_event.sum()),
        largest_departure=departure,
        diagnostics=tuple(doubts),
        inputs=tuple(inputs),
    )
