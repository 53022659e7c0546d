"""Comparisons that are not pooled are told by direction, with a harvest plot on the same cells."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from resartus.app.appraisal.answering import OVERALL, answer
from resartus.app.entering import Entry, define_study, enter_value
from resartus.app.reporting.build import build_report, write_report
from resartus.app.reporting.effects import effects_section
from resartus.app.reporting.material import Material, gather
from resartus.app.review import Review
from resartus.app.versions import pin_version
from resartus.appraisal.checklists import load_tools
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.reporting.document import Figure, Number, Section
from resartus.reporting.figures.kept import KEPT
from resartus.reporting.html import render_html
from resartus.reporting.reading import block_contents
from resartus.stores.protocol_toml import parse_protocol

TOML = """
title = "Drainage of the subdural space"
question = "Does drainage after evacuation lower recurrence?"
population = "Adults"
intervention = "Drainage"
outcomes = ["Recurrence", "Death"]

[[analysis.effect]]
name = "Recurrence"
measure = "RR"
model = "none"
better = "lower"
events_1 = "recurrence_1"
total_1 = "n_1"
events_2 = "recurrence_2"
total_2 = "n_2"

[[analysis.effect]]
name = "Death"
measure = "OR"
better = "lower"
events_1 = "death_1"
total_1 = "n_1"
events_2 = "death_2"
total_2 = "n_2"
"""
# Arms of drainage and of none: patients, recurrences, deaths; the second is against drainage.
STUDIES = {
    "abel2001": ("randomised trial", 60, 3, 58, 9, 1, 2),
    "bose2004": ("retrospective cohort", 20, 6, 25, 3, None, None),
    "cano2009": ("retrospective cohort", 12, 1, 10, 2, 2, 1),
    "dorn2012": ("case-control study", 15, 3, 15, 3, None, None),
}


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with Review.create(tmp_path / "review", protocol_text=TOML, person="ana") as review:
        ids = tuple(RecordId(f"r:{name}") for name in STUDIES)
        review.store.save_records(
            [Record(record_id=r, source="s", title=f"Report {r}", year=2001) for r in ids]
        )
        review.append(EventKind.RECORDS_IMPORTED, Imported(origin="a file", record_ids=ids))
        for record_id, (name, row) in zip(ids, STUDIES.items(), strict=True):
            study_id = StudyId(name)
            define_study(review, study_id, record_id=record_id, design=row[0], role="included")
            fields = ("n_1", "recurrence_1", "n_2", "recurrence_2", "death_1", "death_2")
            for field, value in zip(fields, row[1:], strict=True):
                if value is not None:
                    entry = Entry(
                        study_id=study_id,
                        field=field,
                        value=str(value),
                        record_id=record_id,
                        place="table",
                    )
                    enter_value(review, entry)
        yield review


def material_of(review: Review) -> Material:
    return gather(review, pin_version(review, trigger="first"))


def directions(material: Material) -> Section | None:
    effects = effects_section(material)
    assert effects is not None
    return next((s for s in effects.sections if s.section_id == "directions"), None)


def harvest_of(material: Material) -> Figure:
    section = directions(material)
    assert section is not None
    [figure] = [block for block in section.blocks if isinstance(block, Figure)]
    return figure


def notes(figure: Figure) -> str:
    return " ".join(str(inline.text) for note in figure.notes for inline in note)


def numbers_of(section: Section) -> dict[str | None, Number]:
    return {
        inline.number_id: inline
        for block in section.blocks
        for run in block_contents(block)
        for inline in run
        if isinstance(inline, Number)
    }


def test_a_plan_without_pooling_counts_directions_by_the_effect_alone(review: Review) -> None:
    section = directions(material_of(review))
    assert section is not None
    numbers = numbers_of(section)
    # Two of four have fewer recurrences with drainage; dorn2012 has as many in both arms.
    assert numbers["effect.recurrence.direction"].text == "2 of 4"
    assert numbers["effect.recurrence.direction-p"].text == "p = 1.00"
    assert "abel2001/recurrence_1" in numbers["effect.recurrence.direction"].inputs
    # Two studies of death are shown and not pooled by the rule for few studies.
    assert numbers["effect.death.direction"].text == "1 of 2"


def test_the_harvest_plot_holds_every_study_under_its_side(review: Review) -> None:
    figure = harvest_of(material_of(review))
    assert figure.alt == (
        "Harvest plot. Recurrence: 1 harm, 1 no difference, 2 benefit; "
        "Death: 1 harm, 0 no difference, 1 benefit."
    )
    assert {n.number_id for n in figure.numbers} == {
        *(f"effect.recurrence.{i}" for i in range(1, 5)),
        *(f"effect.death.{i}" for i in range(1, 3)),
    }
    assert all(n.all_inputs for n in figure.numbers)


def test_bars_are_as_tall_as_studies_are_large_until_all_are_appraised(review: Review) -> None:
    tool = next(tool for tool in load_tools() if tool.tool_id == "robins-i")
    *most, last = STUDIES

    def judge(name: str, level: str) -> None:
        answer(review, StudyId(name), tool=tool, item=OVERALL, answer=level)

    for name in most:
        judge(name, "moderate")
    assert "a taller bar more patients" in notes(harvest_of(material_of(review)))
    judge(last, "serious")
    assert "a taller bar lower risk of bias" in notes(harvest_of(material_of(review)))


def test_without_a_side_for_benefit_the_plot_tells_below_and_above(review: Review) -> None:
    material = material_of(review)
    text = TOML.replace('better = "lower"\n', "", 1)
    figure = harvest_of(replace(material, protocol=parse_protocol(text)))
    assert "1 above no effect, 1 no difference, 2 below no effect" in figure.alt


def test_higher_is_better_turns_the_bars_round(review: Review) -> None:
    material = material_of(review)
    text = TOML.replace('better = "lower"', 'better = "higher"', 1)
    figure = harvest_of(replace(material, protocol=parse_protocol(text)))
    assert "Recurrence: 2 harm, 1 no difference, 1 benefit" in figure.alt


def test_more_outcomes_than_fit_on_a_page_are_drawn_on_several(review: Review) -> None:
    material = material_of(review)
    first = material.protocol.analysis.effects[0]
    effects = tuple(replace(first, name=f"Recurrence, again {n}") for n in range(6))
    plan = replace(material.protocol.analysis, effects=effects)
    section = directions(replace(material, protocol=replace(material.protocol, analysis=plan)))
    assert section is not None
    drawn = [block.figure_id for block in section.blocks if isinstance(block, Figure)]
    assert drawn == ["figure-harvest", "figure-harvest-2"]


def test_what_is_pooled_has_no_harvest_plot(review: Review) -> None:
    material = material_of(review)
    text = TOML.replace('model = "none"\n', "").split('[[analysis.effect]]\nname = "Death"')[0]
    assert directions(replace(material, protocol=parse_protocol(text))) is None


def test_page_and_word_file_hold_the_plot_and_are_the_same_bytes_twice(
    review: Review, tmp_path: Path
) -> None:
    material = material_of(review)
    written = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        # Drawn anew.
        KEPT.clear()
        report = build_report(material)
        written.append([path.read_bytes() for path in write_report(report, folder)])
    assert written[0] == written[1]
    page = render_html(build_report(material))
    assert 'id="figure-harvest"' in page
    assert "where nothing is pooled" in page
    with zipfile.ZipFile(tmp_path / "one" / "report.docx") as docx:
        document = docx.read("word/document.xml").decode()
    assert "Harvest plot: which way each study points" in document
