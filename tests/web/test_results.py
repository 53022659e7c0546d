"""Survival answers on the page to what is asked of it."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.demo import build_demo
from resartus.web.app import create_app


@pytest.mark.parametrize("asked", ["against=-3", "against=nan", "against=many", "dying_at=1e9"])
def test_what_is_no_number_of_months_is_refused_in_a_sentence(
    client: TestClient, asked: str
) -> None:
    answer = client.get(f"/results/survival?{asked}")
    assert answer.status_code == 422
    assert "is no number of months" in answer.text


def test_survival_is_shown_under_other_choices_and_stressed(tmp_path: Path) -> None:
    build_demo(tmp_path / "review").close()
    app = create_app(tmp_path / "review", person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        shown = client.get("/results/survival?varied=yes&against=12").text
    assert "Under other choices" in shown
    assert "keep largest" in shown
    assert "Stress test:" in shown or "The stress test needs a curve of patients" in shown
