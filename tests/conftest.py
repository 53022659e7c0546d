"""Fixtures shared by all rooms."""

from pathlib import Path

import pytest
from tests import needs


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public test data; skips where it is absent."""
    return needs.shared_data()
