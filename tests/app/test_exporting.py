"""An archive opens elsewhere as the same review, or is refused with one sentence."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resartus.app.exporting import export_review, open_bundle
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.errors import ConflictError, DataError, ResartusError, StoreDamaged
from resartus.stores.bundle import MANIFEST

TOML = """
title = "A review"
question = "Does it?"
population = "People"
intervention = "It"
"""


def clock() -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC)


def make(folder: Path, titles: list[str]) -> Review:
    folder.mkdir(parents=True)
    review = Review.create(folder, protocol_text=TOML, person="a", clock=clock)
    records = [
        Record(record_id=RecordId(f"r:{n}"), source="s", title=title)
        for n, title in enumerate(titles, 1)
    ]
    review.store.save_records(records)
    for record in records:
        data = {"record_id": record.record_id, "reason": record.title or "none"}
        review.append(EventKind.FULLTEXT_MISSING, data, key=f"k:{record.record_id}")
    review.payloads.save("\n".join(titles).encode())
    (folder / "text").mkdir()
    (folder / "text" / "discussion.md").write_text("Said.", encoding="utf-8")
    return review


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=4))
def test_export_open_export_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    titles = [title for title in titles if title.strip()]
    home = tmp_path_factory.mktemp("bundle")
    with make(home / "here", titles) as review:
        first = export_review(review, home / "a.zip").read_bytes()
    opened = open_bundle(home / "a.zip", home / "there")
    assert (opened.records, opened.events) == (len(titles), len(titles) + 1)
    with Review(opened.folder) as review:
        assert export_review(review, home / "b.zip").read_bytes() == first


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    home = tmp_path_factory.mktemp("archive")
    with make(home / "here", ["One", "Two"]) as review:
        return export_review(review, home / "a.zip").read_bytes()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_parts(**more: bytes | None) -> Callable[[bytes], bytes]:
    def plant(content: bytes) -> bytes:
        parts = parts_of(content)
        for name, new in more.items():
            if new is None:
                del parts[name]
            else:
                parts[name] = new
        return packed(parts)

    return plant


def listed(name: str, size: int, digest: str = "0" * 64) -> Callable[[bytes], bytes]:
    def plant(content: bytes) -> bytes:
        parts = parts_of(content)
        manifest = json.loads(parts[MANIFEST])
        manifest["files"][name] = [size, digest]
        parts[MANIFEST] = json.dumps(manifest).encode()
        parts.setdefault(name, b"x")
        return packed(parts)

    return plant


FAULTS: tuple[tuple[str, str, type[ResartusError], Callable[[bytes], bytes]], ...] = (
    (
        "a changed event",
        "not what was exported",
        StoreDamaged,
        with_parts(**{"events.jsonl": b"{}\n"}),
    ),
    ("a missing file", "is missing", StoreDamaged, with_parts(**{"records.jsonl": None})),
    ("an unlisted file", "not in the list", StoreDamaged, with_parts(**{"text/new.md": b"x"})),
    ("a longer file", "longer than it says", StoreDamaged, listed("text/discussion.md", 1)),
    ("a path that leads out", "no place in a review", DataError, listed("text/../../evil.md", 1)),
    ("an absolute path", "no place in a review", DataError, with_parts(**{"/etc/passwd": b"x"})),
    ("a program", "no place in a review", DataError, listed("text/.bashrc", 1)),
    ("no manifest", "cannot be read", DataError, with_parts(**{MANIFEST: None})),
    ("a broken manifest", "cannot be read", DataError, with_parts(**{MANIFEST: b"{"})),
    (
        "a newer format",
        "newer Resartus",
        DataError,
        with_parts(**{MANIFEST: b'{"format": 99, "files": {}}'}),
    ),
    ("a bomb", "times its size", DataError, with_parts(**{"cells.csv": b"0" * (32 << 20)})),
    ("a cut archive", "no whole archive", DataError, lambda content: content[: len(content) // 2]),
    ("an empty file", "no whole archive", DataError, lambda _: b""),
    ("something else", "no whole archive", DataError, lambda _: b"%PDF-1.7 no archive at all"),
)


@pytest.mark.parametrize(("what", "words", "error", "plant"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_bad_archive_is_refused_and_leaves_nothing(
    what: str,
    words: str,
    error: type[ResartusError],
    plant: Callable[[bytes], bytes],
    archive: bytes,
    tmp_path: Path,
) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(plant(archive))
    with pytest.raises(error, match=words) as caught:
        open_bundle(bad, tmp_path / "review")
    assert "\n" not in caught.value.message
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.zip"]


def test_every_changed_byte_of_an_archive_is_found_or_harmless(
    archive: bytes, tmp_path: Path
) -> None:
    good = tmp_path / "good.zip"
    good.write_bytes(archive)
    open_bundle(good, tmp_path / "good")
    for position in range(0, len(archive), max(1, len(archive) // 60)):
        bad = tmp_path / "bad.zip"
        bad.write_bytes(
            archive[:position] + bytes([archive[position] ^ 0x55]) + archive[position + 1 :]
        )
        folder = tmp_path / f"at-{position}"
        try:
            open_bundle(bad, folder)
        except ResartusError:
            assert not folder.exists()
            continue
        with Review(folder) as review:
            again = export_review(review, tmp_path / "again.zip").read_bytes()
        assert again == archive


def test_an_archive_is_not_opened_over_anything(archive: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(archive)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConflictError, match="not an empty folder"):
        open_bundle(path, tmp_path / "full")
    assert (tmp_path / "full" / "mine.txt").read_text(encoding="utf-8") == "mine"
