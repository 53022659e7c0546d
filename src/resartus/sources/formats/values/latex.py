"""LaTeX in bibliographies, to Unicode and back."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["from_latex", "to_latex"]

_MARKS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textregistered": "®",
    "textcopyright": "©",
    "textdegree": "°",
    "textpm": "±",
    "textmu": "µ",
    "textasciitilde": "~",
    "textbackslash": "\\",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textunderscore": "_",
    "ldots": "…",
    "dots": "…",
    "S": "§",
    "P": "¶",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "kappa": "κ",
    "mu": "μ",
    "pm": "±",
    "times": "×",
    "leq": "≤",
    "geq": "≥",
    "le": "≤",
    "ge": "≥",
}
_ACCENT = re.compile(
    r"\\(?:([`'^~=.\"])\s*|([uvHcdbkr])(?:\s+|(?=\{)))"
    r"(?:\{\s*(\\[ij]|[^\W\d_])\s*\}|(\\[ij](?![A-Za-z])|[^\W\d_]))"
)
_NAMED = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+(?=[A-Za-z])|\s*(?![A-Za-z]))")
_STYLE = re.compile(
    r"\\(?:textit|textbf|emph|textrm|textsc|texttt|text|mathrm|mathit|url)\s*(?=\{)"
)
_ESCAPED = re.compile(r"\\([&%$#_{}])")
# An escaped sign is text: these stand for it while LaTeX's own are taken out.
_HELD = {"\\{": "\ue000", "\\}": "\ue001", "\\$": "\ue002", "\\textbackslash{}": "\ue003"}
_BACK = str.maketrans({"\ue000": "{", "\ue001": "}", "\ue002": "$", "\ue003": "\\"})


def from_latex(text: str) -> str:
    r"""Return plain Unicode: ``{\"o}`` is ö, ``\&`` is &, braces go, ``--`` stays.

    An unknown command stays as it is written.
    """
    if "\\" in text:
        for written, mark in _HELD.items():
            text = text.replace(written, mark)
        text = _ACCENT.sub(_accented, text)
        text = _STYLE.sub("", text)
        text = _ESCAPED.sub(r"\1", text)
        text = _NAMED.sub(_named, text)
        text = text.replace("\\ ", " ").replace("\\\n", "\n").replace("\\-", "")
    if "{" in text or "}" in text:
        text = text.replace("{", "").replace("}", "")
    if "$" in text:
        text = re.sub(r"\$([^$\d\s][^$]{0,20})\$", r"\1", text)
    return text.translate(_BACK)


def _accented(found: re.Match[str]) -> str:
    letter = (found.group(3) or found.group(4)).lstrip("\\")
    return unicodedata.normalize("NFC", letter + _MARKS[found.group(1) or found.group(2)])


def _named(found: re.Match[str]) -> str:
    return _LETTERS.get(found.group(1), found.group())


_SPECIAL = re.compile(r"[\\{}&%$#_]")


def to_latex(text: str) -> str:
    """Escape what LaTeX would take for a command; letters stay Unicode, as biber reads them."""
    return _SPECIAL.sub(lambda m: _WRITTEN.get(m.group(), f"\\{m.group()}"), text)


_WRITTEN = {"\\": "\\textbackslash{}"}
