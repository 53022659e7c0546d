"""``resartus pubmed``: a local PubMed in one folder."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from resartus.app.pubmed.loading import load_files
from resartus.app.pubmed.local import LocalPubmed
from resartus.cli.context import output
from resartus.cli.pubmed_serve import serve

__all__ = ["command"]

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group("pubmed")
def command() -> None:
    """Keep PubMed, or a part of it, in a folder and search it offline in PubMed's language."""


def _records_guess(files: tuple[Path, ...]) -> int:
    """Return about how many records files hold: some 800 bytes a record packed, 8000 plain."""
    return sum(
        f.stat().st_size // (1200 if f.suffix == ".gz" else 8000) for f in files if f.is_file()
    )


@command.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", "folder", required=True, type=FOLDER, help="Made if it is not there.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=None, help="Processes that parse; all cores."
)
def load(files: tuple[Path, ...], folder: Path, workers: int | None) -> None:
    """Take in baseline and update files, efetch XML or NBIB. Run it again to go on after a stop."""
    out = output()
    with out.progress(_records_guess(files), "Loading records") as advance:
        report = load_files(
            files,
            folder,
            clock=lambda: datetime.now(UTC),
            workers=workers or os.cpu_count() or 1,
            progress=advance,
        )
    lines = [
        f"{file.name}: {file.records} records, {file.deleted} deleted" for file in report.files
    ]
    lines += [f"{name}: already in" for name in report.known]
    if report.stale:
        lines.append(f"{report.stale} records were older than those there and were left out")
    out.result(report, lines=lines)
    for problem in report.problems:
        out.note(problem)


@command.command("search")
@click.argument("query")
@click.option("--in", "folder", required=True, type=FOLDER, help="The local PubMed.")
@click.option("--counts", is_flag=True, help="Also count what every part finds alone.")
@click.option("--pmids", is_flag=True, help="Print all PMIDs, one a line, and nothing else.")
def search(query: str, folder: Path, counts: bool, pmids: bool) -> None:
    """Search: count, translation, how sure each mapping is; '-' reads the query from a file."""
    text = sys.stdin.read() if query == "-" else query
    out = output()
    with LocalPubmed(folder) as pubmed:
        found = pubmed.search(text, with_counts=counts)
        corpus = pubmed.corpus
    if pmids and not out.as_json:
        for pmid in found.pmids:
            click.echo(pmid)
        return
    lines = [f"{found.count} of {corpus.records} records (corpus {corpus.version})"]
    if found.parsed.is_list:
        lines += [f"  #{line.number}: {line.count}  {line.text}" for line in found.lines]
    lines.append(f"translated: {found.translation}")
    lines += [f"  {item.source} → {item.sureness.value}" for item in found.translations]
    lines += [f"  {term.count:>9}  {'  ' * term.depth}{term.text}" for term in found.terms]
    out.result(
        {
            "count": found.count,
            "corpus": corpus.version,
            "pmids": list(found.pmids),
            "translation": found.translation,
            "translations": found.translations,
            "lines": [
                {"number": x.number, "count": x.count, "translation": x.translation}
                for x in found.lines
            ],
            "terms": found.terms,
            "diagnostics": found.diagnostics,
        },
        lines=lines,
    )
    if not out.as_json:
        for note in found.diagnostics:
            out.note(f"{note.severity.value}: {note.message}")


@command.command("show")
@click.argument("pmid", type=int)
@click.option("--in", "folder", required=True, type=FOLDER, help="The local PubMed.")
@click.option("--raw", is_flag=True, help="The bytes as the source gave them.")
def show(pmid: int, folder: Path, raw: bool) -> None:
    """Print one record."""
    with LocalPubmed(folder) as pubmed:
        if raw:
            click.echo(pubmed.stored(pmid).content)
            return
        record = pubmed.record(pmid)
    cited = f"{record.journal_abbreviation or record.journal or ''} {record.year or ''}"
    output().result(
        record,
        lines=[
            ", ".join(author.short_name for author in record.authors),
            record.title or record.vernacular_title or "no title",
            cited.strip(),
            "",
            *(record.abstract or "no abstract").split("\n"),
        ],
    )


@command.command("status")
@click.option("--in", "folder", required=True, type=FOLDER, help="The local PubMed.")
def status(folder: Path) -> None:
    """Say what is in it: records, files, version, MeSH."""
    with LocalPubmed(folder) as pubmed:
        corpus, edition = pubmed.corpus, pubmed.vocabulary.edition
    output().result(
        {"corpus": corpus, "mesh": edition},
        lines=[
            f"{corpus.records} records from {len(corpus.files)} files, corpus {corpus.version}",
            f"MeSH: {edition}",
            *(f"  {file.name}: {file.records} records" for file in corpus.files[-10:]),
        ],
    )


command.add_command(serve)
