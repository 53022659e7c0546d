"""Numbers as figures or as English words."""

from __future__ import annotations

__all__ = ["NUMBER", "number_of"]

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {
    **{word: n for n, word in enumerate(_ONES)},
    **{word: 10 * (n + 2) for n, word in enumerate(_TENS)},
}
NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+(?:[.·]\d+)?|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    rf"(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES))})"
)
"""Pattern of a number in figures or in words up to ninety-nine."""


def number_of(text: str) -> float | None:
    """Return the number that figures or words mean, or ``None``."""
    plain = text.strip().lower().replace("·", ".")
    if plain.replace(",", "").replace(".", "", 1).isdigit():
        whole, mark, rest = plain.partition(",")
        # A comma before three figures sets thousands apart; before others it is a decimal comma.
        if mark and not (len(rest.replace(",", "")) % 3 == 0 and rest):
            plain = f"{whole}.{rest}"
        return float(plain.replace(",", ""))
    if plain in _WORDS:
        return float(_WORDS[plain])
    tens, mark, ones = plain.replace(" ", "-").partition("-")
    if mark and tens in _TENS and ones in _ONES[1:10]:
        return float(_WORDS[tens] + _WORDS[ones])
    return None
