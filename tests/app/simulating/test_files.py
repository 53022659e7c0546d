import json
from pathlib import Path

import pytest
from tests.app.simulating.conftest import write

from resartus.app.simulating import load_labelled, mean_quality, recall_figure, simulate_file
from resartus.cli.main import main
from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.screening.ranking import RECIPES, Ranker
from resartus.screening.simulation import simulate


def test_both_rankings_get_the_same_priors(file: Path) -> None:
    runs = simulate_file(file, rankings=("elas-u4", "default"), seeds=(0, 1))
    assert [run.priors for run in runs[:2]] == [run.priors for run in runs[2:]]
    assert mean_quality(runs)["wss100"] > 0.5


def test_what_was_run_is_not_run_again(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "made.json"
    first = simulate_file(file, seeds=(0, 1), results=kept)
    again = simulate_file(file, seeds=(0, 1, 2), results=kept)
    # Seconds are never twice the same, so equal runs were taken from the file.
    assert again[:2] == first
    kept.write_text(kept.read_text()[:50])
    assert simulate_file(file, seeds=(0,), results=kept)[0].quality == first[0].quality


def test_processes_at_once_give_the_same(file: Path) -> None:
    one = simulate_file(file, seeds=(0, 1), jobs=1)
    two = simulate_file(file, seeds=(0, 1), jobs=2)
    assert [run.quality for run in one] == [run.quality for run in two]


def test_the_recall_curve_says_in_words_what_it_shows(file: Path) -> None:
    figure = recall_figure(simulate_file(file, seeds=(0,)), title="made.csv")
    assert "resartus 2: the last relevant record after" in figure.alt
    assert figure.svg.startswith("<?xml")


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("title,abstract\nOne study of something,words\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"1 of 1 records of bare\.csv have no label"):
        load_labelled(path)


def test_a_file_where_all_is_relevant_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "all.csv", [("One study", "a", "1"), ("Another study", "b", "1")])
    with pytest.raises(DataError, match="every record of"):
        load_labelled(path)


def test_the_command_compares_and_draws(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs"
    code = main(
        ["--json", "simulate", str(file), "--ranking", "elas-u4", "--ranking", "default",
         "--seeds", "1", "--jobs", "1", "--out", str(out)]
    )  # fmt: skip
    assert code == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["ranking"] for row in rows] == ["elas-u4 asreview-3.0.8", "resartus 2"]
    assert (out / "made.csv.png").read_bytes().startswith(b"\x89PNG")


def test_elas_u4_judges_in_the_order_of_asreview(shared_data: Path) -> None:
    # asreview 3.0.8: asreview simulate Antihistamines.csv --prior-idx 44 92, ELAS u4.
    path = shared_data / "screening-dev" / "cohen2006" / "Antihistamines.csv.gz"
    labelled = load_labelled(path)
    ranker = Ranker(labelled.records, recipe=RECIPES["elas-u4"])
    done = simulate(ranker, labelled.relevant, priors=(44, 92), batch=0)
    assert done.order[2:5] == (288, 248, 66)
    assert done.quality.wss95 == pytest.approx(-0.0142857, abs=1e-6)
    # 24.589 there; its reader leaves some marks in the text that ours takes out.
    assert done.quality.atd_percent == pytest.approx(24.588745, abs=0.2)


def test_elas_u4_finds_every_record_where_asreview_does(shared_data: Path) -> None:
    # asreview 3.0.8 on titles and abstracts as we read them, --prior-idx 260 184.
    path = shared_data / "screening-dev" / "cohen2006" / "UrinaryIncontinence.csv.gz"
    labelled = load_labelled(path)
    ranker = Ranker(labelled.records, recipe=RECIPES["elas-u4"])
    ranker.condense()
    done = simulate(ranker, labelled.relevant, priors=(260, 184), batch=0)
    assert done.relevant_at == (
        1, 3, 4, 5, 7, 8, 9, 10, 12, 16, 17, 20, 21, 23, 25, 26, 28, 29, 30, 32, 33, 34, 36, 43, 53,
        54, 63, 70, 73, 77, 98, 104, 105, 107, 108, 153, 178, 192, 222,
    )  # fmt: skip


def test_records_keep_their_own_type(file: Path) -> None:
    assert all(isinstance(record, Record) for record in load_labelled(file).records)
