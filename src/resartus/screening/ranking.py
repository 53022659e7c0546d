"""Put parts together and rank: by the protocol's words at first, then by what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.screening.parts import Balance, Features, FeatureTable, Fit, Model, Query, load_part

__all__ = ["RECIPES", "Ranked", "Ranker", "Recipe", "TermWeight", "recipe_named"]

_LOOK_BACK = 50
"""The last votes that tell how rich in relevant records the top of the order still is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A ranking as the sum of its parts, each by its registered name with its options.

    Parameters
    ----------
    pseudo_negatives : int
        How many records nobody has judged are at most taken for irrelevant in
        each training, drawn anew each time. Most are, and they show the model what
        the review is full of before enough has been excluded.
    """

    name: str
    version: str
    features: str = "blocks"
    model: str = "svm"
    query: str = "top"
    balance: str = "ratio"
    pseudo_negatives: int = 0
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def label(self) -> str:
        """Name and version, as a vote records them."""
        return f"{self.name} {self.version}"


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "default": Recipe(
            name="resartus",
            version="1",
            pseudo_negatives=100,
            options={"balance": {"ratio": 30.0}},
        ),
        "elas-u4": Recipe(
            name="elas-u4", version="asreview-3.0.8", features="plain-words", model="svm"
        ),
        "naive-bayes": Recipe(
            name="naive-bayes",
            version="1",
            features="words",
            model="naive-bayes",
            options={"balance": {"ratio": 1.2}},
        ),
    }
)


def recipe_named(name: str) -> Recipe:
    """Return a recipe: one of ours, or one under the entry points ``resartus.screening.recipes``.

    Raises
    ------
    DataError
        If there is none of that name; the names there are stand in the message.
    """
    if name in RECIPES:
        return RECIPES[name]
    plugged = {point.name: point for point in entry_points(group="resartus.screening.recipes")}
    if name not in plugged:
        raise DataError(f"ranking {name!r} is not one of: {', '.join([*RECIPES, *plugged])}")
    found = plugged[name].load()
    if not isinstance(found, Recipe):
        raise DataError(f"ranking {name!r} of another package is {found!r} and not a Recipe")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class TermWeight:
    """What one term adds to a record's score; below 0 it speaks against it."""

    term: str
    adds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The records that nobody has judged, the next to judge first.

    ``scores`` are in the order of ``places``; their scale is the model's own
    and says nothing of probability. ``n_relevant`` counts the votes learnt from.
    """

    places: NDArray[Any]
    scores: NDArray[Any]
    n_judged: int
    n_relevant: int


class Ranker:
    """Ranks one set of records again and again as they are judged.

    Parameters
    ----------
    records : sequence of Record, length n
        In a fixed order; everything else speaks of their places in it.
    recipe : Recipe
        What it is made of.
    question : str, optional
        The protocol's question and criteria: the warm start. It gives the
        order, less what was excluded, until a relevant record is found.
    table : FeatureTable, optional
        The records' features where they are on hand already.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        recipe: Recipe = RECIPES["default"],
        question: str | None = None,
        table: FeatureTable | None = None,
    ) -> None:
        self.records = records
        self.recipe = recipe
        options = recipe.options
        self.features: Features = load_part(
            "features", recipe.features, **options.get("features", {})
        )
        self.model: Model = load_part("models", recipe.model, **options.get("model", {}))
        self.query: Query = load_part("queries", recipe.query, **options.get("query", {}))
        self.balance: Balance = load_part("balances", recipe.balance, **options.get("balance", {}))
        self.table = self.features.extract(records) if table is None else table
        self._question = self.features.place(question, self.table) if question else None
        self._fit: Fit | None = None

    def _draw(self, judged: NDArray[Any], relevant: NDArray[Any]) -> NDArray[Any]:
        """Return the places taken for irrelevant: the same after the same votes.

        Fewer while every second or third vote still finds something: then
        many of those nobody has judged are relevant.
        """
        free = np.setdiff1d(np.arange(len(self.records)), judged)
        found = float(relevant[-_LOOK_BACK:].sum()) / _LOOK_BACK
        wanted = round(self.recipe.pseudo_negatives * max(0.0, 1 - 2 * found))
        drawn = np.random.default_rng(len(judged)).choice(
            free, min(wanted, len(free)), replace=False
        )
        return np.asarray(drawn)

    def _learn(self, judged: NDArray[Any], relevant: NDArray[Any]) -> Fit | None:
        """Fit the model, or return ``None`` while there is nothing to tell apart."""
        drawn = self._draw(judged, relevant)
        rows = np.concatenate([judged, drawn]).astype(int)
        is_relevant = np.concatenate([relevant, np.zeros(len(drawn), bool)])
        matrix = self.table.matrix[rows]
        if not relevant.any() or is_relevant.all() or not matrix.shape[1]:
            return None
        return self.model.fit(matrix, is_relevant, self.balance.weights(is_relevant))

    def _wanted(self, excluded: NDArray[Any]) -> NDArray[Any]:
        """Return the question as weights of terms, less what was excluded so far (Rocchio)."""
        wanted = np.asarray(self._question.todense()).ravel() if self._question is not None else 0
        if len(excluded):
            mean = np.asarray(self.table.matrix[excluded].mean(axis=0)).ravel()
            wanted = wanted - 0.5 * mean
        return np.asarray(wanted)

    def rank(self, judged: Sequence[int], relevant: Sequence[bool]) -> Ranked:
        """Return the order in which to judge the rest.

        Parameters
        ----------
        judged : sequence of int
            Places of the judged records, in the order in which they were judged.
        relevant : sequence of bool, of the same length
            Whether each was found relevant.
        """
        seen = np.asarray(judged, dtype=int)
        marks = np.asarray(relevant, dtype=bool)
        if len(seen) != len(marks):
            raise DataError(f"{len(seen)} records were judged but {len(marks)} verdicts given")
        self._fit = self._learn(seen, marks)
        left = np.setdiff1d(np.arange(len(self.records)), seen)
        if self._fit is not None:
            scores = self._fit.scores(self.table.matrix)[left]
        elif self._question is not None:
            scores = (self.table.matrix @ self._wanted(seen))[left]
        else:
            scores = np.zeros(len(left))
        order = self.query.order(scores, n_judged=len(seen))
        return Ranked(
            places=left[order],
            scores=scores[order],
            n_judged=len(seen),
            n_relevant=int(marks.sum()),
        )

    def explain(self, place: int, *, count: int = 8) -> tuple[TermWeight, ...]:
        """Return the terms that raise and lower a record most, by how much; most first.

        Empty before anything was learnt, or where the model cannot say.
        """
        weights = None if self._fit is None else self._fit.term_weights()
        row = self.table.matrix[place]
        if weights is None:
            if self._question is None:
                return ()
            parts = row.multiply(self._question).tocsr()
        else:
            parts = row.multiply(weights).tocsr()
        adds = dict(zip(parts.indices.tolist(), parts.data.tolist(), strict=True))
        terms = self.features.terms_of(self.records[place], self.table)
        named = [
            TermWeight(term=term, adds=adds[column])
            for term, column in terms.items()
            if adds.get(column)
        ]
        return tuple(sorted(named, key=lambda t: -abs(t.adds))[:count])
