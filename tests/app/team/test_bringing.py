"""An archive becomes a team's review whole or not at all, whatever is killed meanwhile."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.app.team.team import TEMPLATE, add, team_server
from tests.stores.databases import KINDS, postgres_url

from resartus.app.exporting import export_review
from resartus.app.importing import import_file
from resartus.app.review import Review, now
from resartus.app.team.bringing import BRING, begin_bringing, bring_kind
from resartus.app.team.server import TeamServer
from resartus.app.team.working import LEASE, Worker, job_of
from resartus.domain.account import Account
from resartus.domain.job import JobState
from resartus.errors import ConflictError, DataError


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TeamServer]:
    if request.param == "sqlite":
        server = team_server(tmp_path / "team")
        yield server
        server.close()
        return
    with postgres_url() as url:
        server = team_server(tmp_path / "team", url=url)
        yield server
        server.close()


@pytest.fixture
def ana(server: TeamServer) -> Account:
    return add(server, "Ana")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "one"
    folder.mkdir()
    ris = tmp_path / "two.ris"
    ris.write_text("".join(f"TY  - JOUR\nTI  - Series {n}\nPY  - 2011\nER  - \n\n" for n in (1, 2)))
    with Review.create(folder, protocol_text=TEMPLATE, person="Ana") as review:
        import_file(review, ris)
        (folder / "text").mkdir()
        (folder / "text" / "introduction.md").write_text("Why it is needed.")
        return export_review(review, tmp_path / "review.zip")


def work(server: TeamServer) -> bool:
    worker = Worker(server, more={BRING: bring_kind(server)})
    try:
        return worker.work_once()
    finally:
        worker.stop()


def held(server: TeamServer) -> tuple[int, int]:
    with server.open_review("r1", person="Ana", own_connection=True) as review:
        return review.store.count_records(), review.store.last_seq()


def test_it_is_begun_empty_and_filled_with_all_there_was(
    server: TeamServer, ana: Account, archive: Path
) -> None:
    job = begin_bringing(server, archive, "r1", owner=ana)
    assert held(server) == (0, 0)
    assert work(server)
    done = job_of(server, "r1", job.job_id)
    assert (done.state, done.result) == (JobState.DONE, "2 records and 2 events are in")
    assert (done.n_done, done.n_all) == (2, 2)
    assert held(server) == (2, 2)
    with server.open_review("r1", person="Ana") as review:
        assert (review.folder / "text" / "introduction.md").read_text() == "Why it is needed."
    assert list((server.folder / "arriving").iterdir()) == []


DYING = """
    import os, sys
    from pathlib import Path
    from tests.app.team.team import team_server
    from resartus.app.team import server as module
    from resartus.app.team.bringing import BRING, bring_kind
    from resartus.app.team.working import Worker
    pour = module._pour
    def die(given, review):
        pour(given, review)
        # All is written, and nothing is committed yet.
        os.kill(os.getpid(), 9)
    module._pour = die
    server = team_server(Path(sys.argv[1]), url=sys.argv[2])
    Worker(server, more={BRING: bring_kind(server)}).work_once()
"""


def test_a_server_killed_in_the_middle_leaves_no_half_and_the_next_brings_it_whole(
    server: TeamServer, ana: Account, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin_bringing(server, archive, "r1", owner=ana)
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DYING), str(server.folder), server.database_url],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert held(server) == (0, 0)
    later = now() + LEASE + timedelta(seconds=5)
    monkeypatch.setattr(server, "clock", lambda: later)
    assert work(server)
    done = job_of(server, "r1", job.job_id)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert held(server) == (2, 2)


def test_what_cannot_be_read_says_so_and_may_be_brought_again_under_the_same_id(
    server: TeamServer, ana: Account, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def newer(*_: object, **__: object) -> None:
        raise DataError("field 'mood' is not one of Record's")

    job = begin_bringing(server, archive, "r1", owner=ana)
    with monkeypatch.context() as patch:
        patch.setattr("resartus.app.team.bringing.open_bundle", newer)
        assert work(server)
    failed = job_of(server, "r1", job.job_id)
    assert failed.state is JobState.FAILED
    assert "mood" in str(failed.result)
    begin_bringing(server, archive, "r1", owner=ana)
    assert work(server)
    assert held(server) == (2, 2)


def test_no_review_with_something_in_it_is_brought_over_nor_that_of_another(
    server: TeamServer, ana: Account, archive: Path
) -> None:
    server.create_review("r1", protocol_text=TEMPLATE, owner=ana)
    with pytest.raises(ConflictError, match="exists already"):
        begin_bringing(server, archive, "r1", owner=ana)
    begin_bringing(server, archive, "r2", owner=ana)
    with pytest.raises(ConflictError, match="exists already"):
        begin_bringing(server, archive, "r2", owner=add(server, "Ben"))
    with (
        pytest.raises(ConflictError, match="not empty any more"),
        Review(archive.parent / "one") as given,
    ):
        server.fill_review("r1", given)


def test_a_file_that_is_no_archive_begins_nothing(
    server: TeamServer, ana: Account, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK nothing")
    with pytest.raises(DataError):
        begin_bringing(server, bad, "r1", owner=ana)
    assert server.rows.reviews() == []
    assert list((server.folder / "reviews").iterdir()) == []
