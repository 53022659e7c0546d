"""A server over real PubMed records, with a real port for programs that know no other way."""

import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from resartus.api.eutils.app import create_eutils_app
from resartus.app.eutils.collection import MemoryCollection, open_files


@pytest.fixture(scope="session")
def collection(shared_data: Path) -> MemoryCollection:
    """A few hundred records of several editions, books and MathML among them."""
    edge = shared_data / "pubmed-edge"
    files = [
        *sorted((edge / "biopython").glob("pubmed*.xml")),
        edge / "efetch" / "qi29_pubmed_result.xml.gz",
        edge / "metapub" / "pmid_28731372.xml",
        edge / "metapub" / "sample_article_20301577.xml",
    ]
    collection, problems = open_files(files)
    assert not problems
    return collection


@pytest.fixture(scope="session")
def client(collection: MemoryCollection) -> TestClient:
    """The server without a port."""
    return TestClient(create_eutils_app(collection, today=lambda: date(2026, 11, 25)))


@pytest.fixture(scope="session")
def base(collection: MemoryCollection) -> Iterator[str]:
    """The server at a port of this machine; yields its base address."""
    config = uvicorn.Config(
        create_eutils_app(collection), port=0, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/entrez/eutils/"
    server.should_exit = True
    thread.join()
