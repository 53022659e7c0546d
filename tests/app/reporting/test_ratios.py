"""Hazard ratios of selection factors: read as printed, pooled by rule, never made up."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from resartus.app.reporting.ratios import pooled_ratio, ratio_of
from resartus.domain.guidance import Direction, Finding
from resartus.reporting.evidence import Evidence


def finding(study: str, *, level: str = "R0", is_direct: bool = True) -> Finding:
    return Finding(
        study_id=study,
        factor="margin",
        level=level,
        direction=Direction.BETTER,
        n_patients=30,
        is_direct=is_direct,
        cell_id=f"{study}/finding[m].factor",
    )


def material(**cells: object) -> Any:
    rows = {
        key: Evidence(evidence_id=key, label="x", owner="x", value=value, entered_by="x")  # type: ignore[arg-type]
        for key, value in cells.items()
    }
    return SimpleNamespace(evidence=rows)


def told(figures: str, study: str = "a") -> Any:
    return material(**{f"{study}/finding[m].figures": figures})


@pytest.mark.parametrize(
    ("figures", "wanted"),
    [
        ("HR 0.37 (0.18-0.75)", (0.37, 0.18, 0.75)),
        ("HR for death 1.29 (0.97-1.72); 50.6 vs 64.7 months", (1.29, 0.97, 1.72)),
        ("hazard ratio 2.1 (95% CI 1.2 to 3.6)", (2.1, 1.2, 3.6)),
        ("adjusted HR 0·5 [95% CI: 0·3–0·9]", (0.5, 0.3, 0.9)),
    ],
)
def test_a_printed_ratio_is_read_with_its_interval(
    figures: str, wanted: tuple[float, float, float]
) -> None:
    ratio = ratio_of(told(figures), finding("a"))
    assert ratio is not None
    assert ratio.natural.interval is not None
    assert ratio.natural.value == pytest.approx(wanted[0])
    assert (ratio.natural.interval.low, ratio.natural.interval.high) == wanted[1:]
    assert ratio.log.std_error == pytest.approx(math.log(wanted[2] / wanted[1]) / 2 / 1.959964)
    assert ratio.natural.inputs == ("a/finding[m].figures",)


@pytest.mark.parametrize(
    "figures",
    ["40 vs 9 months", "HR 0.5", "p = 0.03 (HR)", "HR 5 (0.1-0.9)", "CHR 0.4 (0.2-0.8)", "3 (1-9)"],
)
def test_what_is_no_ratio_with_interval_keeps_its_direction_only(figures: str) -> None:
    assert ratio_of(told(figures), finding("a")) is None


def test_fields_of_the_form_come_before_printed_words() -> None:
    cells = {"hazard_ratio": 0.5, "ratio_low": 0.25, "ratio_high": 1.0, "figures": "HR 9 (8-10)"}
    made = material(**{f"a/finding[m].{name}": value for name, value in cells.items()})
    ratio = ratio_of(made, finding("a"))
    assert ratio is not None
    assert ratio.natural.value == pytest.approx(0.5)


def ratios(*findings: Finding) -> list[Any]:
    made = [ratio_of(told("HR 0.5 (0.25-1.0)", f.study_id), f) for f in findings]
    return [one for one in made if one is not None]


def test_three_direct_ratios_of_one_comparison_are_pooled() -> None:
    pooled = pooled_ratio(ratios(*map(finding, "abc")), level=0.95, minimum_studies=3)
    assert pooled is not None
    assert pooled.value == pytest.approx(0.5)
    assert len(pooled.inputs) == 3


def test_two_or_indirect_or_unlike_ratios_are_not_pooled() -> None:
    def of(*findings: Finding) -> object:
        return pooled_ratio(ratios(*findings), level=0.95, minimum_studies=3)

    assert of(finding("a"), finding("b")) is None
    assert of(finding("a"), finding("b"), finding("c", is_direct=False)) is None
    assert of(finding("a"), finding("b"), finding("c", level="R1")) is None
    assert of(finding("a"), finding("a"), finding("b")) is None
