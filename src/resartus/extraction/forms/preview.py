"""A form to look at before it is adopted: as text and as one HTML page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from resartus.extraction.forms.form import Field, Form

__all__ = ["answers_of", "form_sections", "preview_html", "preview_text"]


def form_sections(form: Form) -> Iterator[tuple[str, list[Field]]]:
    """Yield the form's parts in the order in which it is filled in: title and fields."""
    own = [f for f in form.fields if f.group is None and f.level == "study"]
    yield "Of the study", own
    for group in form.groups:
        if group.level == "study":
            title = f"{group.label}, once for each {group.key}: {group.name}[…]"
            yield title, [f for f in form.fields if f.group == group.name]
    patients = [f for f in form.fields if f.group is None and f.level == "patient"]
    if patients:
        yield "Of each patient", patients
    for group in form.groups:
        if group.level == "patient":
            title = f"{group.label}, once for each {group.key} of a patient: {group.name}[…]"
            yield title, [f for f in form.fields if f.group == group.name]


def answers_of(f: Field) -> str:
    """Return what may be answered, in words."""
    if f.kind == "choice":
        return " | ".join(f.allowed())
    reach = "" if f.minimum is None else f" from {f.minimum:g}"
    reach += "" if f.maximum is None else f" up to {f.maximum:g}"
    kind = {"boolean": "yes or no", "integer": "whole number"}.get(f.kind, f.kind)
    return f"{kind}{f' of {f.unit}' if f.unit else ''}{reach}"


def preview_text(form: Form) -> Iterable[str]:
    """Yield the form as lines, in the order in which it is filled in."""
    yield f"{form.title} ({form.form_id}, version {form.version})"
    for title, fields in form_sections(form):
        if not fields:
            continue
        yield ""
        yield title
        for f in fields:
            star = " *" if f.required else ""
            when = f"   [if {f.show_if}]" if f.show_if else ""
            yield f"  {f.name}{star}: {f.label} ({answers_of(f)}){when}"
    yield ""
    yield "Every value may also be: not reported, unclear, not applicable. * must be answered."


_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1d2731; max-width: 50rem; margin: 1rem auto; padding: 0 1rem; }
fieldset { border: 1px solid #c4ccd2; border-radius: 6px; margin: 1rem 0; padding: .5rem 1rem 1rem; }
legend { font-weight: 600; padding: 0 .4rem; }
.row { display: grid; grid-template-columns: minmax(0, 14rem) minmax(0, 1fr) 11rem; gap: .5rem 1rem; align-items: center; margin-top: .6rem; }
@media (max-width: 40rem) { .row { grid-template-columns: minmax(0, 1fr); } }
input, select { box-sizing: border-box; font: inherit; width: 100%; padding: .3rem .4rem; border: 1px solid #56636f; border-radius: 4px; background: #fff; color: inherit; }
small { color: #56636f; display: block; }
"""  # noqa: E501


def _control(f: Field, identifier: str) -> str:
    if f.kind == "choice":
        options = "".join(f"<option>{html.escape(c)}</option>" for c in f.allowed())
        return f'<select id="{identifier}"><option></option>{options}</select>'
    if f.kind == "boolean":
        return (
            f'<select id="{identifier}"><option></option><option>yes</option>'
            "<option>no</option></select>"
        )
    return f'<input id="{identifier}">'


def preview_html(form: Form) -> str:
    """Return the form as one page; it is to be looked at and keeps nothing."""
    parts = []
    for s, (title, fields) in enumerate(form_sections(form)):
        if not fields:
            continue
        rows = []
        for i, f in enumerate(fields):
            identifier = f"f{s}-{i}"
            hints = [f.help or "", answers_of(f) if f.kind != "choice" else ""]
            if f.show_if:
                hints.append(f"asked if {f.show_if}")
            hint = "; ".join(h for h in hints if h)
            rows.append(
                f'<div class="row"><label for="{identifier}">{html.escape(f.label)}'
                f"{' *' if f.required else ''}<small>{html.escape(hint)}</small></label>"
                f"{_control(f, identifier)}"
                f'<select aria-label="{html.escape(f.label)}: reported?"><option>reported</option>'
                "<option>not reported</option><option>unclear</option>"
                "<option>not applicable</option></select></div>"
            )
        parts.append(f"<fieldset><legend>{html.escape(title)}</legend>{''.join(rows)}</fieldset>")
    title = html.escape(f"{form.title}, version {form.version}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        "<p>A preview: nothing entered here is kept. * must be answered.</p>"
        f"{''.join(parts)}</body></html>"
    )
