"""What a ranking is put together from, and where the parts are found.

A part of one's own is registered under an entry point group, for example::

    [project.entry-points."resartus.screening.models"]
    mine = "my_package.mine:Mine"

and then named in a ``Recipe``; a recipe of one's own under
``resartus.screening.recipes`` is named in ``review.toml``. The class is called
with the recipe's options, none by default, and has ``name`` and ``version``.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from resartus.domain.record import Record
from resartus.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "GROUPS",
    "Balance",
    "FeatureTable",
    "Features",
    "Fit",
    "Model",
    "Query",
    "load_part",
    "part_names",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """Records as numbers, with a way back to words.

    Parameters
    ----------
    matrix : scipy.sparse.csr_matrix, shape (n records, n terms)
        Rows in the order of the records.
    vocabularies : tuple of mapping
        Number of each word, block by block.
    keys : tuple of array
        Number of each column's term, block by block, ascending.
    scales : tuple of array
        Inverse document frequency of each column, block by block.
    """

    matrix: Any
    vocabularies: tuple[Mapping[str, int], ...] = ()
    keys: tuple[NDArray[Any], ...] = ()
    scales: tuple[NDArray[Any], ...] = ()


@runtime_checkable
class Features(Protocol):
    """Turns records into numbers."""

    name: str
    version: str

    def extract(self, records: Sequence[Record]) -> FeatureTable:
        """Return the table of these records."""
        ...

    def place(self, text: str, table: FeatureTable) -> Any:
        """Return other text, such as the protocol's question, as a row of the table, 1 by n."""
        ...

    def terms_of(self, record: Record, table: FeatureTable) -> Mapping[str, int]:
        """Return the record's terms as people read them, each with its column."""
        ...


class Fit(Protocol):
    """A fitted model."""

    def scores(self, matrix: Any) -> NDArray[Any]:
        """Return one score a row; higher is more likely relevant, the scale is the model's own."""
        ...

    def term_weights(self) -> NDArray[Any] | None:
        """Return what each column adds to a score, where the model can say."""
        ...


@runtime_checkable
class Model(Protocol):
    """Learns from judged records."""

    name: str
    version: str

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> Fit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        ...


@runtime_checkable
class Query(Protocol):
    """Says which of the records left is judged next."""

    name: str
    version: str

    def order(self, scores: NDArray[Any], *, n_judged: int) -> NDArray[Any]:
        """Return the places of ``scores`` in the order in which to judge."""
        ...


@runtime_checkable
class Balance(Protocol):
    """Says how much each judged record counts, where few are relevant."""

    name: str
    version: str

    def weights(self, relevant: NDArray[Any]) -> NDArray[Any]:
        """Return one weight a record, 1 on average."""
        ...


GROUPS = ("features", "models", "queries", "balances")
_BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "features": {
        "blocks": "resartus.screening.features:Blocks",
        "words": "resartus.screening.features:Words",
        "plain-words": "resartus.screening.features:PlainWords",
    },
    "models": {
        "svm": "resartus.screening.models:LinearSvm",
        "logistic": "resartus.screening.models:Logistic",
        "naive-bayes": "resartus.screening.models:NaiveBayes",
    },
    "queries": {
        "top": "resartus.screening.queries:Top",
        "top-and-random": "resartus.screening.queries:TopAndRandom",
        "unsure": "resartus.screening.queries:Unsure",
    },
    "balances": {
        "ratio": "resartus.screening.balances:Ratio",
        "none": "resartus.screening.balances:Even",
    },
}


def part_names(group: str) -> tuple[str, ...]:
    """Return what is registered in a group, built in and plugged in."""
    from importlib.metadata import entry_points

    plugged = [point.name for point in entry_points(group=f"resartus.screening.{group}")]
    return tuple(dict.fromkeys([*_BUILT_IN[group], *plugged]))


def load_part(group: str, name: str, **options: Any) -> Any:
    """Return a new part of a group by its name; a plugged-in one never replaces a built-in one.

    Raises
    ------
    DataError
        If nothing of that name is registered; the names that are stand in the message.
    """
    if name in _BUILT_IN[group]:
        module, _, attribute = _BUILT_IN[group][name].partition(":")
        return getattr(importlib.import_module(module), attribute)(**options)
    from importlib.metadata import entry_points

    for point in entry_points(group=f"resartus.screening.{group}"):
        if point.name == name:
            return point.load()(**options)
    known = part_names(group)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    raise DataError(f"{name!r} is not registered in resartus.screening.{group}; {hint}")
