"""The audit in the browser: findings by name, each number down to its sentence and its person."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.app.team.team import add, founding_review, team_server
from tests.web.team import person

from resartus.app.background import line
from resartus.app.background.kinds import KINDS, JobKind
from resartus.app.entering import Entry, define_study, enter_value
from resartus.app.importing import import_file
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.app.team.working import Worker, jobs_of
from resartus.app.undoing import undo_event
from resartus.app.versions import pin_version
from resartus.cli.main import main
from resartus.domain.event import EventKind
from resartus.domain.ids import StudyId
from resartus.errors import PermissionDenied
from resartus.web.app import create_app
from resartus.web.security import COOKIE
from resartus.web.team import create_team_app

ABSTRACT = "We operated on 52 women. Of them 2 died within 30 days."
PLAN = TEMPLATE.replace("proportions = []", 'proportions = ["mortality_n"]')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A review of one series, pinned, with an entry that was taken back and made anew."""
    folder = tmp_path_factory.mktemp("audit") / "review"
    folder.mkdir()
    ris = folder.parent / "one.ris"
    ris.write_text(f"TY  - JOUR\nTI  - One\nAU  - Roh, S\nPY  - 2011\nAB  - {ABSTRACT}\nER  - \n")
    with Review.create(folder, protocol_text=PLAN, person="ana") as review:
        import_file(review, ris)
        record_id = review.state().record_ids()[0]
        define_study(
            review, StudyId("roh"), record_id=record_id, design="case series", role="included"
        )

        def enter(field: str, value: str, span: str) -> None:
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

        enter("mortality_n", "3", "30 days")
        undo_event(review)
        enter("mortality_n", "2", "2 died")
        enter("n_total", "52", "52 women")
        pin_version(review, trigger="first")
    return folder


@pytest.fixture(scope="module")
def ana(folder: Path) -> Iterator[TestClient]:
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        client.get("/")
        yield client


