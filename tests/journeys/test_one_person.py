"""One person does a whole review in the browser, from an empty folder to the report."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.access import COLOURS, broken_rules
from tests.journeys.browser import free_port, serving

from resartus.app.demo import build_demo
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.web.app import create_app

RIS = "".join(
    f"TY  - JOUR\nTI  - Liver resection for ovarian metastases, series {n}\n"
    f"AB  - We operated on {10 + n} women. {n} patients died within 30 days of the operation.\n"
    f"AU  - Author{n}, A\nJO  - Journal\nPY  - {2000 + n}\nER  - \n\n"
    for n in range(1, 5)
)
PLAN = TEMPLATE.replace(
    "# [[form]]\n# name",
    '[[form]]\nname = "n_total"\nlabel = "Operated"\nkind = "integer"\n\n# [[form]]\n# name',
).replace("proportions = []", 'proportions = ["mortality_n"]')


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "review"
    folder.mkdir()
    Review.create(folder, protocol_text=TEMPLATE, person="ana").close()
    port = free_port()
    with serving(create_app(folder, person="ana"), port=port) as address:
        yield address


def bring_records(page: Any, address: str) -> None:
    page.goto(address + "/import")
    page.set_input_files(
        "#files", {"name": "found.ris", "mimeType": "text/plain", "buffer": RIS.encode()}
    )
    page.get_by_role("button", name="Import").click()
    page.get_by_text("4 records as").wait_for()


def wait_for_vote(page: Any, counted: str, *, timeout: float = 30_000) -> None:
    """Wait until a vote is counted and the next record takes keys again.

    The live count may arrive before the answer to the vote; a key pressed in
    between is for no record and rightly does nothing.
    """
    page.get_by_text(counted).wait_for(timeout=timeout)
    page.wait_for_function(
        "() => !document.querySelector('#vote button:disabled, #undo button:disabled')"
    )


def judged(page: Any) -> str:
    return str(page.locator(".head .meter span").inner_text())


def test_from_an_empty_folder_to_the_report(page: Any, address: str) -> None:
    page.goto(address + "/protocol")
    page.fill("#text", PLAN)
    page.get_by_role("button", name="Check and save").click()
    page.get_by_text("Saved", exact=True).wait_for()
    bring_records(page, address)
    page.goto(address + "/duplicates")
    page.get_by_role("button", name="Look for duplicates").click()
    page.get_by_text("4 records compared").wait_for()
    page.goto(address + "/search/strategy")
    page.fill("#q", "ovarian[tii] AND liver")
    page.get_by_role("button", name="Try").click()
    page.get_by_text("line 1, character 8").wait_for()
    for stage in ("title-abstract", "full-text"):
        page.goto(f"{address}/screen/{stage}")
        for n in range(1, 5):
            page.keyboard.press("i")
            wait_for_vote(page, f"{n} of 4 judged")
    for n in range(1, 5):
        page.goto(address + "/studies")
        form = page.locator("article form").first
        form.get_by_label("Study id").fill(f"s{n}")
        form.get_by_label("Design").fill("case series")
        form.get_by_role("button", name="Begin").click()
        page.get_by_role("heading", name="Values").wait_for()
        for field, value in (("n_total", str(10 + n)), ("mortality_n", str(n))):
            page.fill("#other_field", field)
            page.fill("#value", value)
            page.get_by_role("button", name="Save the value").click()
            page.get_by_text(f"Saved: s{n}/{field}").wait_for()
    page.goto(address + "/screen/title-abstract/list?show=include")
    assert page.locator(".records li").count() == 4
    page.goto(address + "/checks")
    page.get_by_text("8 values of 4 studies").wait_for()
    page.goto(address + "/results")
    page.get_by_role("heading", name="Mortality").wait_for()
    assert page.locator("figure img").evaluate("image => image.naturalWidth") > 100
    page.goto(address + "/report")
    page.get_by_role("button", name="Pin a version").click()
    page.get_by_text("Pinned as version 1").wait_for()
    report = page.frame_locator("iframe.preview")
    report.get_by_role("heading", name="Results", exact=False).first.wait_for()


def test_the_keys_vote_give_reasons_undo_and_can_be_changed(page: Any, address: str) -> None:
    bring_records(page, address)
    page.goto(address + "/screen/title-abstract")
    page.keyboard.press("1")
    page.keyboard.press("n")
    wait_for_vote(page, "1 of 4 judged")
    assert "exclude" in page.locator("#told").inner_text()
    page.keyboard.press("z")
    wait_for_vote(page, "0 of 4 judged")
    page.locator("#keys summary").click()
    page.fill("#key-include", "a")
    page.locator("#key-include").blur()
    page.keyboard.press("i")
    page.keyboard.press("a")
    wait_for_vote(page, "1 of 4 judged")
    page.locator("#keys-on").uncheck()
    page.locator("#keys-on").blur()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert judged(page) == "1 of 4 judged"


def test_a_theme_and_a_key_that_were_chosen_stay(page: Any, address: str) -> None:
    page.goto(address + "/settings")
    page.get_by_label("Dark").check()
    page.fill("#key-same", "q")
    page.locator("#key-same").blur()
    page.goto(address + "/duplicates")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 25, 29)"
    page.locator("#keys summary").click()
    assert page.input_value("#key-same") == "q"


def test_a_vote_survives_a_connection_lost_in_its_middle(page: Any, address: str) -> None:
    bring_records(page, address)
    page.goto(address + "/screen/title-abstract")
    # The server takes the vote, but the answer never arrives: the browser sends it again.
    lost = {"count": 0}

    def lose(route: Any) -> None:
        if route.request.method == "POST" and lost["count"] < 2:
            if lost["count"] == 0:
                route.fetch(max_redirects=0)
            lost["count"] += 1
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/screen/**", lose)
    page.keyboard.press("i")
    page.get_by_text("sent again by itself").wait_for()
    wait_for_vote(page, "1 of 4 judged", timeout=15_000)
    page.goto(address + "/log")
    assert page.get_by_text("include at title-abstract").count() == 1


def test_selected_words_become_the_anchor(page: Any, address: str) -> None:
    bring_records(page, address)
    for stage in ("title-abstract", "full-text"):
        page.goto(f"{address}/screen/{stage}")
        page.keyboard.press("i")
        page.get_by_text("1 of").first.wait_for()
    page.goto(address + "/studies")
    page.get_by_label("Study id").fill("s1")
    page.get_by_label("Design").fill("case series")
    page.get_by_role("button", name="Begin").click()
    page.locator('[data-place="abstract"]').evaluate(
        """node => {
            const range = document.createRange();
            range.setStart(node.firstChild, 3);
            range.setEnd(node.firstChild, 23);
            const selection = getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
            document.dispatchEvent(new MouseEvent('mouseup', {bubbles: true}));
        }"""
    )
    assert page.input_value("#span") == "operated on 11 women"
    assert page.input_value("#value") == "11"
    page.fill("#other_field", "n_total")
    page.get_by_role("button", name="Save the value").click()
    page.get_by_text("“operated on 11 women”").wait_for()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("demo") / "review"
    build_demo(folder).close()
    port = free_port()
    with serving(create_app(folder, person="ana"), port=port) as address:
        yield address


PAGES = [
    "/",
    "/protocol",
    "/search?q=liver",
    "/search/strategy?q=liver OR metastasis[tiab] OR xx[tii]&check=yes",
    "/search/prisma-s",
    "/results/effects",
    "/results/survival",
    "/import",
    "/duplicates",
    "/duplicates/linked",
    "/duplicates/studies",
    "/screen/title-abstract",
    "/screen/full-text",
    "/screen/title-abstract/list?show=all",
    "/screen/title-abstract/progress",
    "/fulltexts",
    "/studies",
    "/studies/kamel2011",
    "/appraisal",
    "/appraisal/studies/kamel2011",
    "/appraisal/certainty",
    "/studies/kamel2011/patients",
    "/studies/kamel2011/curves",
    "/form",
    "/form?ready=surgical-case-series",
    "/form?text=own",
    "/workbook",
    "/suggestions",
    "/double-entry",
    "/double-entry/settle?cell=kamel2011/n_total",
    "/checks",
    "/results",
    "/patient",
    "/report",
    "/audit",
    "/sharing",
    "/audit?version=1",
    "/audit/number?version=1&id=treated.studies",
    "/value?id=kamel2011/morbidity_n",
    "/updates",
    "/log",
    "/settings",
]


# At 360 px, and at 200 % of a window 1280 px wide.
WIDTHS = (360, 640)
PAPER = "getComputedStyle(document.body).backgroundColor"


def open_page(page: Any, address: str) -> None:
    """Open a page, and wait where it is made in the background first."""
    page.goto(address)
    page.locator("#waiting").wait_for(state="detached", timeout=120_000)


def test_no_page_breaks_a_rule_of_access_scrolls_sideways_or_loses_its_contrast_in_the_dark(
    browser: Any, demo: str
) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    # The page shows the report in a frame, which takes seconds to build and is not asked here.
    page.route("**/report/draft.html*", lambda route: route.abort())
    found: list[Any] = []
    for path in PAGES:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 740})
        open_page(page, demo + path)
        found += [(path, *one) for one in broken_rules(page)]
        paper = page.evaluate(PAPER)
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(PAPER) != paper, path
        found += [(path, "dark", *one) for one in broken_rules(page, rules=COLOURS)]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((path, "scrolls sideways", width))
    context.close()
    assert found == []


@pytest.mark.parametrize("path", ["/settings", "/suggestions", "/form?text=own", "/patient"])
def test_at_200_per_cent_every_rule_holds_and_every_control_is_in_reach(
    browser: Any, demo: str, path: str
) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 370}, bypass_csp=True)
    page = context.new_page()
    page.goto(demo + path)
    assert broken_rules(page) == []
    outside = page.evaluate(
        """() => [...document.querySelectorAll('main button, main input, main select, main a')]
            .filter((e) => e.offsetParent && !e.closest('.scroll'))
            .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
            .filter(([, box]) => box.right > innerWidth + 1 || box.left < 0)
            .map(([html]) => html)"""
    )
    context.close()
    assert outside == []


def corner_of(page: Any, tmp_path: Path) -> tuple[int, int, int]:
    """Return the colour at the corner of the page's first figure."""
    from PIL import Image

    picture = page.locator("figure.drawing img").first
    picture.evaluate("image => image.decode()")
    picture.screenshot(path=tmp_path / "figure.png")
    pixel = Image.open(tmp_path / "figure.png").convert("RGB").getpixel((3, 3))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def test_figures_follow_the_device_and_the_theme_chosen_and_print_on_white(
    browser: Any, demo: str, tmp_path: Path
) -> None:
    for device, theme, expected in (
        ("light", "", (255, 255, 255)),
        ("dark", "", (26, 32, 37)),
        ("light", "Dark", (26, 32, 37)),
        ("dark", "Light", (255, 255, 255)),
    ):
        context = browser.new_context(color_scheme=device)
        page = context.new_page()
        if theme:
            page.goto(demo + "/settings")
            page.get_by_label(theme, exact=True).check()
        page.goto(demo + "/results")
        assert corner_of(page, tmp_path) == expected, (device, theme)
        page.emulate_media(media="print", color_scheme="light")
        assert corner_of(page, tmp_path) == (255, 255, 255), (device, theme, "print")
        context.close()
