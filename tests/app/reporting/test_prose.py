"""The team's prose: set in its place, and refused where a live number no longer stands."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.reporting.sample import sample_report

from resartus.app.reporting.material import Material
from resartus.app.reporting.prose import bind_numbers, prose_sections, with_prose
from resartus.domain.extracted import Cell, Extracted
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.protocol import Protocol
from resartus.domain.snapshot import Snapshot
from resartus.domain.state import ReviewState, StudyEntry
from resartus.errors import DataError
from resartus.reporting.audit.loose import loose_numbers
from resartus.reporting.document import (
    Bullets,
    Callout,
    Cite,
    CrossReference,
    Number,
    Paragraph,
    Section,
    Verbatim,
    content,
)
from resartus.reporting.reading import named_numbers

REPORT = sample_report()
NAME = next(iter(named_numbers(REPORT)))


def material(**texts: str) -> Material:
    snapshot = Snapshot(
        version=1,
        made_at=datetime(2026, 11, 25, tzinfo=UTC),
        made_by="a",
        trigger="t",
        last_seq=1,
        protocol_hash="0",
        records_hash="0",
        events_hash="0",
        software={},
    )
    protocol = Protocol(
        title="t", question="q", population="p", intervention="i", comparator="c", outcomes=()
    )
    state = ReviewState()
    study = StudyEntry(
        study_id=StudyId("kamel2011"),
        label="Kamel 2011",
        design="matched cohort",
        record_ids=(RecordId("kamel2011"),),
    )
    state.studies[study.study_id] = study
    cell = Cell(
        study_id=study.study_id, field="n", extracted=Extracted(value=1, entered_by="somebody")
    )
    state.cells[cell.cell_id, "somebody"] = cell
    records = {r.record_id: r for r in REPORT.records}
    return Material(protocol=protocol, snapshot=snapshot, state=state, records=records, texts=texts)


def blocks(text: str) -> tuple[object, ...]:
    return prose_sections(material(discussion=text), REPORT)["discussion"].blocks


def test_a_live_number_is_the_report_s_own() -> None:
    (paragraph,) = blocks(f"It was {{{{ {NAME} }}}} here.")
    assert isinstance(paragraph, Paragraph)
    (number,) = [part for part in paragraph.content if isinstance(part, Number)]
    assert number == named_numbers(REPORT)[NAME]


def test_citations_and_cross_references_are_marks() -> None:
    (paragraph,) = blocks("See [@kamel2011; @pmid12694649] and [#table-studies].")
    assert isinstance(paragraph, Paragraph)
    cites = [part for part in paragraph.content if isinstance(part, Cite)]
    assert cites[0].record_ids == (RecordId("kamel2011"), RecordId("merideth2003"))
    assert any(isinstance(part, CrossReference) for part in paragraph.content)


def test_lists_quotes_code_and_headings_are_set() -> None:
    text = "# Own title\n\nOne.\n\n1. a\n2. b\n\n> Note.\n\n```\ncode\n```\n"
    text += "\n## Part\n\nTwo **b** _e_."
    section = prose_sections(material(discussion=text), REPORT)["discussion"]
    assert section.title == "Own title"
    assert [type(b) for b in section.blocks] == [Paragraph, Bullets, Callout, Verbatim]
    assert [part.title for part in section.sections] == ["Part"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One.\n\nIt was {{ mortality.poled }}.", "line 3: {{ mortality.poled }} is no number"),
        ("It was {{ }}.", "is no number"),
        ("See [@nobody2020].", r"\[@nobody2020\] is no study or record"),
        ("See [#table-gone].", r"\[#table-gone\] is no table"),
        ("![x](a.png)", "cannot be set"),
        ("- a\n  - b\n", "list inside a list"),
    ],
)
def test_what_leads_nowhere_breaks_the_build(text: str, words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words) if "\\" not in words else words) as caught:
        blocks(text)
    assert "text/discussion.md" in caught.value.message
    assert "\n" not in caught.value.message


def test_markup_of_others_stays_words() -> None:
    (paragraph,) = blocks("<script>alert(1)</script> is text.")
    assert isinstance(paragraph, Paragraph)
    assert "<script>" in "".join(getattr(p, "text", "") for p in paragraph.content)


def test_a_bound_number_that_changed_its_meaning_breaks_the_build(tmp_path: Path) -> None:
    mine = material(discussion=f"It was {{{{ {NAME} }}}}.")
    assert bind_numbers(mine, REPORT, tmp_path) == (NAME,)
    bound = {NAME: re.findall(r'": "(\w+)"', (tmp_path / "text/numbers.json").read_text())[0]}
    prose_sections(replace(mine, bound=bound), REPORT)
    with pytest.raises(DataError, match="no longer means what it did"):
        prose_sections(replace(mine, bound={NAME: "other"}), REPORT)


def test_a_figure_written_by_hand_is_a_loose_number() -> None:
    limits = Section(
        section_id="limits", title="Limits", blocks=(Paragraph(content=content("Said.")),)
    )
    report = replace(REPORT, sections=(*REPORT.sections, limits))
    whole = with_prose(material(discussion="Of them 12% died."), report)
    assert [f.kind for f in loose_numbers(whole)] == ["loose number"]
