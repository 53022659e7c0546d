"""R's figures: metafor 3.8-1, ranktest, regtest, trimfill on dat.hackshaw1998 (method DL)."""

import csv
import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests import needs
from tests.synthesis.oracles import agree

from resartus.errors import DataError
from resartus.synthesis.meta.bias.asymmetry import begg, egger
from resartus.synthesis.meta.bias.trim_and_fill import trim_and_fill


def hackshaw() -> tuple[list[float], list[float]]:
    archive = needs.shared_data() / "metaanalysis-metadat" / "metadat_csv.tar.gz"
    if not archive.is_file():
        needs.missing("metadat_csv.tar.gz is not in the public test data")
    with tarfile.open(archive) as tar:
        held = tar.extractfile("csv/dat.hackshaw1998.csv")
        assert held is not None
        rows = list(csv.DictReader(io.TextIOWrapper(held, encoding="utf-8")))
    return [float(r["yi"]) for r in rows], [float(r["vi"]) for r in rows]


def test_asymmetry_of_37_studies_agrees_with_metafor() -> None:
    y, v = hackshaw()
    ranks = begg(y, v)
    agree([ranks.statistic, ranks.p_value], [0.144144144144, 0.215688124670], 1e-9)
    mixed = egger(y, v, form="mixed", estimator="DL")
    agree([mixed.statistic, mixed.p_value], [2.2574425136967, 0.0239804377476], 1e-9)
    assert not mixed.diagnostics
    for kind in ("L0", "R0"):
        filled = trim_and_fill(y, v, kind=kind, estimator="DL")
        assert (filled.n_filled, filled.side) == (7, "left")
        interval = filled.estimate.interval
        assert interval is not None
        agree(
            [filled.estimate.value, interval.low, interval.high],
            [0.1739235284410, 0.0784703372263, 0.2693767196557],
            1e-9,
        )


@given(st.lists(st.integers(0, 6), min_size=4, max_size=9), st.randoms())
@settings(max_examples=40, deadline=None)
def test_begg_is_kendalls_tau_with_its_ties(values: list[int], random) -> None:  # type: ignore[no-untyped-def]
    v = [0.1 + 0.1 * a for a in values]
    if len(set(v)) < 2:
        return
    y = [random.choice([0.0, 0.5, 1.0, 1.5, 2.5]) for _ in v]
    w = [1 / b for b in v]
    centre = sum(a * b for a, b in zip(w, y, strict=True)) / sum(w)
    z = [(a - centre) / (b - 1 / sum(w)) ** 0.5 for a, b in zip(y, v, strict=True)]
    if len(set(z)) < 2:
        return
    has_ties = len(set(z)) < len(z) or len(set(v)) < len(v)
    theirs = stats.kendalltau(z, v, method="asymptotic" if has_ties else "exact")
    mine = begg(y, v)
    agree([mine.statistic, mine.p_value], [theirs.statistic, theirs.pvalue], 1e-9)


def test_nine_studies_are_said_to_be_too_few() -> None:
    y, v = [0.1 * i for i in range(9)], [0.1 + 0.05 * i for i in range(9)]
    for found in (egger([*y[:-1], 2.0], v), begg(y, v), trim_and_fill([*y[:-1], 2.0], v)):
        assert "Too few studies: 9" in found.diagnostics[0]


def test_studies_of_one_size_have_no_funnel() -> None:
    y, v = [0.1, 0.4, 0.2, 0.9], [0.2] * 4
    for call in (egger, begg, trim_and_fill):
        with pytest.raises(DataError, match="same"):
            call(y, v)


def test_a_symmetric_funnel_is_left_as_it_is() -> None:
    y, v = [0.0, -0.51, 0.5, -0.93, 0.9, -1.4, 1.43], [0.01, 0.05, 0.05, 0.2, 0.2, 0.5, 0.5]
    filled = trim_and_fill(y, v, side="left")
    assert filled.n_filled == 0
    assert filled.filled_effects == ()
