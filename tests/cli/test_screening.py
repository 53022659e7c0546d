import json
from pathlib import Path

import pytest

from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.cli.main import main
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.domain.state import Imported

TITLES = ("Liver resection", "Asthma at school", "Liver metastasis", "Caries", "Liver lobe", "Hip")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "r"
    path.mkdir()
    text = TEMPLATE.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2")
    with Review.create(path, protocol_text=text, person="ann") as review:
        ids = tuple(RecordId(f"r{n}") for n in range(6))
        review.store.save_records(
            Record(record_id=r, source="ris", title=f"{t} in people {n}")
            for n, (r, t) in enumerate(zip(ids, TITLES, strict=True))
        )
        review.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=ids))
    return path


def run(folder: Path, *arguments: str, by: str = "ann") -> int:
    return main(["--review", str(folder), "--as", by, *arguments])


def vote(folder: Path, by: str, record: str, verdict: str) -> None:
    assert run(folder, "screen", "--record", record, "--verdict", verdict, by=by) == 0


def test_two_people_screen_agree_and_are_told_how_far(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for record, ann, ben in (
        ("r0", "include", "include"),
        ("r1", "exclude", "exclude"),
        ("r2", "include", "exclude"),
    ):
        vote(folder, "ann", record, ann)
        vote(folder, "ben", record, ben)
    capsys.readouterr()
    assert run(folder, "screen", "--conflicts") == 0
    shown = capsys.readouterr().out
    assert "ann: include" in shown
    assert "ben: exclude" in shown
    assert run(folder, "agreement", "--json") == 0
    (pair,) = json.loads(capsys.readouterr().out)["agreement"]
    assert (pair["going_on"]["n"], pair["going_on"]["agreed"]) == (3, 2)


def test_a_rank_is_shown_with_its_terms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vote(folder, "ann", "r0", "include")
    vote(folder, "ann", "r1", "exclude")
    capsys.readouterr()
    assert run(folder, "rank", "--count", "1", "--why") == 0
    shown = capsys.readouterr().out
    assert "resartus 2; 1 shown" in shown
    assert "+ liver" in shown


def test_records_are_dealt_and_handed_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "assign", "--to", "ann", "--to", "ben", "--to", "cem") == 0
    assert "2 records at title-abstract to ann, ben" in capsys.readouterr().out
    assert run(folder, "assign", "--record", "r0") == 0
    assert "to everybody" in capsys.readouterr().out
    assert run(folder, "assign", "--to", "ann") == 3


def test_whether_to_stop_is_told_by_every_rule(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ("all", "audit", "buscar", "consecutive", "safe")
    assert run(folder, "stop", *(part for rule in rules for part in ("--rule", rule))) == 0
    shown = capsys.readouterr().out
    assert all(f"{rule}: " in shown for rule in rules)
    assert "Rests on: the ranking never does worse" in shown
    assert run(folder, "stop", "--rule", "luck") == 3


def test_a_missing_full_text_is_marked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for by in ("ann", "ben"):
        vote(folder, by, "r0", "include")
    assert run(folder, "fulltext") == 0
    assert "1 full texts still sought" in capsys.readouterr().out
    assert run(folder, "fulltext", "--record", "r0", "--missing", "not held anywhere") == 0
    assert run(folder, "fulltext", "--json") == 0
    assert json.loads(capsys.readouterr().out.split("\n", 1)[1])["wanted"] == []
