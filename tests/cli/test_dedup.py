import json
from pathlib import Path

import pytest

from resartus.cli.main import main

RIS = """TY  - JOUR
AU  - Chi, Dennis S
TI  - Hepatic resection for metastatic gynecologic carcinomas
JO  - Gynecologic Oncology
PY  - 1997
VL  - 66
SP  - 45
EP  - 51
ID  - {key}
ER  -
"""


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    review = tmp_path / "r"
    assert main(["init", str(review), "--title", "T"]) == 0
    for name, changed in (
        ("one", RIS),
        ("two", RIS.replace("Gynecologic Oncology", "Gynecol Oncol").replace("Dennis S", "D.")),
        ("three", RIS.replace("1997", "1996").replace("Gynecologic Oncology", "Ann Meeting")
         .replace("VL  - 66\nSP  - 45\nEP  - 51\n", "")),
    ):  # fmt: skip
        file = tmp_path / f"{name}.ris"
        file.write_text(changed.format(key=name))
        assert main(["--review", str(review), "import", str(file)]) == 0
    capsys.readouterr()
    return str(review)


def run(folder: str, capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert main(["--review", folder, *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_from_finding_to_judging_and_back(
    folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status = run(folder, capsys, "status")
    assert isinstance(status, dict)
    assert status["next_command"] == "resartus dedup"
    found = run(folder, capsys, "dedup")
    assert isinstance(found, dict)
    assert (found["linked"], found["asked"]) == (1, 1)
    (question,) = run(folder, capsys, "dedup", "--list")  # type: ignore[misc]
    (group,) = run(folder, capsys, "dedup", "--linked")  # type: ignore[misc]
    status = run(folder, capsys, "status")
    assert isinstance(status, dict)
    assert status["next_command"] == "resartus dedup --judge"
    pair = (question["record_id"], question["other_id"])
    run(folder, capsys, "dedup", "--pair", *pair, "--verdict", "related")
    assert run(folder, capsys, "dedup", "--list") == []
    run(folder, capsys, "undo")
    run(folder, capsys, "dedup", "--unlink", group["duplicates"][0])
    assert run(folder, capsys, "dedup", "--linked") == []


def test_pairs_are_judged_by_single_keys(
    folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder, capsys, "dedup")
    keys = iter(["x", "s"])
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(keys))
    assert main(["--review", folder, "dedup", "--judge"]) == 0
    shown = capsys.readouterr().out
    assert "Gynecologic Oncology" in shown
    assert "1 judged, 0 left" in shown


def test_a_verdict_without_a_pair_is_wrong_use(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--review", folder, "dedup", "--verdict", "same"]) == 2
    assert "--pair" in capsys.readouterr().err
