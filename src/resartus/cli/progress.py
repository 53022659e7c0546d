"""A progress bar with the time left, for what takes longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from resartus.domain.query import Search

__all__ = ["fetching"]

Told = Callable[[int, int], None]


@contextmanager
def fetching(*, unit: str = "records") -> Iterator[Callable[[Search], Told]]:
    """Yield what makes a bar for each search; the bars go to stderr, and only to a terminal."""
    if not sys.stderr.isatty():
        yield lambda search: lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bars:

        def begin(search: Search) -> Told:
            task = bars.add_task(search.search_id, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield begin
