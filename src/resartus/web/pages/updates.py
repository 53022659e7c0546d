"""Updates: look again, settle notices, and see whether any conclusion changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.living.cumulative import Step, cumulative_of
from resartus.app.living.diff import VersionDiff, diff_versions
from resartus.app.living.notices import notices, settle_notice
from resartus.app.living.pending import pending_of
from resartus.app.living.signals import caution, signals_of
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.versions import draft_version, find_version
from resartus.domain.change import Change, ChangeKind
from resartus.domain.ids import RecordId
from resartus.domain.snapshot import Snapshot
from resartus.errors import DataError
from resartus.web.pages import work
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_AT_MOST = 200
_NOW = "now"
_OF_RECORDS = (ChangeKind.RECORD, ChangeKind.DUPLICATE, ChangeKind.DECISION, ChangeKind.FULL_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The changes of one kind: the first of them, and how many there are."""

    kind: ChangeKind
    shown: tuple[Change, ...]
    count: int

    @property
    def is_of_records(self) -> bool:
        """Whether its changes are named by a record."""
        return self.kind in _OF_RECORDS


def _grouped(diff: VersionDiff) -> list[_Group]:
    found = []
    # Conclusions first: they are what a reader asks for.
    for kind in sorted(ChangeKind, key=lambda kind: not kind.is_conclusion):
        changes = diff.of_kind(kind)
        if changes:
            found.append(_Group(kind=kind, shown=changes[:_AT_MOST], count=len(changes)))
    return found


def _labels(review: Review, groups: Iterable[_Group]) -> dict[str, str]:
    """Return the label of every record that a change names, by the change's name."""
    names = {c.what: c.what.partition(" at ")[0] for g in groups if g.is_of_records
             for c in g.shown}  # fmt: skip
    ids = [RecordId(record_id) for record_id in dict.fromkeys(names.values())]
    labels = {str(r.record_id): r.label for r in review.store.iterate_records(ids)}
    return {what: labels[record_id] for what, record_id in names.items() if record_id in labels}


def _version(review: Review, asked: str) -> Snapshot:
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 9:
        raise DataError(f"version {asked!r} is not a number", field="version")
    return find_version(review, int(asked))


def _compared(request: Request, review: Review) -> VersionDiff | None:
    """Return the versions asked for, by default the newest and the review as it stands."""
    versions = review.state().versions
    if not versions:
        return None
    first, last = (request.query_params.get(name, "") for name in ("before", "after"))
    before = _version(review, first) if first else versions[-1]
    after = draft_version(review) if last in ("", _NOW) else _version(review, last)
    if after.last_seq < before.last_seq:
        raise DataError(f"version {after.version} is older than {before.version}; turn them round")
    return diff_versions(review, before, after)


def _by_outcome(steps: Sequence[Step]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        name = step.field.removesuffix("_n").replace("_", " ").capitalize()
        found.setdefault(name, []).append(step)
    return found


def _updates(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.aside(visit.person) as review:
        state = review.state()
        versions = list(state.versions)
        diff = _compared(request, review)
        groups = _grouped(diff) if diff else []
        looks = [v for v in versions if diff is None or v.last_seq <= diff.after.last_seq]
        if diff and diff.after not in versions:
            looks.append(diff.after)
        told = notices(state)
        reports = review.store.iterate_records([notice.record_id for notice in told])
        return page(
            request,
            "updates.html",
            versions=versions,
            diff=diff,
            is_draft=diff is not None and diff.after not in versions,
            signals=signals_of(diff) if diff else (),
            caution=caution(looks) if diff and diff.changes else None,
            groups=groups,
            labels=_labels(review, groups),
            notices=told,
            reports={report.record_id: report for report in reports},
            pending=pending_of(review),
            by_year=_by_outcome(cumulative_of(review)),
            living=review.protocol.living,
            last_run=max((run.ran_at for run in state.search_runs), default=None),
        )


async def _update(request: Request) -> Response:
    def update(review: Review, form: FormData) -> str:
        return work.ask(request, "update", back="/updates")

    return await change(request, Action.SEARCH, update)


async def _settle(request: Request) -> Response:
    def settle(review: Review, form: FormData) -> str:
        settle_notice(review, str(form.get("notice_id", "")), note=str(form.get("note", "")))
        return f"/updates?said={quote('Settled')}"

    return await change(request, Action.EXTRACT, settle)


ROUTES = [
    Route("/updates", _updates),
    Route("/updates", _update, methods=["POST"]),
    Route("/updates/notices", _settle, methods=["POST"]),
]
