"""``resartus pubmed serve``: answer programs as NCBI's E-utilities do."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from resartus.cli.context import output

__all__ = ["serve"]


@click.command("serve")
@click.argument(
    "places", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER | FILES"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8322, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--dtd",
    default="250101",
    show_default=True,
    help="Edition of PubMed's DTD that efetch names; Biopython 1.88 knows none newer.",
)
def serve(places: tuple[Path, ...], host: str, port: int, dtd: str) -> None:
    """Answer as NCBI's E-utilities do, from a local PubMed or from PubMed XML files.

    FOLDER is what 'resartus pubmed load' made; FILES are read into memory,
    some thousands of records at most.
    """
    import uvicorn

    from resartus.api.eutils.app import create_eutils_app
    from resartus.app.eutils.collection import open_places

    collection, problems = open_places(places)
    for problem in problems:
        output().note(problem)
    with closing(collection):
        name = "localhost" if host == "127.0.0.1" else host
        base = f"http://{name}:{port}/entrez/eutils/"
        output().say(f"{collection.count:,} records ({collection.build}) at {base}")
        output().say(f"EDirect:   esearch -base {base} -db pubmed -query …")
        output().say(f"Resartus:  RESARTUS_EUTILS_URL={base} resartus search")
        output().say("Stop it with Ctrl-C")
        uvicorn.run(
            create_eutils_app(collection, dtd=dtd),
            host=host,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
