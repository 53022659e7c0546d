"""A person brings full texts, reads them beside their words, and digitises a curve of one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.test_digitise import clicker, figure
from tests.pdfs import make_pdf

from resartus.app.entering import define_study
from resartus.app.extraction.curves import reconstructed_arms
from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import StudyId

TITLES = {
    "roh": "Resection of liver metastases from ovarian cancer in a single centre",
    "lim": "Hepatic resection for recurrent ovarian carcinoma, fourteen cases",
}


@pytest.fixture
def folder(begin: Callable[..., Review]) -> Path:
    """A review with two studies whose full texts are sought."""
    cited = [
        f"TI  - {title}\nAU  - {name.title()}, S\nPY  - 2011" for name, title in TITLES.items()
    ]
    with begin(*cited) as review:
        for name, record_id in zip(TITLES, review.state().record_ids(), strict=True):
            decide(review, record_id, stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
            define_study(
                review,
                StudyId(name),
                record_id=record_id,
                design="case series",
                role="included",
            )
    return review.folder


@pytest.fixture
def page(page: Any) -> Any:
    page.set_viewport_size({"width": 1500, "height": 1000})
    return page


def test_a_full_text_is_brought_read_and_quoted(page: Any, address: str, folder: Path) -> None:
    words = ("We operated on 52 women.", "Two patients died within 30 days.")
    pdf = {"mimeType": "application/pdf", "buffer": make_pdf(TITLES["roh"], *words)}
    other = {"mimeType": "application/pdf", "buffer": make_pdf("A paper on something else")}
    page.goto(address + "/fulltexts")
    page.get_by_role("heading", name="Sought (2)").wait_for()
    page.set_input_files("#files", [{"name": "scan1.pdf", **pdf}, {"name": "b.pdf", **other}])
    page.get_by_role("button", name="Attach").first.click()
    page.get_by_role("heading", name="1 attached, 1 not").wait_for()
    page.get_by_role("link", name="scan1.pdf").click()
    # The viewer: the browser's own for the PDF, its words beside it.
    frame = page.locator("iframe.preview")
    frame.wait_for()
    answer = page.request.get(address + frame.get_attribute("src").partition("#")[0])
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    assert "operated on 52 women" in page.locator(".words").inner_text()
    # What cannot be had is said, and can be taken back.
    page.goto(address + "/fulltexts")
    page.get_by_text("Attach it, or say that it cannot be had").click()
    page.get_by_label("Why it cannot be had").fill("behind a paywall")
    page.get_by_role("button", name="Not retrieved").click()
    page.get_by_role("heading", name="Not retrieved (1)").wait_for()
    page.get_by_role("button", name="Undo my last").click()
    page.get_by_role("heading", name="Not retrieved (0)").wait_for()
    # Words of the full text become an anchor, and lead back to their place.
    page.goto(address + "/studies/roh")
    page.locator('[data-place="text"]').evaluate(
        """node => {
            const words = node.firstChild, at = words.data.indexOf('Two patients died');
            const range = document.createRange();
            range.setStart(words, at);
            range.setEnd(words, at + 17);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            document.dispatchEvent(new MouseEvent('mouseup', {bubbles: true}));
        }"""
    )
    assert page.input_value("#span") == "Two patients died"
    assert page.input_value("#place") == "text"
    page.fill("#other_field", "mortality_n")
    page.fill("#value", "2")
    page.get_by_role("button", name="Save the value").click()
    page.get_by_role("link", name="mortality_n").click()
    page.locator("#words", has_text="Two patients died").wait_for()
    assert "within 30 days" in page.locator("article.record").inner_text()


def test_a_curve_is_clicked_in_the_page_and_gives_its_patients(
    page: Any, address: str, folder: Path, tmp_path: Path
) -> None:
    place = figure(tmp_path / "km.png")
    page.goto(address + "/studies/roh/curves")
    assert not page.locator("#figure").is_visible()
    page.set_input_files("#image", tmp_path / "km.png")
    page.wait_for_function("() => document.getElementById('figure').width > 400")
    for name, value in (("x1", "0"), ("x2", "50"), ("y1", "0"), ("y2", "1")):
        page.fill(f"#{name}", value)

    click = clicker(page, place)
    for key in ("0,0", "50,0", "0,0", "0,1"):
        click(key)
    page.get_by_text("Click each corner of the curve").wait_for()
    for key in ("10,0.75", "20,0.5", "30,0.25", "40,0", "40,0"):
        click(key)
    page.get_by_role("button", name="Undo point").click()
    points = [line.split(", ") for line in page.input_value("#points").splitlines()]
    assert [(round(float(t)), round(float(s), 2)) for t, s in points] == [
        (10, 0.75),
        (20, 0.5),
        (30, 0.25),
        (40, 0),
    ]
    # The same by keys: the cross moves, Enter sets a point, Backspace takes it back.
    page.locator("#figure").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert len(page.input_value("#points").splitlines()) == 5
    page.keyboard.press("Backspace")
    page.get_by_label("Outcome").fill("overall survival")
    page.get_by_label("Which figure").fill("Figure 2")
    page.get_by_label("Numbers at risk").fill("0, 4")
    page.get_by_role("button", name="Reconstruct the patients").click()
    page.get_by_text("4 patients reconstructed, 4 with the event").wait_for()
    with Review(folder) as review:
        [arm] = reconstructed_arms(review.state())
    assert (arm.reconstruction.n_patients, arm.reconstruction.n_events) == (4, 4)
    assert [round(time) for time, _ in arm.curve.points][-4:] == [10, 20, 30, 40]
