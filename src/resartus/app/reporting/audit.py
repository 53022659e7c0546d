"""Audit a report: what standards ask, what the files hold, whether the version is still whole."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from resartus.app.reporting.build import build_report
from resartus.app.reporting.facts import facts_of
from resartus.app.reporting.material import Material, gather
from resartus.app.review import PROTOCOL, Review
from resartus.app.versions import hash_events
from resartus.domain.patient import Patient
from resartus.domain.snapshot import Snapshot
from resartus.errors import DataError
from resartus.reporting.audit.checklist import Checklist, load_checklist, load_checklists
from resartus.reporting.audit.comparing import compare_written
from resartus.reporting.audit.loose import loose_numbers
from resartus.reporting.audit.scoring import Scored, Standing, score
from resartus.reporting.audit.written import read_docx, read_page
from resartus.reporting.document import Report
from resartus.reporting.html import render_html
from resartus.reporting.soundness import Fault, find_faults
from resartus.reporting.word import render_docx
from resartus.tailoring.profile import Profile

__all__ = [
    "Audit",
    "Case",
    "Fault",
    "Standing",
    "audit_built",
    "audit_report",
    "audit_review",
    "case_completeness",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How complete one published patient is by CARE, over what the form looked for."""

    patient_id: str
    label: str
    told: tuple[str, ...]
    missing: tuple[str, ...]
    not_looked_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything an audit found. ``faults`` must be mended; missing items are to be written."""

    version: int
    scores: tuple[tuple[Checklist, tuple[Scored, ...]], ...]
    cases: tuple[Case, ...]
    faults: tuple[Fault, ...]
    files: tuple[str, ...]

    def count(self, standing: Standing) -> int:
        """Return how many items of all standards stand so."""
        return sum(one.standing is standing for _, items in self.scores for one in items)


def _in_record(material: Material, patient: Patient, name: str) -> bool:
    study = next(s for s in material.studies if s.study_id == patient.study_id)
    record = material.records[study.record_ids[0]]
    if name == "title":
        return "case" in (record.title or "").lower()
    return bool(getattr(record, name))


def _is_looked_for(material: Material, patient: Patient, name: str) -> bool:
    """Whether anybody could know: a citation may come without abstract or key words."""
    if name in ("record:abstract", "record:keywords"):
        return _in_record(material, patient, name.removeprefix("record:"))
    return name.startswith("record:") or name in patient.values


def case_completeness(material: Material) -> tuple[Case, ...]:
    """Return, for each single patient, which of CARE's items the report tells.

    An item whose fields nobody looked for is neither told nor missing: the
    score is of the paper, not of the form.
    """
    cases = []
    labels = material.labels
    for patient in material.patients:
        told, missing, unseen = [], [], []
        for item in load_checklist("care").items:
            asked = [f for f in item.fields if _is_looked_for(material, patient, f)]
            if not asked:
                unseen.append(item.asks)
            elif any(
                _in_record(material, patient, f.removeprefix("record:"))
                if f.startswith("record:")
                else patient.value(f) is not None
                for f in asked
            ):
                told.append(item.asks)
            else:
                missing.append(item.asks)
        cases.append(
            Case(
                patient_id=patient.patient_id,
                label=f"{labels[patient.study_id]}, {patient.name}",
                told=tuple(told),
                missing=tuple(missing),
                not_looked_for=tuple(unseen),
            )
        )
    return tuple(cases)


def _version_faults(review: Review, snapshot: Snapshot) -> Iterator[Fault]:
    """Find where the review's own files no longer are what the version was made of."""
    events = [e for e in review.store.load_events() if e.seq <= snapshot.last_seq]
    name = f"version {snapshot.version}"
    if len(events) != snapshot.last_seq or hash_events(events) != snapshot.events_hash:
        yield Fault(
            kind="log changed",
            where=name,
            sentence=f"the log up to event {snapshot.last_seq} is not what {name} was made of",
        )
    newest = review.state().versions
    if newest and newest[-1].version == snapshot.version:
        protocol = hashlib.sha256((review.folder / PROTOCOL).read_bytes()).hexdigest()
        if protocol != snapshot.protocol_hash:
            yield Fault(
                kind="protocol changed",
                where=name,
                sentence=f"review.toml was changed after {name}; pin a new version",
            )
        if review.store.records_hash() != snapshot.records_hash:
            yield Fault(
                kind="records changed",
                where=name,
                sentence=f"citations were changed after {name}; pin a new version",
            )


def _page_faults(report: Report, path: Path) -> tuple[Fault, ...]:
    try:
        text = path.read_text(encoding="utf-8")
        written = read_page(text)
    except (DataError, UnicodeDecodeError) as error:
        return (Fault(kind="unreadable page", where=path.name, sentence=str(error)),)
    expected = render_html(report)
    if text == expected:
        return ()
    return compare_written(written, read_page(expected)) or (
        Fault(
            kind="page changed",
            where=path.name,
            sentence=f"{path.name} differs from what the review gives, in how it is set",
        ),
    )


def _word_faults(report: Report, path: Path) -> tuple[Fault, ...]:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "report.docx"
        render_docx(report, fresh)
        if fresh.read_bytes() == path.read_bytes():
            return ()
        try:
            written = read_docx(path)
        except DataError as error:
            return (Fault(kind="unreadable Word file", where=path.name, sentence=str(error)),)
        return compare_written(written, read_docx(fresh)) or (
            Fault(
                kind="Word file changed",
                where=path.name,
                sentence=f"{path.name} was saved again by another program, or set otherwise",
            ),
        )


def audit_report(
    report: Report,
    *,
    facts: Mapping[str, object],
    written: tuple[Path, ...] = (),
    advance: Callable[[int], None] = lambda n_files: None,
) -> tuple[tuple[tuple[Checklist, tuple[Scored, ...]], ...], tuple[Fault, ...]]:
    """Return how a report scores, and every fault of it and of its written files.

    ``advance`` is told how many of the files were compared.
    """
    unsound = find_faults(report)
    faults = [*unsound, *loose_numbers(report)]
    for number, path in enumerate(() if unsound else written, start=1):
        faults += (_page_faults if path.suffix == ".html" else _word_faults)(report, path)
        advance(number)
    return score(report, load_checklists(), facts=facts), tuple(faults)


def audit_review(
    review: Review,
    snapshot: Snapshot,
    *,
    written: tuple[Path, ...] = (),
    profile: Profile | None = None,
) -> Audit:
    """Audit a version: the document as the review gives it, and the files named.

    Parameters
    ----------
    written : tuple of Path
        HTML and Word files to hold against the version; they need not be new.
    profile : Profile, optional
        The patient whose page the files hold.
    """
    material = gather(review, snapshot)
    report = build_report(material, profile=profile)
    return audit_built(review, material, report, written=written)


def audit_built(
    review: Review,
    material: Material,
    report: Report,
    *,
    written: tuple[Path, ...] = (),
    advance: Callable[[int], None] = lambda n_files: None,
) -> Audit:
    """Audit a report that was built of this material, and its written files."""
    snapshot = material.snapshot
    scores, faults = audit_report(
        report, facts=facts_of(material), written=written, advance=advance
    )
    return Audit(
        version=snapshot.version,
        scores=scores,
        cases=case_completeness(material),
        faults=(*_version_faults(review, snapshot), *faults),
        files=tuple(str(path) for path in written),
    )
