"""Ids as types of their own, so that a study is never mistaken for a record."""

from __future__ import annotations

from typing import NewType

__all__ = ["Pmid", "RecordId", "StudyId"]

Pmid = NewType("Pmid", int)
"""A PubMed identifier, a positive integer."""

RecordId = NewType("RecordId", str)
"""A citation in this review, for example ``"pubmed:21452068"``."""

StudyId = NewType("StudyId", str)
"""A study in this review, for example ``"kamel2011"``."""
