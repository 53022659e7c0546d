"""The MeSH table that comes with the package, read once when first asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from resartus.search.mapping.vocabulary import BUNDLED, Vocabulary, unpack_mesh

__all__ = ["bundled_vocabulary", "load_vocabulary"]


@cache
def bundled_vocabulary() -> Vocabulary:
    """Return the bundled table."""
    return unpack_mesh(BUNDLED.read_bytes(), where="the bundled MeSH table")


def load_vocabulary(*paths: Path) -> Vocabulary:
    """Return the first table that is there, else the bundled one."""
    for path in paths:
        if path.is_file():
            return unpack_mesh(path.read_bytes(), where=str(path))
    return bundled_vocabulary()
