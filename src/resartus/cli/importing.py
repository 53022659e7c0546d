"""``resartus import``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from resartus.app.importing import (
    COLUMN_FIELDS,
    ImportedFile,
    TakeOver,
    guess_table,
    import_file,
)
from resartus.cli.context import open_review, output
from resartus.domain.decision import Stage, Verdict

__all__ = ["command"]

_ASKED = ("title", "abstract", "authors", "year", "journal", "doi", "pmid")
_LINES_SHOWN = 20


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not column.strip():
            raise click.UsageError(
                f"--map {pair!r} is not FIELD=COLUMN, such as title='Study name'"
            )
        columns[field.strip()] = column.strip()
    return columns


def _asked(path: Path, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Ask which column holds what, where the headers do not tell; nobody is asked in a script."""
    guess = guess_table(path, columns=columns or None)
    if guess is None or guess.is_sure or not sys.stdin.isatty():
        return columns
    out = output()
    out.say(f"The columns of {path.name}:")
    for number, (column, sample) in enumerate(
        zip(guess.columns, guess.samples, strict=True), start=1
    ):
        out.say(f"  {number:2} {column}  ({sample})")
    chosen = dict(columns)
    for field in _ASKED:
        if field in chosen or field in guess.fields:
            continue
        number = click.prompt(
            f"column with {field} (0: none)",
            type=click.IntRange(0, len(guess.columns)),
            default=0,
        )
        if number:
            chosen[field] = guess.columns[number - 1]
    return chosen


def _lines(one: ImportedFile, *, could_take: bool) -> Iterator[str]:
    yield f"{one.file}: {one.records} records as {one.format} ({one.encoding}), {one.new} new"
    if one.verdicts_taken:
        yield f"  {one.verdicts_taken} decisions taken over"
    elif one.verdicts and could_take:
        yield (
            f"  {one.verdicts} decisions of another tool are in the file and were left; "
            "import it again with --decisions-by NAME to take them over"
        )
    for unread in one.unread[:_LINES_SHOWN]:
        yield f"  line {unread.line} not read ({unread.reason}): {unread.text[:70]}"
    if len(one.unread) > _LINES_SHOWN:
        yield f"  and {len(one.unread) - _LINES_SHOWN} more lines not read; --json lists all"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--other-method",
    is_flag=True,
    help="Found by references, hand search or contact, not by searching a database.",
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="For a table: which column holds a field, such as title='Study name'; repeatable. "
    f"Fields: {', '.join(COLUMN_FIELDS)}.",
)
@click.option(
    "--decisions-by",
    metavar="NAME",
    default=None,
    help="Take over what another screening tool decided in FILES, as decisions of this person.",
)
@click.option(
    "--verdict",
    type=click.Choice(["include", "exclude", "maybe"]),
    default=None,
    help="With --decisions-by: the verdict of the whole file, as Covidence writes one per list.",
)
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.SCREENING.value,
    help="The stage of --verdict.",
)
def command(
    files: tuple[Path, ...],
    other_method: bool,
    pairs: tuple[str, ...],
    decisions_by: str | None,
    verdict: str | None,
    stage: str,
) -> None:
    """Bring citations from FILES, whatever their names: the format is told by the content."""
    out = output()
    if verdict is not None and decisions_by is None:
        raise click.UsageError("--verdict needs --decisions-by: whose decisions are they?")
    take_over = (
        None
        if decisions_by is None
        else TakeOver(
            decided_by=decisions_by,
            verdict=Verdict(verdict) if verdict else None,
            stage=Stage(stage),
        )
    )
    columns = _mapping(pairs)
    done = []
    with open_review() as review:
        for path in files:
            mapped = _asked(path, columns)
            with out.fraction(f"importing {path.name}") as progress:
                done.append(
                    import_file(
                        review,
                        path,
                        is_other_method=other_method,
                        columns=mapped or None,
                        take_over=take_over,
                        progress=progress,
                    )
                )
    out.result(
        done,
        lines=[line for one in done for line in _lines(one, could_take=take_over is None)],
    )
