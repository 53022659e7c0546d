"""What was backed up comes back, on either database; what is damaged or in the way is told."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from tests.app.team.team import PASSWORD, add, founding_review, team_server
from tests.stores.databases import KINDS, database, postgres_url

from resartus.app.backup import backup_review, backup_team, restore_review, restore_team
from resartus.app.demo import build_demo
from resartus.app.permissions import Role
from resartus.app.review import Review
from resartus.app.team.working import ask_for, jobs_of
from resartus.errors import ConflictError, DataError, StoreDamaged
from resartus.stores.dump import TABLES, TRANSIENT
from resartus.stores.migrations import migrate


@contextmanager
def address(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        folder.mkdir(exist_ok=True)
        yield f"sqlite:///{folder / 'team.db'}"
    else:
        with postgres_url() as url:
            yield url


@pytest.mark.parametrize(("source", "target"), list(product(KINDS, KINDS)))
def test_a_teams_server_comes_back_whole_on_either_database(
    tmp_path: Path, source: str, target: str
) -> None:
    file = tmp_path / "team.backup"
    with address(source, tmp_path / "old") as url:
        server = team_server(tmp_path / "old", url=url)
        ana = add(server, "Ana")
        founding_review(server, ana)
        add(server, "Ben", Role.READER)
        key = server.accounts.make_token(ana, label="script")
        ask_for(server, "r1", kind="update", role=Role.OWNER, person="Ana")
        with server.open_review("r1", person="Ana") as review:
            digest = review.payloads.save(b"what a source sent")
            events = list(review.store.load_events())
            records = [r.record_id for r in review.store.iterate_records()]
            hashed = review.store.records_hash()
        done = backup_team(server, file)
        server.close()
    assert (done.kind, done.reviews) == ("team", 1)
    with address(target, tmp_path / "new") as url:
        restore_team(file, tmp_path / "new", database_url=url)
        server = team_server(tmp_path / "new", url=url)
        assert server.accounts.sign_in("ana@example.org", password=PASSWORD)
        assert server.accounts.of_token(key) is not None
        assert [(a.name, r) for a, r in server.rows.members("r1")] == [
            ("Ana", "owner"),
            ("Ben", "reader"),
        ]
        assert [job.kind for job in jobs_of(server, "r1")] == ["update"]
        with server.open_review("r1", person="Ana") as review:
            assert list(review.store.load_events()) == events
            assert [r.record_id for r in review.store.iterate_records()] == records
            assert review.store.records_hash() == hashed
            assert review.payloads.load(digest) == b"what a source sent"
        # Work goes on: new numbers do not meet old ones.
        ask_for(server, "r1", kind="update", role=Role.OWNER, person="Ana")
        founding = server.open_review("r1", person="Ana")
        first = next(founding.store.iterate_records())
        from dataclasses import replace

        founding.store.save_records([replace(first, record_id="other:1")])  # type: ignore[arg-type]
        founding.close()
        server.close()


def test_one_persons_review_comes_back_whole(tmp_path: Path) -> None:
    file = tmp_path / "copies" / "review.backup"
    with build_demo(tmp_path / "review") as review:
        before = list(review.store.load_events())
        backup_review(tmp_path / "review", file)
    restore_review(file, tmp_path / "back")
    with Review(tmp_path / "back") as back:
        assert list(back.store.load_events()) == before
    with pytest.raises(ConflictError, match="already holds a review"):
        restore_review(file, tmp_path / "back")


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_and_column_is_kept_or_known_to_be_left(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as opened:
        migrate(opened)
        if kind == "sqlite":
            names = opened.query("SELECT name FROM sqlite_master WHERE type = 'table'")
            columns = {
                name: [row[1] for row in opened.query(f"PRAGMA table_info({name})")]
                for (name,) in names
            }
        else:
            columns = {}
            for name, column in opened.query(
                "SELECT table_name, column_name FROM information_schema.columns "
                "WHERE table_schema = current_schema() ORDER BY ordinal_position"
            ):
                columns.setdefault(name, []).append(column)
    assert set(columns) == set(TABLES) | set(TRANSIENT)
    for name, (kept, _) in TABLES.items():
        assert sorted(kept) == sorted(columns[name])


def test_nothing_is_restored_over_what_stands(tmp_path: Path) -> None:
    file = tmp_path / "team.backup"
    server = team_server(tmp_path)
    founding_review(server, add(server, "Ana"))
    backup_team(server, file)
    with pytest.raises(ConflictError, match="holds reviews already"):
        restore_team(file, tmp_path, database_url=server.database_url)
    with pytest.raises(ConflictError, match="give an empty one"):
        restore_team(file, tmp_path / "new", database_url=server.database_url)
    server.close()


def rewritten(file: Path, changes: dict[str, bytes], *, listed: bool) -> Path:
    """Return a copy in which parts were changed, with or without the list following suit."""
    import hashlib

    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()} | changes
    if listed:
        contents = json.loads(parts["contents.json"])
        for name, content in changes.items():
            contents["parts"][name] = [len(content), hashlib.sha256(content).hexdigest()]
        parts["contents.json"] = json.dumps(contents).encode()
    copy = file.with_suffix(".changed")
    with zipfile.ZipFile(copy, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return copy


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    from resartus.app.starting import TEMPLATE

    folder = tmp_path / "review"
    folder.mkdir()
    Review.create(folder, protocol_text=TEMPLATE, person="ana").close()
    backup_review(folder, tmp_path / "review.backup")
    return tmp_path / "review.backup"


def test_a_damaged_part_is_named_and_nothing_is_written(backup: Path, tmp_path: Path) -> None:
    changed = rewritten(backup, {"files/review.toml": b"title = 'other'"}, listed=False)
    with pytest.raises(StoreDamaged, match=r"'files/review\.toml' in 'review\.changed' is damaged"):
        restore_review(changed, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    torn = tmp_path / "torn.backup"
    torn.write_bytes(backup.read_bytes()[:-500])
    with pytest.raises(DataError, match="is no backup"):
        restore_review(torn, tmp_path / "back")


@pytest.mark.parametrize("name", ["files/../../evil", "/etc/evil", "files/a\\..\\b", "C:/evil"])
def test_a_part_that_leads_out_of_its_folder_is_refused(
    backup: Path, tmp_path: Path, name: str
) -> None:
    changed = rewritten(backup, {name: b"evil"}, listed=True)
    with pytest.raises(DataError, match="leads out of its folder"):
        restore_review(changed, tmp_path / "back")
    assert not (tmp_path / "evil").exists()


def test_a_backup_of_the_other_kind_or_of_nothing_is_told(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="without --team"):
        restore_team(backup, tmp_path / "t", database_url=f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(DataError, match="is no backup"):
        restore_review(tmp_path / "nowhere", tmp_path / "back")
