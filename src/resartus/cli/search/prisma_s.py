"""``resartus search prisma-s``: the searches as a methods section must tell them."""

from __future__ import annotations

import click

from resartus.cli.context import open_review, output

__all__ = ["prisma_s"]


@click.command("prisma-s")
def prisma_s() -> None:
    """Print the sixteen items of PRISMA-S: from the log, and what people must still add."""
    from resartus.app.search import prisma_s as writing

    with open_review() as review:
        items = writing.prisma_s(review)
    out = output()
    out.result(items, lines=writing.render_prisma_s(items).splitlines())
    left = [item.to_fill for item in items if item.to_fill]
    if left:
        out.note(f"{len(left)} items are for people: {', '.join(left)} in [prisma_s], review.toml")
