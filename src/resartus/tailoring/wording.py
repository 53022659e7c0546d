"""Words that would turn evidence into advice: none of ours may hold them."""

from __future__ import annotations

import re

__all__ = ["advice_in"]

_ADVICE = re.compile(
    r"\bwe (?:recommend|advise|suggest (?:that|to|surgery|resection))|"
    r"\b(?:is|are|was|be|not) (?:recommended|advised|indicated|contraindicated|inadvisable)\b|"
    r"\brecommend(?:s|ation)?\b|\badvisable\b|\bcontra-?indicat\w*|"
    r"\b(?:should|must|ought to|has to|needs to) (?:not )?(?:be |have |undergo |receive |get )?"
    r"(?:operated?|resect(?:ed|ion)?|treat(?:ed|ment)?|surgery|chemotherapy|undergo|offered)\b|"
    r"\b(?:good|poor|ideal|suitable|unsuitable|fit|unfit) candidate\b|"
    r"\b(?:operate|resect|treat) (?:her|him|them|this patient|the patient)\b|"
    r"\b(?:best|right|wrong) (?:choice|option|treatment)\b|\bgo ahead\b|\bdo not operate\b|"
    r"\b(?:eligible|ineligible) for (?:surgery|resection)\b|\bwill (?:benefit|live|die|survive)\b|"
    r"\b(?:her|his|the patient's) (?:chance|risk|prognosis) (?:is|of)\b",
    re.IGNORECASE,
)


def advice_in(text: str) -> tuple[str, ...]:
    """Return the words of a text that recommend for or against a treatment, or foretell.

    Examples
    --------
    >>> advice_in("She should undergo resection.")
    ('should undergo resection',)
    >>> advice_in("Two of five such patients were alive at 24 months.")
    ()
    """
    return tuple(found.group() for found in _ADVICE.finditer(text))
