"""The browser, started once for all journeys; a page that may not fail; a review served to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.browser import chromium, free_port, serving

from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
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
def begin(tmp_path: Path) -> Callable[..., Review]:
    """Begin a review of ana's in a folder of its own, with citations in RIS, and return it open."""

    def begun(*citations: str, protocol_text: str = TEMPLATE) -> Review:
        folder = tmp_path / "review"
        folder.mkdir()
        ris = tmp_path / "found.ris"
        ris.write_text("".join(f"TY  - JOUR\n{lines}\nER  - \n\n" for lines in citations))
        review = Review.create(folder, protocol_text=protocol_text, person="ana")
        import_file(review, ris)
        return review

    return begun


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """Where a test's ``folder``, a review, is served to one person."""
    with serving(create_app(folder, person="ana"), port=free_port()) as address:
        yield address
