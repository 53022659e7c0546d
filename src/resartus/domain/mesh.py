"""MeSH as NLM publishes it: descriptors, qualifiers, supplementary concepts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Descriptor", "Mesh", "Qualifier", "Supplementary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A heading. ``actions`` are the ids of its pharmacological actions."""

    ui: str
    name: str
    trees: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualifier:
    """A subheading with its two-letter code and the qualifiers right above it."""

    name: str
    code: str
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplementary:
    """A supplementary concept: a substance, protocol, disease or organism outside the trees."""

    ui: str
    name: str
    entries: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """One edition of MeSH, or as much of it as was loaded; ``edition`` says which and whence."""

    edition: str
    descriptors: tuple[Descriptor, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    supplementary: tuple[Supplementary, ...] = ()
