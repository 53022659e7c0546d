import json
from pathlib import Path

import pytest

from resartus.app.importing import TakeOver, guess_table, import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.decision import Stage, Verdict
from resartus.errors import DataError, ParseError


@pytest.fixture
def review(tmp_path: Path) -> Review:
    (tmp_path / "review").mkdir()
    with Review.create(tmp_path / "review", protocol_text=TEMPLATE, person="Anna") as review:
        yield review


def written(tmp_path: Path, text: str, name: str = "export.txt") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_and_the_lines_not_read_are_kept(review: Review, tmp_path: Path) -> None:
    path = written(tmp_path, "Provider: Ovid\nTY  - JOUR\nTI  - One\nER  - \nLink to it\n")
    done = import_file(review, path)
    assert (done.records, done.new, len(done.unread)) == (1, 1, 2)
    imported = review.state().imports[0]
    assert review.payloads.load(imported.payload) == path.read_bytes()
    kept = review.payloads.load(imported.unread_payload).decode().splitlines()
    assert [json.loads(line)[0] for line in kept] == [1, 5]
    assert imported.unread_lines == 2


def test_a_second_import_of_a_file_brings_nothing_new(review: Review, tmp_path: Path) -> None:
    path = written(tmp_path, "TY  - JOUR\nTI  - One\nER  - \n")
    import_file(review, path)
    assert import_file(review, path).new == 0
    assert review.store.count_records() == 1


def test_a_file_without_records_changes_nothing(review: Review, tmp_path: Path) -> None:
    seq = review.store.last_seq()
    with pytest.raises(ParseError, match="holds no record"):
        import_file(review, written(tmp_path, "TY  - \nER  - \n"))
    assert review.store.last_seq() == seq


ASREVIEW = "record_id,title,abstract,asreview_label\n1,One,a,1\n2,Two,b,0\n3,Three,c,\n"


def test_verdicts_are_left_until_a_person_is_named(review: Review, tmp_path: Path) -> None:
    done = import_file(review, written(tmp_path, ASREVIEW))
    assert (done.verdicts, done.verdicts_taken) == (2, 0)
    assert not review.state().decisions


def test_verdicts_become_decisions_of_the_person_named_once(review: Review, tmp_path: Path) -> None:
    path = written(tmp_path, ASREVIEW)
    for _ in range(2):
        import_file(review, path, take_over=TakeOver(decided_by="Berta"))
    votes = review.state().decisions.values()
    assert [(v.verdict, v.decided_by) for v in votes] == [
        (Verdict.INCLUDE, "Berta"),
        (Verdict.EXCLUDE, "Berta"),
    ]
    made = [e for e in review.store.load_events() if e.kind == "decision.made"]
    assert len(made) == 2
    assert {e.by for e in made} == {"Anna"}


def test_a_list_of_covidence_is_taken_over_with_its_reasons(review: Review, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Title,Authors,Published Year,Covidence #,Notes\n"
        'One,Smith A,2001,#12,"Exclusion reason: Wrong population;"\nTwo,Lee B,2002,#13,\n',
    )
    import_file(
        review,
        path,
        take_over=TakeOver(decided_by="Berta", verdict=Verdict.EXCLUDE, stage=Stage.ELIGIBILITY),
    )
    votes = list(review.state().decisions.values())
    full = [v for v in votes if v.stage is Stage.ELIGIBILITY]
    assert [v.reasons for v in full] == [("Wrong population",), ("not reported",)]
    # What was judged at full text had passed title and abstract.
    first = [v for v in votes if v.stage is Stage.SCREENING]
    assert [v.verdict for v in first] == [Verdict.INCLUDE, Verdict.INCLUDE]


def test_a_table_that_does_not_tell_asks_and_is_answered(review: Review, tmp_path: Path) -> None:
    path = written(tmp_path, "Was,Wer,Wann\nOne title,Smith A,2001\n")
    guess = guess_table(path)
    assert guess is not None
    assert not guess.is_sure
    assert guess.samples == ("One title", "Smith A", "2001")
    with pytest.raises(ParseError, match="--map title=COLUMN"):
        import_file(review, path)
    columns = {"title": "Was", "authors": "Wer", "year": "Wann"}
    import_file(review, path, columns=columns)
    record = next(review.store.iterate_records())
    assert (record.title, record.label, record.year) == ("One title", "Smith 2001", 2001)


def test_a_column_that_is_not_there_is_named(review: Review, tmp_path: Path) -> None:
    path = written(tmp_path, "Was,Wer\nOne title,Smith A\n")
    with pytest.raises(DataError, match="'Titel' is not in the table; it has: Was, Wer"):
        import_file(review, path, columns={"title": "Titel"})


def test_progress_runs_from_nothing_to_all(review: Review, tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"TY  - JOUR\nTI  - T{n}\nER  - \n" for n in range(900)))
    told: list[float] = []
    import_file(review, path, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 3
