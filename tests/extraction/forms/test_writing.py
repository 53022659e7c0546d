"""A form that is written and read again is the same form."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.extraction.forms.form import parse_form, ready_forms
from resartus.extraction.forms.writing import render_form

TEXT = st.text(min_size=1, max_size=40).filter(str.strip)


@pytest.mark.parametrize("name", list(ready_forms()))
def test_a_ready_form_comes_back_as_it_was(name: str) -> None:
    form = ready_forms()[name][0]
    assert parse_form(render_form(form)) == form


@given(title=TEXT, label=TEXT, help_=st.none() | TEXT, minimum=st.none() | st.floats(-1e9, 1e9))
def test_whatever_is_written_into_a_field_comes_back(
    title: str, label: str, help_: str | None, minimum: float | None
) -> None:
    form = ready_forms()["case-report"][0]
    one = replace(form.fields[0], label=label, help=help_, minimum=minimum)
    form = replace(form, title=title, fields=(one, *form.fields[1:]))
    assert parse_form(render_form(form)) == form


def test_rules_for_carrying_over_are_written_too() -> None:
    text = """
id = "own"
version = 2
title = "Own"
[[field]]
name = "margin"
kind = "choice"
choices = ["R0", "R1"]
required = true
[[change]]
rename = { edge = "margin" }
recode = { margin = { "positive \\"+\\"" = "R1" } }
rescale = { size = 0.1 }
drop = ["country"]
"""
    form = parse_form(text)
    assert parse_form(render_form(form)) == form
