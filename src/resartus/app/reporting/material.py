"""``Material``: the review at one version, with a row for everything a number rests on."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from resartus.app.appraisal.answering import Tool, tools_of_review
from resartus.app.evidence import assemble, chosen_cells, findings
from resartus.app.extraction.form_in_use import fields_at, times_zero_at
from resartus.app.living.diff import VersionDiff, diff_versions
from resartus.app.review import Review
from resartus.app.screening import Outcome, outcomes
from resartus.app.screening.agreement import PairAgreement, agreements
from resartus.app.synthesising import PooledProportion
from resartus.app.tailoring import factors_at, factors_in_play, factors_pinned, told_fields
from resartus.app.versions import kept_files, protocol_at, state_at
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.extracted import Cell
from resartus.domain.guidance import Finding
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.patient import Patient
from resartus.domain.protocol import Part, Protocol
from resartus.domain.record import Record
from resartus.domain.settled import SettledState
from resartus.domain.snapshot import Snapshot
from resartus.domain.state import ReviewState
from resartus.domain.study import Study
from resartus.domain.time_zero import TimeZero
from resartus.errors import DataError
from resartus.extraction.forms.form import Field
from resartus.reporting.document import NOT_REPORTED, Content, content
from resartus.reporting.evidence import Evidence, evidence_from_cell
from resartus.reporting.numbers import cell_number
from resartus.tailoring.factors import Factor

__all__ = ["Material", "ReviewAt", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAt:
    """The review at one version, with the protocol and the factors that held then."""

    snapshot: Snapshot
    protocol: Protocol
    state: SettledState
    own_factors: tuple[Factor, ...] = ()

    @property
    def outcomes(self) -> dict[RecordId, Outcome]:
        """Where every record stood, by as many votes as that protocol wants."""
        return outcomes(self.state, reviewers=self.protocol.reviewers)


@dataclass(frozen=True)
class Material:
    """Everything a report draws on; ``before`` is the version it updates, if any."""

    protocol: Protocol
    snapshot: Snapshot
    state: SettledState
    records: Mapping[RecordId, Record]
    diff: VersionDiff | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    """The team's own prose in Markdown, by the name of its file."""
    tools: tuple[Tool, ...] = ()
    agreement: tuple[PairAgreement, ...] = ()
    own_factors: tuple[Factor, ...] = ()
    """The review's own candidate criteria of selection."""
    given: frozenset[str] = frozenset()
    """The fields that the profile of one patient gives."""
    earlier: tuple[ReviewAt, ...] = ()
    """Every version before this one, each by its own protocol."""
    acts: tuple[tuple[int, str, EventKind], ...] = ()
    """Who did what: number, person and kind of each event up to this version."""
    bound: Mapping[str, str] = field(default_factory=dict)
    """What each live number of the prose meant when it was bound."""

    @cached_property
    def studies(self) -> list[Study]:
        """All included studies."""
        return assemble(self.state)

    @cached_property
    def roles(self) -> dict[StudyId, str]:
        """Which part of the question each study speaks to."""
        return {study_id: entry.role for study_id, entry in self.state.studies.items()}

    def of_part(self, *parts: Part) -> list[Study]:
        """Return the studies that speak to these parts of the question."""
        return [s for s in self.studies if self.protocol.part_of(self.roles[s.study_id]) in parts]

    @cached_property
    def treated_ids(self) -> Collection[StudyId]:
        """The series whose counts may be pooled."""
        return {study.study_id for study in self.of_part(Part.TREATED)}

    @cached_property
    def pools(self) -> dict[str, PooledProportion]:
        """Counts pooled so far, by field: many parts of a report show the same one."""
        return {}

    @cached_property
    def outcomes(self) -> dict[RecordId, Outcome]:
        """Where every record stands."""
        return outcomes(self.state, reviewers=self.protocol.reviewers)

    @cached_property
    def before(self) -> Material | None:
        """The version this one updates, as its own protocol has it; ``None`` for a first one."""
        if not self.earlier:
            return None
        last = self.earlier[-1]
        return replace(
            self,
            protocol=last.protocol,
            snapshot=last.snapshot,
            state=last.state,
            own_factors=last.own_factors,
            earlier=self.earlier[:-1],
            diff=None,
        )

    @property
    def history(self) -> tuple[ReviewAt, ...]:
        """Every version up to this one."""
        now = ReviewAt(snapshot=self.snapshot, protocol=self.protocol, state=self.state)
        return (*self.earlier, replace(now, own_factors=self.own_factors))

    @cached_property
    def findings(self) -> list[Finding]:
        """What each study found on each factor."""
        direct = {s.study_id for s in self.of_part(Part.TREATED, Part.SINGLE)}
        return findings(self.studies, direct=direct, roles=self.roles)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors that bear on this review."""
        fields = told_fields(self.patients) | self.given
        return factors_in_play(self.own_factors, self.protocol, self.findings, fields=fields)

    @cached_property
    def patients(self) -> list[Patient]:
        """All patients known one by one."""
        return [patient for study in self.studies for patient in study.patients]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Return each study's name by its id."""
        return {study.study_id: study.label for study in self.studies}

    @cached_property
    def form(self) -> tuple[Field, ...]:
        """The fields of the extraction form, as it stood at this version."""
        return fields_at(self.protocol, self.state)

    @cached_property
    def times_zero(self) -> tuple[TimeZero, ...]:
        """What survival may be counted from in this review, in order of interest."""
        return times_zero_at(self.protocol, self.state)

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {f.name: f.label for f in self.form if f.group is None}

    def label_of(self, field: str) -> str:
        """Return what the form calls a field, else its name in words."""
        return self._labels.get(field, field.replace("_", " ").capitalize())

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        """Every row a number may rest on, by id."""
        rows: dict[str, Evidence] = {}
        for cell in chosen_cells(self.state):
            rows[cell.cell_id] = self._of_cell(cell)
        for run in self.state.search_runs:
            key = search_key(run.search.search_id, run.search.from_year)
            rows[key] = Evidence(
                evidence_id=key,
                label="Records found",
                owner=f"Search {run.search.search_id!r} of {run.ran_at:%d %B %Y}",
                value=run.count,
                entered_by=run.engine,
                derivation=f"run over the {run.corpus}",
            )
        for outcome in self.outcomes.values():
            key = record_key(outcome.record_id)
            rows[key] = Evidence(
                evidence_id=key,
                label="Decision",
                owner=self.records[outcome.record_id].label,
                value=verdict_words(outcome, self.state),
                entered_by=self._judge(outcome),
                record_id=outcome.record_id,
            )
        for curve in self.state.curves.values():
            key = f"curve:{curve.curve_id}"
            rows[key] = Evidence(
                evidence_id=key,
                label=f"Digitised curve, {curve.figure}",
                owner=self.labels.get(curve.study_id, str(curve.study_id)),
                value=f"{len(curve.points)} points, {len(curve.at_risk)} numbers at risk",
                entered_by=curve.entered_by,
                record_id=curve.record_id,
            )
        for study in self.studies:
            rows[f"study:{study.study_id}"] = Evidence(
                evidence_id=f"study:{study.study_id}",
                label="Included study",
                owner=study.label,
                value=study.design,
                entered_by="reviewer",
                record_id=study.record_ids[0],
            )
        return rows

    def _of_cell(self, cell: Cell) -> Evidence:
        owner = self.labels.get(cell.study_id, str(cell.study_id))
        if cell.patient is not None:
            owner = f"{owner}, patient {cell.patient}"
        label = self._labels.get(cell.field, cell.field.replace("_", " "))
        return evidence_from_cell(cell, label=label, owner=owner)

    def _judge(self, outcome: Outcome) -> str:
        people = {
            by
            for (record_id, stage, by) in self.state.decisions
            if record_id == outcome.record_id and stage == outcome.stage.value
        }
        return ", ".join(sorted(people)) or "not judged yet"

    def cell(self, cell_id: str) -> Content:
        """Return an extracted value as inline content: a live number, words, or not reported."""
        row = self.evidence.get(cell_id)
        if row is None:
            return content("–")
        if row.value is None:
            # An answer that people dispute is unclear, and must not read as if it were absent.
            return content(replace(NOT_REPORTED, text=row.nothing or NOT_REPORTED.text))
        return content(cell_number(row))

    def study_label(self, study_id: str) -> str:
        """Return a study's name, or that of the record a contradiction names."""
        if study_id in self.labels:
            return self.labels[study_id]
        named = [r for r in self.records.values() if r.record_id.endswith(f":{study_id}")]
        return named[0].label if named else study_id

    def size_field(self, study: Study) -> str:
        """Return the field that counts a study's treated patients."""
        denominator = self.protocol.analysis.denominator
        return denominator if study.number(denominator) is not None else "n_total"


