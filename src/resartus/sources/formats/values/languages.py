"""Languages as MARC codes, the form MEDLINE uses."""

from __future__ import annotations

__all__ = ["language_code"]

# MARC code list for languages, with ISO 639-1 codes and English names of what indexes hold.
_TABLE = """afr af Afrikaans|alb sq Albanian|ara ar Arabic|arm hy Armenian|aze az Azerbaijani
ben bn Bengali|bos bs Bosnian|bul bg Bulgarian|cat ca Catalan|chi zh Chinese|cze cs Czech
dan da Danish|dut nl Dutch|eng en English|est et Estonian|fin fi Finnish|fre fr French
geo ka Georgian|ger de German|gle ga Irish|glg gl Galician|gre el Greek|heb he Hebrew|hin hi Hindi
hrv hr Croatian|hun hu Hungarian|ice is Icelandic|ind id Indonesian|ita it Italian|jpn ja Japanese
kor ko Korean|lat la Latin|lav lv Latvian|lit lt Lithuanian|mac mk Macedonian|mal ml Malayalam
may ms Malay|nor no Norwegian|per fa Persian|pol pl Polish|por pt Portuguese|rum ro Romanian
rus ru Russian|slo sk Slovak|slv sl Slovenian|spa es Spanish|srp sr Serbian|swe sv Swedish
tha th Thai|tur tr Turkish|ukr uk Ukrainian|urd ur Urdu|vie vi Vietnamese|wel cy Welsh"""
_CODES: dict[str, str] = {}
for _row in _TABLE.replace("\n", "|").split("|"):
    _code, _short, _name = _row.split(" ", 2)
    _CODES |= {_code: _code, _short: _code, _name.casefold(): _code}
_CODES |= {
    "farsi": "per",
    "castilian": "spa",
    "scr": "hrv",
    "scc": "srp",
    "ces": "cze",
    "deu": "ger",
    "ell": "gre",
    "fas": "per",
    "fra": "fre",
    "isl": "ice",
    "nld": "dut",
    "ron": "rum",
    "slk": "slo",
    "zho": "chi",
    "multilingual": "mul",
}


def language_code(name: str) -> str:
    """Return ``"eng"`` for ``English``, ``en``, ``en-US``; an unknown name as it is."""
    word = name.strip().casefold()
    return _CODES.get(word) or _CODES.get(word.partition("-")[0]) or name.strip()
