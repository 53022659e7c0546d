"""Verdicts that screening tools leave in citation files, and ours in theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from resartus.domain.checks import require_aware
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.errors import DataError

__all__ = [
    "ImportedDecision",
    "LabelNote",
    "read_label",
    "read_note",
    "render_label",
    "render_note",
    "without_own_labels",
]

_OWN = re.compile(r"RESARTUS-DECISION: (\{.*\})", re.DOTALL)
_OWN_LABEL = re.compile(
    r"(?:^|(?<=[;\n]))[ \t]*resartus/(?:title-abstract|full-text)/"
    r"(?:include|exclude|maybe|skip)[ \t]*(?:;|\n|$)"
)
_ASREVIEW = re.compile(r"ASReview_(relevant|irrelevant|not_seen|prior)\b[.,;]?\s*")
_RAYYAN = re.compile(
    r"RAYYAN-INCLUSION:\s*\{(?P<votes>[^{}]*)\}"
    r"(?:\s*\|?\s*RAYYAN-LABELS:\s*(?P<labels>[^|\n]*))?"
    r"(?:\s*\|?\s*RAYYAN-EXCLUSION-REASONS:\s*(?P<reasons>[^|\n]*))?"
)
_RAYYAN_VOTE = re.compile(r"\"([^\"]+)\"\s*=>\s*\"(Included|Excluded|Maybe)\"")
_COVIDENCE_REASON = re.compile(r"Exclusion reason:\s*([^;\n]+)[;\n]?\s*", re.IGNORECASE)
_RAYYAN_VERDICTS = {
    "Included": Verdict.INCLUDE,
    "Excluded": Verdict.EXCLUDE,
    "Maybe": Verdict.MAYBE,
}
_WORDS = {
    Verdict.INCLUDE: {"1", "1.0", "include", "included", "yes", "y", "relevant", "true", "accept"},
    Verdict.EXCLUDE: {
        *("0", "0.0", "exclude", "excluded", "no", "n", "irrelevant", "false", "reject"),
    },
    Verdict.MAYBE: {"maybe", "unsure", "unclear", "undecided", "?"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDecision:
    """A verdict as another tool wrote it; who and when may be unknown.

    ``tool`` names what wrote it: ``"asreview"``, ``"rayyan"``,
    ``"covidence"``, ``"resartus"`` or ``"table"``.
    """

    record_id: RecordId
    verdict: Verdict
    tool: str
    stage: Stage = Stage.SCREENING
    decided_by: str | None = None
    decided_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    note: str | None = None
    is_adjudication: bool = False
    ranked_by: str | None = None

    def to_decision(self, *, decided_by: str, decided_at: datetime) -> Decision:
        """Return a vote for the log.

        Parameters
        ----------
        decided_by : str
            Whose vote it is where the file does not say.
        decided_at : datetime
            When the file was taken over, with a zone; used where the file
            gives no time.

        Raises
        ------
        DataError
            If the time has no zone.
        """
        require_aware(decided_at, field="decided_at", where=f"decision on {self.record_id!r}")
        reasons = self.reasons
        if self.stage is Stage.ELIGIBILITY and self.verdict is Verdict.EXCLUDE and not reasons:
            reasons = ("not reported",)
        return Decision(
            record_id=self.record_id,
            stage=self.stage,
            verdict=self.verdict,
            decided_by=self.decided_by or decided_by,
            decided_at=self.decided_at or decided_at,
            reasons=reasons,
            tags=self.tags,
            note=self.note,
            is_adjudication=self.is_adjudication,
            ranked_by=self.ranked_by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelNote:
    """What one note said about decisions, and the note without it.

    ``verdicts`` are decisions whose record is not yet known: (tool, verdict,
    stage, decided_by, decided_at, reasons, tags, note).
    """

    verdicts: tuple[ImportedDecision, ...]
    rest: str | None


_NOBODY = RecordId("-")


def read_note(text: str, *, record_id: RecordId = _NOBODY) -> LabelNote | None:
    """Read the verdicts in one note of a record, or return ``None`` when it holds none.

    ASReview writes ``ASReview_relevant``, Rayyan ``RAYYAN-INCLUSION: {...}``,
    Covidence ``Exclusion reason: ...;`` and this package ``RESARTUS-DECISION``.
    """
    if "RESARTUS-DECISION" in text:
        return _read_own(text, record_id)
    if "ASReview_" in text:
        return _read_asreview(text, record_id)
    if "RAYYAN-INCLUSION" in text:
        return _read_rayyan(text, record_id)
    if "xclusion reason:" in text:
        return _read_covidence(text, record_id)
    return None


def _read_own(text: str, record_id: RecordId) -> LabelNote | None:
    found = _OWN.fullmatch(text.strip())
    if found is None:
        return None
    try:
        value = json.loads(found.group(1))
        decision = ImportedDecision(
            record_id=record_id,
            verdict=Verdict(value["verdict"]),
            tool="resartus",
            stage=Stage(value["stage"]),
            decided_by=value.get("by"),
            decided_at=datetime.fromisoformat(value["at"]) if value.get("at") else None,
            reasons=tuple(value.get("reasons", ())),
            tags=tuple(value.get("tags", ())),
            note=value.get("note"),
            is_adjudication=bool(value.get("final", False)),
            ranked_by=value.get("ranked_by"),
        )
    except (ValueError, KeyError, TypeError):
        # A note that somebody edited is a note again.
        return None
    return LabelNote(verdicts=(decision,), rest=None)


def _read_asreview(text: str, record_id: RecordId) -> LabelNote | None:
    labels = _ASREVIEW.findall(text)
    if not labels:
        return None
    rest = _ASREVIEW.sub("", text).strip(" .,;\n") or None
    verdict = {"relevant": Verdict.INCLUDE, "irrelevant": Verdict.EXCLUDE}
    tags = ("prior knowledge",) if "prior" in labels else ()
    found = tuple(
        ImportedDecision(
            record_id=record_id, verdict=verdict[label], tool="asreview", tags=tags, note=rest
        )
        for label in labels
        if label in verdict
    )
    return LabelNote(verdicts=found, rest=rest)


def _read_rayyan(text: str, record_id: RecordId) -> LabelNote | None:
    found = _RAYYAN.search(text)
    if found is None:
        return None
    rest = (text[: found.start()] + text[found.end() :]).strip(" |\n") or None
    verdicts = tuple(
        ImportedDecision(
            record_id=record_id,
            verdict=_RAYYAN_VERDICTS[word],
            tool="rayyan",
            decided_by=who,
            reasons=_listed(found.group("reasons")) if word == "Excluded" else (),
            tags=_listed(found.group("labels")),
        )
        for who, word in _RAYYAN_VOTE.findall(found.group("votes"))
    )
    return LabelNote(verdicts=verdicts, rest=rest)


def _read_covidence(text: str, record_id: RecordId) -> LabelNote | None:
    reasons = tuple(reason.strip() for reason in _COVIDENCE_REASON.findall(text))
    if not reasons:
        return None
    rest = _COVIDENCE_REASON.sub("", text).strip(" ;\n") or None
    # Covidence asks for a reason at full text only.
    decision = ImportedDecision(
        record_id=record_id,
        verdict=Verdict.EXCLUDE,
        tool="covidence",
        stage=Stage.ELIGIBILITY,
        reasons=reasons,
        note=rest,
    )
    return LabelNote(verdicts=(decision,), rest=rest)


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def read_label(text: str) -> Verdict | None:
    """Return the verdict in one cell of a column of labels; ``None`` for an empty cell.

    Raises
    ------
    DataError
        If the cell holds something that is no verdict.
    """
    word = text.strip().casefold()
    if word in {"", "-1", "nan", "none", "null", "not_seen"}:
        return None
    for verdict, words in _WORDS.items():
        if word in words:
            return verdict
    raise DataError(f"{text!r} is no verdict; use 1, 0, include, exclude or maybe")


def render_note(decision: Decision) -> str:
    """Return the note that carries a decision in whole, for ``read_note``."""
    value: dict[str, object] = {
        "stage": decision.stage.value,
        "verdict": decision.verdict.value,
        "by": decision.decided_by,
        "at": decision.decided_at.isoformat(),
    }
    if decision.reasons:
        value["reasons"] = list(decision.reasons)
    if decision.tags:
        value["tags"] = list(decision.tags)
    if decision.note:
        value["note"] = decision.note
    if decision.is_adjudication:
        value["final"] = True
    if decision.ranked_by:
        value["ranked_by"] = decision.ranked_by
    return f"RESARTUS-DECISION: {json.dumps(value, ensure_ascii=False)}"


def without_own_labels(text: str) -> str:
    """Take our own tags out of a list of keywords: a note holds each decision in whole."""
    if "resartus/" not in text:
        return text
    return _OWN_LABEL.sub("", text).strip(" ;\n")


def render_label(decisions: Sequence[Decision]) -> str | None:
    """Return the short tag that reference managers can sort by, of the last decision given."""
    if not decisions:
        return None
    last = decisions[-1]
    return f"resartus/{last.stage.value}/{last.verdict.value}"
