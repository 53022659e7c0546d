import json
import shutil
import sys
from pathlib import Path

import pytest

from resartus.app.simulating import Peer, find_peer, load_labelled, simulate_file
from resartus.cli.main import main
from resartus.errors import DataError, NotFoundError
from resartus.screening.ranking import RECIPES, Ranker
from resartus.screening.simulation import draw_priors, simulate
from resartus.stores.asreview_project import read_asreview_order

# What asreview 3.0.8 wrote for the file of conftest.py and the priors of seed 0.
RECORDED = Path(__file__).with_name("asreview-3.0.8.asreview")


def stand_in(folder: Path, work: str) -> Path:
    """Write a program that tells ASReview's version and, asked to simulate, does this work."""
    program = folder / "asreview"
    program.write_text(
        f"#!{sys.executable}\nimport shutil, sys\n"
        f"if sys.argv[1:] == ['--version']:\n    print('asreview 3.0.8')\nelse:\n    {work}\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """ASReview itself where it is installed, or a stand-in that hands its recorded project on."""
    installed = shutil.which("asreview")
    return (
        stand_in(tmp_path, f"shutil.copy({str(RECORDED)!r}, sys.argv[-1])")
        if installed is None
        else Path(installed)
    )


def test_elas_u4_judges_in_the_order_that_asreview_recorded(file: Path) -> None:
    labelled = load_labelled(file)
    judged = read_asreview_order(RECORDED)
    priors = draw_priors(labelled.relevant, seed=0)
    ours = simulate(
        Ranker(labelled.records, recipe=RECIPES["elas-u4"]),
        labelled.relevant,
        priors=priors,
        batch=0,
    )
    assert tuple(place for place, _ in judged) == ours.order
    assert all(labelled.relevant[place] == label for place, label in judged)


def test_asreview_gets_the_same_priors_and_its_run_is_kept(
    file: Path, program: Path, tmp_path: Path
) -> None:
    peer = find_peer(str(program))
    kept = tmp_path / "runs.json"
    ours, theirs = simulate_file(file, seeds=(0,), against=peer, results=kept)
    assert theirs.priors == ours.priors
    assert theirs.ranking == peer.label
    assert theirs.quality.n_relevant == ours.quality.n_relevant == 7
    gone = Peer(program=tmp_path / "gone", label=peer.label)
    assert simulate_file(file, seeds=(0,), against=gone, results=kept) == (ours, theirs)


def test_the_command_prints_both_side_by_side(
    file: Path, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["simulate", str(file), "--seeds", "1", "--jobs", "1", "--against", str(program)]
    assert main(asked) == 0
    printed = capsys.readouterr().out
    assert "WSS@95" in printed
    assert "difference" in printed
    assert find_peer(str(program)).label in printed
    assert main(["--json", *asked]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["ranking"] for row in rows][1].startswith("asreview ")


def test_without_asreview_one_sentence_says_what_to_install(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(file), "--against", "no-such-asreview"]) != 0
    said = capsys.readouterr().err
    assert "'no-such-asreview' is not on this machine" in said
    assert "pip install asreview" in said


def test_another_program_is_not_taken_for_asreview() -> None:
    with pytest.raises(NotFoundError, match="is not ASReview 2 or later"):
        find_peer(sys.executable)


def test_what_asreview_said_when_it_failed_is_passed_on(file: Path, tmp_path: Path) -> None:
    program = stand_in(tmp_path, "sys.exit('ValueError: no such model')")
    with pytest.raises(DataError, match="ValueError: no such model"):
        simulate_file(file, seeds=(0,), against=find_peer(str(program)))


def test_another_reviews_project_is_refused(file: Path, tmp_path: Path) -> None:
    program = stand_in(tmp_path, f"shutil.copy({str(RECORDED)!r}, sys.argv[-1])")
    with pytest.raises(DataError, match="did not find the relevant records"):
        simulate_file(file, seeds=(1,), against=find_peer(str(program)))


def test_a_damaged_project_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.asreview"
    broken.write_bytes(RECORDED.read_bytes()[:2000])
    with pytest.raises(DataError, match="cannot be read as an ASReview project"):
        read_asreview_order(broken)
