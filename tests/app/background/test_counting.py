"""How far work has come is told in steps, and not more often than anybody reads it."""

from typing import Any

from resartus.app.background.counting import advancing, seldom, told_of_searches


def test_steps_are_summed_and_never_pass_their_number() -> None:
    told: list[tuple[int, int]] = []
    advance = advancing(lambda *steps: told.append(steps), 5)
    advance(2)
    advance(4)
    assert told == [(0, 5), (2, 5), (5, 5)]


def test_one_search_tells_its_records_and_several_tell_which_is_run() -> None:
    search: Any = None
    told: list[tuple[int, int]] = []
    told_of_searches(lambda *steps: told.append(steps), 1)(search)(200, 900)
    assert told == [(0, 1), (200, 900)]
    told.clear()
    begin = told_of_searches(lambda *steps: told.append(steps), 2)
    begin(search)(200, 900)
    begin(search)(300, 300)
    assert told == [(0, 2), (1, 2)]


def test_of_many_steps_few_are_told_but_the_first_and_the_last() -> None:
    told: list[tuple[int, int]] = []
    tell = seldom(lambda *steps: told.append(steps), seconds=3600)
    for n in range(10_001):
        tell(n, 10_000)
    assert told == [(0, 10_000), (10_000, 10_000)]
    often: list[tuple[int, int]] = []
    tell = seldom(lambda *steps: often.append(steps), seconds=0)
    for n in range(3):
        tell(n, 2)
    assert often == [(0, 2), (1, 2), (2, 2)]
