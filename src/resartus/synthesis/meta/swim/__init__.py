"""Synthesis without meta-analysis: what may be said when nothing may be pooled."""
