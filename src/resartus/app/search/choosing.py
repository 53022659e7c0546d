"""Which engine answers a search: records on hand, the local PubMed, or NCBI."""

from __future__ import annotations

import os
from pathlib import Path

from resartus.app.review import Review
from resartus.app.search.engine import SearchEngine
from resartus.app.search.on_hand import OnHand
from resartus.domain.query import Search
from resartus.example import bundle

__all__ = ["engine_for", "local_engine", "local_folder", "ncbi_engine", "on_hand_engine"]

JOURNALS = "unfinished"


def on_hand_engine(review: Review, *, source: str = "file") -> OnHand:
    """Return an engine over the records of this review, or over the bundled sample."""
    today = review.clock().date()
    if source == "snapshot":
        records, name = list(bundle.load_records()), bundle.CORPUS
    else:
        records = list(review.store.iterate_records())
        name = f"the {len(records)} records already in this review"
    return OnHand(records, name, today=today, payloads=review.payloads)


def ncbi_engine(review: Review) -> SearchEngine:
    """Return PubMed at NCBI, with key and address from the environment."""
    from resartus.app.search.ncbi import Ncbi
    from resartus.sources.eutils.settings import EutilsSettings

    return Ncbi(
        EutilsSettings.from_environment(),
        payloads=review.payloads,
        journals=review.folder / "payloads" / JOURNALS,
    )


def local_folder(review: Review, given: Path | None = None) -> Path | None:
    """Return the local PubMed to search: as given, of ``RESARTUS_PUBMED``, or of review.toml."""
    if given is not None:
        return given
    named = os.environ.get("RESARTUS_PUBMED", "").strip()
    if named:
        return Path(named).expanduser()
    written = review.protocol.local_pubmed
    return None if written is None else review.folder / Path(written).expanduser()


def local_engine(review: Review, folder: Path) -> SearchEngine:
    """Return a local PubMed, with the translations this review has from NCBI.

    Raises
    ------
    NotFoundError
        If the folder holds none.
    """
    from resartus.app.search.local import Local, LoggedTranslations

    return Local(
        folder,
        today=review.clock().date(),
        payloads=review.payloads,
        translations=LoggedTranslations(review.state().search_runs),
    )


def engine_for(review: Review, search: Search, *, local: Path | None = None) -> SearchEngine:
    """Return the engine that a search asks for.

    Records on hand for the sources ``"file"`` and ``"snapshot"``. For
    ``"pubmed"`` the local PubMed if one is named, else NCBI.

    Parameters
    ----------
    local : Path, optional
        A local PubMed for this time; before the environment and review.toml.
    """
    if search.source in ("snapshot", "file"):
        return on_hand_engine(review, source=search.source)
    folder = local_folder(review, local)
    return ncbi_engine(review) if folder is None else local_engine(review, folder)
