"""Judge records, as the faces see it."""

from resartus.app.screening.agreement import PairAgreement, agreements
from resartus.app.screening.assigning import Share, assign, share_out, start_round
from resartus.app.screening.outcome import (
    Outcome,
    Progress,
    conflicts,
    is_mine,
    open_records,
    outcome_of,
    outcomes,
    progress,
    since_last_include,
    skipped_records,
)
from resartus.app.screening.pace import Pace, pace_of
from resartus.app.screening.voting import decide, visible_votes
from resartus.screening.agreement import Agreement

__all__ = [
    "Agreement",
    "Outcome",
    "Pace",
    "PairAgreement",
    "Progress",
    "Share",
    "agreements",
    "assign",
    "conflicts",
    "decide",
    "is_mine",
    "open_records",
    "outcome_of",
    "outcomes",
    "pace_of",
    "progress",
    "share_out",
    "since_last_include",
    "skipped_records",
    "start_round",
    "visible_votes",
]
