"""Which engine answers a search: records on hand, the local PubMed, or NCBI."""

from __future__ import annotations

from resartus.app.review import Review
from resartus.app.search.engine import SearchEngine
from resartus.app.search.on_hand import OnHand
from resartus.domain.query import Search
from resartus.example import bundle

__all__ = ["engine_for", "ncbi_engine", "on_hand_engine"]

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


def engine_for(review: Review, search: Search) -> SearchEngine:
    """Return the engine that the search's source asks for."""
    if search.source in ("snapshot", "file"):
        return on_hand_engine(review, source=search.source)
    return ncbi_engine(review)
