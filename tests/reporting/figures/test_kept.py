"""A figure is drawn once for what it shows, within bounds, and by one thread at a time."""

import threading
from collections.abc import Callable

import pytest

from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.reporting.figures.canvas import Drawing, draw
from resartus.reporting.figures.forest import ForestRow, forest
from resartus.reporting.figures.kept import KeptDrawings, drawn_once


def figure(words: str = "", *, n_bytes: int = 10) -> Drawing:
    return Drawing(svg=words.ljust(n_bytes), png=b"", width_cm=1.0, height_cm=1.0, alt=words)


def counting(kept: KeptDrawings) -> tuple[Callable[..., Drawing], list[tuple[object, ...]]]:
    asked: list[tuple[object, ...]] = []

    def of(*args: object, **kwargs: object) -> Drawing:
        asked.append((*args, *kwargs.values()))
        return figure(str(asked[-1]))

    return drawn_once(of, kept=kept), asked


def row(value: float, label: str = "Smith 2010") -> ForestRow:
    estimate = Estimate(
        value=value,
        interval=Interval(low=value / 2, high=2 * value, level=0.95, method="exact"),
        scale="proportion",
        method="exact",
        n_studies=1,
    )
    return ForestRow(label=label, estimate=estimate, counts="1/10")


def test_the_same_inputs_made_anew_are_drawn_once() -> None:
    drawn, asked = counting(KeptDrawings())
    first = drawn([row(0.1)], x_label="Mortality")
    assert drawn([row(0.1)], x_label="Mortality") is first
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("rows", "label"),
    [
        ([row(0.1000001)], "Mortality"),
        ([row(0.1, "Smith 2011")], "Mortality"),
        ([row(0.1), row(0.1)], "Mortality"),
        ([row(0.1)], "Mortality "),
    ],
)
def test_whatever_differs_is_drawn_anew(rows: list[ForestRow], label: str) -> None:
    drawn, asked = counting(KeptDrawings())
    first = drawn([row(0.1)], x_label="Mortality")
    assert drawn(rows, x_label=label).alt != first.alt
    assert len(asked) == 2


def test_two_functions_with_the_same_inputs_do_not_share_a_figure() -> None:
    kept = KeptDrawings()

    def one() -> Drawing:
        return figure("one")

    def other() -> Drawing:
        return figure("other")

    assert drawn_once(one, kept=kept)().alt == "one"
    assert drawn_once(other, kept=kept)().alt == "other"


def test_what_is_not_plain_is_refused_and_never_mistaken_for_something_else() -> None:
    drawn, asked = counting(KeptDrawings())
    with pytest.raises(DataError, match="no plain form"):
        drawn(object())
    assert asked == []


def test_what_was_not_asked_for_longest_makes_room() -> None:
    kept = KeptDrawings(most_bytes=30)
    first = kept.drawn("a", figure)
    kept.drawn("b", figure)
    kept.drawn("c", figure)
    assert kept.drawn("a", figure) is first
    kept.drawn("d", figure)
    assert kept.drawn("a", figure) is first
    again = figure("again")
    assert kept.drawn("b", lambda: again) is again


def test_what_was_let_go_is_drawn_again() -> None:
    kept = KeptDrawings()
    first = kept.drawn("a", figure)
    kept.clear()
    assert kept.drawn("a", figure) is not first


def test_a_figure_too_large_to_keep_is_still_given() -> None:
    kept = KeptDrawings(most_bytes=5)
    large = figure("large")
    assert kept.drawn("a", lambda: large) is large
    assert kept.drawn("a", lambda: figure("again")).alt == "again"


def test_a_figure_that_could_not_be_drawn_is_tried_again() -> None:
    kept = KeptDrawings()

    def fail() -> Drawing:
        raise DataError("nothing to draw")

    with pytest.raises(DataError):
        kept.drawn("a", fail)
    assert kept.drawn("a", lambda: figure("now")).alt == "now"


def test_a_kept_forest_plot_is_the_one_that_would_be_drawn() -> None:
    rows = [row(0.1), row(0.3, "Jones 2012")]
    kept = forest(rows, x_label="Mortality")
    assert kept is forest(list(rows), x_label="Mortality")
    assert kept == forest.__wrapped__(rows, x_label="Mortality")  # type: ignore[attr-defined]


def test_a_figure_begun_while_another_is_drawn_looks_as_if_drawn_alone() -> None:
    # The letters of a figure are settings of the whole process while it is drawn.
    begun, ended, drawings = threading.Event(), threading.Event(), list[str]()

    def drawn(*, is_second: bool = False) -> str:
        with draw(width_cm=4, height_cm=3) as canvas:
            if is_second:
                begun.set()
                ended.wait(5)
            canvas.plot(left=1, bottom=1, width=2, height=1).set_xlabel("Months")
            return canvas.finish(alt="axes").svg

    alone = drawn()
    second = threading.Thread(target=lambda: drawings.append(drawn(is_second=True)))
    with draw(width_cm=4, height_cm=3):
        second.start()
        begun.wait(0.2)
    ended.set()
    second.join()
    assert drawings == [alone]
