"""Full texts as files that people can open, named by their hash, with their words beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from resartus.errors import NotFoundError, StoreDamaged
from resartus.stores.payloads import write_whole

__all__ = ["FullTexts"]


class FullTexts:
    """A folder of PDFs, ``<sha256>.pdf``, each with its text as ``<sha256>.txt``.

    Saving the same bytes twice keeps one file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where a PDF stands, whether or not it is there."""
        return self.folder / f"{digest}.pdf"

    def save(self, content: bytes, *, text: str) -> str:
        """Keep a PDF and its words; return the SHA-256 of the PDF."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.path(digest).exists():
            write_whole(self.path(digest), content)
        write_whole(self.folder / f"{digest}.txt", text.encode())
        return digest

    def has(self, digest: str) -> bool:
        """Whether a PDF of this hash is kept."""
        return self.path(digest).exists()

    def load(self, digest: str) -> bytes:
        """Return the PDF of a hash.

        Raises
        ------
        NotFoundError
            If it is not kept.
        StoreDamaged
            If its bytes no longer match its name.
        """
        try:
            content = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"full text {digest!r} is not in {str(self.folder)!r}") from None
        except OSError as error:
            raise StoreDamaged(f"full text {digest!r} cannot be read: {error}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreDamaged(f"full text {digest!r} has changed on disk; attach the file again")
        return content

    def load_text(self, digest: str) -> str:
        """Return the words of a full text, pages parted by form feeds.

        Raises
        ------
        NotFoundError
            If they are not kept.
        """
        try:
            return (self.folder / f"{digest}.txt").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise NotFoundError(
                f"the words of full text {digest!r} are not in {str(self.folder)!r}; "
                "attach the file again"
            ) from None