def search_key(search_id: str, from_year: int | None) -> str:
    """Return the evidence id of one run of a search."""
    return f"search:{search_id}:{from_year or 'start'}"


def record_key(record_id: str) -> str:
    """Return the evidence id of the decision on a record."""
    return f"decision:{record_id}"


def verdict_words(outcome: Outcome, state: ReviewState) -> str:
    """Return where a record stands, in words."""
    if outcome.record_id in state.missing_fulltexts:
        return "not retrieved: " + state.missing_fulltexts[outcome.record_id]
    if outcome.is_conflict:
        return "reviewers disagree"
    if outcome.verdict is None:
        return "not judged yet"
    at = "full text" if outcome.stage is Stage.ELIGIBILITY else "title and abstract"
    if outcome.verdict is Verdict.EXCLUDE:
        reason = f": {outcome.reason}" if outcome.reason else ""
        return f"excluded at {at}{reason}"
    return f"{outcome.verdict.value}d at {at}" if outcome.verdict is Verdict.INCLUDE else "maybe"


def read_texts(folder: Path) -> dict[str, str]:
    """Return the team's prose, ``text/*.md`` in a review's folder, by the file's name.

    Raises
    ------
    DataError
        If a file is not UTF-8.
    """
    texts = {}
    for path in sorted((folder / "text").glob("*.md")):
        try:
            texts[path.stem] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(
                f"text/{path.name} is not UTF-8 at byte {error.start}; save it so",
                where=str(path),
            ) from error
    return texts


