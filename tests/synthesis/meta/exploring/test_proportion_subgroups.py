"""Groups of proportions agree with metafor: ``rma.glmm`` by group, and the test between groups.

``proportion_subgroups.R`` made ``proportion_subgroups.json``; how, stands in it.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scipy import special
from tests.synthesis.oracles import agree

from resartus.app.pooling.effects import pool_effect
from resartus.app.pooling.table import EffectTable
from resartus.domain.protocol import PlannedEffect
from resartus.errors import DataError
from resartus.synthesis.meta.exploring.subgroups import SubgroupAnalysis, compare_groups
from resartus.synthesis.meta.proportions import pool_proportions, pooled_logit

R = json.loads(Path(__file__).with_name("proportion_subgroups.json").read_text(encoding="utf-8"))
PLAN = PlannedEffect(
    name="Adherence",
    measure="PLO",
    fields={"events": "events", "total": "total"},
    model="GLMM",
    subgroup="group",
)


def table(data: dict[str, Any]) -> EffectTable:
    k = len(data["xi"])
    return EffectTable(
        labels=tuple(f"study {i}" for i in range(k)),
        years=(None,) * k,
        columns={
            "events": tuple(map(float, data["xi"])),
            "total": tuple(map(float, data["ni"])),
        },
        attributes={"group": tuple(data["group"])},
    )


def groups_of(data: dict[str, Any], plan: PlannedEffect = PLAN) -> SubgroupAnalysis:
    found = pool_effect(table(data), plan).subgroups
    assert found is not None
    return found


@pytest.mark.parametrize("case", R["cases"])
def test_groups_and_their_comparison_agree_with_rma_glmm(case: str) -> None:
    data, r = R["cases"][case]["data"], R["cases"][case]["expected"]
    found = groups_of(data)
    assert list(found.names) == r["names"]
    agree([e.value for e in found.estimates], list(special.expit(r["logit"])), R["tolerance"])
    agree(
        [found.statistic, found.degrees_of_freedom, found.p_value],
        [r["QM"], r["df"], r["QMp"]],
        # Q is a square of differences, so that their errors double; p follows Q.
        10 * R["tolerance"],
    )


@pytest.mark.parametrize("case", R["cases"])
def test_logits_errors_and_plain_intervals_of_groups_agree_with_rma_glmm(case: str) -> None:
    data, r = R["cases"][case]["data"], R["cases"][case]["expected"]
    for i, name in enumerate(r["names"]):
        kept = [j for j, group in enumerate(data["group"]) if group == name]
        counts = [[data[key][j] for j in kept] for key in ("xi", "ni")]
        agree(pooled_logit(*counts, n_points=7), [r["logit"][i], r["se"][i]], R["tolerance"])
        pooled = pool_proportions(*counts, method="glmm", test="z", n_points=7)
        assert pooled.interval is not None
        assert pooled.heterogeneity is not None
        agree([pooled.interval.low, pooled.interval.high], [r["low"][i], r["high"][i]], 1e-3)
        agree([pooled.heterogeneity.tau2], [r["tau2"][i]], 1e-3, near_zero=1e-6)


def test_every_group_is_pooled_as_it_would_be_alone() -> None:
    data = R["cases"]["patients"]["data"]
    for model, method in (("GLMM", "glmm"), ("beta-binomial", "beta-binomial")):
        found = groups_of(data, replace(PLAN, model=model))
        for name, own in zip(found.names, found.estimates, strict=True):
            kept = [j for j, group in enumerate(data["group"]) if group == name]
            counts = [[data[key][j] for j in kept] for key in ("xi", "ni")]
            assert own == pool_proportions(*counts, method=method)


def test_a_group_without_an_event_gets_its_exact_limit_and_no_test() -> None:
    data = {
        "xi": [0, 0, 0, 4, 6, 3],
        "ni": [9, 14, 11, 20, 31, 18],
        "group": ["none"] * 3 + ["some"] * 3,
    }
    found = groups_of(data)
    none, some = found.estimates
    assert none.value == 0.0
    assert none.interval is not None
    assert none.interval.method == "Clopper-Pearson"
    assert some.value is not None
    assert (found.statistic, found.p_value) == (None, None)
    assert "none: no pooled number" in found.diagnostics[0]


def test_a_group_of_one_study_counts_with_its_own_logit() -> None:
    data = {"xi": [3, 5, 4, 9], "ni": [20, 31, 18, 12], "group": ["a", "a", "a", "b"]}
    found = groups_of(data)
    assert found.estimates[1].value == 9 / 12
    assert found.p_value is not None
    assert found.p_value < 0.01
    assert "b: fewer than three studies" in found.diagnostics[0]
    assert pooled_logit([9], [12]) == pytest.approx((special.logit(0.75), (1 / 9 + 1 / 3) ** 0.5))


def test_a_plan_of_counts_gives_a_report_whatever_the_counts_are() -> None:
    # Each once stopped the whole report: no event at all, one study, only zeros and all.
    for events, totals in (([0.0, 0.0, 0.0], [5, 6, 7]), ([1.0], [5]), ([0.0, 6.0], [5, 6])):
        data = {"xi": events, "ni": totals, "group": ["a"] * len(events)}
        pooled = pool_effect(table(data), PLAN).pooled
        assert pooled.value is not None or pooled.diagnostics


def test_groups_of_two_arms_are_pooled_by_mantel_and_haenszel_too() -> None:
    names = ("events_1", "total_1", "events_2", "total_2")
    columns = dict(
        zip(
            names,
            [(4, 6, 3, 0, 1, 0), (123, 306, 231, 40, 50, 60), (11, 29, 11, 1, 2, 0),
             (139, 303, 220, 42, 48, 61)],
            strict=True,
        )
    )  # fmt: skip
    whole = EffectTable(
        labels=tuple("abcdef"),
        years=(None,) * 6,
        columns={key: tuple(map(float, values)) for key, values in columns.items()},
        attributes={"group": ("x", "x", "x", "y", "y", "y")},
    )
    plan = replace(PLAN, measure="OR", model="MH", fields={key: key for key in names})
    found = pool_effect(whole, plan).subgroups
    assert found is not None
    assert all("Mantel-Haenszel" in e.method for e in found.estimates)
    assert found.p_value is not None


def test_groups_are_compared_as_fixed_effects_of_their_pooled_numbers() -> None:
    whole = pool_proportions([5, 6, 7], [20, 20, 20])
    found = compare_groups(["a", "b"], [whole, whole], [(0.0, 1.0), (2.0, 1.0)], sizes=[3, 3])
    assert found.statistic == pytest.approx(2.0)
    assert found.diagnostics == ()
    same = compare_groups(["a", "b"], [whole, whole], [(1.0, 0.5), (1.0, 2.0)], sizes=[3, 3])
    assert (same.statistic, same.p_value) == (0.0, 1.0)


def test_a_model_without_a_standard_error_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="'sum'"):
        pooled_logit([1, 2], [4, 5], method="sum")
