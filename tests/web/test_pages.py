"""Every page answers, every form does what it says."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.review import Review
from resartus.domain.decision import Stage

PAGES = [
    "/",
    "/protocol",
    "/search",
    "/search?q=liver AND ovar*",
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
    "/conflicts",
    "/studies",
    "/appraisal",
    "/appraisal/certainty",
    "/double-entry",
    "/checks",
    "/results",
    "/patient",
    "/report",
    "/updates",
    "/log",
    "/settings",
]
FIRST = re.compile(r'name="record_id" value="([^"]+)"')


def events(folder: Path) -> int:
    with Review(folder) as review:
        return review.store.last_seq()


def open_record(client: TestClient, stage: str = "title-abstract") -> str:
    found = FIRST.search(client.get(f"/screen/{stage}").text)
    assert found is not None
    return found.group(1)


def vote(client: TestClient, token: str, **fields: str) -> int:
    stage = fields.pop("stage", "title-abstract")
    answer = client.post(f"/screen/{stage}", data={"csrf": token, **fields})
    return answer.status_code


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_a_review_answers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "<h1>" in answer.text


def test_an_unknown_page_says_so(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no page" in answer.text


def test_a_vote_is_logged_under_the_person_and_the_next_record_shown(
    client: TestClient, token: str, folder: Path
) -> None:
    first = open_record(client)
    assert vote(client, token, record_id=first, verdict="include") == 303
    assert open_record(client) != first
    with Review(folder) as review:
        [decision] = review.state().decisions.values()
    assert (decision.record_id, decision.decided_by) == (first, "ana")


def test_a_vote_sent_twice_counts_once(client: TestClient, token: str, folder: Path) -> None:
    first = open_record(client)
    before = events(folder)
    for _ in range(2):
        assert vote(client, token, record_id=first, verdict="maybe", key="k-1") == 303
    assert events(folder) == before + 1


def test_an_exclusion_at_full_text_needs_a_reason(client: TestClient, token: str) -> None:
    first = open_record(client)
    vote(client, token, record_id=first, verdict="include")
    assert vote(client, token, stage="full-text", record_id=first, verdict="exclude") == 422
    assert (
        vote(
            client,
            token,
            stage="full-text",
            record_id=first,
            verdict="exclude",
            reason="other tumour",
        )
        == 303
    )


def test_undo_takes_back_the_last_vote(client: TestClient, token: str) -> None:
    first = open_record(client)
    vote(client, token, record_id=first, verdict="exclude", reason="other tumour")
    assert open_record(client) != first
    told = {"csrf": token, "back": "/screen/title-abstract"}
    back = client.post("/undo", data=told).headers["location"]
    shown = FIRST.search(client.get(back).text)
    assert shown is not None
    assert shown.group(1) == first


def test_a_protocol_that_does_not_hold_is_shown_with_its_line_and_kept_out(
    client: TestClient, token: str, folder: Path
) -> None:
    text = (folder / "review.toml").read_text()
    broken = text + "\nreviewers_per_stage = 'many'\n"
    answer = client.post("/protocol", data={"csrf": token, "text": broken})
    assert answer.status_code == 422
    assert "line" in answer.text
    assert (folder / "review.toml").read_text() == text


def test_a_protocol_is_saved_and_the_earlier_text_kept(
    client: TestClient, token: str, folder: Path
) -> None:
    text = (folder / "review.toml").read_text()
    changed = re.sub(r"^title = .*$", 'title = "Another title"', text, count=1, flags=re.M)
    assert client.post("/protocol", data={"csrf": token, "text": changed}).status_code == 303
    assert "Another title" in client.get("/").text
    with Review(folder) as review:
        kept = [e for e in review.store.load_events() if e.kind.value == "protocol.changed"]
        assert review.payloads.load(kept[0].data["before"]).decode() == text


def test_citations_are_imported_and_told_by_content(client: TestClient, token: str) -> None:
    ris = b"TY  - JOUR\nTI  - Uploaded title\nPY  - 2001\nER  - \n"
    answer = client.post(
        "/import", data={"csrf": token}, files={"files": ("../../etc/x.txt", ris, "text/plain")}
    )
    assert answer.status_code == 200
    assert "1 records as" in answer.text
    assert "x.txt" in answer.text
    assert "../" not in answer.text


def test_a_value_is_entered_with_its_anchor(client: TestClient, token: str, folder: Path) -> None:
    first = open_record(client)
    vote(client, token, record_id=first, verdict="include")
    vote(client, token, stage="full-text", record_id=first, verdict="include")
    with Review(folder) as review:
        role = review.protocol.roles[0].name
        title = review.store.load_record(first).title or ""  # type: ignore[arg-type]
    made = client.post(
        "/studies",
        data={
            "csrf": token,
            "study_id": "s1",
            "record_id": first,
            "design": "case series",
            "role": role,
        },
    )
    assert made.status_code == 303
    value = {
        "csrf": token,
        "field": "n_total",
        "value": "12",
        "record_id": first,
        "place": "title",
        "span": title.split()[0],
        "reported": "reported",
    }
    assert client.post("/studies/s1", data=value).status_code == 303
    with Review(folder) as review:
        [cell] = review.state().cells.values()
    assert cell.extracted.value == 12
    assert cell.extracted.anchor is not None
    assert (cell.extracted.anchor.start, cell.extracted.anchor.end) == (0, len(title.split()[0]))
    wrong = client.post("/studies/s1", data={**value, "span": "words that do not stand there"})
    assert wrong.status_code == 422
    assert "do not stand in the title" in wrong.text


def test_a_patient_gets_evidence_and_nothing_is_stored(
    client: TestClient, token: str, folder: Path
) -> None:
    before = events(folder)
    answer = client.post(
        "/patient", data={"csrf": token, "disease_extent": "liver only", "interval_months": "30"}
    )
    assert answer.status_code == 200
    assert "By factor" in answer.text
    assert events(folder) == before


def test_a_patient_with_a_word_for_a_number_is_told(client: TestClient, token: str) -> None:
    answer = client.post("/patient", data={"csrf": token, "interval_months": "long"})
    assert answer.status_code == 422
    assert "&#39;long&#39; is not a number" in answer.text


def test_nobody_is_shown_a_colleagues_vote_before_their_own(folder: Path) -> None:
    from resartus.app.queue import ScreeningQueue
    from resartus.app.screening import decide
    from resartus.domain.decision import Verdict

    path = folder / "review.toml"
    path.write_text(
        re.sub(r"^reviewers_per_stage = 1", "reviewers_per_stage = 2", path.read_text(), flags=re.M)
    )
    with Review(folder, person="ben") as review:
        record_id = ScreeningQueue(review).next_open(Stage.SCREENING)
        assert record_id is not None
        decide(
            review,
            record_id,
            stage=Stage.SCREENING,
            verdict=Verdict.EXCLUDE,
            note="ben's secret",
            reasons=["other tumour"],
        )
    from resartus.web.app import create_app

    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        shown = client.get(f"/screen/title-abstract?record={record_id}").text
        assert "ben" not in shown
        assert "ben" not in client.get("/conflicts").text


def test_a_table_that_does_not_tell_is_asked_about_and_then_comes_in(
    client: TestClient, token: str
) -> None:
    table = b"Was,Wer\nErster Titel,Meier A\n"
    answer = client.post(
        "/import", data={"csrf": token}, files={"files": ("t.csv", table, "text/csv")}
    )
    assert "What do the columns of t.csv hold?" in answer.text
    assert "Erster Titel" in answer.text
    payload = re.search(r'name="payload" value="([0-9a-f]{64})"', answer.text)
    assert payload is not None
    told = {"column:Was": "title", "column:Wer": "authors", "name": "t.csv"}
    answer = client.post(
        "/import/columns", data={"csrf": token, "payload": payload.group(1), **told}
    )
    assert "1 records as csv" in answer.text


def test_decisions_in_a_file_become_those_of_the_person_at_the_desk(
    client: TestClient, token: str, folder: Path
) -> None:
    note = '{"stage":"title-abstract","verdict":"include","by":"Somebody else"}'
    ris = f"TY  - JOUR\nTI  - Judged\nN1  - RESARTUS-DECISION: {note}\nER  - \n".encode()
    answer = client.post(
        "/import",
        data={"csrf": token, "decisions": "mine"},
        files={"files": ("t.ris", ris, "text/plain")},
    )
    assert "1 decisions taken over" in answer.text
    with Review(folder) as review:
        found = [r.record_id for r in review.store.iterate_records() if r.title == "Judged"]
        votes = [d for d in review.state().decisions.values() if d.record_id == found[0]]
    assert votes
    assert "Somebody else" not in {vote.decided_by for vote in votes}


def test_the_log_shows_one_person_or_one_kind(client: TestClient, token: str) -> None:
    first = open_record(client)
    vote(client, token, record_id=first, verdict="include")
    votes = client.get("/log?kind=decision.made").text
    assert "include at title-abstract" in votes
    assert "ran search" not in votes
    assert "Nothing yet." in client.get("/log?by=nobody").text
    assert client.get("/log?kind=nonsense").status_code == 422
