"""Searches taken apart, effects by groups, survival by time zero."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.app.reporting.test_directions import review

from resartus.app.demo import build_demo
from resartus.app.review import Review
from resartus.web.app import create_app
from resartus.web.security import COOKIE

__all__ = ["review"]  # a fixture

EFFECT = """
[[analysis.effect]]
name = "Death after surgery"
measure = "PLO"
events = "mortality_n"
total = "n_liver_surgery"
"""


OWN = """
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


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers") / "review"
    build_demo(folder).close()
    plan = folder / "review.toml"
    plan.write_text(plan.read_text() + EFFECT)
    return folder


@pytest.fixture(scope="module")
def ana(demo: Path) -> Iterator[TestClient]:
    app = create_app(demo, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        yield client


def test_a_remark_on_a_query_names_its_place_and_a_repair_leads_on(ana: TestClient) -> None:
    shown = ana.get("/search/strategy", params={"q": "liver[tii] OR ovary\nAND x"}).text
    assert "line 1, character" in shown
    assert "<sup>1</sup></mark>" in shown
    assert "Hits by year" in shown


def test_known_articles_that_a_query_misses_are_named_with_what_lost_them(
    ana: TestClient,
) -> None:
    asked = {"q": "ovarian AND liver", "check": "yes"}
    shown = ana.get("/search/strategy", params=asked).text
    assert "known articles are found" in shown
    assert "lost by" in shown


def test_prisma_s_says_what_the_log_knows_and_what_people_must_say(ana: TestClient) -> None:
    shown = ana.get("/search/prisma-s").text
    assert "16. Deduplication" in shown
    assert "Not said yet" in shown


def test_an_effect_responds_to_groups_that_were_not_planned_with_a_caution(
    ana: TestClient,
) -> None:
    shown = ana.get("/results/effects", params={"subgroup": "country", "examine": "cumulative"})
    assert shown.status_code == 200
    assert "These groups were not planned" in shown.text
    assert "data:image/svg+xml" in shown.text


def test_an_effect_that_is_not_pooled_shows_which_way_each_study_points(
    review: Review,
) -> None:
    app = create_app(review.folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        shown = client.get("/results/effects", params={"effect": "Recurrence"}).text
        assert "Harvest plot. Recurrence: 1 harm, 1 no difference, 2 benefit." in shown
        assert "The plan pools nothing here" in shown
        # The same of any effect that too few studies report.
        other = client.get("/results/effects", params={"effect": "Death"}).text
        assert "Harvest plot. Death: 1 harm, 0 no difference, 1 benefit." in other


def test_survival_is_shown_by_time_zero_with_what_each_study_adds(ana: TestClient) -> None:
    shown = ana.get("/results/survival", params={"origin": "liver resection or ablation"}).text
    assert "What each study adds" in shown
    assert "Kaplan-Meier curve of the single patients" in shown
    assert "Median survival after treatment, by what it is counted from" in shown
    assert ana.get("/results/survival?origin=noon").status_code == 422


def ask(client: TestClient, path: str, **fields: str) -> Any:
    client.get("/")
    return client.post(path, data={"csrf": client.cookies[COOKIE], **fields})


def test_patients_alike_on_one_factor_stand_in_a_table_of_their_own(ana: TestClient) -> None:
    shown = ask(ana, "/patient", age_years="61", n_lesions="2").text
    alike = shown.split('id="alike"')[1].split("</section>")[0]
    assert ">over 60<" in alike
    assert ">3 or fewer<" in alike
    assert '/studies/kaseki1992/patients">' in shown


def test_the_tumour_boards_sheet_is_seen_and_downloaded_and_kept_nowhere(
    ana: TestClient, demo: Path
) -> None:
    before = {path for path in demo.rglob("*") if path.is_file()}
    given = {"age_years": "61", "name": "Case <7>"}
    page = ask(ana, "/patient/sheet", kind="html", **given)
    assert "Published evidence beside this patient" in page.text
    assert "Case &lt;7&gt;" in page.text
    assert page.headers["content-disposition"].startswith("inline")
    assert "script-src" not in page.headers["content-security-policy"]
    word = ask(ana, "/patient/sheet", kind="docx", **given)
    assert word.content.startswith(b"PK")
    assert word.headers["content-disposition"] == 'attachment; filename="sheet.docx"'
    assert ask(ana, "/patient/sheet", kind="exe").status_code == 404
    assert {path for path in demo.rglob("*") if path.is_file()} == before


def test_a_review_asks_for_the_factors_it_brought_itself(demo: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(demo, tmp_path / "review"))
    (folder / "factors.toml").write_text(OWN)
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        assert 'name="bilirubin"' in client.get("/patient").text
        shown = ask(client, "/patient", bilirubin="25").text
        assert ">20 on</td>" in shown
        assert "bilirubin" in ask(client, "/patient/sheet", kind="html", bilirubin="25").text
