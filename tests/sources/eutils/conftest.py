"""A client against a fake PubMed, impatient so that tests are quick."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from tests.sources.eutils.server import FakePubmed, running

from resartus.sources.eutils.client import EutilsClient
from resartus.sources.eutils.pace import Pace
from resartus.sources.eutils.settings import EutilsSettings
from resartus.stores.payloads import FilePayloads


@dataclass
class Bench:
    """A fake PubMed with a client for it."""

    pubmed: FakePubmed
    client: EutilsClient
    payloads: FilePayloads
    folder: Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Thirty records of different days."""
    pubmed = FakePubmed({pmid: date(2000 + pmid % 20, 1, 1 + pmid % 28) for pmid in range(1, 31)})
    payloads = FilePayloads(tmp_path / "payloads")
    with running(pubmed) as url:
        settings = EutilsSettings(
            base_url=url, api_key="a-secret-key", email="reviewer@example.org",
            timeout_s=0.5, backoff_s=0.01, attempts=4,
        )  # fmt: skip
        client = EutilsClient(settings, payloads=payloads, pace=Pace(500.0))
        yield Bench(pubmed=pubmed, client=client, payloads=payloads, folder=tmp_path)
        client.close()
