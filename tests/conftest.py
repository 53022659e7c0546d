"""Fixtures shared by all rooms."""

from pathlib import Path

import pytest
from tests import needs


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public test data; skips where it is absent."""
    return needs.shared_data()


@pytest.fixture(autouse=True)
def _no_ncbi(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks NCBI: the address is one where nobody answers."""
    monkeypatch.setenv("RESARTUS_EUTILS_URL", "http://127.0.0.1:9/entrez/eutils/")
    monkeypatch.delenv("NCBI_API_KEY", raising=False)
