"""What every command is given: the review's folder, the person, the output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resartus.cli.output import Output

if TYPE_CHECKING:
    from resartus.app.review import Review

__all__ = ["folder", "open_review", "output", "person"]


def _given() -> dict[str, Any]:
    given: dict[str, Any] = click.get_current_context().find_root().obj
    return given


def output() -> Output:
    """Return where to print."""
    out: Output = _given()["output"]
    return out


def folder() -> Path:
    """Return the review's folder as given."""
    path: Path = _given()["folder"]
    return path


def person() -> str | None:
    """Return who acts, if it was said."""
    name: str | None = _given()["person"]
    return name


@contextmanager
def open_review() -> Iterator[Review]:
    """Open the review that the command is about."""
    # Imported here: commands that open no review start without it.
    from resartus.app.review import Review

    with Review(folder(), person=person()) as review:
        yield review
