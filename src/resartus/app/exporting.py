"""Take a review elsewhere: one archive that another machine opens, checks and builds again."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resartus.app.review import DATABASE, PROTOCOL, Review
from resartus.app.settled import settled
from resartus.domain.event import Event, NewEvent
from resartus.domain.job import Tell
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.record import Record
from resartus.domain.snapshot import Snapshot
from resartus.errors import ConflictError, NotFoundError, StoreDamaged
from resartus.stores.bundle import Bundle, opened_bundle, write_bundle
from resartus.stores.payloads import write_whole
from resartus.stores.sqlite import SqliteStore, salvage

__all__ = ["Opened", "export_review", "open_bundle", "protocol_in", "salvage_review"]


# What people write for a review lies beside its protocol; its report depends on it.
FACTORS = "factors.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came of opening an archive: where it is, what it holds, how its report came out.

    ``same`` are the report's files that were built again to the byte,
    ``differing`` those that were not, with the versions that differ in ``software``.
    """

    folder: Path
    records: int
    events: int
    payloads: int
    same: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    software: tuple[str, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """Say it in plain words."""
        told = [
            f"{self.records} citations, {self.events} events and {self.payloads} replies of "
            "sources. Every file is what was exported."
        ]
        if self.same:
            told.append(f"Built again to the byte: {', '.join(self.same)}.")
        if self.differing:
            told.append(
                f"Built again, and differs: {', '.join(self.differing)}. {'; '.join(self.software)}"
            )
        return tuple(told)


def _lines(values: Iterator[object]) -> bytes:
    rows = (json.dumps(to_plain(v), ensure_ascii=False, sort_keys=True) for v in values)
    return "".join(row + "\n" for row in rows).encode()


def _cells(review: Review) -> bytes:
    """Return the entries that count as a table for people; the events are what is read again."""
    from resartus.app.evidence import chosen_cells

    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("study", "patient", "field", "value", "reported", "place", "span", "by"))
    for cell in chosen_cells(settled(review)):
        one = cell.extracted
        anchor = one.anchor
        table.writerow(
            (
                cell.study_id,
                cell.patient or "",
                cell.field,
                "" if one.value is None else one.value,
                one.reported.value,
                anchor.place if anchor else "",
                (anchor.span if anchor else None) or "",
                one.entered_by,
            )
        )
    return out.getvalue().encode()


def _report(review: Review, snapshot: Snapshot) -> dict[str, bytes]:
    """Return the report of a version as its writers give it."""
    from resartus.app.reporting.build import build_report, write_report
    from resartus.app.reporting.material import gather

    with tempfile.TemporaryDirectory() as folder:
        files = write_report(
            build_report(gather(review, snapshot)),
            Path(folder),
            stem=f"report-v{snapshot.version}",
        )
        return {f"report/{path.name}": path.read_bytes() for path in files}


def export_review(
    review: Review, path: Path, *, has_report: bool = False, has_fulltexts: bool = False
) -> Path:
    """Write protocol, records, events, payloads, the team's prose and more into one ZIP.

    The same review gives the same bytes.

    Parameters
    ----------
    has_report : bool
        Build the newest version's report and put it in, so that whoever opens
        the archive can tell whether theirs comes out the same.
    has_fulltexts : bool
        Put the PDFs in. Publishers seldom allow that they are handed on.
    """
    state, folder = review.state(), review.folder
    parts = {
        PROTOCOL: (folder / PROTOCOL).read_bytes(),
        "records.jsonl": _lines(review.store.iterate_records()),
        "events.jsonl": _lines(review.store.load_events()),
        "cells.csv": _cells(review),
    }
    for payload in (folder / "payloads").rglob("*.gz"):
        parts[f"payloads/{payload.name}"] = payload.read_bytes()
    for below, ends in (("text", "*.md"), ("appraisal", "*.toml"), ("vocabularies", "*.toml")):
        for file in (folder / below).glob(ends):
            parts[f"{below}/{file.name}"] = file.read_bytes()
    for name in ("text/numbers.json", FACTORS):
        if (folder / name).exists():
            parts[name] = (folder / name).read_bytes()
    for file in (folder / "fulltext").glob("*.*") if has_fulltexts else ():
        parts[f"fulltext/{file.name}"] = file.read_bytes()
    newest = state.versions[-1] if state.versions else None
    if has_report and newest is not None:
        parts |= _report(review, newest)
    about = {
        "title": review.protocol.title,
        "last_event": state.seq,
        "version": newest.version if newest else None,
        "records_hash": review.store.records_hash(),
        "software": dict(newest.software) if newest else {},
    }
    write_bundle(path, parts, about=about)
    return path


