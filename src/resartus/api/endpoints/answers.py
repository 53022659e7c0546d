"""Results, one patient, versions and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints.types import Body, Line
from resartus.app.living.diff import diff_versions
from resartus.app.permissions import Action
from resartus.app.published import draft_report, published_report
from resartus.app.reporting.audit import Case, Fault, Standing
from resartus.app.reporting.kept_audit import make_audit
from resartus.app.results import Results, Subgroup, results_of
from resartus.app.tailoring import Factor, Tailored, known_factors, profile_of, tailor
from resartus.app.versions import find_version, pin_version
from resartus.domain.change import Change
from resartus.domain.snapshot import Snapshot

__all__ = ["ANSWERS"]

_REVIEW = "/reviews/{review_id}"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KINDS = {"html": "text/html; charset=utf-8", "docx": _WORD}
Year = Annotated[int, msgspec.Meta(ge=1000, le=9999)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """The studies to look at; all if nothing is given."""

    from_year: Year | None = None
    to_year: Year | None = None
    minimum_patients: Annotated[int, msgspec.Meta(ge=0, le=10**6)] | None = None
    design: Line | None = None


class Patient(Body):
    """What is known of the one patient, factor by factor. It is read and never stored."""

    values: dict[str, Line]


class NewVersion(Body):
    """What the version is for."""

    trigger: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """As a page or as a Word document."""

    format: Literal["html", "docx"] = "html"


class AuditedItem(Body):
    """One item of a reporting standard: met, missing or not asked, and where or what to do."""

    standard: str
    item: str
    asks: str
    standing: Standing
    places: tuple[str, ...]
    sentence: str | None


class AuditView(Body):
    """A version's report held against the standards, and its files against the review."""

    version: int
    files: tuple[str, ...]
    faults: tuple[Fault, ...]
    items: tuple[AuditedItem, ...]
    cases: tuple[Case, ...]


def _results(call: Call) -> Results:
    asked = call.query
    subgroup = Subgroup(
        from_year=asked.from_year,
        to_year=asked.to_year,
        minimum_patients=asked.minimum_patients,
        design=asked.design,
    )
    with call.aside() as review:
        return results_of(review, subgroup=subgroup)


def _factors(call: Call) -> tuple[Factor, ...]:
    with call.aside() as review:
        return known_factors(review)


def _patient(call: Call) -> Tailored:
    with call.aside() as review:
        return tailor(review, profile_of(review, call.body.values, name="This patient"))


def _versions(call: Call) -> list[Snapshot]:
    with call.review() as review:
        return list(review.state().versions)


def _pin(call: Call) -> Snapshot:
    with call.review() as review:
        return pin_version(review, trigger=call.body.trigger)


def _changes(call: Call) -> list[Change]:
    number = call.number("version")
    with call.aside() as review:
        after = find_version(review, number)
        if number == 1:
            return []
        return list(diff_versions(review, find_version(review, number - 1), after).changes)


def _report(call: Call) -> File:
    kind = call.query.format
    with call.aside() as review:
        if call.path["version"] == "draft":
            path = draft_report(review)[kind]
        else:
            path = published_report(review, find_version(review, call.number("version")))[kind]
        content = path.read_bytes()
    name = f"report-{call.path['version']}.{kind}"
    return File(content=content, media_type=_KINDS[kind], name=name)


def _audit(call: Call) -> AuditView:
    with call.aside() as review:
        snapshot = find_version(review, call.number("version"))
        files = tuple(published_report(review, snapshot).values())
        audit = make_audit(review, snapshot, written=files, tell=call.tell).audit
    return AuditView(
        version=audit.version,
        # By name alone: where a server keeps its files is its own affair.
        files=tuple(path.name for path in files),
        faults=audit.faults,
        items=tuple(
            AuditedItem(
                standard=checklist.name,
                item=one.item.item_id,
                asks=one.item.asks,
                standing=one.standing,
                places=tuple(place.anchor for place in one.places),
                sentence=one.sentence,
            )
            for checklist, items in audit.scores
            for one in items
        ),
        cases=audit.cases,
    )


ANSWERS = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/results",
        summary="What the evidence adds up to, over all studies or a subgroup",
        work=_results,
        action=Action.READ,
        query=Which,
        answer=Results,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/factors",
        summary="The factors a patient may be described by",
        work=_factors,
        action=Action.READ,
        answer=list[Factor],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/patient",
        summary="The evidence beside one patient; nothing is stored",
        work=_patient,
        action=Action.READ,
        body=Patient,
        answer=Tailored,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/versions",
        summary="The versions that were pinned",
        work=_versions,
        action=Action.READ,
        answer=list[Snapshot],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/versions",
        summary="Pin the review as it stands",
        work=_pin,
        action=Action.PIN,
        body=NewVersion,
        answer=Snapshot,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/versions/{version}/changes",
        summary="What a version changed against the one before",
        work=_changes,
        action=Action.READ,
        answer=list[Change],
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/versions/{version}/report",
        summary="The report of a version, or of 'draft'",
        work=_report,
        action=Action.READ,
        query=Format,
        answer=bytes,
        media_types=("text/html", _WORD),
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/versions/{version}/audit",
        summary="A version's report against the reporting standards and against the review",
        work=_audit,
        action=Action.READ,
        answer=AuditView,
        is_long=True,
    ),
)
