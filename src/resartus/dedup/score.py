"""How sure we are that two citations are one report: a logistic score with its reasons."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from resartus.dedup.comparing import Comparison

__all__ = ["Model", "Outcome", "is_contradicted", "is_refuted", "load_model"]


class Outcome(StrEnum):
    """What the score says of a pair."""

    SAME = "same"
    ASK = "ask"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights of evidence and the two cuts.

    The log odds that a pair is one report are the intercept plus the weight of
    every level that holds, as in Fellegi and Sunter's record linkage [1]_, but
    with weights fitted together (logistic regression) since fields are not
    independent: a paper with the same title mostly has the same pages too.

    References
    ----------
    .. [1] Fellegi IP, Sunter AB. A theory for record linkage. J Am Stat Assoc
       1969;64:1183-1210.
    """

    version: str
    intercept: float
    weights: Mapping[str, float]
    ask_from: float
    same_from: float
    fitted_on: Mapping[str, object]

    def probability(self, comparison: Comparison) -> float:
        """Return the probability, 0 to 1, that the pair is one report."""
        odds = self.intercept + sum(self.weights.get(level, 0.0) for level in comparison.levels)
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, odds))))

    def outcome(self, comparison: Comparison) -> Outcome:
        """Return same, ask or different.

        Reports that contradict each other twice are never the same, and nothing is
        linked without asking against an identifier or an issue that says otherwise.
        """
        if is_refuted(comparison.levels):
            return Outcome.DIFFERENT
        probability = self.probability(comparison)
        if probability >= self.same_from and not is_contradicted(comparison.levels):
            return Outcome.SAME
        return Outcome.ASK if probability >= self.ask_from else Outcome.DIFFERENT

    def reasons(self, comparison: Comparison, *, most: int = 6) -> tuple[str, ...]:
        """Return the levels that weigh most, heaviest first."""
        weighed = [level for level in comparison.levels if abs(self.weights.get(level, 0)) >= 0.1]
        weighed.sort(key=lambda level: -abs(self.weights[level]))
        return tuple(weighed[:most])


def is_refuted(held: Collection[str]) -> bool:
    """Whether fields that do not depend on each other agree that these are two reports.

    A person has nothing to add to two forms of report, two identifiers in two places, or a
    place that differs in journal, volume and page: a meeting's abstract and its later
    paper, say, which are related reports.
    """
    levels = set(held)
    if "form different" in levels:
        return True
    if levels & {"doi same", "pmid same"}:
        return False
    identifiers = levels & {"doi different", "pmid different"}
    elsewhere = levels & {"volume different", "issue different", "pages different"}
    if "common title same" in levels:
        # An editorial may begin on page 5 in every issue, or one issue number is wrong.
        if "place same to the last page" in levels:
            elsewhere = elsewhere - {"issue different"}
        return bool(identifiers or elsewhere or "year different" in levels)
    if "pages same" in levels or "first page same" in levels:
        return False
    if "title numbers differ" in levels and "pages different" in levels:
        return bool(levels & {"title nearly same", "title similar"})
    if identifiers and elsewhere:
        return True
    return {"journal different", "volume different", "pages different"} <= levels


def is_contradicted(held: Collection[str]) -> bool:
    """Whether one field speaks so clearly against a link that a person should look."""
    levels = set(held)
    if levels & {"doi same", "pmid same"}:
        return False
    if levels & {"doi different", "doi of another version", "pmid different"}:
        return True
    another_page = not levels & {"pages same", "first page same", "last page same"}
    # Two abstracts of one team on one page; or a translation, if the place agrees to the last.
    is_there = "place same to the last page" in levels and "issue different" not in levels
    if "title different" in levels and not is_there:
        return True
    # A letter and the answer to it, under one title on one page.
    if {"authors different", "first author different"} <= levels and not is_there:
        return True
    # Part II, on another page.
    if "title numbers differ" in levels and another_page:
        return True
    # A meeting's paper, and the journal's a year later.
    if "journal different" in levels and "year same" not in levels and another_page:
        return True
    # "Editorial" in two issues: two papers, until a page says otherwise.
    return "issue different" in levels and (another_page or "common title same" in levels)


@cache
def load_model() -> Model:
    """Return the fitted model that comes with the program."""
    text = resources.files("resartus.dedup").joinpath("model.json").read_text(encoding="utf-8")
    plain = json.loads(text)
    return Model(
        version=plain["version"],
        intercept=plain["intercept"],
        weights=plain["weights"],
        ask_from=plain["ask_from"],
        same_from=plain["same_from"],
        fitted_on=plain["fitted_on"],
    )
