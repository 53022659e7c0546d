"""The browser, started once for all journeys; a page that may not fail; a review served to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.browser import chromium, free_port, serving

from resartus.web.app import create_app


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page on which no script may fail."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Where a test's ``folder``, a review, is served to one person."""
    with serving(create_app(folder, person="ana"), port=free_port()) as address:
        yield address
