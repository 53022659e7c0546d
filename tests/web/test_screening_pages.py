"""The list, the progress and the ranking of a stage; full texts brought, read and given up."""

import re
from pathlib import Path

from starlette.testclient import TestClient
from tests.pdfs import make_pdf
from tests.web.test_pages import open_record, vote

from resartus.app.review import Review


def test_a_vote_takes_several_reasons_tags_and_a_note(
    client: TestClient, token: str, folder: Path
) -> None:
    first = open_record(client)
    with Review(folder) as review:
        names = [c.name for c in review.protocol.eligibility.exclude][:2]
    told = {"record_id": first, "verdict": "exclude", "reason": names, "tags": "ask Ben, old"}
    answer = client.post("/screen/title-abstract", data={"csrf": token, "note": "seen", **told})
    assert answer.status_code == 303
    with Review(folder) as review:
        [decision] = review.state().decisions.values()
    assert decision.reasons == tuple(names)
    assert (decision.tags, decision.note) == (("ask Ben", "old"), "seen")
    shown = client.get("/screen/title-abstract/list?show=exclude").text
    assert "ask Ben" in shown
    assert f"record={first.replace(':', '%3A')}" in shown


def test_a_list_keeps_what_its_words_name(client: TestClient, token: str, folder: Path) -> None:
    with Review(folder) as review:
        record = next(r for r in review.store.iterate_records() if r.title)
    shown = client.get("/screen/title-abstract/list", params={"q": record.title or ""}).text
    assert "1 records." in shown
    assert client.get("/screen/title-abstract/list?show=nonsense").status_code == 422


def test_undo_on_the_page_takes_back_the_vote_and_not_an_import_after_it(
    client: TestClient, token: str, folder: Path
) -> None:
    first = open_record(client)
    vote(client, token, record_id=first, verdict="maybe")
    ris = b"TY  - JOUR\nTI  - Uploaded title\nPY  - 2001\nER  - \n"
    client.post("/import", data={"csrf": token}, files={"files": ("x.ris", ris, "text/plain")})
    seq = re.search(r'name="seq" value="(\d+)"', client.get("/screen/title-abstract").text)
    assert seq is not None
    client.post("/undo", data={"csrf": token, "seq": seq.group(1)})
    with Review(folder) as review:
        assert not review.state().decisions
        assert len(review.state().imports) == 1


def test_progress_says_whether_to_stop_and_that_nobody_judged_in_pairs(client: TestClient) -> None:
    shown = client.get("/screen/title-abstract/progress").text
    assert "Not yet." in shown
    assert "no record has been judged by two reviewers" in shown


def test_a_pilot_round_is_begun_for_all_named(client: TestClient, token: str, folder: Path) -> None:
    told = {"csrf": token, "round": "first", "count": "5", "people": "ana\nben"}
    assert client.post("/screen/title-abstract/progress", data=told).status_code == 303
    with Review(folder) as review:
        assert len(review.state().rounds["first"]) == 5
    assert "round first (5)" in client.get("/screen/title-abstract/progress").text


def test_the_place_in_the_ranking_is_told_only_after_the_vote(
    client: TestClient, token: str
) -> None:
    first = open_record(client)
    client.app.state.desk.order.wait()  # type: ignore[attr-defined]
    asked = f"/screen/title-abstract?record={first}"
    assert "in the ranking" not in client.get(asked).text
    vote(client, token, record_id=first, verdict="include")
    assert "in the ranking" in client.get(asked).text


def sought(client: TestClient, token: str) -> str:
    first = open_record(client)
    vote(client, token, record_id=first, verdict="include")
    return first


def test_a_pdf_is_attached_read_and_served_safely(client: TestClient, token: str) -> None:
    first = sought(client, token)
    pdf = make_pdf("Liver metastases <script>alert(1)</script> of the ovary")
    told = {"csrf": token, "record_id": first}
    answer = client.post("/fulltexts", data=told, files={"files": ("a.pdf", pdf)})
    assert answer.status_code == 303
    shown = client.get("/fulltexts/read", params={"record": first}).text
    assert "<script>alert" not in shown
    served = client.get("/fulltexts/pdf", params={"record": first})
    assert served.content == pdf
    assert served.headers["content-type"] == "application/pdf"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in served.headers["content-security-policy"]


def test_of_several_pdfs_those_that_fit_no_record_are_named(client: TestClient, token: str) -> None:
    files = [("files", ("nobody.pdf", make_pdf("words of nobody"))), ("files", ("b.pdf", b"no"))]
    shown = client.post("/fulltexts", data={"csrf": token}, files=files).text
    assert "0 attached, 2 not" in shown
    assert "nobody.pdf matches no record" in shown


def test_a_text_given_up_counts_as_not_retrieved_until_taken_back(
    client: TestClient, token: str, folder: Path
) -> None:
    first = sought(client, token)
    told = {"csrf": token, "record_id": first, "reason": "authors did not answer"}
    assert client.post("/fulltexts/missing", data=told).status_code == 303
    shown = client.get("/fulltexts").text
    assert "authors did not answer" in shown
    seq = re.search(r'name="seq" value="(\d+)"', shown)
    assert seq is not None
    client.post("/undo", data={"csrf": token, "seq": seq.group(1)})
    with Review(folder) as review:
        assert not review.state().missing_fulltexts
