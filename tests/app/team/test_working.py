"""The queue: each job is done once, whatever dies meanwhile."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.team.team import add, founding_review, team_server
from tests.pdfs import make_pdf
from tests.stores.databases import KINDS as DATABASES
from tests.stores.databases import postgres_url

from resartus.app import fulltexts
from resartus.app.fulltexts import wanted_records
from resartus.app.permissions import Role
from resartus.app.review import now
from resartus.app.screening import decide
from resartus.app.team import working
from resartus.app.team.server import TeamServer
from resartus.app.team.working import (
    LEASE,
    JobKind,
    Tell,
    Worker,
    answer_of,
    ask_for,
    job_of,
    jobs_of,
    put_in_line,
)
from resartus.domain.decision import Stage, Verdict
from resartus.domain.job import Job, JobAnswer, JobState
from resartus.errors import DataError, NotFoundError, PermissionDenied, SourceUnavailable


@pytest.fixture(params=DATABASES)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TeamServer]:
    if request.param == "sqlite":
        server = team_server(tmp_path)
        founding_review(server, add(server, "Ana"))
        yield server
        server.close()
        return
    with postgres_url() as url:
        server = team_server(tmp_path, url=url)
        founding_review(server, add(server, "Ana"))
        yield server
        server.close()


def ask(server: TeamServer, kind: str = "update", **rest: str) -> Job:
    return ask_for(server, "r1", kind=kind, role=Role.OWNER, person="Ana", **rest)


def runs(server: TeamServer) -> int:
    with server.open_review("r1", person="x") as review:
        return len(review.state().search_runs)


def test_a_job_is_done_under_the_name_of_who_asked(server: TeamServer) -> None:
    before = runs(server)
    job = ask(server)
    worker = Worker(server)
    assert worker.work_once()
    assert not worker.work_once()
    worker.stop()
    done = job_of(server, "r1", job.job_id)
    assert (done.state, done.attempts) == (JobState.DONE, 1)
    assert "records are new" in (done.result or "")
    assert runs(server) > before
    with server.open_review("r1", person="x") as review:
        assert list(review.store.load_events())[-1].by == "Ana"


def test_full_texts_are_looked_for_and_what_was_found_is_not_asked_for_again(
    server: TeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_pdf("any words", "of an article that is long enough to be one")
    asked: list[str | None] = []

    def fetch(*, doi: str | None, pmcid: str | None, sources: object) -> tuple[bytes, str]:
        asked.append(doi)
        if len(asked) > 1:
            raise NotFoundError(f"no free PDF of {doi!r} was found")
        return content, "https://example.org/a.pdf"

    monkeypatch.setattr(fulltexts, "fetch_fulltext", fetch)
    with server.open_review("r1", person="Ana") as review:
        first, second = list(review.store.iterate_records())[:2]
        for record in (first, second):
            decide(review, record.record_id, stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
    job = ask(server, "fulltexts")
    worker = Worker(server)
    assert worker.work_once()
    worker.stop()
    assert job_of(server, "r1", job.job_id).result == "1 full texts found, 1 not"
    with server.open_review("r1", person="Ana") as review:
        assert wanted_records(review) == [second.record_id]


def test_a_job_asked_twice_under_one_key_is_done_once(server: TeamServer) -> None:
    assert ask(server, key="k").job_id == ask(server, key="k").job_id
    assert len(jobs_of(server, "r1")) == 1


def test_an_unknown_kind_and_a_role_that_may_not_are_refused(server: TeamServer) -> None:
    with pytest.raises(DataError, match="'mine' is not one of: search, update"):
        ask(server, "mine")
    with pytest.raises(PermissionDenied):
        ask_for(server, "r1", kind="update", role=Role.READER, person="Ana")


def test_several_workers_share_the_work_and_double_none(server: TeamServer) -> None:
    before = runs(server)
    for _ in range(6):
        ask(server)
    workers = [Worker(server) for _ in range(3)]

    def work(worker: Worker) -> None:
        while worker.work_once():
            pass

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.stop()
    done = jobs_of(server, "r1")
    assert [job.state for job in done] == [JobState.DONE] * 6
    assert [job.attempts for job in done] == [1] * 6
    with server.open_review("r1", person="x") as review:
        planned = len(review.protocol.searches)
    assert runs(server) == before + 6 * planned


def test_a_source_that_is_away_is_asked_again_later_and_at_last_given_up(
    server: TeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> str:
        raise SourceUnavailable("PubMed does not answer")

    kinds = {"update": JobKind(action=working.KINDS["update"].action, work=away)}
    monkeypatch.setattr(working, "KINDS", kinds)
    job = ask(server)
    worker = Worker(server)
    at = now()
    for attempt in (1, 2, 3):
        monkeypatch.setattr(server, "clock", lambda at=at: at)
        assert worker.work_once()
        assert not worker.work_once()
        at += timedelta(minutes=5)
        found = job_of(server, "r1", job.job_id)
        assert found.attempts == attempt
        assert found.result == "PubMed does not answer"
    worker.stop()
    assert found.state is JobState.FAILED


DYING = """
    import os, sys
    from pathlib import Path
    from tests.app.team.team import team_server
    from resartus.app.team import working
    from resartus.app.team.working import JobKind, Worker
    whole = working.KINDS["update"]
    def die(review, data, tell):
        whole.work(review, data, tell)
        # All is logged, but the job has not ended when the power fails.
        os.kill(os.getpid(), 9)
    working.KINDS = {"update": JobKind(action=whole.action, work=die)}
    Worker(team_server(Path(sys.argv[1]), url=sys.argv[2])).work_once()
