"""One set of factors for report, living review, tailoring and the form that asks for them."""

from pathlib import Path

import pytest

from resartus.app.demo import build_demo
from resartus.app.living.conclusions import conclusions_of
from resartus.app.reporting.factors import matrix_of
from resartus.app.reporting.material import gather
from resartus.app.review import Review
from resartus.app.tailoring import known_factors, own_factors, profile_of, tailor
from resartus.app.versions import draft_version
from resartus.errors import DataError

OWN = """
[[factor]]
name = "bilirubin"
field = "bilirubin"
kind = "number"
unit = "umol/l"
bands = [
  { below = 20, side = "favourable", label = "under 20" },
  { side = "adverse", label = "20 on" },
]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tailoring") / "review"
    build_demo(folder).close()
    (folder / "factors.toml").write_text(OWN)
    return folder


def test_report_living_review_and_tailoring_show_the_same_matrix(folder: Path) -> None:
    with Review(folder) as review:
        own = own_factors(folder)
        told = conclusions_of(review.protocol, review.state(), own=own).matrix
        tailored = tailor(review, profile_of(review, {}, name="x")).matrix
        reported = matrix_of(gather(review, draft_version(review)))
        asked = [factor.name for factor in known_factors(review)]
    assert told == tailored == reported
    assert "bilirubin" in asked
    assert set(asked) <= {row.factor for row in told}


def test_a_form_s_answers_are_read_by_the_review_s_own_factors(folder: Path) -> None:
    with Review(folder) as review:
        assert profile_of(review, {"bilirubin": "25"}, name="x").values == {"bilirubin": 25.0}
        with pytest.raises(DataError, match="bilirubin 'high' is not a number; give it in umol/l"):
            profile_of(review, {"bilirubin": "high"}, name="x")
        with pytest.raises(DataError, match="'ferritin' is not a known factor"):
            profile_of(review, {"ferritin": "1"}, name="x")
