"""Forms adopted and changed, workbooks sent out and taken back, in the browser."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

from resartus.app.demo import build_demo
from resartus.app.entering import Entry, enter_value
from resartus.app.extraction.form_in_use import current_form
from resartus.app.review import Review
from resartus.domain.ids import StudyId
from resartus.web.app import create_app
from resartus.web.security import COOKIE

STUDY = StudyId("kamel2011")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECOND = """
[[change]]
rename = { recruited = "years" }
drop = ["country"]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms") / "review"
    build_demo(folder).close()
    return folder


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "review"))


@pytest.fixture
def ana(demo: Path) -> Iterator[TestClient]:
    app = create_app(demo, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        client.get("/")
        yield client


def post(client: TestClient, path: str, **fields: str) -> str:
    answer = client.post(path, data={"csrf": client.cookies[COOKIE], **fields})
    if answer.status_code == 303:
        return str(client.get(answer.headers["location"]).text)
    return str(answer.text)


def area(html: str) -> str:
    found = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', html, re.S)
    assert found is not None
    return found.group(1).replace("&#34;", '"').replace("&gt;", ">").replace("&lt;", "<")


def test_a_ready_form_is_looked_at_with_what_it_means_then_adopted(
    ana: TestClient, demo: Path
) -> None:
    shown = ana.get("/form?ready=surgical-case-series").text
    assert "not asked by this form: stays as it is" in shown
    assert "entered values break a rule of the new form" in shown
    with Review(demo) as review:
        assert review.state().form is None
    assert "Adopted Surgical case series" in post(ana, "/form", ready="surgical-case-series")
    with Review(demo) as review:
        assert current_form(review).form_id == "surgical-case-series"
    assert "raise the version" in ana.get("/form?ready=surgical-case-series").text


def test_the_form_in_use_is_changed_as_text_and_entries_are_carried_over(
    ana: TestClient, demo: Path
) -> None:
    post(ana, "/form", ready="surgical-case-series")
    text = area(ana.get("/form?text=own").text)
    assert "version = 2" in text
    text = text.replace('name = "recruited"', 'name = "years"')
    shown = post(ana, "/form/look", text=text + SECOND)
    assert re.search(r"<code>recruited</code></th>.*?becomes years</td>", shown)
    assert "no longer asked: set aside, kept in the log" in shown
    assert "carried over" in post(ana, "/form", text=text + SECOND)
    with Review(demo) as review:
        fields = {c.field for c in review.state().cells.values()}
        assert "years" in fields
        assert not {"recruited", "country"} & fields


def test_a_form_that_does_not_hold_is_refused_with_its_text_kept(ana: TestClient) -> None:
    answer = ana.post(
        "/form/look", data={"csrf": ana.cookies[COOKIE], "text": 'id = "own"\nversion = 1'}
    )
    assert answer.status_code == 422
    assert "has no field" in answer.text
    assert area(answer.text) == 'id = "own"\nversion = 1'
    assert "nothing.toml" not in ana.get("/form?ready=../nothing.toml").text.split("not known")[1]


def workbook(client: TestClient) -> openpyxl.Workbook:
    answer = client.get(f"/workbook/extraction.xlsx?study={STUDY}")
    assert answer.headers["content-type"] == XLSX
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def bring(client: TestClient, book: openpyxl.Workbook) -> str:
    content = io.BytesIO()
    book.save(content)
    files = {"files": ("../filled.xlsx", content.getvalue(), XLSX)}
    answer = client.post("/workbook", data={"csrf": client.cookies[COOKIE]}, files=files)
    return str(answer.text)


def set_row(book: openpyxl.Workbook, field: str, value: object) -> None:
    sheet = book["Values"]
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 3).value == field)
    sheet.cell(row, 5, value)
    sheet.cell(row, 9, "table")


def test_a_workbook_shows_what_it_brings_before_it_is_taken(ana: TestClient, demo: Path) -> None:
    with Review(demo, person="ana") as review:
        record_id = review.state().studies[STUDY].record_ids[0]
        entry = Entry(study_id=STUDY, field="r0_n", value="40", record_id=record_id, place="table")
        enter_value(review, entry)
    book = workbook(ana)
    set_row(book, "r0_n", 41)
    set_row(book, "mortality_n", 1)
    shown = bring(ana, book)
    assert "New: 1. Replacing yours: 1." in shown
    assert "Replace what you entered before (1)" in shown
    assert "Resartus example" in shown.split("Differ from a colleague")[-1]
    with Review(demo) as review:
        assert review.state().cells[f"{STUDY}/r0_n", "ana"].extracted.value == 40
    payload = shown.split('name="payload" value="')[1].split('"')[0]
    told = post(ana, "/workbook", payload=payload, name="filled.xlsx")
    assert "Entered 2 values; 0 were known already" in told
    with Review(demo) as review:
        assert review.state().cells[f"{STUDY}/r0_n", "ana"].extracted.value == 41


def test_a_row_that_breaks_a_rule_stops_the_workbook(ana: TestClient, demo: Path) -> None:
    book = workbook(ana)
    set_row(book, "r0_n", "many")
    set_row(book, "mortality_n", 1)
    shown = bring(ana, book)
    assert "filled.xlsx, line" in shown
    assert "Nothing is taken while a row breaks a rule" in shown
    assert "values as mine" not in shown


def test_words_of_a_form_or_a_workbook_are_never_taken_for_a_page(ana: TestClient) -> None:
    bad = "<img src=x onerror=alert(1)>"
    text = f'id = "own"\nversion = 1\ntitle = "{bad}"\n[[field]]\nname = "x"\nlabel = "{bad}"\n'
    shown = post(ana, "/form/look", text=text)
    assert shown.count("&lt;img src=x") >= 2
    assert bad not in shown
    post(ana, "/form", text=text)
    for path in ("/form", "/workbook", f"/studies/{STUDY}"):
        assert bad not in ana.get(path).text
    book = workbook(ana)
    set_row(book, "x", bad)
    shown = bring(ana, book)
    assert "&lt;img src=x" in shown
    assert bad not in shown
