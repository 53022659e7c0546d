from pathlib import Path

import pytest

from resartus.app.starting import TEMPLATE
from resartus.domain.protocol import Part
from resartus.errors import DataError, NotFoundError
from resartus.example.bundle import load_protocol_text
from resartus.stores.protocol_toml import load_protocol, parse_protocol

HEAD = """\
title = "T"
question = "Q?"
population = "P"
intervention = "I"
"""


def test_the_example_protocol_holds_its_searches_with_their_limits() -> None:
    protocol = parse_protocol(load_protocol_text())
    founding = protocol.searches[0]
    assert founding.query == "liver metastasis gynecological cancers"
    assert (founding.from_year, founding.to_year, founding.languages) == (1990, 2011, ("eng",))
    assert protocol.part_of("resection series") is Part.TREATED
    assert protocol.analysis.denominator == "n_liver_surgery"


def test_the_template_of_a_new_review_is_a_valid_protocol() -> None:
    assert parse_protocol(TEMPLATE).title == "Title of the review"


@pytest.mark.parametrize(
    ("text", "where", "complaint"),
    [
        (HEAD + "reviewers_per_stage = 3", "review.toml:5", "= 3 is not a number from 1 to 2"),
        (HEAD + "titel = 'x'", "review.toml:5", "did you mean 'title'?"),
        ("title = 'T'\nquestion = 7", "review.toml:2", "= 7 is not a text"),
        ("title = 'T'\nquestion = 'Q'", "review.toml:1", "population is missing"),
        (HEAD + "outcomes = 'OS'", "review.toml:5", "is not a list of texts"),
        (
            HEAD + "[[search]]\nid = 'a'\nquery = 'x'\nsource = 'pubmd'",
            "review.toml:8",
            "search.source = 'pubmd' is not one of: pubmed, snapshot, file; did you mean 'pubmed'?",
        ),
        (
            HEAD + "[[search]]\nid = 'a'\nquery = 'x'\n\n[[search]]\nid = 'b'\nquery = 'y'\n"
            "from_year = 'long ago'",
            "review.toml:12",
            "search.from_year = 'long ago' is not a number from 1500 to 2200",
        ),
        (
            HEAD + "[[search]]\nid = 'a'\nquery = 'x'\nfrom_year = 2011\nto_year = 1990",
            "review.toml:9",
            "to_year = 1990 is before from_year = 2011",
        ),
        (
            HEAD + "[[search]]\nid = 'a'\nquery = 'x'\n[[search]]\nid = 'a'\nquery = 'y'",
            "review.toml:6",
            "stands twice",
        ),
        (
            HEAD + "[[search]]\nid = 'a'\nquery = 'x'\nlanguages = ['English']",
            "review.toml:8",
            "give MEDLINE codes such as 'eng'",
        ),
        (HEAD + "[analysis]\nlevel = 95", "review.toml:6", "= 95 is not a number from 0.5 to"),
        (
            HEAD + "[[form]]\nname = 'a'\nkind = 'choice'",
            "review.toml:5",
            "form.choices is missing",
        ),
        (HEAD + "eligibility = 'all'", "review.toml:5", "write [eligibility] on its own line"),
        (HEAD + "[[role]]\nname = 'r'\ntitle = 'R'\npart = 'x'", "review.toml:8", "treated"),
    ],
)
def test_a_mistake_is_met_with_line_key_value_and_remedy(
    text: str, where: str, complaint: str
) -> None:
    with pytest.raises(DataError) as refused:
        parse_protocol(text)
    assert complaint in refused.value.message
    assert refused.value.where == where
    line = where.partition(":")[2]
    assert f"line {line}" in refused.value.message


def test_broken_toml_is_met_with_its_line() -> None:
    with pytest.raises(DataError, match=r"not valid TOML.*line 2"):
        parse_protocol("title = 'T'\nquestion = \n")


def test_a_folder_without_a_protocol_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="resartus init"):
        load_protocol(tmp_path / "review.toml")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "review.toml"
    path.write_bytes("title = 'Gynäkologie'".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8 at byte"):
        load_protocol(path)


EFFECT = """
[[analysis.effect]]
name = "Death within 30 days"
measure = "RR"
events_1 = "deaths_resected"
total_1 = "n_resected"
events_2 = "deaths_other"
total_2 = "n_other"
subgroup = "country"
moderators = ["year"]
"""


def test_a_planned_effect_is_read_with_its_fields() -> None:
    effect = parse_protocol(HEAD + EFFECT).analysis.effects[0]
    assert effect.fields["events_2"] == "deaths_other"
    assert effect.moderators == ("year",)
    assert effect.model == "auto"


def test_a_mistyped_input_of_an_effect_is_shown_with_its_line() -> None:
    with pytest.raises(DataError, match=r"analysis.effect.event_1 .* did you mean 'events_1'"):
        parse_protocol(HEAD + EFFECT.replace("events_1", "event_1"))


def test_a_planned_effect_says_which_side_is_better() -> None:
    effect = parse_protocol(HEAD + EFFECT + 'better = "higher"\nmodel = "none"\n').analysis.effects[
        0
    ]
    assert (effect.better, effect.model) == ("higher", "none")
    with pytest.raises(DataError, match="'more' is not one of: lower, higher"):
        parse_protocol(HEAD + EFFECT + 'better = "more"\n')
