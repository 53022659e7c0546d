"""R's figures: metafor 3.8-1, escalc(measure=..., ai, n1i, ci, n2i) and its kin, 12 digits."""

import math

import pytest
from tests.synthesis.oracles import agree

from resartus.errors import DataError
from resartus.synthesis.meta.effects.compute import effect_sizes
from resartus.synthesis.meta.effects.effect import MEASURES, measure_named
from resartus.synthesis.meta.effects.two_arms import compare_counts

TABLE = {
    "events_1": [4, 0, 3, 0],
    "total_1": [123, 20, 3, 10],
    "events_2": [11, 5, 1, 0],
    "total_2": [139, 22, 4, 12],
}
PERSON_TIME = {"events_1": [12, 0], "time_1": [120.5, 30], "events_2": [5, 3], "time_2": [80, 40]}
RATE = {"events": [12, 0], "time": [120.5, 30]}
MEANS = {
    "mean_1": [79, 3.2],
    "sd_1": [47, 1.1],
    "n_1": [10, 25],
    "mean_2": [75, 2.5],
    "sd_2": [64, 0.9],
    "n_2": [12, 30],
}
MEAN = {"mean": [79, 3.2], "sd": [47, 1.1], "n": [10, 25]}
SINGLE = {"events": [0, 3, 10], "total": [8, 9, 10]}
ESCALC = {
    "RR": (
        TABLE,
        [-0.88931133392, -2.30692349459, 1.0704414117, 0.167054084663],
        [0.325584765004, 2.09072087333, 0.502380952381, 3.83216783217],
    ),
    "OR": (
        TABLE,
        [-0.93869414087, -2.55611927801, 2.79320800944, 0.174353387145],
        [0.357124952254, 2.28774152677, 3.2380952381, 4.17523809524],
    ),
    "RD": (
        TABLE,
        [-0.0466163654442, -0.215320910973, 0.575, 0.00699300699301],
        [0.000780068664856, 0.00901753409457, 0.06934375, 0.00678919105248],
    ),
    "AS": (
        TABLE,
        [-0.103835577095, -0.496932490779, 1.0471975512, 0],
        [0.00383108147628, 0.0238636363636, 0.145833333333, 0.0458333333333],
    ),
    "PETO": (
        TABLE,
        [-0.860383347316, -1.78678580509, 2.07, 0.167832167832],
        [0.282836181928, 0.755947840616, 1.62, 4.02797202797],
    ),
    "IRR": (PERSON_TIME, [0.465845619097, -1.6582280766], [0.283333333333, 2.28571428571]),
    "IRD": (PERSON_TIME, [0.0370850622407, -0.0708333333333], [0.00160768205179, 0.00274305555556]),
    "IR": (RATE, [0.0995850622407, 0.0166666666667], [0.00082643205179, 0.000555555555556]),
    "IRLN": (RATE, [-2.30674310314, -4.09434456222], [0.0833333333333, 2]),
    "IRS": (RATE, [0.315571009823, 0], [0.00207468879668, 0.00833333333333]),
    "MD": (MEANS, [4, 0.7], [562.233333333, 0.0754]),
    "SMD": (MEANS, [0.0675272260616, 0.693119609338], [0.183436968021, 0.0777007405411]),
    "ROM": (MEANS, [0.0519597389307, 0.246860077932], [0.0960764502365, 0.0090465625]),
    "MN": (MEAN, [79, 3.2], [220.9, 0.0484]),
    "MNLN": (MEAN, [4.36944785247, 1.16315080981], [0.035394968755, 0.0047265625]),
    "PR": (
        SINGLE,
        [0.0555555555556, 0.333333333333, 0.954545454545],
        [0.00582990397805, 0.0246913580247, 0.00394440270473],
    ),
    "PLN": (
        SINGLE,
        [-2.8903717579, -1.09861228867, -0.0465200156349],
        [1.88888888889, 0.222222222222, 0.004329004329],
    ),
    "PLO": (
        SINGLE,
        [-2.83321334406, -0.69314718056, 3.04452243772],
        [2.11764705882, 0.5, 2.09523809524],
    ),
    "PAS": (SINGLE, [0, 0.61547970867, 1.57079632679], [0.03125, 0.0277777777778, 0.025]),
    "PFT": (
        SINGLE,
        [0.169918454727, 0.632179471683, 1.41765764221],
        [0.0294117647059, 0.0263157894737, 0.0238095238095],
    ),
}


@pytest.mark.parametrize("measure", ESCALC)
def test_effect_sizes_agree_with_escalc(measure: str) -> None:
    columns, values, variances = ESCALC[measure]
    found = effect_sizes(measure, columns)
    agree(found.values, values, 1e-10)
    agree(found.variances, variances, 1e-10)


def test_the_other_ways_to_correct_zeros_agree_with_escalc() -> None:
    table = tuple(TABLE.values())
    everyone = compare_counts("RR", *table, correct="all")
    agree(everyone.values[0], -0.816908781589, 1e-10)
    agree(compare_counts("RR", *table, correct="if any zero").values, everyone.values, 1e-12)
    nobody = compare_counts("RR", *table, correct="none")
    agree(nobody.values, [-0.88931133392, None, 1.38629436112, None], 1e-10)
    assert "Study 2 gives no risk ratio" in nobody.diagnostics[0]
    assert nobody.known()[0] == (0, 2)


def test_a_study_without_events_says_that_its_effect_is_the_corrections() -> None:
    found = effect_sizes("RR", TABLE)
    assert any("no event in both arms" in note for note in found.diagnostics)


def test_hazard_ratios_come_from_printed_intervals() -> None:
    found = effect_sizes("HR", {"ratio": [0.69], "low": [0.52], "high": [0.92]})
    agree(found.values, [math.log(0.69)], 1e-12)
    agree(found.variances, [(math.log(0.92 / 0.52) / (2 * 1.959963984540054)) ** 2], 1e-12)


def test_a_median_whose_limit_was_not_reached_is_left_out_and_named() -> None:
    found = effect_sizes("MEDIANLN", {"median": [30, 40], "low": [20, 25], "high": [45, None]})
    assert found.values[1] is None
    assert "not reached" in found.diagnostics[0]


def test_every_measure_is_found_by_name_and_title() -> None:
    for measure in MEASURES.values():
        assert measure_named(measure.name.lower()) is measure
        assert measure_named(measure.title).name == measure.name


def test_an_unknown_measure_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match=r"'ROR' is not one of: RR \(risk ratio\)"):
        effect_sizes("ROR", TABLE)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="total_2 is not given"):
        effect_sizes("RR", {"events_1": [1], "total_1": [2], "events_2": [1]})


def test_a_number_that_is_not_reported_is_not_zero() -> None:
    with pytest.raises(DataError, match="events_1 of study 2 is not reported"):
        effect_sizes(
            "OR",
            {"events_1": [1, None], "total_1": [9, 9], "events_2": [1, 1], "total_2": [9, 9]},
        )
