"""The order of judging, learnt in a process of its own: killed, closed, edited, read only."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.team.team import add, team_server
from tests.stores.databases import KINDS, postgres_url

from resartus.app.desk import Desk
from resartus.app.review import Review
from resartus.app.screening import decide, kept_order
from resartus.app.screening.kept_order import KeptOrder
from resartus.app.screening.learner import Learner
from resartus.app.screening.learning import Place
from resartus.app.screening.ranking import ScreeningOrder
from resartus.app.starting import TEMPLATE
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.errors import StoreError

HANGS = "import sys; sys.stdin.read()"
WORDS = ("liver metastases resection", "asthma in children", "ovarian cancer", "knee pain")
IDS = tuple(RecordId(f"r{n}") for n in range(40))


def fill(review: Review) -> None:
    review.store.save_records(
        Record(record_id=r, source="ris", title=f"{WORDS[n % 4]} {n}") for n, r in enumerate(IDS)
    )
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=IDS))
    for n, record_id in enumerate(IDS[:8]):
        verdict = Verdict.INCLUDE if n % 4 == 2 else Verdict.EXCLUDE
        decide(review, record_id, stage=Stage.SCREENING, verdict=verdict)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "r"
    made.mkdir()
    with Review.create(made, protocol_text=TEMPLATE, person="ann") as review:
        fill(review)
    return made


@pytest.fixture
def learner() -> Iterator[Learner]:
    made = Learner()
    yield made
    made.close()
    assert made.pid is None


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every set for too many records to be ranked in the time of a page."""
    monkeypatch.setattr(kept_order, "_AT_ONCE", 0)


def here(review: Review) -> tuple[RecordId, ...]:
    return tuple(ScreeningOrder(review).iterate(Stage.SCREENING))


def desk_of(folder: Path, learner: Learner) -> Desk:
    opening = lambda: Review(folder, person="ann")  # noqa: E731 - as the faces open one
    return Desk(opening, place=Place(folder=folder), learner=learner)


