from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.screening.cache import cache_name, load_table, save_table
from resartus.screening.parts import GROUPS, load_part, part_names
from resartus.screening.ranking import RECIPES, Ranker, Recipe, recipe_named

Labelled = tuple[list[Record], list[bool]]


def test_the_protocols_words_begin_before_any_vote(labelled: Labelled) -> None:
    records, relevant = labelled
    ranked = Ranker(records, question="survival after liver surgery in ovarian cancer").rank([], [])
    first = ranked.places[:12].tolist()
    assert sum(relevant[place] for place in first) >= 10


def test_without_a_question_records_come_as_they_arrived(labelled: Labelled) -> None:
    assert Ranker(labelled[0]).rank([], []).places.tolist() == list(range(120))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_finds_the_topic_from_two_votes(name: str, labelled: Labelled) -> None:
    records, relevant = labelled
    ranker = Ranker(records, recipe=recipe_named(name))
    judged = [3, 0]
    for _ in range(14):
        best = int(ranker.rank(judged, [relevant[p] for p in judged]).places[0])
        judged.append(best)
    assert sum(relevant[p] for p in judged) >= 9


def test_the_same_votes_give_the_same_order(labelled: Labelled) -> None:
    records, _ = labelled
    once, again = (Ranker(records).rank([3, 0, 1], [True, False, False]) for _ in range(2))
    assert once.places.tolist() == again.places.tolist()
    assert once.scores.tolist() == again.scores.tolist()


def test_judged_records_are_not_ranked(labelled: Labelled) -> None:
    ranked = Ranker(labelled[0]).rank([3, 0, 1], [True, False, False])
    assert set(ranked.places.tolist()) == set(range(120)) - {3, 0, 1}
    assert (np.diff(ranked.scores) <= 0).all()


def test_a_rank_is_explained_by_terms_that_add_up(labelled: Labelled) -> None:
    records, _ = labelled
    ranker = Ranker(records)
    ranked = ranker.rank([3, 13, 0, 1], [True, True, False, False])
    place = int(ranked.places[0])
    terms = ranker.explain(place, count=10_000)
    assert terms[0].adds > 0
    rest = ranked.scores[0] - sum(term.adds for term in terms)
    other = int(ranked.places[-1])
    # What is left over is the model's constant, the same for every record.
    left_over = ranked.scores[-1] - sum(t.adds for t in ranker.explain(other, count=10_000))
    assert rest == pytest.approx(left_over)


def test_kept_features_rank_as_fresh_ones(labelled: Labelled, tmp_path: Path) -> None:
    records, _ = labelled
    fresh = Ranker(records, question="liver")
    path = tmp_path / "cache" / cache_name("abc", fresh.recipe, version="1")
    save_table(path, fresh.table)
    kept = Ranker(records, question="liver", table=load_table(path))
    votes: Any = ([3, 0], [True, False])
    assert kept.rank(*votes).scores.tolist() == fresh.rank(*votes).scores.tolist()
    assert kept.explain(13) == fresh.explain(13)


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "features.npz"
    assert load_table(path) is None
    path.write_bytes(b"PK\x03\x04 half a file")
    assert load_table(path) is None


@pytest.mark.parametrize("group", GROUPS)
def test_every_registered_part_loads_with_name_and_version(group: str) -> None:
    for name in part_names(group):
        part = load_part(group, name)
        assert part.name == name
        assert part.version


def test_an_unknown_part_is_met_with_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'svm'"):
        load_part("models", "svn")


def test_a_plugged_in_part_is_found(monkeypatch: pytest.MonkeyPatch, labelled: Labelled) -> None:
    class Backwards:
        name = "backwards"
        version = "1"

        def order(self, scores: Any, *, n_judged: int) -> Any:
            return np.argsort(scores, kind="stable")

    class Point:
        name = "backwards"

        def load(self) -> type[Backwards]:
            return Backwards

    monkeypatch.setattr(
        "resartus.screening.parts.entry_points",
        lambda *, group: [Point()] if group == "resartus.screening.queries" else [],
    )
    recipe = Recipe(name="mine", version="1", query="backwards")
    forwards = Ranker(labelled[0]).rank([3, 0], [True, False])
    backwards = Ranker(labelled[0], recipe=recipe).rank([3, 0], [True, False])
    assert backwards.scores[0] == backwards.scores.min()
    assert forwards.scores[0] == forwards.scores.max()


def test_a_recipe_of_another_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "mine"
        value: Any = Recipe(name="mine", version="2", model="logistic")

        def load(self) -> Any:
            return self.value

    monkeypatch.setattr("resartus.screening.ranking.entry_points", lambda *, group: [Point()])
    assert recipe_named("mine").label == "mine 2"
    with pytest.raises(DataError, match="'yours' is not one of: default, elas-u4"):
        recipe_named("yours")
    Point.value = "no recipe"
    with pytest.raises(DataError, match="not a Recipe"):
        recipe_named("mine")
