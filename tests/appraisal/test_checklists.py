"""The tools are whole, name their source, and are chosen by design."""

from pathlib import Path

import pytest

from resartus.appraisal.checklists import Level, load_tools, parse_tool, tool, tools_for
from resartus.errors import DataError, NotFoundError

ITEMS = {
    "jbi-case-report": 8,
    "jbi-case-series": 10,
    "murad": 8,
    "robins-i": 7,
    "quips": 6,
    "newcastle-ottawa": 8,
}


def test_every_tool_has_its_items_its_version_and_its_source() -> None:
    known = {t.tool_id: t for t in load_tools()}
    assert {name: len(t.items) for name, t in known.items()} == ITEMS
    for t in known.values():
        assert t.version
        assert "own words" in t.source
        assert t.overall


@pytest.mark.parametrize(
    ("design", "first"),
    [
        ("case report", "jbi-case-report"),
        ("case series", "jbi-case-series"),
        ("Retrospective case series", "jbi-case-series"),
        ("matched cohort", "robins-i"),
        ("prognostic factor study", "quips"),
    ],
)
def test_the_design_chooses_the_tool(design: str, first: str) -> None:
    assert tools_for(design)[0].tool_id == first


def test_a_tool_with_a_warning_is_never_the_first_choice() -> None:
    chosen = tools_for("comparative cohort")
    assert [t.tool_id for t in chosen] == ["robins-i", "newcastle-ottawa"]
    assert chosen[-1].warning is not None
    assert "poorly" in chosen[-1].warning
    assert tools_for("randomised trial") == ()


def test_questions_on_drugs_are_not_applicable_to_an_operation_unless_changed() -> None:
    items = {i.item_id: i.default for i in tool("murad").items}
    assert [k for k, v in items.items() if v == "not applicable"] == [
        "alternatives",
        "challenge",
        "dose",
    ]


def test_stars_come_to_nine() -> None:
    scale = tool("newcastle-ottawa")
    assert sum(max(a.stars or 0 for a in i.answers) for i in scale.items) == 9


def test_a_review_brings_another_version_by_a_file(tmp_path: Path) -> None:
    path = tmp_path / "robins2.toml"
    path.write_text(
        'id = "robins-i"\nversion = "2"\nname = "ROBINS-I 2"\nsource = "s"\n'
        '[[answer]]\ncode = "low"\nlevel = "low"\n[[item]]\nid = "a"\ntext = "A?"\n'
    )
    tools = load_tools([path])
    assert tool("robins-i@2", tools=tools).items[0].answers[0].level is Level.LOW
    assert tool("robins-i@1 (2016)", tools=tools).version == "1 (2016)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id = ", "not valid TOML"),
        ('id = "x"\nscore = 1', "'score' is not a known key"),
        ('id = "x"\n[[answer]]\ncode = "a"\nlevel = "bad"', "level 'bad' of 'a'"),
        (
            'id = "x"\n[[answer]]\ncode = "a"\nlevel = "low"\n[[item]]\nid = "i"\ntext = "?"\n'
            'default = "b"',
            "item 'i': 'b' is not one of: a",
        ),
        ('id = "x"\nversion = "1"\nname = "n"\nsource = "s"', "items need ids"),
    ],
)
def test_a_broken_tool_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_tool(text)
    assert words in caught.value.message


def test_an_unknown_tool_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="quips"):
        tool("nonesuch")
