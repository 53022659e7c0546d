from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resartus.errors import NotFoundError, StoreDamaged, StoreError
from resartus.stores.payloads import FilePayloads, write_whole


@given(st.binary(max_size=2000))
@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_bytes_come_back_as_they_were_saved(tmp_path: Path, content: bytes) -> None:
    payloads = FilePayloads(tmp_path)
    assert payloads.load(payloads.save(content)) == content


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    payloads = FilePayloads(tmp_path)
    assert payloads.save(b"x") == payloads.save(b"x")
    assert len(list(tmp_path.rglob("*.gz"))) == 1


def test_an_unknown_hash_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="abc"):
        FilePayloads(tmp_path).load("abc")


@pytest.mark.parametrize("damage", [b"", b"not gzip at all", None])
def test_a_changed_payload_is_refused(tmp_path: Path, damage: bytes | None) -> None:
    payloads = FilePayloads(tmp_path)
    digest = payloads.save(b"what PubMed sent")
    [path] = tmp_path.rglob("*.gz")
    if damage is None:
        other = FilePayloads(tmp_path / "other")
        damage = next((tmp_path / "other").rglob("*.gz")).read_bytes() if other.save(b"y") else b""
    path.write_bytes(damage)
    with pytest.raises(StoreDamaged):
        payloads.load(digest)


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("I am no folder")
    with pytest.raises(StoreError, match="cannot write"):
        write_whole(blocked / "report.html", b"x")
    assert blocked.read_text() == "I am no folder"


def test_a_written_file_leaves_no_other_file_behind(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", b"1")
    write_whole(tmp_path / "a.txt", b"2")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"2"


@pytest.mark.parametrize(
    "digest", ["", "../../etc/x", "a/" * 32, "A" * 64, "0" * 63, "0" * 64 + "\n"]
)
def test_what_is_no_hash_is_never_a_path(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotFoundError):
        FilePayloads(tmp_path).load(digest)
