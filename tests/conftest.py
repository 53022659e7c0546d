"""Fixtures shared by all rooms."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests import needs

# A busy machine draws slowly; that says nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public test data; skips where it is absent."""
    return needs.shared_data()


@pytest.fixture(autouse=True)
def _no_ncbi(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks NCBI: the address is one where nobody answers."""
    monkeypatch.setenv("RESARTUS_EUTILS_URL", "http://127.0.0.1:9/entrez/eutils/")
    monkeypatch.delenv("NCBI_API_KEY", raising=False)
