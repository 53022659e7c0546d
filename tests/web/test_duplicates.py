"""Pairs are judged on the page, links taken out, and each judgement taken back."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.review import Review

TITLE = "Hepatic resection for metastases of a rare tumour of the ovary in young women"
PAIR = re.compile(
    r'name="record_id" value="([^"]+)"><input type="hidden" name="other_id" value="([^"]+)"'
)


def entry(title: str, *, year: int, pages: str = "", journal: str = "Surgery") -> str:
    return (
        f"TY  - JOUR\nTI  - {title}\nAU  - Miller, A\nAU  - Smith, B\nJO  - {journal}\n"
        f"PY  - {year}\nSP  - {pages}\nER  - \n\n"
    )


@pytest.fixture
def asked(client: TestClient, token: str) -> tuple[str, str]:
    """A pair that only a person can judge: the same words in another journal, on no page."""
    text = entry(TITLE, year=2001, pages="12-19") + entry(
        TITLE, year=2002, journal="Annals of Oncology"
    )
    files = {"files": ("two.ris", text.encode(), "text/plain")}
    client.post("/import", data={"csrf": token}, files=files)
    assert client.post("/duplicates/find", data={"csrf": token}).status_code == 303
    found = PAIR.search(client.get("/duplicates").text)
    assert found is not None
    return found.group(1), found.group(2)


def judge(client: TestClient, token: str, pair: tuple[str, str], verdict: str) -> int:
    told = {"csrf": token, "record_id": pair[0], "other_id": pair[1], "verdict": verdict}
    return client.post("/duplicates", data=told).status_code


def test_a_pair_is_shown_field_by_field_with_its_reasons(
    client: TestClient, asked: tuple[str, str]
) -> None:
    shown = client.get("/duplicates").text
    assert "Put to you because" in shown
    for words in ("2001", "2002", "12-19", TITLE):
        assert words in shown


def test_a_pair_judged_same_is_linked_and_taken_out_again(
    client: TestClient, token: str, folder: Path, asked: tuple[str, str]
) -> None:
    assert judge(client, token, asked, "same") == 303
    with Review(folder) as review:
        [(duplicate, kept)] = review.state().duplicate_of.items()
    assert {duplicate, kept} == set(asked)
    assert duplicate in client.get("/duplicates/linked").text
    out = client.post("/duplicates/linked", data={"csrf": token, "record_id": duplicate})
    assert out.status_code == 303
    with Review(folder) as review:
        assert not review.state().duplicate_of


@pytest.mark.parametrize("verdict", ["different", "related", "same"])
def test_a_judged_pair_is_asked_again_once_the_judgement_is_taken_back(
    client: TestClient, token: str, asked: tuple[str, str], verdict: str
) -> None:
    judge(client, token, asked, verdict)
    shown = client.get("/duplicates").text
    assert PAIR.search(shown) is None
    seq = re.search(r'name="seq" value="(\d+)"', shown)
    assert seq is not None
    client.post("/undo", data={"csrf": token, "seq": seq.group(1), "back": "/duplicates"})
    found = PAIR.search(client.get("/duplicates").text)
    assert found is not None
    assert found.groups() == asked


def test_a_word_that_is_no_verdict_is_refused(
    client: TestClient, token: str, asked: tuple[str, str]
) -> None:
    assert judge(client, token, asked, "perhaps") == 422


def test_a_run_over_the_whole_review_is_never_the_last_thing_to_undo(
    client: TestClient, token: str
) -> None:
    text = entry(TITLE, year=2001, pages="12-19") * 2
    files = {"files": ("two.ris", text.encode(), "text/plain")}
    client.post("/import", data={"csrf": token}, files=files)
    client.post("/duplicates/find", data={"csrf": token})
    assert 'name="seq"' not in client.get("/duplicates").text
