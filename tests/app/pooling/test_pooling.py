from pathlib import Path

import pytest
from tests.synthesis.oracles import agree

from resartus.app.pooling.effects import natural, pool_effect
from resartus.app.pooling.figures import draw_effect, save_drawings
from resartus.app.pooling.sensitivity import EXAMINATIONS, Sensitivity, examine
from resartus.app.pooling.table import table_of_file, table_of_studies
from resartus.domain.extracted import CellValue, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.protocol import PlannedEffect
from resartus.domain.study import Study
from resartus.errors import DataError, ParseError

TABLE = ("events_1", "total_1", "events_2", "total_2")
RISK = PlannedEffect(name="Tuberculosis", measure="RR", fields={key: key for key in TABLE})
CSV = """author,year,events_1,total_1,events_2,total_2,alloc,latitude
Aronson,1948,4,123,11,139,random,44
Ferguson,1949,6,306,29,303,random,55
Rosenthal,1960,3,231,11,220,random,42
Hart,1977,62,13598,248,12867,random,52
Stein,1953,180,1541,372,1451,alternate,44
Comstock,1974,186,50634,141,27338,alternate,18
"""


def study(name: str, values: dict[str, CellValue | None], *, year: int = 2000) -> Study:
    return Study(
        study_id=StudyId(name.lower()),
        label=name,
        design="series",
        record_ids=(RecordId(f"r:{name}"),),
        year=year,
        values={
            key: Extracted(
                value=value,
                entered_by="first reviewer",
                reported=Reported.NOT_REPORTED if value is None else Reported.REPORTED,
            )
            for key, value in values.items()
        },
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trials.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_a_file_is_pooled_examined_and_drawn(file: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    plan = replace(RISK, subgroup="alloc", moderators=("latitude",))
    result = pool_effect(table_of_file(file, plan), plan)
    assert result.labels[0] == "Aronson 1948"
    assert result.pooled.n_patients == sum(result.n_patients[i] or 0 for i in range(6))
    agree(sum(result.weights), 1.0, 1e-12)
    assert result.subgroups is not None
    assert result.subgroups.names == ("alternate", "random")
    assert result.regression is not None
    assert result.regression.names == ("constant", "latitude")
    found = examine(result, what=EXAMINATIONS)
    assert not found.notes
    assert len(found.without) == len(found.cumulative) == len(found.influence) == 6
    assert [result.years[i] for i in found.cumulative_order] == [1948, 1949, 1953, 1960, 1974, 1977]
    assert "Too few studies" in found.asymmetry[0].diagnostics[0]
    drawings = draw_effect(result, found)
    assert set(drawings) == {"forest", "funnel", "cumulative", "baujat", "albatross"}
    assert found.below is not None
    assert found.below.value == 1.0
    assert found.below.p_value == 2 / 2**6
    assert found.combined[0].p_value is not None
    assert found.combined[1].p_value is not None
    assert found.combined[0].p_value < 1e-6 < found.combined[1].p_value
    paths = save_drawings(drawings, tmp_path / "figures", name=plan.name)
    assert (tmp_path / "figures" / "tuberculosis-forest.svg") in paths
    assert all(path.stat().st_size > 1000 for path in paths)


def test_a_ratio_is_read_as_a_ratio(file: Path) -> None:
    result = pool_effect(table_of_file(file, RISK), RISK)
    shown = natural(result.pooled, result.measure)
    assert shown.scale == "risk ratio"
    assert shown.value is not None
    assert shown.interval is not None
    assert 0 < (shown.interval.low or 0) < shown.value < (shown.interval.high or 0) < 1


@pytest.mark.parametrize(("model", "method"), [("MH", "Mantel-Haenszel"), ("Peto", "Peto")])
def test_rare_events_are_pooled_from_the_counts(file: Path, model: str, method: str) -> None:
    from dataclasses import replace

    plan = replace(RISK, measure="OR", model=model)
    result = pool_effect(table_of_file(file, plan), plan)
    assert method in result.pooled.method
    found = examine(result, what=("leave-one-out",))
    assert all(method in e.method for e in found.without)
    wrong = replace(RISK, model="GLMM")
    with pytest.raises(DataError, match="one arm's counts"):
        pool_effect(table_of_file(file, wrong), wrong)
    bad = PlannedEffect(
        name="x", measure="PR", model="MH", fields={"events": "events_1", "total": "total_1"}
    )
    with pytest.raises(DataError, match="counts of two arms"):
        pool_effect(table_of_file(file, bad), bad)


def test_studies_that_do_not_report_enough_are_left_out_by_name() -> None:
    fields = {"events": "deaths", "total": "n_surgery"}
    plan = PlannedEffect(name="Mortality", measure="PLO", fields=fields, subgroup="country")
    studies = [
        study("Kamel", {"deaths": 1, "n_surgery": 52, "country": "USA"}),
        study("Chi", {"deaths": None, "n_surgery": 12, "country": "USA"}),
        study("Lim", {"deaths": 2, "n_surgery": 14}),
        study("Bolton", {"deaths": 0, "n_surgery": 25, "country": "UK"}),
        study("Other", {"deaths": 5, "n_surgery": 25, "country": "UK"}),
    ]
    among = {StudyId(n) for n in ("kamel", "chi", "lim", "bolton")}
    table = table_of_studies(studies, plan, among=among)
    assert table.labels == ("Kamel", "Lim", "Bolton")
    assert dict(table.left_out) == {"Chi": "deaths not reported"}
    assert table.inputs((0, 2)) == (
        "kamel/deaths", "kamel/n_surgery", "bolton/deaths", "bolton/n_surgery",
    )  # fmt: skip
    result = pool_effect(table, plan)
    assert result.pooled.n_studies == 3
    assert result.subgroups is not None
    assert result.subgroups.names == ("UK", "USA", "not reported")
    assert any("Bolton has none or all events" in note for note in result.notes)
    assert set(draw_effect(result, Sensitivity())) == {"forest"}


def test_a_single_arm_gets_no_funnel() -> None:
    fields = {"events": "deaths", "total": "n"}
    plan = PlannedEffect(name="Mortality", measure="PLO", fields=fields)
    studies = [study(f"S{i}", {"deaths": i, "n": 30}) for i in range(1, 6)]
    result = pool_effect(table_of_studies(studies, plan, among={s.study_id for s in studies}), plan)
    found = examine(result, what=("asymmetry",))
    assert not found.asymmetry
    assert "another question" in found.notes[0]


def test_no_study_at_all_is_an_answer() -> None:
    result = pool_effect(table_of_studies([], RISK, among=()), RISK)
    assert result.pooled.value is None
    assert draw_effect(result, Sensitivity()) == {}
    assert examine(result, what=EXAMINATIONS).notes


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("4,123", "four,123", "line 2: events_1 'four' is not a number"),
        ("events_2", "deaths", "no column 'events_2'"),
        ("4,123", "400,123", "events 400"),
    ],
)
def test_a_mistake_in_a_file_is_shown_where_it_is(
    file: Path, old: str, new: str, complaint: str
) -> None:
    file.write_text(CSV.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((DataError, ParseError), match=complaint):
        pool_effect(table_of_file(file, RISK), RISK)


def test_a_moderator_that_is_not_reported_leaves_the_study_in_the_pooled_effect() -> None:
    from dataclasses import replace

    plan = PlannedEffect(
        name="Mortality",
        measure="PLO",
        fields={"events": "deaths", "total": "n"},
        moderators=("age",),
    )
    studies = [study(f"S{i}", {"deaths": i, "n": 30, "age": 40 + i}) for i in range(1, 6)]
    studies.append(study("Quiet", {"deaths": 3, "n": 30}))
    table = table_of_studies(studies, plan, among={s.study_id for s in studies})
    result = pool_effect(table, plan)
    assert result.pooled.n_studies == 6
    assert result.regression is not None
    assert result.regression.fit.k == 5
    assert any("a moderator not reported: Quiet" in note for note in result.notes)
    glmm = pool_effect(table, replace(plan, model="GLMM", moderators=()))
    assert glmm.pooled.scale == "proportion"
    assert natural(glmm.pooled, glmm.measure) is glmm.pooled
    found = examine(glmm, what=("leave-one-out", "cumulative", "influence"))
    assert all("GLMM" in e.method for e in found.without)
    assert found.cumulative[0] == glmm.per_study[0]
    assert glmm.per_study[0].interval is not None
    assert glmm.per_study[0].interval.method == "Clopper-Pearson"
    assert "not defined for the GLMM" in found.notes[-1]


def test_a_plan_without_pooling_pools_nothing_and_counts_directions(file: Path) -> None:
    from dataclasses import replace

    plan = replace(RISK, model="none", subgroup="alloc", better="lower")
    result = pool_effect(table_of_file(file, plan), plan)
    assert result.pooled.value is None
    assert result.pooled.n_studies == len(result.per_study) == 6
    assert (result.weights, result.subgroups, result.regression) == ((), None, None)
    assert "Neither subgroups nor moderators" in result.notes[-1]
    found = examine(result, what=EXAMINATIONS)
    assert found.below is not None
    assert found.below.value == 1.0
    assert (found.without, found.cumulative, found.influence, found.asymmetry) == ((),) * 4
    assert sum("the plan pools nothing here" in note for note in found.notes) == 4
    assert set(draw_effect(result, found)) == {"forest", "albatross"}


def test_the_side_of_benefit_is_lower_or_higher() -> None:
    with pytest.raises(DataError, match=r"'fewer' .* lower, higher"):
        PlannedEffect(name="x", measure="RR", fields={}, better="fewer")
