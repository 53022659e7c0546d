"""The team's store, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contracts.store_contract import NOW, StoreContract, event, record
from tests.stores.databases import KINDS, database, postgres_url
from tests.stores.postgres import server_url

from resartus.domain.ids import RecordId
from resartus.errors import DataError, NotFoundError, StoreError
from resartus.stores.database import Database, PostgresDatabase, SqliteDatabase, open_database
from resartus.stores.jobs import JobRows
from resartus.stores.migrations import MIGRATIONS, migrate, version_of
from resartus.stores.shared import SharedStore
from resartus.stores.sqlite import SqliteStore


@pytest.fixture(params=KINDS)
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database(request.param, tmp_path) as opened:
        yield opened


def begin(db: Database, review_id: str = "r1") -> SharedStore:
    migrate(db)
    db.query(
        "INSERT INTO reviews (review_id, title, made_at) VALUES (?, ?, ?)",
        review_id,
        "Title",
        NOW.isoformat(),
    )
    return SharedStore(db, review_id)


class TestSharedStore(StoreContract):
    @pytest.fixture
    def store(self, db: Database) -> SharedStore:
        return begin(db)


def test_reviews_in_one_database_do_not_see_each_other(db: Database) -> None:
    one, two = begin(db, "one"), begin(db, "two")
    one.save_records([record(1)])
    one.append([event(1, key="k")])
    assert two.count_records() == 0
    assert two.last_seq() == 0
    assert two.append([event(2, key="k")])[0].data["n"] == 2
    with pytest.raises(NotFoundError):
        two.load_record(RecordId("pubmed:1"))


def test_an_unknown_review_is_named(db: Database) -> None:
    migrate(db)
    with pytest.raises(NotFoundError, match="'gone'"):
        SharedStore(db, "gone")


def test_the_hash_of_the_records_is_that_of_the_one_persons_store(db: Database) -> None:
    shared, own = begin(db), SqliteStore(":memory:")
    for store in (shared, own):
        store.save_records([record(n) for n in (3, 20, 100)])
    assert shared.records_hash() == own.records_hash()
    own.close()


@pytest.mark.parametrize("start", range(len(MIGRATIONS)))
def test_every_earlier_version_migrates_to_the_newest_and_keeps_what_it_holds(
    db: Database, start: int
) -> None:
    migrate(db, to=start)
    if start:
        db.query(
            "INSERT INTO reviews (review_id, title, made_at) VALUES (?, ?, ?)",
            "r1",
            "Kept",
            NOW.isoformat(),
        )
    if start > 2:
        db.query(
            "INSERT INTO jobs (review_id, kind, asked_by, data, asked_at) VALUES (?, ?, ?, ?, ?)",
            "r1",
            "update",
            "Ana",
            "{}",
            NOW.isoformat(),
        )
    assert migrate(db) == len(MIGRATIONS)
    assert migrate(db) == len(MIGRATIONS)
    if start > 2:
        [job] = JobRows(db).jobs("r1")
        assert (job.kind, job.n_done, JobRows(db).answer(job)) == ("update", None, None)
    assert version_of(db) == len(MIGRATIONS)
    titles = [row[0] for row in db.query("SELECT title FROM reviews")]
    assert titles == (["Kept"] if start else [])


def test_a_database_of_a_newer_resartus_is_left_alone(db: Database) -> None:
    migrate(db)
    db.query("INSERT INTO schema_version VALUES (?)", 999)
    with pytest.raises(StoreError, match="newer Resartus"):
        migrate(db)


def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    store = begin(db)

    def fail() -> None:
        with db.transaction():
            store.append([event(1)])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fail()
    assert store.last_seq() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_two_servers_that_write_at_once_number_every_event_once(kind: str, tmp_path: Path) -> None:
    def run(url_or_path: str) -> None:
        def opened() -> Database:
            if kind == "sqlite":
                return SqliteDatabase(url_or_path)
            return PostgresDatabase(url_or_path)

        first = opened()
        begin(first)
        failures: list[BaseException] = []

        def write(name: str) -> None:
            mine = opened()
            try:
                store = SharedStore(mine, "r1")
                for n in range(40):
                    store.append([event(n, key=f"{name}-{n}")])
            except BaseException as error:
                failures.append(error)
                raise
            finally:
                mine.close()

        writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        store = SharedStore(first, "r1")
        seqs = [e.seq for e in store.load_events()]
        first.close()
        assert failures == []
        assert seqs == list(range(1, 121))

    if kind == "sqlite":
        run(str(tmp_path / "team.db"))
    else:
        with postgres_url() as url:
            run(url)


def test_a_lost_connection_is_opened_again_between_statements() -> None:
    with postgres_url() as url:
        db, killer = PostgresDatabase(url), PostgresDatabase(url)
        store = begin(db)
        [[pid]] = db.query("SELECT pg_backend_pid()")
        killer.query("SELECT pg_terminate_backend(?)", pid)
        assert store.last_seq() == 0
        [[pid]] = db.query("SELECT pg_backend_pid()")

        def cut_off() -> None:
            with db.transaction():
                killer.query("SELECT pg_terminate_backend(?)", pid)
                store.append([event(1)])

        with pytest.raises(StoreError, match="nothing was changed"):
            cut_off()
        assert store.last_seq() == 0
        store.append([event(1)])
        assert store.last_seq() == 1
        db.close()
        killer.close()


def test_a_server_that_is_not_there_is_told_in_one_sentence() -> None:
    with pytest.raises(StoreError, match="check that it runs"):
        PostgresDatabase("postgresql://nobody:x@localhost:1/none")


def test_a_database_that_cannot_keep_every_letter_is_refused() -> None:
    url = server_url()
    whole = open_database(url)
    whole.query("DROP DATABASE IF EXISTS narrow")
    whole.query("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' "
                "LC_CTYPE 'C'")  # fmt: skip
    with pytest.raises(StoreError, match="keeps its texts as LATIN1"):
        open_database(url.rpartition("/")[0] + "/narrow")
    whole.query("DROP DATABASE narrow")
    whole.close()


def test_a_connection_that_only_reads_cannot_change_anything(tmp_path: Path) -> None:
    def check(url: str) -> None:
        whole = open_database(url)
        migrate(whole)
        reading = open_database(url, is_read_only=True)
        assert reading.query("SELECT title FROM reviews WHERE review_id = ?", "r1") == []
        with pytest.raises(StoreError):
            reading.query("INSERT INTO schema_version VALUES (?)", 999)
        reading.close()
        whole.close()

    check(f"sqlite:///{tmp_path / 'team.db'}")
    with postgres_url() as url:
        check(url)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="'mysql'"):
        open_database("mysql://somewhere/else")


def test_a_record_that_comes_twice_in_one_batch_keeps_order_and_both_forms(db: Database) -> None:
    store = begin(db)
    given = [record(2), record(1), record(1, title="Corrected"), record(3)]
    assert store.save_records(given) == 4
    assert store.save_records(given[2:]) == 0
    assert [r.pmid for r in store.iterate_records()] == [2, 1, 3]
    assert store.load_record(RecordId("pubmed:1")).title == "Corrected"
    assert len(db.query("SELECT 1 FROM earlier_records")) == 1
