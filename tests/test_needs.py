from pathlib import Path

import pytest
from tests import needs


def test_shared_data_holds_the_founding_evidence(shared_data: Path) -> None:
    assert (shared_data / "evidence" / "studies.csv").is_file()


def test_a_missing_need_skips_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESARTUS_REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not-a-program is not installed"):
        needs.program("not-a-program", package="nothing")


def test_a_missing_need_fails_where_everything_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESARTUS_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="REQUIRE_ALL"):
        needs.program("not-a-program", package="nothing")
