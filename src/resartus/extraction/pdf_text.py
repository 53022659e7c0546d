"""The text of a full text on hand: PDF, HTML or plain."""

from __future__ import annotations

import html
import io
import re

from resartus.errors import DataError

__all__ = ["full_text"]

_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.IGNORECASE | re.DOTALL)


def full_text(content: bytes, *, name: str) -> str:
    """Return the words of a PDF, an HTML page or a text file, pages one after the other.

    Raises
    ------
    DataError
        If the file is a PDF that cannot be read, or holds no text (a scan).
    """
    if content.startswith(b"%PDF"):
        import pypdf
        from pypdf.errors import PyPdfError

        try:
            pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
        except (PyPdfError, ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{name} cannot be read as PDF ({error}); attach it again", where=name
            ) from error
        text = "\n".join(pages)
        if not text.strip():
            raise DataError(f"{name} holds no text (a scan?); run OCR and attach it again")
        return text
    text = content.decode("utf-8", errors="replace")
    return html.unescape(_TAG.sub(" ", text)) if text.lstrip()[:1] == "<" else text
