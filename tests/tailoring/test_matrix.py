from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.domain.guidance import Certainty, Direction, Finding
from resartus.tailoring.matrix import selection_matrix


def finding(
    study: str, direction: Direction, *, n: int | None = 20, is_direct: bool = True, key: str = "a"
) -> Finding:
    return Finding(
        study_id=study,
        factor="margin",
        level="R0",
        direction=direction,
        n_patients=n,
        is_direct=is_direct,
        cell_id=f"{study}/finding[{key}].factor",
    )


def test_a_factor_nobody_studied_is_a_row_that_says_so() -> None:
    [row] = selection_matrix([], factors=["platinum response"])
    assert row.is_unknown
    assert row.sentence == "Nothing was found on platinum response."


def test_studies_that_disagree_are_marked() -> None:
    [row] = selection_matrix(
        [finding("a", Direction.BETTER), finding("b", Direction.NO_DIFFERENCE)], factors=[]
    )
    assert row.is_contradicted
    assert not row.is_agreed
    assert "2 series of the treatment (1 better, 1 no difference)" in row.sentence


def test_two_studies_of_one_direction_agree_and_one_alone_does_not() -> None:
    one = selection_matrix([finding("a", Direction.BETTER)], factors=[])[0]
    two = selection_matrix(
        [finding("a", Direction.BETTER), finding("b", Direction.BETTER)], factors=[]
    )[0]
    assert (one.is_agreed, two.is_agreed) == (False, True)


def test_patients_of_a_study_with_two_findings_are_counted_once() -> None:
    [row] = selection_matrix(
        [
            finding("a", Direction.BETTER, n=20, key="x"),
            finding("a", Direction.BETTER, n=18, key="y"),
            finding("b", Direction.BETTER, n=None),
        ],
        factors=[],
    )
    assert (row.n_studies, row.direct_patients) == (2, 20)


def test_certainty_never_rises_above_very_low_and_says_why() -> None:
    [row] = selection_matrix([finding("a", Direction.BETTER)], factors=[])
    assert row.certainty is Certainty.VERY_LOW
    assert any("risk of bias" in reason for reason in row.certainty_reasons)
    assert any("imprecision" in reason for reason in row.certainty_reasons)


directions = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(list(Direction))))


@given(directions)
@settings(deadline=None, max_examples=60)
def test_the_order_of_findings_does_not_change_what_a_row_says(
    given_: list[tuple[str, Direction]],
) -> None:
    found = [finding(s, d) for s, d in given_]
    forward = selection_matrix(found, factors=["margin"])[0]
    backward = selection_matrix(found[::-1], factors=["margin"])[0]
    assert forward.sentence == backward.sentence
    assert forward.is_contradicted == backward.is_contradicted
