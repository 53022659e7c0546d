"""Estimates as words for the command line."""

from __future__ import annotations

from resartus.domain.estimate import Estimate
from resartus.reporting.numbers import estimate_text

__all__ = ["proportion_text"]


def proportion_text(estimate: Estimate) -> str:
    """Return a proportion as ``"4.1% (95% CI 1.2 to 9.9%)"``."""
    return estimate_text(estimate, style="percent")
