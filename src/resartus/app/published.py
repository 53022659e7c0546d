"""The report's files of a version, built when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from resartus.app.reporting.build import build_report, write_report
from resartus.app.reporting.material import gather
from resartus.app.review import Review
from resartus.app.versions import draft_version
from resartus.domain.snapshot import Snapshot

__all__ = ["draft_report", "files_on_hand", "has_patient", "published_report"]


def _written(review: Review, snapshot: Snapshot, *, stem: str) -> Mapping[str, Path]:
    report = build_report(gather(review, snapshot))
    html, docx = write_report(report, review.out, stem=stem)
    return {"html": html, "docx": docx}


def published_report(review: Review, snapshot: Snapshot) -> Mapping[str, Path]:
    """Return the HTML and Word files of a pinned version.

    A pinned version never changes, so what was built for it once is kept.
    """
    files = _places(review, snapshot)
    if all(path.exists() for path in files.values()):
        return files
    return _written(review, snapshot, stem=files["html"].stem)


def _places(review: Review, snapshot: Snapshot) -> Mapping[str, Path]:
    stem = f"report-{snapshot.version}-{snapshot.events_hash[:12]}"
    return {kind: review.out / f"{stem}.{kind}" for kind in ("html", "docx")}


def files_on_hand(review: Review, snapshot: Snapshot) -> tuple[Path, ...]:
    """Return the files of a pinned version that were written before, wherever asked for.

    A report with one patient's page is left out: the patient is kept nowhere, so that
    only whoever has the profile can hold it against the version.
    """
    by_command = review.out / f"report-v{snapshot.version}.html"
    places = [*_places(review, snapshot).values()]
    if not has_patient(by_command):
        places += [by_command, by_command.with_suffix(".docx")]
    return tuple(path for path in places if path.exists())


def has_patient(page: Path) -> bool:
    """Whether a written page, which may be missing, has one patient's page in it."""
    return page.exists() and b'id="patient"' in page.read_bytes()


def draft_report(review: Review) -> Mapping[str, Path]:
    """Return the files of the review as it stands, pinned or not."""
    return _written(review, draft_version(review), stem="report-draft")
