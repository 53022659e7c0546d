"""Let ``Bio.Entrez`` ask another server than NCBI's: it has no setting for that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["redirected"]

_NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"


@contextmanager
def redirected(base_url: str) -> Iterator[None]:
    """Send every request of ``Bio.Entrez`` to a base address while the block runs.

    Biopython's own code and results stay as they are; only the address of
    its requests changes. Not for several threads with different servers.

    Parameters
    ----------
    base_url : str
        Such as ``"http://127.0.0.1:8322/entrez/eutils/"``.
    """
    import importlib

    # Typed as anything: what is replaced is not part of Biopython's public names.
    Entrez: Any = importlib.import_module("Bio.Entrez")
    original = Entrez.urlopen
    base = base_url if base_url.endswith("/") else base_url + "/"

    def urlopen(request: Any, *arguments: Any, **options: Any) -> Any:
        request.full_url = request.full_url.replace(_NCBI, base, 1)
        return original(request, *arguments, **options)

    Entrez.urlopen = urlopen
    try:
        yield
    finally:
        Entrez.urlopen = original
