"""Languages of MEDLINE: names and the three-letter codes records carry.

https://www.nlm.nih.gov/bsd/language_table.html
"""

from __future__ import annotations

from resartus.search.words import words_of

__all__ = ["language_codes"]

_CODES = {
    "afrikaans": "afr", "albanian": "alb", "amharic": "amh", "arabic": "ara", "armenian": "arm",
    "azerbaijani": "aze", "bengali": "ben", "bosnian": "bos", "bulgarian": "bul", "catalan": "cat",
    "chinese": "chi", "croatian": "hrv", "czech": "cze", "danish": "dan", "dutch": "dut",
    "english": "eng", "esperanto": "epo", "estonian": "est", "finnish": "fin", "french": "fre",
    "georgian": "geo", "german": "ger", "greek modern": "gre", "greek": "gre", "hebrew": "heb",
    "hindi": "hin", "hungarian": "hun", "icelandic": "ice", "indonesian": "ind", "italian": "ita",
    "japanese": "jpn", "kinyarwanda": "kin", "korean": "kor", "latin": "lat", "latvian": "lav",
    "lithuanian": "lit", "macedonian": "mac", "malay": "may", "malayalam": "mal", "maori": "mao",
    "multiple languages": "mul", "norwegian": "nor", "persian": "per", "farsi": "per",
    "polish": "pol", "portuguese": "por", "pushto": "pus", "romanian": "rum", "rumanian": "rum",
    "moldovan": "rum", "russian": "rus", "sanskrit": "san", "scottish gaelic": "gla",
    "serbian": "srp", "slovak": "slo", "slovenian": "slv", "spanish": "spa", "swedish": "swe",
    "thai": "tha", "turkish": "tur", "ukrainian": "ukr", "undetermined": "und", "urdu": "urd",
    "vietnamese": "vie", "welsh": "wel",
}  # fmt: skip
_SAME = {"hrv": ("hrv", "scr"), "srp": ("srp", "scc")}


def language_codes(text: str) -> tuple[str, ...]:
    """Return the codes of a language given by name or code; an unknown word stays as it is."""
    name = " ".join(words_of(text))
    code = _CODES.get(name, "_".join(name.split()))
    return _SAME.get(code, (code,))


def is_language(text: str) -> bool:
    """Say whether a text names a language."""
    return " ".join(words_of(text)) in _CODES
