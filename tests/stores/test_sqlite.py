import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.store_contract import StoreContract, event, record

from resartus.errors import StoreDamaged, StoreError
from resartus.stores.sqlite import SqliteStore, salvage


class TestInMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[SqliteStore]:
        store = SqliteStore(":memory:")
        yield store
        store.close()


class TestOnDisk(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        store = SqliteStore(tmp_path / "review.db")
        yield store
        store.close()


def run(code: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
    source = "from tests.contracts.store_contract import event, record\n" + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        **options,  # type: ignore[call-overload]
    )


WRITER = """
    import sys
    from resartus.stores.sqlite import SqliteStore
    store = SqliteStore(sys.argv[1])
    for n in range(1, int(sys.argv[2]) + 1):
        [kept] = store.append([event(n, key=f"{sys.argv[3]}-{n}")])
        print(kept.key, flush=True)
"""


@pytest.mark.parametrize("round_", range(3))
def test_a_killed_writer_loses_nothing_it_was_acknowledged(tmp_path: Path, round_: int) -> None:
    path = tmp_path / "review.db"
    SqliteStore(path).close()
    process = run(WRITER, path, 1_000_000, "a")
    assert process.stdout
    acknowledged = [process.stdout.readline().strip() for _ in range(40 + 17 * round_)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.read().split()
    process.wait()
    assert process.stderr
    process.stderr.close()
    process.stdout.close()
    store = SqliteStore(path)
    kept = [e.key for e in store.load_events()]
    store.close()
    # The event in flight when the process died may be there or not, but none before it is lost.
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) - len(acknowledged) in (0, 1)


def test_two_writers_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    SqliteStore(path).close()
    writers = [run(WRITER, path, 60, name) for name in ("a", "b")]
    for writer in writers:
        out, err = writer.communicate(timeout=60)
        assert writer.returncode == 0, err
        assert len(out.split()) == 60
    store = SqliteStore(path)
    kept = list(store.load_events())
    store.close()
    assert [e.seq for e in kept] == list(range(1, 121))
    assert {e.key for e in kept} == {f"{w}-{n}" for w in "ab" for n in range(1, 61)}


def test_a_full_disk_is_told_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    store = SqliteStore(path)
    store.append([event(1)])
    store.close()
    code = """
        import sys
        from resartus.errors import StoreError
        from resartus.stores.sqlite import SqliteStore
        store = SqliteStore(sys.argv[1])
        n = 1
        try:
            while True:
                n += 1
                store.append([event(n) for _ in range(50)])
                print(n, flush=True)
        except StoreError as error:
            print("refused:", error)
    """
    limit = 400_000

    def small_disk() -> None:
        # A write past the limit fails as on a full disk, once the signal is ignored.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = run(code, path, preexec_fn=small_disk)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    lines = out.splitlines()
    assert "could not be written" in lines[-1]
    assert "free some space" in lines[-1]
    batches = len(lines) - 1
    store = SqliteStore(path)
    assert store.last_seq() == 1 + 50 * batches
    store.append([event(99)])
    store.close()


def test_a_reader_keeps_reading_while_another_thread_writes(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    writer, reader = SqliteStore(path), SqliteStore(path)
    done = threading.Event()

    def write() -> None:
        for n in range(50):
            writer.append([event(n)])
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = 0
    while not done.is_set():
        now = reader.last_seq()
        assert now >= seen
        seen = now
        time.sleep(0.001)
    thread.join()
    assert reader.last_seq() == 50
    writer.close()
    reader.close()


def test_events_cannot_be_changed_or_deleted_behind_the_log(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    store = SqliteStore(path)
    store.append([event(1)])
    store.close()
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute("UPDATE events SET by = 'somebody else'")
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        connection.execute("DELETE FROM events")
    connection.close()


def test_an_earlier_version_of_a_record_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    store = SqliteStore(path)
    store.save_records([record(1)])
    before = store.records_hash()
    store.save_records([record(1, title="Corrected")])
    assert store.records_hash() != before
    store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM earlier_records").fetchone() == (1,)
    connection.close()


def damaged_copy(path: Path, *, first: int, last: int) -> None:
    content = bytearray(path.read_bytes())
    content[first:last] = b"\xff" * (last - first)
    path.write_bytes(bytes(content))


def test_a_damaged_file_is_refused_with_what_can_still_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    store = SqliteStore(path)
    store.save_records([record(n) for n in range(1, 400)])
    store.append([event(n) for n in range(1, 400)])
    store.close()
    size = path.stat().st_size
    damaged_copy(path, first=size // 2, last=size // 2 + 4096 * 4)
    with pytest.raises(StoreDamaged, match=r"records and \d+ events can still be read") as refused:
        SqliteStore(path)
    assert "--salvage" in str(refused.value)
    saved = salvage(path)
    assert 0 < len(saved.records) + len(saved.events) < 798


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    path.write_text("these are notes, not a review\n" * 100)
    with pytest.raises(StoreDamaged, match="nothing in it can be read"):
        SqliteStore(path)


def test_a_store_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="install a newer Resartus"):
        SqliteStore(path)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check that the folder exists"):
        SqliteStore(tmp_path / "nowhere" / "review.db")


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "review.db")
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.last_seq()