def read_bound(folder: Path) -> dict[str, str]:
    """Return what the prose's live numbers meant when they were bound (``text/numbers.json``).

    Raises
    ------
    DataError
        If the file is not what ``resartus report --pin`` wrote.
    """
    path = folder / "text" / "numbers.json"
    if not path.exists():
        return {}
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(meaning) for name, meaning in plain.items()}
    except (ValueError, AttributeError) as error:
        raise DataError(
            "text/numbers.json is not what 'resartus report --pin' wrote; delete it and read the "
            "sentences again",
            where=str(path),
        ) from error


def _agreement(review: Review, snapshot: Snapshot, protocol: Protocol) -> tuple[PairAgreement, ...]:
    """Return how far every two reviewers agreed, at this version; none with one reviewer."""
    found: list[PairAgreement] = []
    for stage in Stage:
        try:
            found += agreements(review, stage, until=snapshot.last_seq, protocol=protocol)
        except DataError:
            # Nobody judged a record together at this stage.
            continue
    return tuple(found)


def _texts_of(kept: Mapping[str, bytes]) -> dict[str, str]:
    return {
        Path(path).stem: content.decode("utf-8-sig")
        for path, content in kept.items()
        if path.endswith(".md")
    }


def gather(review: Review, snapshot: Snapshot) -> Material:
    """Return the review as it was at a version, ready to be reported."""
    state, protocol = state_at(review, snapshot), protocol_at(review, snapshot)
    earlier = tuple(
        ReviewAt(
            snapshot=s,
            protocol=protocol_at(review, s),
            state=state_at(review, s),
            own_factors=factors_pinned(review, s),
        )
        for s in review.state().versions
        if s.version < snapshot.version
    )
    read_in = {
        cell.extracted.anchor.record_id for cell in state.cells.values() if cell.extracted.anchor
    }
    wanted = dict.fromkeys([*state.record_ids(), *sorted(read_in)])
    records = {r.record_id: r for r in review.store.iterate_records(list(wanted))}
    kept = kept_files(review, snapshot)
    return Material(
        protocol=protocol,
        snapshot=snapshot,
        state=state,
        records=records,
        diff=diff_versions(review, earlier[-1].snapshot, snapshot) if earlier else None,
        texts=read_texts(review.folder) if kept is None else _texts_of(kept),
        tools=tools_of_review(review),
        agreement=_agreement(review, snapshot, protocol),
        earlier=earlier,
        acts=tuple(
            (e.seq, e.by, e.kind)
            for e in review.store.load_events()
            if e.seq <= snapshot.last_seq + 1
        ),
        # Sentences are held against what their numbers meant when the newest version is built.
        bound=read_bound(review.folder) if kept is None else {},
        own_factors=factors_at(review, snapshot),
    )
