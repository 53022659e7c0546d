"""The page of updates answers first whether a conclusion changed, and settles notices."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.app.living.conftest import PROTOCOL, cells, record

from resartus.app.living.notices import note_notices, notices
from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.app.versions import pin_version
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import Pmid, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.record import RelatedReport
from resartus.domain.state import Imported, StudyEntry
from resartus.web.app import create_app
from resartus.web.security import COOKIE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A review of two invented series, pinned once; no evidence is meant."""
    folder = tmp_path / "living"
    folder.mkdir()
    with Review.create(folder, protocol_text=PROTOCOL, person="ana") as review:
        include(review, 1, events=1, total=40)
        include(review, 2, events=2, total=40)
        pin_version(review, trigger="first report")
    return folder


def include(review: Review, pmid: int, *, events: int, total: int) -> None:
    it = record(pmid)
    review.store.save_records([it])
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="file", record_ids=(it.record_id,)))
    for stage in Stage:
        decide(review, it.record_id, stage=stage, verdict=Verdict.INCLUDE)
    study = StudyEntry(
        study_id=StudyId(str(it.record_id)),
        label=f"Series {pmid}",
        design="case series",
        year=2000 + pmid,
        record_ids=(it.record_id,),
    )
    review.append(EventKind.STUDY_DEFINED, study)
    entered = cells(str(it.record_id), mortality_n=events, n_total=total)
    review.append(EventKind.CELL_ENTERED, {"cells": [to_plain(cell) for cell in entered]})


@pytest.fixture
def browser_of(folder: Path) -> Iterator[TestClient]:
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        yield client


def test_a_page_without_any_change_says_so_plainly(browser_of: TestClient) -> None:
    shown = browser_of.get("/updates").text
    assert "No. Nothing changed at all." in shown
    assert "Who and when" not in shown


def test_a_new_series_that_moves_the_estimate_is_answered_first_with_its_cause(
    browser_of: TestClient, folder: Path
) -> None:
    with Review(folder, person="ben") as review:
        include(review, 3, events=30, total=40)
    shown = browser_of.get("/updates").text
    assert "Yes: 1 conclusion reads anew." in shown
    assert "A conclusion changed" in shown
    assert re.search(r"Estimate: 1.*?ben, \d{4}-\d\d-\d\d.*?event \d+", shown, re.DOTALL)
    assert shown.index("Estimate: 1") < shown.index("Record: 1")
    assert "Year by year" in shown


def test_a_vote_alone_changes_things_and_no_conclusion(
    browser_of: TestClient, folder: Path
) -> None:
    with Review(folder, person="ana") as review:
        it = record(9)
        review.store.save_records([it])
        review.append(
            EventKind.RECORDS_IMPORTED, Imported(origin="file", record_ids=(it.record_id,))
        )
        decide(review, it.record_id, stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    shown = browser_of.get("/updates").text
    assert '<p class="lead">No.</p>' in shown
    assert "pubmed:9 at title-abstract by ana" in shown


def test_a_vote_is_told_among_the_changes_once_both_have_voted(folder: Path) -> None:
    path = folder / "review.toml"
    path.write_text("reviewers_per_stage = 2\n" + path.read_text())
    with Review(folder, person="ben") as review:
        it = record(9)
        review.store.save_records([it])
        review.append(
            EventKind.RECORDS_IMPORTED, Imported(origin="file", record_ids=(it.record_id,))
        )
        decide(review, it.record_id, stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    for person in ("ana", "ben"):
        app = create_app(folder, person=person, hosts=("localhost",))
        with TestClient(app, base_url="http://localhost") as client:
            assert "pubmed:9 at title-abstract" not in client.get("/updates").text
    with Review(folder, person="ana") as review:
        decide(review, it.record_id, stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        shown = client.get("/updates").text
        assert "pubmed:9 at title-abstract by ben" in shown


def test_a_notice_comes_first_and_goes_once_it_is_settled(
    browser_of: TestClient, folder: Path
) -> None:
    with Review(folder, person="ana") as review:
        retraction = RelatedReport(kind="RetractionIn", pmid=Pmid(90), citation=None)
        [notice] = note_notices(review, [record(1, related=(retraction,))])
    shown = browser_of.get("/updates").text
    assert shown.index("Notices on included reports (1)") < shown.index("Did any conclusion")
    told = {"csrf": str(browser_of.cookies[COOKIE]), "notice_id": notice.notice_id}
    assert browser_of.post("/updates/notices", data={**told, "note": " "}).status_code == 422
    answer = browser_of.post("/updates/notices", data={**told, "note": "study left out"})
    assert answer.status_code == 303
    assert browser_of.post("/updates/notices", data={**told, "note": "again"}).status_code == 409
    assert "Notices on included reports" not in browser_of.get("/updates").text
    with Review(folder) as review:
        assert [n.settled for n in notices(review.state())] == ["study left out"]


@pytest.mark.parametrize("asked", ["before=7", "after=7", "before=one", "before=²"])
def test_a_version_that_does_not_exist_is_named(browser_of: TestClient, asked: str) -> None:
    answer = browser_of.get(f"/updates?{asked}")
    assert answer.status_code in (404, 422)
    assert "Traceback" not in answer.text