def protocol_in(path: Path) -> str:
    """Return the protocol in an archive whose every file is what was exported.

    Raises
    ------
    DataError, StoreDamaged
        If the archive is none, was changed or cut short.
    """
    with opened_bundle(path) as bundle:
        return bundle.read(PROTOCOL).decode()


def _unpack(bundle: Bundle, folder: Path) -> tuple[int, int]:
    write_whole(folder / PROTOCOL, bundle.read(PROTOCOL))
    for name in bundle.names("payloads"):
        digest = name.rpartition("/")[2]
        write_whole(folder / "payloads" / digest[:2] / digest, bundle.read(name))
    own = [FACTORS] if FACTORS in bundle.files else []
    for below in ("text", "appraisal", "vocabularies", "fulltext"):
        own += bundle.names(below)
    for name in own:
        write_whole(folder / name, bundle.read(name))
    store = SqliteStore(folder / DATABASE)
    try:
        store.save_records(from_plain(Record, one) for one in bundle.lines("records.jsonl"))
        events = [from_plain(Event, one) for one in bundle.lines("events.jsonl")]
        store.append(
            [NewEvent(kind=e.kind, by=e.by, at=e.at, data=e.data, key=e.key) for e in events]
        )
        if store.last_seq() != bundle.about.get("last_event", len(events)):
            raise StoreDamaged("the archive's log has gaps; ask for the archive again")
        if store.records_hash() != bundle.about.get("records_hash"):
            raise StoreDamaged("the archive's citations are not those exported; ask for it again")
        return store.count_records(), len(events)
    finally:
        store.close()


def _rebuilt(bundle: Bundle, folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Build the report again; return which files came out the same, which not, and why maybe."""
    wanted = list(bundle.names("report"))
    if not wanted:
        return [], [], []
    from resartus.app.versions import software

    with Review(folder) as review:
        made = _report(review, review.state().versions[-1])
        for name, content in made.items():
            write_whole(review.out / name.rpartition("/")[2], content)
    same = [name for name in wanted if made.get(name) == bundle.read(name)]
    here, there = software(), dict(bundle.about.get("software") or {})
    return (
        same,
        [name for name in wanted if name not in same],
        [f"{k} {there[k]} there, {here.get(k)} here" for k in there if there[k] != here.get(k)],
    )


def open_bundle(
    path: Path,
    folder: Path,
    *,
    is_built: bool = True,
    tell: Tell = lambda n_done, n_all: None,
) -> Opened:
    """Open an archive as a review in a folder that holds none, and build its report again.

    Everything is checked by hash before the first byte is written; the folder
    appears whole or not at all. ``tell`` is told of both steps.

    Raises
    ------
    ConflictError
        If the folder holds something; nothing is overwritten.
    DataError, StoreDamaged
        If the archive is none, was changed or cut short.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(f"{str(folder)!r} is not an empty folder; choose another")
    tell(0, 2)
    with opened_bundle(path) as bundle:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            records, events = _unpack(bundle, fresh)
            Review(fresh).close()
            os.chmod(fresh, 0o755)
            if folder.exists():
                folder.rmdir()
            os.replace(fresh, folder)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        tell(1, 2)
        same, differing, software = _rebuilt(bundle, folder) if is_built else ([], [], [])
        tell(2, 2)
        return Opened(
            folder=folder,
            records=records,
            events=events,
            payloads=sum(1 for _ in bundle.names("payloads")),
            same=tuple(same),
            differing=tuple(differing),
            software=tuple(software),
        )


def salvage_review(folder: Path, path: Path) -> tuple[int, int]:
    """Save what a damaged ``review.db`` still gives as JSON lines; return records and events."""
    database = folder / DATABASE
    if not database.exists():
        raise NotFoundError(f"there is no {DATABASE} in {str(folder)!r}; nothing to salvage")
    saved = salvage(database)
    write_whole(path.with_suffix(".records.jsonl"), _lines(iter(saved.records)))
    write_whole(path.with_suffix(".events.jsonl"), _lines(iter(saved.events)))
    return len(saved.records), len(saved.events)
