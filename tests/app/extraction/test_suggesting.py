"""Suggestions are off until switched on, pass the check, and count only when accepted."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from resartus.app.evidence import assemble
from resartus.app.extraction.suggesting import (
    SETTINGS,
    accept,
    disclosure,
    reject,
    suggest,
    waiting,
)
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.domain.ids import StudyId
from resartus.errors import (
    ConflictError,
    DataError,
    NotFoundError,
    ParseError,
    SourceRefused,
    SourceUnavailable,
)

ROH = StudyId("roh")


class FakeModel:
    """A chat endpoint on this machine that answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.answer, self.asked = 200, "", {}  # type: ignore[var-annotated]
        self.headers: dict[str, str] = {}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fake.asked, fake.headers = json.loads(body), dict(self.headers)
                told: Any = {
                    "model": "tiny-med-7b",
                    "system_fingerprint": "fp_42",
                    "choices": [{"message": {"content": fake.answer}}],
                }
                content = json.dumps(told).encode() if fake.status == 200 else b"went wrong"
                if fake.answer == "broken":
                    content = b"<html>"
                self.send_response(fake.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


@pytest.fixture
def fake() -> Iterator[FakeModel]:
    model = FakeModel()
    yield model
    model.close()


def switch_on(review: Review, text: str) -> None:
    (review.folder / SETTINGS).write_text(text)


def with_endpoint(review: Review, fake: FakeModel, more: str = "") -> None:
    switch_on(review, f'[endpoint]\nurl = "{fake.url}"\nmodel = "tiny"\n{more}')


def values(*rows: dict[str, Any]) -> str:
    return json.dumps({"values": list(rows)})


def test_suggestions_are_off_until_a_file_switches_them_on(review: Review) -> None:
    with pytest.raises(DataError, match="suggestions are off in this review"):
        suggest(review, ROH)
    switch_on(review, "rules = false\n")
    with pytest.raises(DataError, match="are off"):
        suggest(review, ROH)
    switch_on(review, "rule = true\n")
    with pytest.raises(DataError, match="'rule' is not a known key"):
        suggest(review, ROH)


def test_a_suggestion_counts_for_nothing_until_it_is_accepted(review: Review) -> None:
    switch_on(review, "rules = true\n")
    found = {s.field: s for s in suggest(review, ROH).suggestions}
    assert (found["n_total"].value, found["n_total"].span) == (52, "52 women")
    assert assemble(review.state())[0].values == {}
    accept(review, found["n_total"].suggestion_id)
    entered = assemble(review.state())[0].values["n_total"]
    assert (entered.value, entered.entered_by) == (52, "ana")
    assert entered.note == "suggested by rules 1"
    assert entered.anchor is not None
    assert (entered.anchor.place, entered.anchor.span) == ("abstract", "52 women")
    with pytest.raises(ConflictError, match="is accepted"):
        accept(review, found["n_total"].suggestion_id)
    undo_event(review)
    assert assemble(review.state())[0].values == {}
    assert found["n_total"] in waiting(review.state())


def test_a_suggestion_may_be_changed_put_into_a_group_or_rejected(review: Review) -> None:
    switch_on(review, "rules = true\n")
    found = {s.field: s for s in suggest(review, ROH).suggestions}
    median = found["median_os_months"].suggestion_id
    cell = accept(review, median, field="survival[all].median_os_months", value="53.5")
    assert cell.extracted.note == "suggested by rules 1, changed"
    reject(review, found["n_total"].suggestion_id)
    assert [s.field for s in waiting(review.state())] == [
        f for f in found if f not in ("n_total", "median_os_months")
    ]
    with pytest.raises(NotFoundError):
        reject(review, "nonesuch")
    (told, last) = disclosure(review.state())
    assert "Rules (version 1) proposed" in told
    assert "0 were accepted as they were, 1 with a change and 1 rejected" in told
    assert "without a person's acceptance" in last


def test_a_model_behind_an_endpoint_passes_the_same_gate(review: Review, fake: FakeModel) -> None:
    with_endpoint(review, fake)
    fake.answer = values(
        {"field": "n_total", "value": 52, "words": "52 women"},
        {"field": "n_total", "value": 520, "words": "52 women"},
        {"field": "mortality_n", "value": 0, "words": "nobody died"},
        {"field": "morbidity_n", "value": 19, "words": "37%", "derivation": "37 % of 52 = 19"},
    )
    done = suggest(review, ROH)
    assert {(s.field, s.value) for s in done.suggestions} == {("n_total", 52), ("morbidity_n", 19)}
    assert sorted(r.reason for r in done.refused) == [
        "its words do not stand in the text",
        "the value does not stand in its words",
    ]
    assert {s.made_by for s in done.suggestions} == {"tiny-med-7b"}
    assert done.suggestions[0].version.startswith("fp_42; prompt 1")
    assert fake.asked["model"] == "tiny"
    assert fake.asked["temperature"] == 0
    assert assemble(review.state())[0].values == {}
    assert "The language model tiny-med-7b (version fp_42" in disclosure(review.state())[0]
    assert not any("were sent to" in line for line in disclosure(review.state()))


def test_the_key_comes_from_the_environment_alone(
    review: Review, fake: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_endpoint(review, fake, 'key_env = "A_TEST_KEY"\n')
    fake.answer = values()
    monkeypatch.delenv("A_TEST_KEY", raising=False)
    with pytest.raises(SourceRefused, match="'A_TEST_KEY' holds no key"):
        suggest(review, ROH)
    monkeypatch.setenv("A_TEST_KEY", "s3cret")
    suggest(review, ROH)
    assert fake.headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in json.dumps([dict(e.data) for e in review.store.load_events()])


@pytest.mark.parametrize(
    ("status", "answer", "error", "words"),
    [
        (503, "", SourceUnavailable, "answered 503"),
        (429, "", SourceUnavailable, "try again later"),
        (401, "", SourceRefused, "answered 401: went wrong"),
        (200, "broken", ParseError, "no chat completion"),
        (200, "I cannot help with that", ParseError, "not the JSON it was asked for"),
    ],
)
def test_an_endpoint_that_fails_leaves_the_log_alone(
    review: Review,
    fake: FakeModel,
    status: int,
    answer: str,
    error: type[Exception],
    words: str,
) -> None:
    with_endpoint(review, fake)
    fake.status, fake.answer = status, answer
    before = review.store.last_seq()
    with pytest.raises(error, match=words):
        suggest(review, ROH)
    assert review.store.last_seq() == before


def test_an_endpoint_that_is_not_there_says_so(review: Review, fake: FakeModel) -> None:
    with_endpoint(review, fake, "timeout_s = 2\n")
    fake.close()
    with pytest.raises(SourceUnavailable, match="does not answer"):
        suggest(review, ROH)
    switch_on(review, '[endpoint]\nurl = "ftp://x"\nmodel = "m"\n')
    with pytest.raises(DataError, match="is not http"):
        suggest(review, ROH)
