"""Searches taken apart, effects by groups, survival by time zero."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.demo import build_demo
from resartus.web.app import create_app

EFFECT = """
[[analysis.effect]]
name = "Death after surgery"
measure = "PLO"
events = "mortality_n"
total = "n_liver_surgery"
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


def test_survival_is_shown_by_time_zero_with_what_each_study_adds(ana: TestClient) -> None:
    shown = ana.get("/results/survival", params={"origin": "liver resection or ablation"}).text
    assert "What each study adds" in shown
    assert ana.get("/results/survival?origin=noon").status_code == 422
