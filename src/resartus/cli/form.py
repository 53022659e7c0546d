"""``resartus form``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.extraction.double_entry import shown
from resartus.app.extraction.forms import (
    Adoption,
    adopt_form,
    find_form,
    plan_adoption,
    preview_html,
    preview_text,
    ready_forms,
)
from resartus.app.extraction.workbooks import WorkbookRead, read_back, send_out, take_back
from resartus.cli.context import open_review, output
from resartus.domain.extracted import Cell
from resartus.domain.ids import StudyId
from resartus.errors import ConflictError, DataError

__all__ = ["command"]

_FILE = click.Path(dir_okay=False, path_type=Path)


def _write_new(path: Path, text: str) -> None:
    if path.exists():
        raise ConflictError(f"{path.name} exists already; name another file")
    path.write_text(text, encoding="utf-8")


def _tell_plan(plan: Adoption) -> None:
    out = output()
    form, before = plan.form, plan.before
    if out.as_json:
        out.result(
            {
                "form": form.form_id,
                "version": form.version,
                "before": before.form_id,
                "before_version": before.version,
                "kept": plan.n_kept,
                "fates": plan.fates,
                "unfit": plan.unfit,
                "n_unfit": plan.n_unfit,
            }
        )
        return
    out.say(
        f"{form.title}, version {form.version}, in place of {before.title}, "
        f"version {before.version}: {plan.n_kept} values stay as they are"
    )
    rows = [(fate.field, fate.n, fate.what) for fate in plan.fates]
    if rows:
        out.table("What becomes of the others", ("field", "values", "what"), rows)
    for message in plan.unfit:
        out.say(f"Would not fit: {message}")
    if plan.n_unfit > len(plan.unfit):
        out.say(f"{plan.n_unfit - len(plan.unfit)} more of colleagues would not fit")


def _shown(cell: Cell | None) -> str:
    return "" if cell is None else shown(cell.extracted)


def _tell_brought(read: WorkbookRead) -> None:
    out = output()
    if out.as_json:
        out.result(read)
        return
    rows = [
        (
            row.line,
            row.cell.cell_id,
            _shown(row.cell),
            _shown(row.before),
            "; ".join(f"{c.extracted.entered_by}: {_shown(c)}" for c in row.others),
        )
        for row in read.rows
    ]
    if rows:
        columns = ("line", "value of", "would be", "instead of", "colleagues say")
        out.table("What would be entered", columns, rows)
    for problem in read.problems:
        out.say(f"Refused: {problem}")
    told = (
        f"{len(read.new)} new, {len(read.changed)} changed, {read.unchanged} known already, "
        f"{len(read.problems)} refused"
    )
    out.say(told + ("; nothing is taken until these are mended" if read.problems else ""))


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
@click.option("--look", is_flag=True, help="Say what --adopt or --back would do, and do nothing.")
def command(
    name: str | None,
    adopt: bool,
    page: Path | None,
    copy: Path | None,
    send: Path | None,
    back: Path | None,
    study: str | None,
    look: bool,
) -> None:
    """List the ready forms, look at one (by id or TOML file), adopt it, send it out and back."""
    out = output()
    if look and (back is None) == (name is None or not adopt):
        raise DataError("--look goes with a form and --adopt, or with --back, and not with both")
    if send is not None or back is not None:
        with open_review() as review:
            if send is not None:
                n = send_out(review, send, study_id=StudyId(study) if study else None)
                out.result(
                    {"file": str(send), "studies": n}, lines=[f"Wrote {send} for {n} studies"]
                )
            if back is not None and look:
                _tell_brought(read_back(review, back))
            elif back is not None:
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
            if look:
                _tell_plan(plan_adoption(review, form))
                return
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
