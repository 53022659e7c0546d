"""The rules for few studies, in one place: what is pooled, how wide, and what is not shown."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FEW",
    "FEW_FOR_ASYMMETRY",
    "FEW_FOR_POOLING",
    "SmallSampleRules",
    "heterogeneity_prior_scale",
    "rules_for",
]

FEW_FOR_POOLING = 3
"""Below this many studies they are shown and not pooled."""
FEW = 5
"""Below this many studies the between-study variance is hardly known."""
FEW_FOR_ASYMMETRY = 10
"""Below this many studies asymmetry tests and moderators say next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSampleRules:
    """What k studies allow by default.

    ``pools`` is whether one number is given; ``with_bayesian`` whether the
    Bayesian answer stands beside it; ``flags_prediction`` whether the
    prediction interval is marked as a guess; ``explores`` whether
    asymmetry tests and moderators are worth a look.
    """

    k: int
    pools: bool
    with_bayesian: bool
    allows_prediction: bool
    flags_prediction: bool
    explores: bool


def rules_for(k: int) -> SmallSampleRules:
    """Return the rules for k studies.

    Notes
    -----
    k = 1: its own interval. k = 2: both are shown; t with one degree of
    freedom is too wide to use and the normal too narrow [1]_. k = 3 or 4:
    Hartung-Knapp, guarded, with the Bayesian answer beside it [2]_, and the
    prediction interval flagged. From 5: the usual output. From 10: asymmetry
    tests and moderators [3]_.

    References
    ----------
    .. [1] IntHout J, Ioannidis JPA, Borm GF. The Hartung-Knapp-Sidik-Jonkman
       method for random effects meta-analysis is straightforward and
       considerably outperforms the standard DerSimonian-Laird method.
       BMC Med Res Methodol 2014;14:25.
    .. [2] Friede T, Rover C, Wandel S, Neuenschwander B. Meta-analysis of few
       small studies in orphan diseases. Res Synth Methods 2017;8:79-91.
    .. [3] Sterne JAC et al. Recommendations for examining and interpreting
       funnel plot asymmetry in meta-analyses of randomised controlled trials.
       BMJ 2011;343:d4002.
    """
    return SmallSampleRules(
        k=k,
        pools=k >= FEW_FOR_POOLING,
        with_bayesian=2 <= k < FEW,
        allows_prediction=k >= FEW_FOR_POOLING,
        flags_prediction=k < FEW,
        explores=k >= FEW_FOR_ASYMMETRY,
    )


def heterogeneity_prior_scale(scale: str) -> float | None:
    """Return the half-normal scale for tau usual on a scale, ``None`` where none is.

    0.5 for log ratios and standardised mean differences (Friede 2017): tau
    is below 0.98 with 95 per cent. A mean in months has no usual scale.
    """
    usual = scale.startswith(("log ", "logit", "standardised"))
    return 0.5 if usual else None
