"""How far two reviewers agree, beyond what chance would give."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from resartus.domain.checks import require_level
from resartus.errors import DataError

__all__ = ["Agreement", "measure_agreement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement of two raters over the same records.

    Parameters
    ----------
    n : int
        Records that both rated.
    agreed : int
        Records that both rated alike.
    observed : float
        ``agreed / n``, 0 to 1.
    kappa, kappa_low, kappa_high : float or None
        Cohen's kappa with its interval, at most 1; ``None`` where it is not
        defined, because both raters gave one and the same answer throughout.
    pabak : float
        Prevalence- and bias-adjusted kappa, -1 to 1: kappa as it would be if
        all answers were equally common. Where nearly everything is excluded,
        kappa is low however well people agree; read both.
    """

    n: int
    agreed: int
    observed: float
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None
    pabak: float
    level: float = 0.95


def measure_agreement(
    pairs: Sequence[tuple[Hashable, Hashable]], *, level: float = 0.95, categories: int = 2
) -> Agreement:
    """Return percent agreement, Cohen's kappa with interval, and PABAK.

    Parameters
    ----------
    pairs : sequence of (answer, answer), length n
        The two raters' answers to each record, in the same order of raters.
    level : float
        Of the interval, 0.95 for 95 %.
    categories : int
        How many answers were possible, at least 2; PABAK needs it.

    Raises
    ------
    DataError
        If there is no pair.

    Notes
    -----
    kappa = (po - pe) / (1 - pe) [1]_. The interval uses the large-sample
    standard error for kappa not zero [2]_ and ends at -1 and 1; with fewer
    than some 30 records it is rough. PABAK = (k po - 1) / (k - 1) [3]_.

    References
    ----------
    .. [1] Cohen J. Educ Psychol Meas 1960;20:37-46.
    .. [2] Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327, equation 13.
    .. [3] Byrt T, Bishop J, Carlin JB. J Clin Epidemiol 1993;46:423-429.

    Examples
    --------
    >>> pairs = [("in", "in")] * 20 + [("in", "out")] * 5 + [("out", "in")] * 10
    >>> found = measure_agreement(pairs + [("out", "out")] * 15)
    >>> round(found.observed, 2), round(found.kappa, 2), round(found.pabak, 2)
    (0.7, 0.4, 0.4)
    """
    require_level(level, where="the agreement")
    n = len(pairs)
    if n == 0:
        raise DataError("no record has been judged by two reviewers yet; agreement needs pairs")
    agreed = sum(a == b for a, b in pairs)
    observed = agreed / n
    kappa = low = high = None
    cells = Counter(pairs)
    rows, columns = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    answers = sorted(set(rows) | set(columns), key=repr)
    expected = sum(rows[c] * columns[c] for c in answers) / n**2
    if expected < 1:
        kappa = (observed - expected) / (1 - expected)
        on_diagonal = sum(
            cells[c, c] / n * (1 - (rows[c] + columns[c]) / n * (1 - kappa)) ** 2 for c in answers
        )
        off_diagonal = (1 - kappa) ** 2 * sum(
            count / n * ((columns[a] + rows[b]) / n) ** 2
            for (a, b), count in cells.items()
            if a != b
        )
        last = (kappa - expected * (1 - kappa)) ** 2
        variance = max(0.0, on_diagonal + off_diagonal - last) / (n * (1 - expected) ** 2)
        half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
        low, high = max(-1.0, kappa - half), min(1.0, kappa + half)
    k = max(categories, len(answers), 2)
    return Agreement(
        n=n,
        agreed=agreed,
        observed=observed,
        kappa=kappa,
        kappa_low=low,
        kappa_high=high,
        pabak=(k * observed - 1) / (k - 1),
        level=level,
    )
