"""What a command prints: JSON for machines, or words and tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from resartus.domain.plain import to_plain

__all__ = ["Output"]


class Output:
    """Prints results on standard output and everything else on standard error.

    With ``as_json`` a command prints one JSON value and no words.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False, soft_wrap=True)
        self.side = Console(stderr=True, highlight=False, soft_wrap=True)

    def result(self, value: Any, *, lines: Iterable[str] = ()) -> None:
        """Print the JSON form, or the lines."""
        if self.as_json:
            print(json.dumps(to_plain(value), ensure_ascii=False, indent=1, sort_keys=True))
        else:
            for line in lines:
                self.console.print(escape(line))

    def say(self, line: str) -> None:
        """Print a line for people; silent with ``--json``."""
        if not self.as_json:
            self.console.print(escape(line))

    def note(self, line: str) -> None:
        """Print a remark on standard error."""
        self.side.print(escape(line))

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table for people; silent with ``--json``."""
        lines = [tuple("–" if part is None else str(part) for part in row) for row in rows]
        if self.as_json:
            return
        if not lines:
            self.console.print(f"{escape(title)}: nothing to show")
            return
        table = Table(title=escape(title), title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(escape(column), overflow="fold")
        for line in lines:
            table.add_row(*(escape(part) for part in line))
        self.console.print(table)

    @contextmanager
    def progress(self, total: int, label: str) -> Iterator[Any]:
        """Show a bar with the time left while work goes on; yields a function to advance it."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda n=1: None
            return
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.side,
            transient=True,
        )
        with bar:
            task = bar.add_task(escape(label), total=total)
            yield lambda n=1: bar.advance(task, n)

    @contextmanager
    def fraction(self, label: str) -> Iterator[Callable[[float], None]]:
        """Show a bar for work whose steps are not counted; yields a function told 0 to 1."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda done: None
            return
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self.side,
            transient=True,
        ) as bar:
            task = bar.add_task(escape(label), total=1.0)
            yield lambda done: bar.update(task, completed=done)
