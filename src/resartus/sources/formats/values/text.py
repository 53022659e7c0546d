"""Text as a citation file gives it: spaces, markup and entities put in order."""

from __future__ import annotations

import html
import re

__all__ = ["clean_text", "one_line", "without_markup"]

_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_LINE_ENDS = re.compile(r" ?[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_TAG = re.compile(
    r"</?(?:p|i|b|u|em|strong|sub|sup|br|div|span|h[1-6]|jats:[a-z]+|sec|title|font|li|ul|ol)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")


def clean_text(text: str) -> str:
    """Take out control characters and runs of spaces; keep one newline between paragraphs."""
    if not text.isascii() or not text.isprintable():
        text = _CONTROLS.sub("", text)
        text = _LINE_ENDS.sub("\n", text)
        text = _SPACES.sub(" ", text)
    elif "  " in text:
        text = _SPACES.sub(" ", text)
    return text.strip()


def one_line(text: str) -> str:
    """Return clean text with every newline a space."""
    text = clean_text(text)
    return " ".join(text.split("\n")) if "\n" in text else text


def without_markup(text: str) -> str:
    """Take out the HTML tags and entities that exporters leave in notes, titles and abstracts.

    A ``<`` that opens no known tag stays: ``p<0.05`` is not markup.
    """
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return text
