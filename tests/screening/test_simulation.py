import pytest

from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.screening.ranking import Ranker
from resartus.screening.recall import measure_order
from resartus.screening.simulation import draw_priors, simulate

Labelled = tuple[list[Record], list[bool]]


def test_a_simulation_ends_with_the_last_relevant_record(labelled: Labelled) -> None:
    records, relevant = labelled
    priors = draw_priors(relevant, seed=0)
    done = simulate(Ranker(records), relevant, priors=priors, seed=0)
    assert relevant[done.order[-1]]
    assert len(done.order) == len(set(done.order))
    assert sum(relevant[place] for place in done.order) == sum(relevant)
    assert done.quality.last_relevant_at == len(done.order) - 2
    assert done.quality.n_relevant == sum(relevant) - 1


def test_judging_all_keeps_the_measures(labelled: Labelled) -> None:
    records, relevant = labelled
    priors = draw_priors(relevant, seed=1)
    part = simulate(Ranker(records), relevant, priors=priors)
    whole = simulate(Ranker(records), relevant, priors=priors, judge_all=True)
    assert whole.quality == part.quality
    assert sorted(whole.order) == list(range(120))


def test_priors_are_drawn_as_asked(labelled: Labelled) -> None:
    _, relevant = labelled
    priors = draw_priors(relevant, seed=3, n_relevant=2, n_irrelevant=4)
    assert [relevant[place] for place in priors] == [True] * 2 + [False] * 4
    with pytest.raises(DataError, match="13 relevant priors are asked for"):
        draw_priors(relevant, seed=3, n_relevant=13)


def test_measures_of_a_known_order() -> None:
    # By hand: 20 relevant at 1..19 and 400 of 1000. 95 % of 20 is 19, found at place 19.
    found = measure_order([*range(1, 20), 400], n_records=1000)
    assert found.wss95 == pytest.approx(1 - 0.019 - 0.05)
    assert found.wss100 == pytest.approx(0.6)
    assert found.atd_percent == pytest.approx(100 * (190 + 400) / 20 / 1000)
    assert (found.recall_at_10_percent, found.last_relevant_at) == (0.95, 400)


def test_an_order_without_anything_relevant_is_refused() -> None:
    with pytest.raises(DataError, match="no relevant record is left"):
        measure_order([], n_records=10)