"""


def test_a_worker_killed_in_the_middle_leaves_its_job_to_the_next_and_nothing_doubled(
    server: TeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = runs(server)
    job = ask(server)
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DYING), str(server.folder), server.database_url],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    after = runs(server)
    assert after > before
    worker = Worker(server)
    assert not worker.work_once()
    later = now() + LEASE + timedelta(seconds=5)
    monkeypatch.setattr(server, "clock", lambda: later)
    assert worker.work_once()
    worker.stop()
    done = job_of(server, "r1", job.job_id)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert runs(server) == after


def test_the_thread_works_until_it_is_stopped(server: TeamServer) -> None:
    worker = Worker(server)
    worker.start()
    job = ask(server)
    for _ in range(200):
        if job_of(server, "r1", job.job_id).state is JobState.DONE:
            break
        threading.Event().wait(0.05)
    worker.stop()
    assert job_of(server, "r1", job.job_id).state is JobState.DONE


def doing(work: object) -> dict[str, JobKind]:
    return {"own": JobKind(action=working.KINDS["update"].action, work=work)}  # type: ignore[arg-type]


def test_what_a_job_answers_is_kept_byte_by_byte_and_its_steps_are_told(
    server: TeamServer,
) -> None:
    content = bytes(range(256))
    seen: list[tuple[int | None, int | None]] = []

    def work(review: object, data: object, tell: Tell) -> JobAnswer:
        tell(1, 3)
        found = job_of(server, "r1", job.job_id)
        seen.append((found.n_done, found.n_all))
        return JobAnswer(content=content, media_type="application/zip", name="a.zip")

    job = put_in_line(server, "r1", kind="own", person="Ana")
    worker = Worker(server, more=doing(work))
    assert worker.work_once()
    done = job_of(server, "r1", job.job_id)
    assert (done.state, seen) == (JobState.DONE, [(1, 3)])
    assert answer_of(server, done) == JobAnswer(
        content=content, media_type="application/zip", name="a.zip"
    )
    later = now() + timedelta(days=31)
    put_in_line(server, "r1", kind="own", person="Ana")
    server.clock = lambda: later
    assert worker.work_once()
    assert answer_of(server, done) is None
    worker.stop()


def test_a_fault_of_ours_ends_the_job_and_not_the_worker(server: TeamServer) -> None:
    def work(review: object, data: object, tell: Tell) -> str:
        raise ZeroDivisionError

    jobs = [put_in_line(server, "r1", kind=kind, person="Ana") for kind in ("own", "odd")]
    worker = Worker(server, more=doing(work))
    assert worker.work_once()
    assert worker.work_once()
    worker.stop()
    told = [job_of(server, "r1", job.job_id) for job in jobs]
    assert [job.state for job in told] == [JobState.FAILED] * 2
    assert "server's log" in (told[0].result or "")
    assert "does not know work of the kind 'odd'" in (told[1].result or "")
