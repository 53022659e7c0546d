"""Resartus: living evidence reviews for rare clinical questions, from search to one patient."""

__version__ = "0.1.0"

__all__ = ["__version__"]
