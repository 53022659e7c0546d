"""A reader follows a number to its sentence, hands a sheet on, and takes the review along."""

import queue
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from resartus.app.background import line
from resartus.app.background.kinds import KINDS, JobKind
from resartus.app.entering import Entry, define_study, enter_value
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.app.versions import pin_version
from resartus.domain.ids import StudyId
from resartus.domain.job import JobAnswer, Tell

PLAN = TEMPLATE.replace("proportions = []", 'proportions = ["mortality_n"]')
ABSTRACT = "We operated on 52 women. Of them 2 died within 30 days."
FACTORS = """
[[factor]]
name = "bilirubin"
field = "bilirubin"
kind = "number"
unit = "umol/l"
bands = [
  { below = 20, side = "favourable", label = "under 20" },
  { side = "adverse", label = "20 on" },
]
"""


@pytest.fixture
def folder(begin: Callable[..., Review]) -> Path:
    """A pinned review of one series, with a factor of its own."""
    cited = f"TI  - One\nAU  - Roh, S\nPY  - 2011\nAB  - {ABSTRACT}"
    with begin(cited, protocol_text=PLAN) as review:
        (review.folder / "factors.toml").write_text(FACTORS)
        record_id = review.state().record_ids()[0]
        define_study(
            review, StudyId("roh"), record_id=record_id, design="case series", role="included"
        )
        for field, value, span in (("mortality_n", "2", "2 died"), ("n_total", "52", "52 women")):
            enter_value(
                review,
                Entry(
                    study_id=StudyId("roh"),
                    field=field,
                    value=value,
                    record_id=record_id,
                    place="abstract",
                    span=span,
                ),
            )
        pin_version(review, trigger="first")
    return review.folder


def test_a_number_leads_to_its_sentence_and_to_the_entry_in_the_log(
    page: Any, address: str
) -> None:
    page.goto(address + "/report")
    page.get_by_role("link", name="Audit", exact=True).last.click()
    page.get_by_role("heading", name="Faults (0)").wait_for()
    row = page.get_by_role("row").filter(has=page.get_by_text("mortality.pooled", exact=True))
    row.get_by_role("link").click()
    page.get_by_role("heading", name="How it follows").wait_for()
    row = page.get_by_role("row").filter(has_text="2 died")
    row.get_by_role("link", name="Roh 2011").click()
    assert page.locator("#words").inner_text() == "2 died"
    assert "within 30 days" in page.locator("article.record").inner_text()
    page.get_by_role("region", name="Events").get_by_role("link").first.click()
    event = page.locator("tr:target")
    event.wait_for()
    assert "entered 1 value of roh" in event.inner_text()
    assert event.is_visible()


def test_a_sheet_is_seen_in_a_window_of_its_own_and_taken_as_a_word_file(
    page: Any, address: str, folder: Path, tmp_path: Path
) -> None:
    page.goto(address + "/patient")
    page.get_by_label("bilirubin").fill("25")
    page.get_by_label("For the tumour board's sheet").fill("Case 7")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="The sheet, on one page").click()
    sheet = opened.value
    sheet.get_by_role("heading", name="Case 7").wait_for()
    assert "20 on" in sheet.locator("body").inner_text()
    sheet.close()
    with page.expect_download() as download:
        page.get_by_role("button", name="The sheet in Word").click()
    assert download.value.suggested_filename == "sheet.docx"
    # The form keeps what was typed, and the page answers beside it.
    page.get_by_role("button", name="Show the evidence").click()
    page.get_by_role("heading", name="Published patients alike on one factor").wait_for()
    assert page.get_by_label("bilirubin").input_value() == "25"
    assert not any("Case 7" in p.name for p in folder.rglob("*"))


def test_the_review_is_taken_along_and_opened_elsewhere(
    page: Any, address: str, folder: Path, tmp_path: Path
) -> None:
    page.goto(address + "/sharing")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the archive").click()
    archive = tmp_path / "taken.zip"
    download.value.save_as(archive)
    page.set_input_files("#files", archive)
    page.get_by_label("Name of its folder").fill("elsewhere")
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("heading", name="Opened").wait_for()
    page.get_by_text("Built again to the byte").wait_for()
    with Review(folder.parent / "elsewhere") as review:
        assert review.store.count_records() == 1
        assert len(review.state().versions) == 1


def test_an_audit_under_way_shows_its_steps_within_the_rules_and_gives_way_to_what_it_found(
    page: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: queue.Queue[tuple[int, int]] = queue.Queue()
    whole = KINDS["audit"]

    def held(review: Review, data: Mapping[str, Any], tell: Tell) -> str | JobAnswer:
        while (step := steps.get(timeout=60)) != (5, 5):
            tell(*step)
        return whole.work(review, data, tell)

    monkeypatch.setattr(line, "KINDS", {"audit": JobKind(action=whole.action, work=held)})
    page.goto(address + "/audit?version=1")
    page.get_by_text("Under way.").wait_for()
    steps.put((2, 5))
    page.get_by_text("2 of 5 steps done").wait_for()
    for width in (640, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    steps.put((5, 5))
    page.get_by_role("heading", name="Faults (0)").wait_for(timeout=60_000)
    # The result stands at the same address, and at once when it is asked for again.
    page.goto(address + "/audit?version=1")
    assert page.locator("#waiting").count() == 0