def until(is_true, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def running(learner: Learner) -> int:
    pid = learner.pid
    assert pid is not None
    return pid


def test_few_records_are_ranked_at_once_and_without_another_process(
    folder: Path, learner: Learner
) -> None:
    desk = desk_of(folder, learner)
    with desk.review("ann") as review:
        assert desk.queue.next_open(Stage.SCREENING) == here(review)[8]
    assert learner.pid is None
    assert desk.order.place(Stage.SCREENING, here_of(folder)[2]) == 3
    desk.close()


def here_of(folder: Path) -> tuple[RecordId, ...]:
    with Review(folder) as review:
        return here(review)


@pytest.mark.parametrize("kind", KINDS)
def test_the_process_learns_what_would_be_learnt_here(
    kind: str, tmp_path: Path, learner: Learner
) -> None:
    def check(url: str) -> None:
        server = team_server(tmp_path / "home", url=url)
        server.create_review("r1", protocol_text=TEMPLATE, owner=add(server, "ann"))
        with server.open_review("r1", person="ann") as review:
            fill(review)
            expected = here(review)
        place = Place(folder=server.folder / "reviews/r1", database_url=url, review_id="r1")
        learnt = learner.learn(place, Stage.SCREENING)
        assert learnt is not None
        assert learnt.record_ids == expected
        assert learnt.label == "resartus 2"
        review = place.open_to_read()
        with pytest.raises(StoreError):
            review.append(EventKind.REVIEW_CREATED, {"title": "x"})
        review.close()
        server.close()

    if kind == "sqlite":
        check(f"sqlite:///{tmp_path / 'team.db'}")
        return
    with postgres_url() as url:
        check(url)


def test_a_review_opened_to_read_refuses_every_change(folder: Path) -> None:
    with Place(folder=folder).open_to_read() as review, pytest.raises(StoreError):
        review.append(EventKind.REVIEW_CREATED, {"title": "x"})


@pytest.mark.usefixtures("large")
def test_pages_come_in_order_of_arrival_until_the_order_is_learnt(
    folder: Path, learner: Learner
) -> None:
    desk = desk_of(folder, learner)
    with desk.review("ann"):
        assert desk.queue.next_open(Stage.SCREENING) == IDS[8]
        assert desk.queue.ranked_by(Stage.SCREENING) is None
    desk.order.wait()
    with desk.review("ann") as review:
        assert desk.queue.next_open(Stage.SCREENING) == here(review)[8]
        assert desk.queue.ranked_by(Stage.SCREENING) == "resartus 2"
    desk.close()


@pytest.mark.usefixtures("large")
def test_one_that_was_killed_is_started_again_and_still_answers(
    folder: Path, learner: Learner
) -> None:
    place = Place(folder=folder)
    first = learner.learn(place, Stage.SCREENING)
    pid = running(learner)
    os.kill(pid, signal.SIGTERM)
    assert learner.learn(place, Stage.SCREENING) == first
    assert learner.pid not in (None, pid)


@pytest.mark.usefixtures("large")
def test_one_that_is_killed_at_its_work_keeps_no_page_waiting_and_learns_later(
    folder: Path, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_order, "_REST_AFTER_FAILURE_SECONDS", 0.0)
    desk = desk_of(folder, learner)
    with monkeypatch.context() as patched:
        patched.setattr("resartus.app.screening.learner._PROGRAM", HANGS)
        with desk.review("ann"):
            assert desk.queue.next_open(Stage.SCREENING) == IDS[8]
        killed: set[int | None] = {None}
        for _ in range(2):
            until(lambda: learner.pid not in killed)
            killed.add(pid := running(learner))
            with desk.review("ann"):
                assert desk.queue.next_open(Stage.SCREENING) == IDS[8]
            os.kill(pid, signal.SIGKILL)
        desk.order.wait()
    assert desk.order.kept(Stage.SCREENING) is None
    with desk.review("ann"):
        desk.queue.next_open(Stage.SCREENING)
    desk.order.wait()
    assert desk.order.kept(Stage.SCREENING) == here_of(folder)
    desk.close()


def test_closing_does_not_wait_for_what_is_being_learnt(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resartus.app.screening.learner._PROGRAM", HANGS)
    learner, told = Learner(), []

    def ask() -> None:
        try:
            learner.learn(Place(folder=folder), Stage.SCREENING)
        except StoreError as error:
            told.append(error.message)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: learner.pid is not None)
    began = time.monotonic()
    learner.close()
    asking.join(timeout=5)
    assert time.monotonic() - began < 4
    assert learner.pid is None
    assert told == ["the order of judging is not learnt any more: the server stops"]


def test_no_process_is_left_when_the_server_is_killed(folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from resartus.app.screening.learner import Learner\n"
        "from resartus.app.screening.learning import Place, Stage\n"
        "learner = Learner(); learner.learn(Place(folder=Path(sys.argv[1])), Stage.SCREENING)\n"
        "print(learner.pid, flush=True); time.sleep(60)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()
    until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.usefixtures("large")
def test_an_edited_protocol_keeps_the_order_until_the_next_is_learnt(
    folder: Path, learner: Learner
) -> None:
    desk = desk_of(folder, learner)
    with desk.review("ann"):
        desk.queue.next_open(Stage.SCREENING)
    desk.order.wait()
    before = desk.order.kept(Stage.SCREENING)
    assert before is not None
    text = TEMPLATE + '\n[screening]\norder = "arrival"\n'
    (folder / "review.toml").write_text(text, encoding="utf-8")
    desk.reopen()
    assert desk.order.kept(Stage.SCREENING) == before
    with desk.review("ann"):
        desk.queue.next_open(Stage.SCREENING)
    desk.order.wait()
    assert desk.order.kept(Stage.SCREENING) is None
    desk.close()


def test_a_folder_that_was_moved_is_told_and_does_not_end_the_process(
    folder: Path, learner: Learner, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="away"):
        learner.learn(Place(folder=tmp_path / "away"), Stage.SCREENING)
    assert learner.learn(Place(folder=folder), Stage.SCREENING) is not None


def test_an_order_that_is_closed_learns_nothing_more(folder: Path, learner: Learner) -> None:
    opening = lambda: Review(folder, person="ann")  # noqa: E731 - as the faces open one
    order = KeptOrder(opening, place=Place(folder=folder), learner=learner)
    order.close()
    order.follow(Stage.SCREENING, n_records=1, n_votes=0)
    assert order.kept(Stage.SCREENING) is None
