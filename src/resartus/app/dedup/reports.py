"""Reports of one study: what is proposed, and what a person says."""

from __future__ import annotations

from dataclasses import replace

from resartus.app.review import Review
from resartus.app.screening import outcomes
from resartus.dedup.reports import StudyProposal
from resartus.domain.decision import Stage
from resartus.domain.duplicates import pair_of
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.errors import DataError, NotFoundError

__all__ = ["StudyProposal", "judge_reports", "proposed_studies"]

SAME_STUDY, OTHER_STUDY = "same study", "another study"


def proposed_studies(review: Review) -> tuple[StudyProposal, ...]:
    """Return reports that may be of one study and were not judged yet.

    Looks at what passed title and abstract; before anything did, at every
    record that is not a duplicate.
    """
    from resartus.dedup.reports import propose_studies

    state = review.state()
    standing = outcomes(state, reviewers=review.protocol.reviewers)
    passed = [r for r, outcome in standing.items() if outcome.stage is Stage.ELIGIBILITY]
    judged = {
        pair_of(RecordId(pair["record_id"]), RecordId(pair["other_id"]))
        for pair in state.related
        if pair.get("relation") in (SAME_STUDY, OTHER_STUDY)
    }
    together = {
        pair_of(a, b) for s in state.studies.values() for a in s.record_ids for b in s.record_ids
    }
    records = review.store.iterate_records(passed or list(standing))
    return tuple(
        proposal
        for proposal in propose_studies(records)
        if pair_of(proposal.record_id, proposal.other_id) not in judged | together
    )


def judge_reports(
    review: Review,
    record_id: RecordId,
    other_id: RecordId,
    *,
    is_same_study: bool,
    note: str | None = None,
) -> None:
    """Log whether two reports are of one study.

    When one of them is a report of a study already, the other becomes one too.

    Raises
    ------
    NotFoundError
        If one of them is not in the review.
    DataError
        If both are one record, or are reports of two studies already.
    """
    state = review.state()
    if record_id == other_id:
        raise DataError(f"record {record_id!r} is given twice; name two records")
    for named in (record_id, other_id):
        if named not in state.arrived:
            raise NotFoundError(
                f"record {named!r} is not in this review; 'resartus dedup --studies' lists pairs"
            )
    judged = {
        "record_id": record_id,
        "other_id": other_id,
        "relation": SAME_STUDY if is_same_study else OTHER_STUDY,
        "is_judged": True,
    } | ({"note": note} if note else {})
    events = [review.new_event(EventKind.REPORTS_RELATED, judged)]
    of = [
        [s for s in state.studies.values() if named in s.record_ids]
        for named in (record_id, other_id)
    ]
    if is_same_study and of[0] and of[1] and of[0][0] != of[1][0]:
        raise DataError(
            f"{record_id!r} reports {of[0][0].label!r} and {other_id!r} reports "
            f"{of[1][0].label!r}; take one of them out of its study first"
        )
    if is_same_study and bool(of[0]) != bool(of[1]):
        study, added = (of[0][0], other_id) if of[0] else (of[1][0], record_id)
        grown = replace(study, record_ids=(*study.record_ids, added))
        events.append(review.new_event(EventKind.STUDY_DEFINED, to_plain(grown)))
    review.append_all(events)
