"""Quoted words are found as printed, and never inside other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.extraction.spans import find_span

TEXT = (
    "Fifty-two women underwent hepatec-\ntomy. Median survival was 53mo (range 4–190); "
    "R0 in 37 % (“complete”). The ﬁrst died at 15.3 months, 0·05 < p."
)


@pytest.mark.parametrize(
    ("span", "printed"),
    [
        ("underwent hepatectomy", "underwent hepatec-\ntomy"),
        ("fifty-two", "Fifty-two"),
        ("range 4-190", "range 4–190"),
        ("37%", "37 %"),
        ('"complete"', "“complete”"),
        ("first died", "ﬁrst died"),
        ("53", "53"),
        ("53 mo", "53mo"),
        ("0.05", "0·05"),
        ("survival  was\n53", "survival was 53"),
    ],
)
def test_differences_of_printing_do_not_count(span: str, printed: str) -> None:
    place = find_span(TEXT, span)
    assert place is not None
    assert TEXT[slice(*place)] == printed


@pytest.mark.parametrize("span", ["5", "3", "15", "190 months", "hepat", "vival", "", "  ", "0.5"])
def test_other_words_and_parts_of_numbers_are_not_found(span: str) -> None:
    assert find_span(TEXT, span) is None


words = st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=12)


@given(words, st.data())
def test_any_run_of_whole_words_is_found_where_it_stands(
    parts: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(parts) - 1))
    last = data.draw(st.integers(first + 1, len(parts)))
    text, span = " ".join(parts), " ".join(parts[first:last])
    place = find_span(text, span)
    assert place is not None
    assert text[slice(*place)].split() == span.split() or "".join(
        text[slice(*place)].split()
    ) == "".join(span.split())
