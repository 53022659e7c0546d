"""The browser, started once for all journeys."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.journeys.browser import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser
