"""A person digitises a figure in a real browser and gets its patients back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resartus.cli.main import main
from resartus.extraction.curves.axes import Axes, Reference
from resartus.extraction.curves.points import read_points
from resartus.reporting.figures.canvas import draw


def figure(path: Path) -> dict[str, tuple[float, float]]:
    """Draw a curve of four patients; return where its ticks and corners are, in pixels."""
    with draw(width_cm=12, height_cm=8) as canvas:
        axes = canvas.plot(left=1.5, bottom=1.2, width=10, height=6)
        axes.step([0, 10, 20, 30, 40], [1, 0.75, 0.5, 0.25, 0], where="post")
        axes.set_xlim(0, 50)
        axes.set_ylim(0, 1)
        drawing = canvas.finish(alt="a curve")
        size = 200 / 2.54
        place = {
            f"{t},{s}": ((1.5 + t / 50 * 10) * size, (8 - 1.2 - s * 6) * size)
            for t, s in ((0, 0), (50, 0), (0, 1), (10, 0.75), (20, 0.5), (30, 0.25), (40, 0))
        }
    path.write_bytes(drawing.png)
    return place


def clicker(page: Any, place: dict[str, tuple[float, float]]) -> Callable[[str], None]:
    """Return what clicks a named point of the figure on a page."""

    def click(key: str) -> None:
        x, y = place[key]
        page.evaluate(
            """([x, y]) => { const c = document.getElementById('figure');
            const b = c.getBoundingClientRect();
            const at = {clientX: b.left + x, clientY: b.top + y};
            c.dispatchEvent(new MouseEvent('click', at)); }""",
            [x, y],
        )

    return click


def test_clicked_points_give_the_patients_of_the_figure(
    browser: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = figure(tmp_path / "km.png")
    assert main(["digitise", str(tmp_path / "km.png")]) == 0
    page = browser.new_page(viewport={"width": 1600, "height": 900}, accept_downloads=True)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: problems.extend([r.url] if r.url.startswith("http") else []))
    page.goto((tmp_path / "km.digitise.html").as_uri())
    page.wait_for_function("document.getElementById('figure').width > 400")
    for name, value in (("x1", "0"), ("x2", "50"), ("y1", "0"), ("y2", "1")):
        page.fill(f"#{name}", value)

    click = clicker(page, place)
    for key in ("0,0", "50,0", "0,0", "0,1"):
        click(key)
    page.get_by_text("Click along the curve").wait_for()
    for key in ("10,0.75", "20,0.5", "30,0.25", "40,0"):
        click(key)
    with page.expect_download() as download:
        page.click("#save")
    points = tmp_path / download.value.suggested_filename
    download.value.save_as(points)
    page.close()
    assert problems == []
    read = [(p.time, p.survival) for p in read_points(points.read_text())]
    axes = Axes(
        x_first=Reference(pixel=place["0,0"], value=0),
        x_second=Reference(pixel=place["50,0"], value=50),
        y_first=Reference(pixel=place["0,0"], value=0),
        y_second=Reference(pixel=place["0,1"], value=1),
    )
    own = [axes.coordinates(place[k]) for k in ("10,0.75", "20,0.5", "30,0.25", "40,0")]
    assert read == [pytest.approx(p, abs=0.15) for p in own]
    (tmp_path / "risk.csv").write_text("time,at_risk\n0,4\n")
    capsys.readouterr()
    assert main(["curve", str(points), "--at-risk", str(tmp_path / "risk.csv"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["patients"], told["events"], told["label"]) == (4, 4, "reconstructed")