def seen(client: TestClient, path: str) -> str:
    """Return a page that may be made in the background first."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        shown = client.get(path).text
        if 'id="waiting"' not in shown:
            return shown
        time.sleep(0.05)
    raise AssertionError(f"{path} was not made")


def test_a_sound_version_has_no_fault_and_says_what_is_missing(ana: TestClient) -> None:
    assert "Faults" not in ana.get("/audit").text
    shown = seen(ana, "/audit?version=1")
    assert "Faults (0)" in shown
    assert "PRISMA 2020" in shown
    assert "missing" in shown
    assert "/report/1.html#" in shown
    # What the command line would be told to run is a page here.
    assert 'rate each outcome with <a href="/appraisal/certainty">Certainty</a>' in shown
    assert "&#39;resartus" not in shown
    assert ana.get("/audit?version=7").status_code == 404
    assert ana.get("/audit?version=x").status_code == 404


def test_a_number_is_followed_to_its_rows_and_a_row_to_its_sentence_and_its_events(
    ana: TestClient,
) -> None:
    shown = seen(ana, "/audit?version=1")
    assert "id=mortality.pooled" in shown
    number = seen(ana, "/audit/number?version=1&id=mortality.pooled")
    assert "/value?id=roh/mortality_n" in number
    assert "“2 died”" in number
    assert "/log?by=ana" in number
    value = ana.get("/value?id=roh/mortality_n").text
    assert 'Of them <mark id="words">2 died</mark> within 30 days.' in value
    assert "entered: 3 (taken back)" in value
    assert "entered: 2" in value
    event = value.split("/log?before=")[1].split('"')[0].replace("&amp;", "&")
    log = ana.get(f"/log?before={event.partition('#')[0]}").text
    assert f'id="{event.partition("#")[2]}"' in log
    assert 'href="/value?id=roh/mortality_n"' in log
    assert 'href="/studies/roh"' in log
    assert "has no number" in seen(ana, "/audit/number?version=1&id=nothing")
    assert ana.get("/value?id=roh/nothing").status_code == 404


def test_an_audit_is_made_once_in_the_background_and_again_when_the_review_changes(
    ana: TestClient, folder: Path
) -> None:
    seen(ana, "/audit?version=1")
    kept = folder / "out" / "audits"
    made = {path.name for path in kept.iterdir()}
    # What is kept needs no waiting.
    assert "Faults (0)" in ana.get("/audit?version=1").text
    assert {path.name for path in kept.iterdir()} == made
    with Review(folder, person="ana") as review:
        missing = {"record_id": review.state().record_ids()[0], "reason": "lost"}
        undo_event(review, review.append(EventKind.FULLTEXT_MISSING, missing).seq)
    assert 'id="waiting"' in ana.get("/audit?version=1").text
    seen(ana, "/audit?version=1")
    assert {path.name for path in kept.iterdir()} > made


def test_a_report_with_one_patients_page_is_for_who_has_the_profile(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "review"
    shutil.copytree(folder, copy)
    (copy / "patient.toml").write_text('name = "She"\nage_years = 60\n')
    assert main(["--review", str(copy), "report", "--patient", str(copy / "patient.toml")]) == 0
    for kind in ("html", "docx"):
        (copy / "out" / f"report.{kind}").rename(copy / "out" / f"report-v1.{kind}")
    app = create_app(copy, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        shown = seen(client, "/audit?version=1")
    assert "Faults (0)" in shown
    assert "report-v1 holds one patient" in shown


def test_a_log_forged_after_the_audit_is_found_all_the_same(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "review"
    shutil.copytree(folder, copy)
    app = create_app(copy, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        assert "Faults (0)" in seen(client, "/audit?version=1")
        with sqlite3.connect(copy / "review.db") as db:
            guards = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in guards:
                db.execute(f"DROP TRIGGER {name}")
            db.execute("UPDATE events SET by = 'somebody else' WHERE seq = 1")
        db.close()
        assert "log changed" in seen(client, "/audit?version=1")


def test_work_that_failed_says_why_and_is_begun_again_where_wanted(
    ana: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder / "out" / "audits", ignore_errors=True)
    whole = dict(KINDS)
    broken = JobKind(action=Action.READ, work=lambda review, data, tell: str(1 / 0))
    monkeypatch.setattr(line, "KINDS", {"audit": broken})
    shown = seen(ana, "/audit?version=1")
    assert "something went wrong on our side" in shown
    # Looking again does not begin it again.
    assert "something went wrong" in ana.get("/audit?version=1").text
    monkeypatch.setattr(line, "KINDS", whole)
    again = ana.get("/audit?version=1&again=yes")
    assert (again.status_code, again.headers["location"]) == (303, "/audit?version=1")
    assert "Faults (0)" in seen(ana, "/audit?version=1")


def test_how_far_work_has_come_is_told_and_no_other_job(ana: TestClient) -> None:
    for unknown in ("999", "x", "1e3"):
        assert ana.get(f"/background/{unknown}").status_code == 404


def bring(client: TestClient, name: str, content: bytes) -> str:
    told = {"csrf": client.cookies[COOKIE], "version": "1"}
    return str(client.post("/audit", data=told, files={"files": (name, content)}).text)


def test_a_file_that_was_changed_is_told_by_what_was_changed(ana: TestClient) -> None:
    page = ana.get("/report/1.html").content
    assert "Faults (0)" in bring(ana, "sent.html", page)
    changed = page.replace(b">2/52<", b">1/52<").replace(b"3.8%", b"1.8%")
    assert changed != page
    shown = bring(ana, "sent.html", changed)
    assert "Faults (0)" not in shown
    assert "1.8%" in shown
    assert "neither an HTML page nor a Word file" in bring(ana, "sent.pdf", b"%PDF")
    assert "cannot be opened as a Word file" in bring(ana, "sent.docx", b"PK")


def test_a_protocol_changed_after_the_version_is_a_fault(ana: TestClient, folder: Path) -> None:
    plan = folder / "review.toml"
    text = plan.read_text()
    try:
        plan.write_text(text + "\n# a word\n")
        assert "review.toml was changed after version 1" in seen(ana, "/audit?version=1")
    finally:
        plan.write_text(text)
    assert "Faults (0)" in seen(ana, "/audit?version=1")


def test_a_value_others_entered_stays_blind_until_one_has_entered_it(
    folder: Path, tmp_path: Path
) -> None:
    from resartus.app.reporting.following import follow_value

    copy = tmp_path / "review"
    shutil.copytree(folder, copy)
    plan = copy / "review.toml"
    plan.write_text(plan.read_text().replace("reviewers_per_stage = 1", "reviewers_per_stage = 2"))
    with Review(copy, person="ben") as review:
        assert review.protocol.reviewers_per_stage == 2
        with pytest.raises(PermissionDenied, match="waits for a second person"):
            follow_value(review, "roh/mortality_n")
    app = create_app(copy, person="ben", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/value?id=roh/mortality_n").status_code == 403
    app = create_app(copy, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        assert "2 died" in client.get("/value?id=roh/mortality_n").text


def test_a_word_file_that_unpacks_to_more_than_any_report_is_refused(
    ana: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resartus.reporting.audit.written._MOST_BYTES", 1000)
    shown = bring(ana, "sent.docx", ana.get("/report/1.docx").content + b"changed")
    assert "more than any report" in shown


def test_a_teams_audit_is_made_by_another_server_and_shown_by_this_one(tmp_path: Path) -> None:
    server, other = team_server(tmp_path), team_server(tmp_path)
    try:
        owner = add(server, "owner")
        founding_review(server, owner)
        with server.open_review("r1", person="owner") as review:
            pin_version(review, trigger="first")
        at = "/reviews/r1/audit?version=1"
        with person(create_team_app(server, hosts=["localhost"]), owner) as browser:
            assert 'id="waiting"' in browser.client.get(at).text
            # Asked for again it is in line once.
            assert "In line." in browser.client.get(at).text
            [job] = jobs_of(server, "r1")
            assert browser.client.get(f"/reviews/r1/background/{job.job_id}").json() == {
                "state": "waiting",
                "n_done": None,
                "n_all": None,
            }
            worker = Worker(other)
            assert worker.work_once()
            assert not worker.work_once()
            worker.stop()
            assert "Faults (0)" in browser.client.get(at).text
            assert "version 1: 0 faults" in browser.client.get("/reviews/r1/work").text
    finally:
        other.close()
        server.close()
