"""Suggested values in the browser: off at first, seen with their words, decided on by a person."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.entering import define_study
from resartus.app.extraction.suggesting import SETTINGS, load_settings
from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.ids import StudyId
from resartus.web.app import create_app
from resartus.web.security import COOKIE

ABSTRACT = "Costs were < five & low. We operated on 52 women."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    folder.mkdir()
    ris = tmp_path / "one.ris"
    ris.write_text(f"TY  - JOUR\nTI  - One\nAU  - Roh, S\nPY  - 2011\nAB  - {ABSTRACT}\nER  - \n")
    with Review.create(folder, protocol_text=TEMPLATE, person="ana") as review:
        import_file(review, ris)
        record_id = review.state().record_ids()[0]
        define_study(
            review, StudyId("roh"), record_id=record_id, design="case series", role="included"
        )
    return folder


@pytest.fixture
def ana(folder: Path) -> Iterator[TestClient]:
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        client.get("/")
        yield client


def post(client: TestClient, path: str, **fields: str) -> str:
    answer = client.post(path, data={"csrf": client.cookies[COOKIE], **fields})
    if answer.status_code == 303:
        return str(client.get(answer.headers["location"]).text)
    return str(answer.text)


def waiting_id(html: str) -> str:
    return html.split('name="suggestion_id" value="')[1].split('"')[0]


def test_nothing_proposes_until_it_is_switched_on(ana: TestClient, folder: Path) -> None:
    assert "Off. Nothing proposes values" in ana.get("/suggestions").text
    assert "suggestions are off" in post(ana, "/suggestions/made", study="roh")
    post(ana, "/suggestions/settings", rules="on")
    shown = post(ana, "/suggestions/made", study="roh")
    assert '<mark id="words">52 women</mark>' in shown
    assert "Costs were &lt; five &amp; low." in shown
    post(ana, "/suggestions/settings", rules="off")
    with Review(folder) as review:
        assert not load_settings(review).is_on


def test_a_switch_leaves_the_rest_of_the_settings_alone(ana: TestClient, folder: Path) -> None:
    endpoint = '# see [docs]\n[endpoint]\nurl = "http://127.0.0.1:1/v1"\nmodel = "m"\n'
    (folder / SETTINGS).write_text(endpoint)
    post(ana, "/suggestions/settings", rules="on")
    assert (folder / SETTINGS).read_text() == "rules = true\n" + endpoint
    post(ana, "/suggestions/settings", rules="off")
    assert (folder / SETTINGS).read_text() == "rules = false\n" + endpoint
    assert "one study be read at a time" in post(ana, "/suggestions/made")
    (folder / SETTINGS).write_text("rules = maybe")
    assert "is not valid TOML" in ana.get("/suggestions").text


def test_a_correction_that_breaks_a_rule_is_shown_again_with_what_was_typed(
    ana: TestClient, folder: Path
) -> None:
    post(ana, "/suggestions/settings", rules="on")
    post(ana, "/form", ready="surgical-case-series")
    one = waiting_id(post(ana, "/suggestions/made", study="roh"))
    answer = ana.post(
        "/suggestions",
        data={
            "csrf": ana.cookies[COOKIE],
            "suggestion_id": one,
            "field": "n_total",
            "value": "many",
        },
    )
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert "Entered roh/n_total: 51" in post(
        ana, "/suggestions", suggestion_id=one, field="n_total", value="51"
    )
    with Review(folder) as review:
        cell = review.state().cells["roh/n_total", "ana"]
        assert review.state().suggestion_verdicts[one]["verdict"] == "accepted with a change"
    assert cell.extracted.anchor is not None
    assert cell.extracted.anchor.span == "52 women"


def test_who_answers_a_suggestion_that_a_colleague_answered_is_told(ana: TestClient) -> None:
    post(ana, "/suggestions/settings", rules="on")
    one = waiting_id(post(ana, "/suggestions/made", study="roh"))
    post(ana, "/suggestions", suggestion_id=one, verdict="reject")
    answer = ana.post(
        "/suggestions",
        data={"csrf": ana.cookies[COOKIE], "suggestion_id": one, "verdict": "reject"},
    )
    assert answer.status_code == 409


@pytest.mark.parametrize("path", ["/duplicates", "/duplicates/studies", "/suggestions"])
def test_a_page_that_listens_to_keys_lists_them(ana: TestClient, path: str) -> None:
    shown = ana.get(path).text
    assert "/static/judge.js" in shown
    assert 'id="key-list" data-acts="' in shown
