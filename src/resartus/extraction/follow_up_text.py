"""How authors write a follow-up: "alive at 5 years", "died of disease 14 months after surgery"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resartus.domain.patient import VitalStatus
from resartus.extraction.harmoniser import Bound

__all__ = ["FollowUpText", "parse_follow_up"]

_TIME = re.compile(
    r"(?P<bound>at least|more than|over|>|≥|within|less than|<|≤|at)?\s*"
    r"(?P<value>\d+(?:[.,]\d+)?)(?P<plus>\s*\+)?[\s-]*"
    r"(?P<unit>d(?:ays?)?|w(?:ee)?ks?|mo(?:nth)?s?\.?|m|y(?:ea)?rs?|y)\b",
    re.IGNORECASE,
)
_AT_LEAST = ("at least", "more than", "over", ">", "≥")
_AT_MOST = ("within", "less than", "<", "≤")
_STATES = (
    (r"\b(?:ned|no evidence of (?:the )?disease|disease[- ]free|free of (?:the )?disease"
     r"|without (?:evidence of )?(?:disease|recurrence))\b", VitalStatus.ALIVE_NED),
    (r"\b(?:dod|(?:died|dead|death) (?:of|from) (?:the |her |his )?"
     r"(?:disease|tumou?r|cancer|progression))\b", VitalStatus.DEAD_OF_DISEASE),
    (r"\b(?:doc|(?:died|dead|death) (?:of|from) (?:an(?:other)?|other|intercurrent|unrelated)\b.*)",
     VitalStatus.DEAD_OTHER),
    (r"\b(?:awd|alive with (?:the )?(?:disease|recurrence|metastas[ei]s))\b",
     VitalStatus.ALIVE_WITH_DISEASE),
    (r"\b(?:died|dead|deceased|death|expired)\b", VitalStatus.DEAD),
    (r"\b(?:alive|living|survives|surviving|is well|lost to follow[- ]up)\b", VitalStatus.ALIVE),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpText:
    """What a phrase says of a follow-up; ``value`` is ``None`` when it names no time."""

    value: float | None
    unit: str
    bound: Bound
    status: VitalStatus


def _unit(text: str) -> str:
    return {"d": "days", "w": "weeks", "m": "months", "y": "years"}[text[0].lower()]


def parse_follow_up(text: str) -> FollowUpText:
    """Return the time, its bound and the status that a phrase gives; nothing is guessed.

    "Alive at 5 years" means at least 5 years; "died within 2 years" at most 2.
    A patient lost to follow-up was alive when last seen.
    """
    status = next(
        (state for pattern, state in _STATES if re.search(pattern, text, re.IGNORECASE)),
        VitalStatus.UNKNOWN,
    )
    match = _TIME.search(text)
    if match is None:
        return FollowUpText(value=None, unit="months", bound=Bound.EXACT, status=status)
    said = (match["bound"] or "").lower()
    bound = Bound.EXACT
    if said in _AT_LEAST or match["plus"]:
        bound = Bound.AT_LEAST
    elif said in _AT_MOST:
        bound = Bound.AT_MOST
    elif said == "at" and status.is_dead is False:
        bound = Bound.AT_LEAST
    return FollowUpText(
        value=float(match["value"].replace(",", ".")),
        unit=_unit(match["unit"]),
        bound=bound,
        status=status,
    )
