"""Agreement counts what two people say of the same cell."""

import pytest

from resartus.domain.extracted import Cell, CellValue, Extracted, Reported
from resartus.domain.ids import StudyId
from resartus.extraction.agreement import Match, compare_entries, is_same_entry


def extracted(value: CellValue | None, reported: Reported | None = None) -> Extracted:
    nothing = reported or (Reported.NOT_REPORTED if value is None else Reported.REPORTED)
    return Extracted(value=value, reported=nothing, entered_by="x")


def entries(pairs: list[tuple[CellValue | None, CellValue | None]], field: str = "margin"):  # type: ignore[no-untyped-def]
    return {
        f"s{i}/{field}": {
            who: Cell(study_id=StudyId(f"s{i}"), field=field, extracted=extracted(value))
            for who, value in zip(("ana", "ben"), pair, strict=True)
        }
        for i, pair in enumerate(pairs)
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (extracted("R0"), extracted(" r0 "), True),
        (extracted(12), extracted(12.0), True),
        (extracted(0), extracted(None), False),
        (extracted(None), extracted(None, Reported.UNCLEAR), False),
        (extracted(12), extracted("12"), False),
    ],
)
def test_entries_are_the_same_when_they_say_the_same(
    one: Extracted, other: Extracted, same: bool
) -> None:
    assert is_same_entry(one, other) is same


def test_kappa_is_cohen_s() -> None:
    # 20 of 50 both yes, 15 both no, 5 and 10 apart: the textbook's kappa is 0.40.
    pairs: list[tuple[CellValue | None, CellValue | None]] = (
        [("yes", "yes")] * 20 + [("no", "no")] * 15 + [("yes", "no")] * 5 + [("no", "yes")] * 10
    )
    found = compare_entries(entries(pairs), first="ana", second="ben")
    assert found.fields[0].kappa == pytest.approx(0.4)
    assert found.fields[0].share == pytest.approx(0.7)
    assert (found.n_both, found.n_differ) == (50, 15)


def test_kappa_is_left_out_where_it_says_nothing() -> None:
    few = compare_entries(entries([("yes", "no")] * 4), first="ana", second="ben")
    same = compare_entries(entries([("yes", "yes")] * 9), first="ana", second="ben")
    assert few.fields[0].kappa is None
    assert same.fields[0].kappa is None


def test_numbers_show_their_largest_difference_and_groups_are_one_field() -> None:
    one = entries([(12, 13), (4, 4)], field="survival[R0].n")
    two = entries([(9, 2)], field="survival[R1].n")
    found = compare_entries(
        {**one, **{"t" + k: v for k, v in two.items()}}, first="ana", second="ben"
    )
    assert [(f.field, f.n, f.largest_difference) for f in found.fields] == [("survival[].n", 3, 7)]


def test_a_cell_that_one_left_out_is_named_and_not_counted() -> None:
    half = entries([("R0", "R0")])
    del half["s0/margin"]["ben"]
    found = compare_entries(half, first="ana", second="ben")
    assert found.cells[0].match is Match.ONLY_FIRST
    assert found.fields == ()
