"""A form written as TOML, to be changed and read again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from resartus.extraction.forms.form import Change, Field, Form, Group

__all__ = ["render_form"]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(part) for part in value)}]"
    if isinstance(value, str):
        # TOML's basic strings are JSON's, but for one control character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _table(name: str, row: Field | Group | Change, *, left_out: set[str]) -> Iterator[str]:
    yield ""
    yield f"[[{name}]]"
    for known in fields(row):
        value = getattr(row, known.name)
        is_said = value is not None and value is not False and value != () and value != {}
        if known.name not in left_out and is_said:
            yield f"{known.name} = {_value(value)}"


def _lines(form: Form) -> Iterator[str]:
    yield f"id = {_value(form.form_id)}"
    yield f"version = {form.version}"
    yield f"title = {_value(form.title)}"
    if form.designs:
        yield f"designs = {_value(form.designs)}"
    if form.source is not None:
        yield f"source = {_value(form.source)}"
    for group in form.groups:
        yield from _table("group", group, left_out=set())
    for one in form.fields:
        # A field of a group has its group's level.
        yield from _table("field", one, left_out={"level"} if one.group is not None else set())
    for change in form.changes:
        yield from _table("change", change, left_out=set())


def render_form(form: Form) -> str:
    """Return the form as TOML; ``parse_form`` gives the same form back."""
    return "".join(f"{line}\n" for line in _lines(form))
