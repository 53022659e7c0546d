"""Figures for pages that are light or dark."""

from __future__ import annotations

from resartus.reporting.figures.theme import follow_theme

__all__ = ["follow_theme"]
