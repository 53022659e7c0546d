"""A forest plot leaves room for every word it writes."""

from resartus.reporting.figures.canvas import text_width_cm
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest
from resartus.synthesis.meta.proportions import pool_proportions


def test_a_summary_s_bold_words_have_room() -> None:
    estimate = pool_proportions([3], [40], inputs=("a", "b"))
    row = ForestRow(label="Alpha 2001", estimate=estimate, counts="3/40")
    summary = ForestSummary(label="Pooled", estimate=estimate, counts="3/40")
    alone = forest([row], x_label="Deaths (%)")
    both = forest([row], x_label="Deaths (%)", summaries=[summary])
    words = ("7.5 (1.6 to 20.4)", "3/40")
    bolder = sum(text_width_cm(t, weight="bold") - text_width_cm(t) for t in words)
    assert both.width_cm - alone.width_cm > 0.9 * bolder > 0.1
