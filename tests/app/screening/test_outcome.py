from datetime import UTC, datetime

import pytest

from resartus.app.screening import outcomes
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.state import Imported, ReviewState

NOW = datetime(2026, 11, 24, tzinfo=UTC)
A = RecordId("a")


def vote(
    by: str, verdict: Verdict, stage: Stage = Stage.SCREENING, *, is_final: bool = False
) -> Decision:
    return Decision(
        record_id=A,
        stage=stage,
        verdict=verdict,
        decided_by=by,
        decided_at=NOW,
        reasons=("other question",) if verdict is Verdict.EXCLUDE else (),
        is_adjudication=is_final,
    )


def state(*votes: Decision) -> ReviewState:
    kept = ReviewState(imports=[Imported(origin="f", record_ids=(A,))], arrived={A: None})
    for one in votes:
        kept.votes.setdefault((one.record_id, one.stage.value), {})[one.decided_by] = one
    return kept


INCLUDE, EXCLUDE, MAYBE, SKIP = Verdict.INCLUDE, Verdict.EXCLUDE, Verdict.MAYBE, Verdict.SKIP


@pytest.mark.parametrize(
    ("votes", "reviewers", "stage", "verdict", "is_conflict"),
    [
        ((), 1, Stage.SCREENING, None, False),
        ((("x", EXCLUDE),), 1, Stage.SCREENING, EXCLUDE, False),
        ((("x", INCLUDE),), 1, Stage.ELIGIBILITY, None, False),
        ((("x", MAYBE),), 1, Stage.ELIGIBILITY, None, False),
        ((("x", SKIP),), 1, Stage.SCREENING, None, False),
        ((("x", INCLUDE),), 2, Stage.SCREENING, None, False),
        ((("x", INCLUDE), ("y", MAYBE)), 2, Stage.ELIGIBILITY, None, False),
        ((("x", INCLUDE), ("y", EXCLUDE)), 2, Stage.SCREENING, None, True),
        ((("x", EXCLUDE), ("y", EXCLUDE)), 2, Stage.SCREENING, EXCLUDE, False),
    ],
)
def test_votes_add_up(
    votes: tuple[tuple[str, Verdict], ...],
    reviewers: int,
    stage: Stage,
    verdict: Verdict | None,
    is_conflict: bool,
) -> None:
    found = outcomes(state(*(vote(by, what) for by, what in votes)), reviewers=reviewers)[A]
    assert (found.stage, found.verdict, found.is_conflict) == (stage, verdict, is_conflict)


def test_a_third_person_settles_a_conflict() -> None:
    found = outcomes(
        state(vote("x", INCLUDE), vote("y", EXCLUDE), vote("z", EXCLUDE, is_final=True)),
        reviewers=2,
    )[A]
    assert (found.verdict, found.is_conflict, found.reason) == (EXCLUDE, False, "other question")


def test_a_duplicate_is_not_judged() -> None:
    kept = state()
    kept.duplicate_of[A] = RecordId("b")
    assert outcomes(kept, reviewers=1) == {}
