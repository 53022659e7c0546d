"""``resartus search check``: recall, what each line and term brings, hits a year."""

from __future__ import annotations

import re
from pathlib import Path

import click

from resartus.app.search.checking import StrategyCheck
from resartus.cli.context import open_review, output
from resartus.cli.progress import fetching
from resartus.domain.ids import Pmid
from resartus.domain.plain import to_plain
from resartus.errors import DataError

__all__ = ["check", "year_chart"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def year_chart(years: tuple[tuple[int, int], ...], *, width: int = 40) -> list[str]:
    """Return a bar for each year; more than 40 years are put together by fives."""
    if len(years) > 40:
        grouped: dict[int, int] = {}
        for year, count in years:
            grouped[year - year % 5] = grouped.get(year - year % 5, 0) + count
        named = [(f"{first}-{str(first + 4)[2:]}", count) for first, count in grouped.items()]
    else:
        named = [(str(year), count) for year, count in years]
    most = max((count for _, count in named), default=0) or 1
    lines = []
    for name, count in named:
        eighths = round(count / most * width * 8)
        bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        if count and not bar:
            bar = _EIGHTHS[1]
        lines.append(f"  {name:<7} {bar} {count}" if bar else f"  {name:<7} {count}")
    return lines


def _known(listed: str | None, file: Path | None) -> tuple[Pmid, ...]:
    text = listed or ""
    if file is not None:
        text += " " + file.read_text(encoding="utf-8-sig", errors="replace")
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    for word in words:
        if not re.fullmatch(r"(?:pmid:?|pubmed:)?\d{1,9}", word, re.IGNORECASE):
            where = f" in {file.name}" if file is not None else ""
            raise DataError(
                f"{word!r}{where} is not a PMID; give numbers, separated by spaces or commas"
            )
    found = (Pmid(int(re.sub(r"\D", "", word))) for word in words)
    return tuple(dict.fromkeys(found))


@click.command("check")
@click.option("--id", "search_id", default=None, help="Only this search of review.toml.")
@click.option("--known", default=None, help="PMIDs a good search finds, such as 21452068,20110010.")
@click.option(
    "--known-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None
)
@click.option("--quick", is_flag=True, help="Do not ask what the search finds without each term.")
@click.option(
    "--local",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Ask this local PubMed, not NCBI. [RESARTUS_PUBMED]",
)
def check(
    search_id: str | None,
    known: str | None,
    known_file: Path | None,
    quick: bool,
    local: Path | None,
) -> None:
    """Check a strategy: recall of known studies, which line loses each, which terms bring nothing.

    Without --known the records this review has included so far are taken.
    """
    from contextlib import closing

    from resartus.app.search.checking import check_strategy, known_relevant
    from resartus.app.searching import engine_for, planned_searches

    checks = []
    with open_review() as review, fetching(unit="questions") as progress:
        relevant = _known(known, known_file) or known_relevant(review)
        for search in planned_searches(review, search_id):
            with closing(engine_for(review, search, local=local)) as engine:
                checks.append(
                    check_strategy(
                        review,
                        search,
                        engine=engine,
                        known=relevant,
                        is_thorough=not quick,
                        on_progress=progress(search),
                    )
                )
    output().result(
        [{**to_plain(one), "recall": one.recall} for one in checks],
        lines=[line for one in checks for line in _lines(one)],
    )


def _lines(check: StrategyCheck) -> list[str]:
    lines = [f"{check.search_id}: {check.count:,} records"]
    if check.recall is None:
        lines.append("  recall: no known relevant record to check against; give --known")
    else:
        found = len(check.known) - len(check.missed)
        lines.append(
            f"  recall: {found} of {len(check.known)} known relevant ({100 * check.recall:.0f} %)"
        )
    for missed in check.missed:
        if missed.lost_by:
            lines.append(f"    {missed.pmid} is lost by {'; '.join(missed.lost_by)}")
        else:
            lines.append(f"    {missed.pmid} is not in this source")
    if check.lines:
        lines.append("  lines:")
        width = max(len(f"{count:,}") for _, _, count in check.lines)
        lines += [f"    {count:>{width},}  {name}: {text}" for name, text, count in check.lines]
    idle = [term for term in check.terms if term.brings_nothing]
    if idle:
        lines.append(f"  terms that bring nothing: {len(idle)} of {len(check.terms)}")
    for term in idle:
        where = f"{term.line}: " if term.line else ""
        why = "finds no record" if term.alone == 0 else f"its {term.alone:,} come without it too"
        lines.append(f"    {where}{term.term} ({why})")
    most = sorted((t for t in check.terms if t.only), key=lambda t: -(t.only or 0))[:5]
    if most:
        lines.append("  terms that bring most by themselves:")
        lines += [f"    {term.only:,} only by {term.term}" for term in most]
    if check.years:
        lines.append("  records a year, last run:")
        lines += year_chart(check.years)
    return lines
