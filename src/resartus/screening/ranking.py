"""Put parts together and rank: by the protocol's words at first, then by what people decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
_FEW = 500
"""So many records are condensed in less time than it saves."""


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
    weight: float = 1.0
    members: tuple[Recipe, ...] = ()

    def make_features(self) -> Features:
        """Return the part that turns records into numbers."""
        made: Features = load_part("features", self.features, **self.options.get("features", {}))
        return made

    @property
    def tables(self) -> tuple[Recipe, ...]:
        """The first member of each kind of features: one table serves all who read the same."""
        kinds = {_kind(member): member for member in reversed(self.members or (self,))}
        return tuple(reversed(kinds.values()))

    @property
    def label(self) -> str:
        """Name and version, as a vote records them."""
        return f"{self.name} {self.version}"


def _kind(recipe: Recipe) -> tuple[str, str]:
    return recipe.features, repr(sorted(recipe.options.get("features", {}).items()))


_HEAVY = MappingProxyType({"balance": {"ratio": 30.0}})
RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "default": Recipe(
            name="resartus",
            version="2",
            # Two ways of reading count the same: blocks, learnt in two ways, and the bare words.
            members=(
                Recipe(
                    name="guessing", version="1", weight=0.5, pseudo_negatives=100, options=_HEAVY
                ),
                Recipe(name="judged alone", version="1", weight=0.5, options=_HEAVY),
                Recipe(name="as printed", version="1", features="plain-words"),
            ),
        ),
        "elas-u4": Recipe(
            name="elas-u4",
            version="asreview-3.0.8",
            features="plain-words",
            options={"features": {"least": 1}},
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
    from importlib.metadata import entry_points

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


def _condensed(matrix: Any) -> NDArray[Any]:
    values, vectors = np.linalg.eigh((matrix @ matrix.T).toarray())
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


class _Member:
    """One ranking of the committee: what it reads, and how it learns."""

    def __init__(self, recipe: Recipe, features: Features, table: FeatureTable) -> None:
        self.features = features
        self.table = table
        self.model: Model = load_part("models", recipe.model, **recipe.options.get("model", {}))
        self.balance: Balance = load_part(
            "balances", recipe.balance, **recipe.options.get("balance", {})
        )
        self.pseudo_negatives = recipe.pseudo_negatives
        self.weight = recipe.weight
        self.fit: Fit | None = None
        self.spread = 1.0

    def _draw(self, judged: NDArray[Any], relevant: NDArray[Any]) -> NDArray[Any]:
        """Return the places taken for irrelevant: the same after the same votes.

        Fewer while every second or third vote still finds something: then
        many of those nobody has judged are relevant.
        """
        if not self.pseudo_negatives:
            return np.empty(0, int)
        free = np.setdiff1d(np.arange(self.table.matrix.shape[0]), judged)
        found = float(relevant[-_LOOK_BACK:].sum()) / _LOOK_BACK
        wanted = round(self.pseudo_negatives * max(0.0, 1 - 2 * found))
        drawn = np.random.default_rng(len(judged)).choice(
            free, min(wanted, len(free)), replace=False
        )
        return np.asarray(drawn)

    def learn(self, judged: NDArray[Any], relevant: NDArray[Any]) -> None:
        """Fit the model; there is no fit while there is nothing to tell apart."""
        drawn = self._draw(judged, relevant)
        rows = np.concatenate([judged, drawn]).astype(int)
        is_relevant = np.concatenate([relevant, np.zeros(len(drawn), bool)])
        self.fit = None
        if relevant.any() and not is_relevant.all() and self.table.matrix.shape[1]:
            weights = self.balance.weights(is_relevant)
            self.fit = self.model.fit(self.table.matrix[rows], is_relevant, weights)

    def scores(self, left: NDArray[Any], *, is_alone: bool) -> NDArray[Any]:
        """Return what it makes of the records left, with the spread of its weight among others."""
        if self.fit is None:
            return np.zeros(len(left))
        scores = np.asarray(self.fit.scores(self.table.matrix)[left])
        if is_alone or not len(left):
            self.spread = 1.0
            return scores
        self.spread = max(float(scores.std()), 1e-12) / self.weight
        return np.asarray((scores - scores.mean()) / self.spread)


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
    tables : sequence of FeatureTable, optional
        The records' features where they are on hand already, in the order of
        ``recipe.tables``.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        recipe: Recipe = RECIPES["default"],
        question: str | None = None,
        tables: Sequence[FeatureTable] | None = None,
    ) -> None:
        self.records = records
        self.recipe = recipe
        self.query: Query = load_part("queries", recipe.query, **recipe.options.get("query", {}))
        features = [member.make_features() for member in recipe.tables]
        self.tables = [f.extract(records) for f in features] if tables is None else list(tables)
        of_kind = {
            _kind(member): (part, table)
            for member, part, table in zip(recipe.tables, features, self.tables, strict=True)
        }
        self._members = [
            _Member(member, *of_kind[_kind(member)]) for member in recipe.members or (recipe,)
        ]
        self._first = self._members[0]
        self._question = (
            self._first.features.place(question, self._first.table) if question else None
        )

    def condense(self) -> None:
        """Make ready to rank a few hundred records over and over, several times as fast.

        Terms are replaced by as many columns as there are records, between which
        all similarities are the same, so that linear models rank the same; a
        rank can no longer be explained. Nothing is done for more records,
        where it would not pay, or for other models.
        """
        linear = all(getattr(m.model, "reads_similarities", False) for m in self._members)
        if len(self.records) > _FEW or not linear or self._question is not None:
            return
        condensed = [FeatureTable(matrix=_condensed(table.matrix)) for table in self.tables]
        for member in self._members:
            member.table = condensed[self.tables.index(member.table)]
        self.tables = condensed

    @property
    def _learnt(self) -> list[_Member]:
        return [member for member in self._members if member.fit is not None]

    def _wanted(self, excluded: NDArray[Any]) -> NDArray[Any]:
        """Return the question as weights of terms, less what was excluded so far (Rocchio)."""
        wanted = np.asarray(self._question.todense()).ravel() if self._question is not None else 0
        if len(excluded):
            mean = np.asarray(self._first.table.matrix[excluded].mean(axis=0)).ravel()
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
        left = np.setdiff1d(np.arange(len(self.records)), seen)
        for member in self._members:
            member.learn(seen, marks)
        scores = np.zeros(len(left))
        for member in self._learnt:
            scores = scores + member.scores(left, is_alone=len(self._learnt) == 1)
        if not self._learnt and self._question is not None:
            scores = (self._first.table.matrix @ self._wanted(seen))[left]
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
        adds: defaultdict[str, float] = defaultdict(float)
        if not self._learnt and self._question is not None:
            self._add(adds, self._first, place, np.asarray(self._question.todense()).ravel())
        for member in self._learnt:
            weights = None if member.fit is None else member.fit.term_weights()
            if weights is not None:
                self._add(adds, member, place, weights / member.spread)
        named = [TermWeight(term=term, adds=value) for term, value in adds.items() if value]
        return tuple(sorted(named, key=lambda t: -abs(t.adds))[:count])

    def _add(
        self, adds: defaultdict[str, float], member: _Member, place: int, weights: NDArray[Any]
    ) -> None:
        row = member.table.matrix[place]
        parts = dict(
            zip(row.indices.tolist(), (row.data * weights[row.indices]).tolist(), strict=True)
        )
        for term, column in member.features.terms_of(self.records[place], member.table).items():
            adds[term] += parts.get(column, 0.0)
