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
    path = tmp_path / "cache" / cache_name("abc", fresh.recipe.tables[0], version="1")
    save_table(path, fresh.tables[0])
    kept = Ranker(records, question="liver", tables=[load_table(path), fresh.tables[1]])
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
        "importlib.metadata.entry_points",
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

    monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: [Point()])
    assert recipe_named("mine").label == "mine 2"
    with pytest.raises(DataError, match="'yours' is not one of: default, elas-u4"):
        recipe_named("yours")
    Point.value = "no recipe"
    with pytest.raises(DataError, match="not a Recipe"):
        recipe_named("mine")


def test_a_committee_of_one_kind_ranks_as_its_member(labelled: Labelled) -> None:
    records, _ = labelled
    one = Recipe(name="one", version="1", features="words")
    two = Recipe(name="two", version="1", members=(one, one))
    votes: Any = ([3, 0, 13, 1], [True, False, True, False])
    alone, both = Ranker(records, recipe=one), Ranker(records, recipe=two)
    assert len(both.tables) == 1
    assert alone.rank(*votes).places.tolist() == both.rank(*votes).places.tolist()


def test_a_committee_weighs_its_members_as_told_whatever_their_scale(labelled: Labelled) -> None:
    records, _ = labelled
    members = tuple(
        Recipe(name=str(cost), version="1", weight=weight, options={"model": {"cost": cost}})
        for cost, weight in ((0.001, 1.0), (1.0, 0.5))
    )
    votes: Any = ([3, 0, 13, 1], [True, False, True, False])
    ranked = Ranker(records, recipe=Recipe(name="both", version="1", members=members)).rank(*votes)
    expected = np.zeros(len(records))
    for member in members:
        alone = Ranker(records, recipe=member).rank(*votes)
        spread = alone.scores.std() / member.weight
        expected[alone.places] += (alone.scores - alone.scores.mean()) / spread
    assert ranked.scores == pytest.approx(expected[ranked.places], abs=1e-6)


def test_members_that_cannot_learn_yet_leave_it_to_those_that_can(labelled: Labelled) -> None:
    # Two relevant votes and nothing excluded: only who guesses irrelevant ones can tell apart.
    records, relevant = labelled
    first = Ranker(records).rank([3, 13], [True, True]).places[:6].tolist()
    assert sum(relevant[place] for place in first) >= 5


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_condensed_records_are_ranked_the_same(name: str, labelled: Labelled) -> None:
    records, _ = labelled
    votes: Any = ([3, 0, 13, 1], [True, False, True, False])
    as_is, condensed = (Ranker(records, recipe=recipe_named(name)) for _ in range(2))
    condensed.condense()
    first, second = as_is.rank(*votes), condensed.rank(*votes)
    assert second.scores == pytest.approx(first.scores, abs=1e-3)


def test_what_is_asked_by_a_question_is_not_condensed(labelled: Labelled) -> None:
    ranker = Ranker(labelled[0], question="liver")
    ranker.condense()
    assert ranker.rank([3, 0], [True, False]).n_relevant == 1
    assert ranker.explain(13)
