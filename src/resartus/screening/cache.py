"""Keep the features of a set of records on disk: they are the slow part of a ranking."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from resartus.screening.parts import FeatureTable
from resartus.screening.ranking import Recipe

__all__ = ["cache_name", "load_table", "save_table"]


def cache_name(records_hash: str, recipe: Recipe, *, version: str) -> str:
    """Return the file name for these records' features: other records or parts give another."""
    what = [records_hash, recipe.features, version, dict(recipe.options.get("features", {}))]
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    return f"features-{digest[:24]}.npz"


def load_table(path: Path) -> FeatureTable | None:
    """Return the kept table, or ``None`` where there is none or it cannot be read: make it anew."""
    try:
        # Opened here, since numpy leaves the file open when it is damaged.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            blocks = int(kept["blocks"])
            matrix = sp.csr_matrix(
                (kept["data"], kept["indices"], kept["indptr"]), shape=tuple(kept["shape"])
            )
            words = [bytes(kept[f"words{b}"]).decode() for b in range(blocks)]
            return FeatureTable(
                matrix=matrix,
                vocabularies=tuple(
                    {word: n for n, word in enumerate(text.split("\n"))} if text else {}
                    for text in words
                ),
                keys=tuple(kept[f"keys{b}"] for b in range(blocks)),
                scales=tuple(kept[f"scales{b}"] for b in range(blocks)),
            )
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def save_table(path: Path, table: FeatureTable) -> None:
    """Keep a table, whole or not at all; a full disk only costs the time to make it again."""
    parts = {
        "blocks": np.asarray(len(table.keys)),
        "data": table.matrix.data,
        "indices": table.matrix.indices,
        "indptr": table.matrix.indptr,
        "shape": np.asarray(table.matrix.shape),
    }
    for block, (vocabulary, keys, scales) in enumerate(
        zip(table.vocabularies, table.keys, table.scales, strict=True)
    ):
        parts[f"words{block}"] = np.frombuffer("\n".join(vocabulary).encode(), dtype=np.uint8)
        parts[f"keys{block}"] = keys
        parts[f"scales{block}"] = scales
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                np.savez(stream, allow_pickle=False, **parts)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
    except OSError:
        return
