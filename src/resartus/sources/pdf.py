"""Read a PDF: its words page by page, and what it says of itself."""

from __future__ import annotations

import io
import logging
import re
import time
from dataclasses import dataclass

from resartus.errors import ParseError

__all__ = ["LARGEST_PDF_MB", "PdfText", "read_pdf"]

LARGEST_PDF_MB = 100
_MOST_PAGES = 3_000
_LONGEST_S = 120.0
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;:)\]}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfText:
    """A PDF's words, its title as the file states it, and the DOIs of its first pages in order.

    A scan has pages without words: ``has_words`` is false then.
    """

    pages: tuple[str, ...]
    title: str | None
    dois: tuple[str, ...]

    @property
    def has_words(self) -> bool:
        """Whether the file holds text and not only pictures of it."""
        return sum(len(page.split()) for page in self.pages) >= 20


def read_pdf(content: bytes, *, name: str) -> PdfText:
    """Return the words of a PDF.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Its name, for messages.

    Raises
    ------
    ParseError
        If it is no PDF, broken, encrypted with a password, over 100 MB or 3,000
        pages, or takes over two minutes to read: one sentence says which.
    """
    megabytes = len(content) / 1e6
    if megabytes > LARGEST_PDF_MB:
        raise ParseError(
            f"{name} has {megabytes:.0f} MB, over the {LARGEST_PDF_MB} MB that are read; "
            "save it with smaller pictures and attach it again",
            where=name,
        )
    if b"%PDF-" not in content[:1024]:
        raise ParseError(
            f"{name} begins with {content[:12]!r} and is no PDF; attach the article as PDF",
            where=name,
        )
    import pypdf

    # It tells every small flaw of a file on the log, which nobody here reads.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    started = time.monotonic()
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ParseError(
                f"{name} is encrypted with a password; save it without one and attach it again",
                where=name,
            )
        n_pages = len(reader.pages)
        if not 1 <= n_pages <= _MOST_PAGES:
            raise ParseError(
                f"{name} has {n_pages} pages, where 1 to {_MOST_PAGES} are read; "
                "attach the article alone",
                where=name,
            )
        pages = []
        for page in reader.pages:
            pages.append(page.extract_text())
            if time.monotonic() - started > _LONGEST_S:
                raise ParseError(
                    f"{name} took over {_LONGEST_S:.0f} s for {len(pages)} of its {n_pages} "
                    "pages; print it to a new PDF and attach that",
                    where=name,
                )
        title = reader.metadata.title if reader.metadata else None
    except ParseError:
        raise
    except (
        pypdf.errors.PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        AssertionError,
        NotImplementedError,
        RecursionError,
        OverflowError,
        MemoryError,
        OSError,
    ) as error:
        raise ParseError(
            f"{name} is broken and cannot be read as PDF ({type(error).__name__}: {error}); "
            "download it again",
            where=name,
        ) from error
    found = _DOI.findall("\n".join(pages[:2]))
    return PdfText(
        pages=tuple(pages),
        title=title.strip() if isinstance(title, str) and title.strip() else None,
        dois=tuple(dict.fromkeys(doi.lower() for doi in found)),
    )
