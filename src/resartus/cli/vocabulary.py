"""``resartus vocabulary``."""

from __future__ import annotations

import click

from resartus.app.extraction.vocabulary import look_up, packs_of_review
from resartus.app.review import PROTOCOL
from resartus.cli.context import folder, open_review, output

__all__ = ["command"]


@click.command("vocabulary")
@click.argument("words", required=False)
def command(words: str | None) -> None:
    """Look words up in the vocabularies, or list these; a review may bring its own."""
    out = output()
    if (folder() / PROTOCOL).exists():
        with open_review() as review:
            packs = packs_of_review(review)
    else:
        packs = packs_of_review()
    if words is None:
        if out.as_json:
            out.result(packs)
            return
        out.table(
            "Vocabularies",
            ("vocabulary", "of", "edition", "terms", "pack", "source"),
            [
                (
                    v.vocabulary_id,
                    v.label,
                    v.edition,
                    len(v.terms),
                    f"{pack.pack_id} {pack.version}",
                    v.source if v.is_checked else f"{v.source} (to be checked against it)",
                )
                for pack in packs
                for v in pack.vocabularies
            ],
        )
        return
    meaning = look_up(words, packs=packs)
    lines = [f"{name}: {t.code} ({t.label})" for name, t in meaning.terms]
    lines += [f"{name}: stage {t.code}" for name, t in meaning.stages]
    lines += [f"{name}: {code}" for name, code in meaning.other_scales]
    if meaning.resection is not None:
        cut = meaning.resection
        kind = "anatomical" if cut.is_anatomical else "not (only) anatomical"
        lines.append(
            f"segments {', '.join(cut.segments) or 'none whole'}, {kind}; Brisbane: "
            f"{cut.brisbane or 'no name'}; New World: {cut.new_world or 'no name'}"
        )
    if meaning.complication is not None:
        grade = meaning.complication
        told = grade.derivation or "as stated"
        lines.append(f"clavien-dindo: {grade.term.code} ({told})")
    out.result(meaning, lines=lines)
