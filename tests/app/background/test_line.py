"""One person's line: one thing after another, each told how it stands."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from resartus.app.background import line
from resartus.app.background.kinds import JobKind
from resartus.app.background.line import OwnLine
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.job import Job, JobState, Tell
from resartus.errors import DataError, NotFoundError


class Held:
    """Work that goes on when it is let."""

    def __init__(self) -> None:
        self.begun, self.go, self.done = threading.Event(), threading.Event(), list[object]()

    def work(self, review: Review, data: Mapping[str, Any], tell: Tell) -> str:
        tell(1, 3)
        self.begun.set()
        assert self.go.wait(20)
        tell(2, 3)
        self.done.append((review.person, data["name"]))
        if data["name"] == "bad":
            raise DataError("it does not fit")
        if data["name"] == "broken":
            raise RuntimeError("secret inside")
        return f"did {data['name']}"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(line, "KINDS", {"own": JobKind(action=Action.READ, work=held.work)})
    return held


@pytest.fixture
def own(tmp_path: Path, held: Held) -> Iterator[OwnLine]:
    Review.create(tmp_path, protocol_text=TEMPLATE, person="ana").close()

    def opening(person: str) -> AbstractContextManager[Review]:
        return Review(tmp_path, person=person)

    own = OwnLine(opening)
    yield own
    held.go.set()
    own.close()


def ended(own: OwnLine, job: Job) -> Job:
    own._worker.submit(lambda: None).result(20)
    return own.job(job.job_id)


def test_what_is_under_way_is_asked_for_once_and_done_in_the_name_of_who_asked(
    own: OwnLine, held: Held
) -> None:
    first = own.ask("own", {"name": "a"}, person="ana")
    assert held.begun.wait(20)
    assert own.ask("own", {"name": "a"}, person="ana").job_id == first.job_id
    other = own.ask("own", {"name": "b"}, person="ben")
    running = own.find("own", {"name": "a"})
    assert running is not None
    assert (running.state, running.n_done, running.n_all) == (JobState.RUNNING, 1, 3)
    assert own.job(other.job_id).state is JobState.WAITING
    held.go.set()
    assert ended(own, other).result == "did b"
    assert held.done == [("ana", "a"), ("ben", "b")]
    assert own.ask("own", {"name": "a"}, person="ana").job_id not in (first.job_id, other.job_id)


@pytest.mark.parametrize(
    ("name", "told"), [("bad", "it does not fit"), ("broken", "something went wrong on our side")]
)
def test_what_fails_says_why_and_the_line_goes_on(
    own: OwnLine, held: Held, name: str, told: str
) -> None:
    held.go.set()
    failed = own.ask("own", {"name": name}, person="ana")
    after = own.ask("own", {"name": "c"}, person="ana")
    assert ended(own, after).state is JobState.DONE
    job = own.job(failed.job_id)
    assert job.state is JobState.FAILED
    assert told in str(job.result)
    assert "secret" not in str(job.result)


def test_a_server_that_stops_ends_the_work_at_its_next_step(own: OwnLine, held: Held) -> None:
    job = own.ask("own", {"name": "a"}, person="ana")
    assert held.begun.wait(20)
    closing = threading.Thread(target=own.close)
    closing.start()
    while not own._stopping.is_set():
        pass
    held.go.set()
    closing.join()
    assert held.done == []
    assert "stopped" in str(own.job(job.job_id).result)


def test_an_unknown_job_is_not_found(own: OwnLine) -> None:
    with pytest.raises(NotFoundError):
        own.job(7)
    assert own.find("own", {"name": "nobody asked"}) is None
