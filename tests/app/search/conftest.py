"""A review that searches a fake PubMed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.sources.eutils.server import FakePubmed, running

from resartus.app.review import Review

PROTOCOL = """
title = "Liver metastases"
question = "Does resection help?"
population = "women"
intervention = "resection"

[[search]]
id = "main"
source = "pubmed"
query = "liver metastasis"
from_year = 1990
to_year = 2011
languages = ["eng"]

[[search]]
id = "lines"
source = "pubmed"
query = '''
#1 liver[ti]
#2 metastasis[ti] OR “secondary tumour”[ti]
#3 #1 AND #2
'''
"""


@dataclass
class Clock:
    """A clock that stands until told."""

    now: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A review, the PubMed it asks, its clock."""

    review: Review
    pubmed: FakePubmed
    clock: Clock


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A review with two searches, and thirty records in PubMed."""
    pubmed = FakePubmed({pmid: date(2000, 1, 1 + pmid % 28) for pmid in range(1, 31)})
    folder = tmp_path / "review"
    folder.mkdir()
    clock = Clock()
    with running(pubmed) as url:
        monkeypatch.setenv("RESARTUS_EUTILS_URL", url)
        # A key gives this test a limit of its own, at ten a second.
        monkeypatch.setenv("NCBI_API_KEY", tmp_path.name)
        with Review.create(folder, protocol_text=PROTOCOL, person="ana", clock=clock) as review:
            yield Desk(review=review, pubmed=pubmed, clock=clock)
