"""Load NLM's MeSH files into the table a local PubMed looks words up in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resartus.app.pubmed.local import MESH_TABLE
from resartus.domain.mesh import Qualifier
from resartus.search.mapping.bundled import bundled_vocabulary
from resartus.search.mapping.qualifiers import BROADER
from resartus.search.mapping.vocabulary import pack_mesh
from resartus.sources.formats.readers.mesh import read_mesh

__all__ = ["LoadedMesh", "load_mesh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedMesh:
    """What was taken in, and where the table lies."""

    edition: str
    descriptors: int
    qualifiers: int
    supplementary: int
    file: Path


def load_mesh(paths: Sequence[Path], folder: Path) -> LoadedMesh:
    """Read NLM's files of one year and write the folder's table, whole or not at all.

    Subheadings come from the bundled table where no ``qual`` or ``q`` file
    is among the files, and their hierarchy where it is not in them.

    Raises
    ------
    NotFoundError
        If a file is not there.
    ParseError
        If a file is none of NLM's, or torn.
    """
    mesh = read_mesh(paths)
    qualifiers = mesh.qualifiers
    if not qualifiers:
        known = bundled_vocabulary()
        qualifiers = tuple(Qualifier(name=n, code=known.code(n)) for n in known.qualifiers())
    if not any(item.broader for item in qualifiers):
        qualifiers = tuple(replace(q, broader=BROADER.get(q.name, ())) for q in qualifiers)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / MESH_TABLE
    fresh = file.with_suffix(".new")
    fresh.write_bytes(pack_mesh(replace(mesh, qualifiers=qualifiers)))
    os.replace(fresh, file)
    return LoadedMesh(
        edition=mesh.edition,
        descriptors=len(mesh.descriptors),
        qualifiers=len(qualifiers),
        supplementary=len(mesh.supplementary),
        file=file,
    )
