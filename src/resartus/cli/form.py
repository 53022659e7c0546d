"""``resartus form``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.extraction.forms import (
    adopt_form,
    find_form,
    preview_html,
    preview_text,
    ready_forms,
)
from resartus.app.extraction.workbooks import send_out, take_back
from resartus.cli.context import open_review, output
from resartus.domain.ids import StudyId
from resartus.errors import ConflictError

__all__ = ["command"]

_FILE = click.Path(dir_okay=False, path_type=Path)


def _write_new(path: Path, text: str) -> None:
    if path.exists():
        raise ConflictError(f"{path.name} exists already; name another file")
    path.write_text(text, encoding="utf-8")


@click.command("form")
@click.argument("name", required=False)
@click.option("--adopt", is_flag=True, help="Extract with it; entries are carried over.")
@click.option("--html", "page", type=_FILE, help="Write a preview as one HTML page.")
@click.option("--copy", "copy", type=_FILE, help="Write its TOML, to edit.")
@click.option("--send", type=_FILE, help="Write an XLSX with what is to be read, to fill in.")
@click.option(
    "--back",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Enter what a filled-in XLSX says.",
)
@click.option("--study", help="Only this study, with --send.")
def command(
    name: str | None,
    adopt: bool,
    page: Path | None,
    copy: Path | None,
    send: Path | None,
    back: Path | None,
    study: str | None,
) -> None:
    """List the ready forms, look at one (by id or TOML file), adopt it, send it out and back."""
    out = output()
    if send is not None or back is not None:
        with open_review() as review:
            if send is not None:
                n = send_out(review, send, study_id=StudyId(study) if study else None)
                out.result(
                    {"file": str(send), "studies": n}, lines=[f"Wrote {send} for {n} studies"]
                )
            if back is not None:
                done = take_back(review, back)
                out.result(
                    done,
                    lines=[f"Entered {done.entered} values; {done.unchanged} were known already"],
                )
        return
    if name is None:
        known = ready_forms()
        out.table(
            "Ready forms",
            ("form", "title", "version", "fields", "for"),
            [
                (key, f.title, f.version, len(f.fields), ", ".join(f.designs))
                for key, (f, _) in known.items()
            ],
        )
        if out.as_json:
            out.result([form for form, _ in known.values()])
        return
    if adopt:
        with open_review() as review:
            form, _ = find_form(name, review=review)
            migration = adopt_form(review, form)
        out.result(
            migration,
            lines=[
                f"Adopted {form.form_id}, version {form.version}: {migration.n_changed} values "
                f"carried over, {migration.n_set_aside} set aside",
                *(f"Does not fit: {message}" for message in migration.unfit),
            ],
        )
        return
    form, text = find_form(name)
    if page is not None:
        _write_new(page, preview_html(form))
        out.say(f"Wrote {page}")
    if copy is not None:
        _write_new(copy, text)
        out.say(f"Wrote {copy}; edit it, raise its version, and adopt it")
    if page is None and copy is None:
        out.result(form, lines=preview_text(form))
