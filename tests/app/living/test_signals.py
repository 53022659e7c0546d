from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.app.living.conftest import record

from resartus.app.living.conclusions import Conclusion, Conclusions
from resartus.app.living.diff import VersionDiff, diff_versions
from resartus.app.living.pending import pending_of
from resartus.app.living.signals import Strength, caution, signals_of
from resartus.app.review import Review
from resartus.app.versions import draft_version, pin_version
from resartus.domain.change import ChangeKind
from resartus.domain.estimate import Estimate, Interval
from resartus.domain.event import EventKind
from resartus.domain.guidance import Direction, Finding
from resartus.domain.ids import RecordId
from resartus.domain.state import Imported
from resartus.tailoring.matrix import selection_matrix

Include = Callable[..., None]


def conclusion(value: float | None, low: float, high: float, *, scale: str) -> Conclusion:
    return Conclusion(
        key="x.pooled",
        kind=ChangeKind.ESTIMATE,
        label="X",
        text=f"{value} ({low} to {high})",
        estimate=Estimate(
            value=value,
            scale=scale,
            method="test",
            interval=Interval(low=low, high=high, method="test"),
        ),
    )


@pytest.fixture
def diff(review: Review, include: Include) -> VersionDiff:
    include(1, events=1, total=20)
    first = pin_version(review, trigger="first")
    return diff_versions(review, first, first)


def between(diff: VersionDiff, old: Conclusion | None, new: Conclusion) -> list[Strength]:
    made = replace(
        diff,
        conclusions_before=Conclusions(of={} if old is None else {old.key: old}, matrix=()),
        conclusions_after=Conclusions(of={new.key: new}, matrix=()),
    )
    return [signal.strength for signal in signals_of(made)]


def test_an_estimate_outside_its_former_interval_invalidates(diff: VersionDiff) -> None:
    old = conclusion(0.05, 0.02, 0.10, scale="proportion")
    assert between(diff, old, conclusion(0.06, 0.03, 0.10, scale="proportion")) == []
    assert between(diff, old, conclusion(0.12, 0.08, 0.2, scale="proportion")) == [
        Strength.INVALIDATES,
        Strength.CHANGES,
    ]


def test_half_as_much_again_is_a_change_even_inside_the_interval(diff: VersionDiff) -> None:
    old = conclusion(0.04, 0.0, 0.20, scale="proportion")
    new = conclusion(0.065, 0.01, 0.15, scale="proportion")
    assert between(diff, old, new) == [Strength.CHANGES]


def test_significance_lost_or_won_invalidates_a_comparison(diff: VersionDiff) -> None:
    old = conclusion(-0.3, -0.5, -0.1, scale="log hazard ratio")
    new = conclusion(-0.2, -0.45, 0.05, scale="log hazard ratio")
    assert between(diff, old, new) == [Strength.INVALIDATES]
    assert between(diff, new, old)[:1] == [Strength.INVALIDATES]


def test_a_first_estimate_is_worth_knowing(diff: VersionDiff) -> None:
    new = conclusion(0.05, 0.02, 0.1, scale="proportion")
    assert between(diff, None, new) == [Strength.NOTES]


def finding(study: str, direction: Direction) -> Finding:
    return Finding(
        study_id=study, factor="margin", level="R0", direction=direction, cell_id=f"{study}/f"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ([Direction.BETTER], [Direction.WORSE], "the direction of the evidence turned"),
        ([Direction.BETTER], [Direction.BETTER, Direction.WORSE], "now disagree"),
        ([Direction.BETTER, Direction.WORSE], [Direction.BETTER], "no longer disagree"),
        ([], [Direction.BETTER], "first direct evidence"),
    ],
)
def test_a_factor_that_turns_is_a_signal(
    diff: VersionDiff, old: list[Direction], new: list[Direction], said: str
) -> None:
    def rows(directions: list[Direction]) -> Conclusions:
        found = [finding(f"s{i}", d) for i, d in enumerate(directions)]
        return Conclusions(of={}, matrix=selection_matrix(found, factors=["margin"]))

    made = replace(diff, conclusions_before=rows(old), conclusions_after=rows(new))
    (signal,) = signals_of(made)
    assert said in signal.sentence


def test_nothing_changed_is_no_signal(diff: VersionDiff) -> None:
    assert signals_of(diff) == ()


def test_looking_again_carries_a_caution() -> None:
    assert caution([1]) is None
    assert "look 2" in (caution([1, 2]) or "")
    assert "monitoring bounds" in (caution([1, 2, 3]) or "")


def test_open_records_give_a_forecast_and_none_gives_no_chance(
    review: Review, include: Include
) -> None:
    for pmid in range(1, 6):
        include(pmid, events=1, total=20)
    quiet = pending_of(review)
    assert (quiet.n_pending, quiet.n_judged) == (0, 5)
    assert quiet.outcomes[0].forecast.chance_of_signal == 0
    waiting = [record(n) for n in range(100, 140)]
    review.store.save_records(waiting)
    ids = tuple(RecordId(r.record_id) for r in waiting)
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="file", record_ids=ids))
    busy = pending_of(review)
    assert busy.n_pending == 40
    forecast = busy.outcomes[0].forecast
    assert 30 < forecast.expected_studies <= 40
    assert 0 <= forecast.chance_of_signal <= 1
    assert draft_version(review).version == 1
