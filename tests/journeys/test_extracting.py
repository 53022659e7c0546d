"""A person extracts in a real browser: form, suggestions by keys, a workbook out and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from resartus.app.entering import Entry, define_study, enter_value
from resartus.app.review import Review
from resartus.domain.ids import StudyId

SERIES = (
    ("roh", "We operated on 52 women. Median age was 56 years. Median survival was 53 months."),
    ("lim", "We operated on 14 women. Median age was 49 years. Median survival was 41 months."),
)


@pytest.fixture
def folder(begin: Callable[..., Review]) -> Path:
    """A review with two studies and nothing entered."""
    cited = [
        f"TI  - Liver resection, series {name}\nAU  - {name.title()}, S\nPY  - 2011\nAB  - {words}"
        for name, words in SERIES
    ]
    with begin(*cited) as review:
        for (name, _), record_id in zip(SERIES, review.state().record_ids(), strict=True):
            define_study(
                review,
                StudyId(name),
                record_id=record_id,
                design="case series",
                role="included",
            )
    return review.folder


def entered(folder: Path) -> dict[str, object]:
    with Review(folder) as review:
        return {cell_id: c.extracted.value for (cell_id, _), c in review.state().cells.items()}


def press(page: Any, key: str) -> None:
    """Press a key once the page listens: its script runs before its content counts as loaded."""
    page.wait_for_load_state("domcontentloaded")
    page.keyboard.press(key)


def adopt(page: Any, address: str) -> None:
    page.goto(address + "/form")
    page.get_by_label("Look at Surgical case series").click()
    page.get_by_role("heading", name="what adopting it does").wait_for()
    page.get_by_role("button", name="Adopt this form").click()
    page.get_by_text("Adopted Surgical case series").wait_for()


def test_suggestions_are_entered_corrected_and_turned_down_by_keys(
    page: Any, address: str, folder: Path
) -> None:
    adopt(page, address)
    page.goto(address + "/suggestions")
    page.get_by_role("button", name="Switch the rules on").click()
    page.get_by_text("The rules are on", exact=True).wait_for()
    page.get_by_role("button", name="Read it").click()
    page.get_by_text("2 studies were read").wait_for()
    total = int(page.locator("#proposed .note").inner_text().split(" of ")[1])
    assert total >= 4
    words = page.locator("#words").inner_text()
    assert words
    assert words in SERIES[0][1]
    press(page, "c")
    page.keyboard.type("51")
    press(page, "Enter")
    page.get_by_text("Entered roh/n_total: 51").wait_for()
    press(page, "r")
    page.get_by_text("Turned down").first.wait_for()
    press(page, "z")
    page.get_by_text("Taken back").wait_for()
    assert page.locator("#proposed .note").inner_text() == f"1 of {total - 1}"
    assert page.input_value("#field") == "survival[?].median_os_months"
    press(page, "a")
    page.get_by_text("put the group's name in place of ?").wait_for()
    page.fill("#field", "survival[all].median_os_months")
    page.locator("#field").blur()
    press(page, "a")
    page.get_by_text("Entered roh/survival[all].median_os_months: 53").wait_for()
    page.goto(address + "/suggestions?study=lim")
    press(page, "a")
    page.get_by_text("Entered lim/n_total: 14").wait_for()
    known = entered(folder)
    assert (known["roh/n_total"], known["lim/n_total"]) == (51, 14)


def test_a_workbook_goes_out_and_comes_back_seen_first(
    page: Any, address: str, folder: Path, tmp_path: Path
) -> None:
    adopt(page, address)
    page.goto(address + "/workbook")
    page.get_by_label("Study").select_option("roh")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the workbook").click()
    path = tmp_path / "roh.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book["Values"]
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 3).value == "n_total")
    for column, value in ((5, 52), (9, "abstract"), (11, "52")):
        sheet.cell(row, column, value)
    book.save(path)
    page.set_input_files("#files", path)
    page.get_by_role("button", name="See what it brings").click()
    page.get_by_text("New: 1. Replacing yours: 0.").wait_for()
    assert entered(folder) == {}
    page.get_by_role("button", name="Enter 1 values as mine").click()
    page.get_by_text("Entered 1 values").wait_for()
    assert entered(folder) == {"roh/n_total": 52}


def select(page: Any, place: str, start: int, end: int) -> None:
    """Select words of a text with the mouse, as far as a page can tell."""
    page.locator(f'[data-place="{place}"]').first.evaluate(
        """(node, [start, end]) => {
            const range = document.createRange();
            range.setStart(node.firstChild, start);
            range.setEnd(node.firstChild, end);
            const selection = getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
            document.dispatchEvent(new MouseEvent('mouseup', {bubbles: true}));
        }""",
        [start, end],
    )


def test_what_two_people_entered_is_settled_with_a_third_value_from_the_text(
    page: Any, address: str, folder: Path
) -> None:
    for person, value in (("ben", "25"), ("cleo", "51")):
        with Review(folder, person=person) as review:
            record_id = review.state().studies[StudyId("roh")].record_ids[0]
            enter_value(
                review,
                Entry(
                    study_id=StudyId("roh"),
                    field="n_total",
                    value=value,
                    record_id=record_id,
                    place="abstract",
                ),
            )
    page.goto(address + "/double-entry")
    page.get_by_text("Differ and wait for consensus (1)").wait_for()
    page.get_by_label("Settle roh/n_total with the text beside it").click()
    page.wait_for_load_state("domcontentloaded")
    select(page, "abstract", 15, 23)
    assert page.input_value("#span") == "52 women"
    assert page.input_value("#value") == "52"
    page.get_by_label("Why neither entry holds").fill("figures were turned round")
    page.get_by_role("button", name="Settle with this value").click()
    page.get_by_text("Differ and wait for consensus (0)").wait_for()
    page.get_by_text("figures were turned round; consensus").wait_for()
    with Review(folder) as review:
        agreed = review.state().consensus["roh/n_total"].extracted
    assert agreed.anchor is not None
    assert (agreed.value, agreed.anchor.span, agreed.anchor.start) == (52, "52 women", 15)
