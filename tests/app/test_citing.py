from pathlib import Path

import pytest

from resartus.app.citing import CITATION_FORMATS, Choice, export_citations
from resartus.app.importing import TakeOver, import_file
from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.app.starting import TEMPLATE
from resartus.domain.decision import Stage, Verdict
from resartus.errors import DataError
from resartus.sources.formats.reading import read_citations

RIS = "".join(f"TY  - JOUR\nTI  - Title {n}\nAU  - Author{n}, A\nER  - \n" for n in range(4))


def begun(tmp_path: Path, *, reviewers: int = 1) -> Review:
    folder = tmp_path / "review"
    folder.mkdir()
    text = TEMPLATE.replace("reviewers_per_stage = 1", f"reviewers_per_stage = {reviewers}")
    review = Review.create(folder, protocol_text=text, person="Anna")
    (tmp_path / "in.ris").write_text(RIS)
    import_file(review, tmp_path / "in.ris")
    return review


@pytest.fixture
def review(tmp_path: Path) -> Review:
    with begun(tmp_path) as review:
        ids = review.state().record_ids()
        decide(review, ids[0], stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
        decide(review, ids[0], stage=Stage.ELIGIBILITY, verdict=Verdict.INCLUDE)
        decide(review, ids[1], stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
        decide(
            review,
            ids[1],
            stage=Stage.ELIGIBILITY,
            verdict=Verdict.EXCLUDE,
            reasons=["other question"],
        )
        decide(review, ids[2], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
        yield review


@pytest.mark.parametrize(
    ("choice", "stage", "titles"),
    [
        (Choice.ALL, Stage.ELIGIBILITY, [0, 1, 2, 3]),
        (Choice.INCLUDED, Stage.ELIGIBILITY, [0]),
        (Choice.EXCLUDED, Stage.ELIGIBILITY, [1, 2]),
        (Choice.OPEN, Stage.ELIGIBILITY, [3]),
        (Choice.INCLUDED, Stage.SCREENING, [0, 1]),
        (Choice.EXCLUDED, Stage.SCREENING, [2]),
    ],
)
def test_what_was_chosen_goes_out(
    review: Review, choice: Choice, stage: Stage, titles: list[int]
) -> None:
    done = export_citations(review, format="ris", choice=choice, stage=stage)
    found = read_citations(Path(done.file)).records
    assert [r.title for r in found] == [f"Title {n}" for n in titles]
    assert done.records == len(titles)


def test_votes_go_out_as_tags_and_are_taken_over_elsewhere(review: Review, tmp_path: Path) -> None:
    done = export_citations(review, tmp_path / "out.ris", format="ris")
    text = Path(done.file).read_text()
    assert done.decisions == 5
    assert text.count("KW  - resartus/full-text/include") == 1
    assert text.count("KW  - resartus/full-text/exclude") == 1
    (tmp_path / "b").mkdir()
    with Review.create(tmp_path / "b", protocol_text=TEMPLATE, person="Berta") as other:
        import_file(other, Path(done.file), take_over=TakeOver(decided_by="Berta"))
        votes = [(v.stage, v.verdict, v.decided_by) for v in other.state().decisions.values()]
        mine = [(v.stage, v.verdict, v.decided_by) for v in review.state().decisions.values()]
        assert votes == mine


def test_without_decisions_no_vote_leaves_the_house(review: Review) -> None:
    done = export_citations(review, format="csv", has_decisions=False)
    assert done.decisions == 0
    assert "Anna" not in Path(done.file).read_text(encoding="utf-8-sig")


def test_a_blinded_vote_of_another_does_not_go_out(tmp_path: Path) -> None:
    with begun(tmp_path, reviewers=2) as review:
        one = review.state().record_ids()[0]
        decide(review, one, stage=Stage.SCREENING, verdict=Verdict.INCLUDE, by="Berta")
        assert export_citations(review, format="ris").decisions == 0
        decide(review, one, stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
        assert export_citations(review, format="ris").decisions == 2


def test_an_unknown_format_is_refused_with_those_known(review: Review) -> None:
    with pytest.raises(DataError, match="'refman' is not one of: ris, nbib"):
        export_citations(review, format="refman")
    assert not list(review.out.glob("citations*"))


@pytest.mark.parametrize("format", CITATION_FORMATS)
def test_nothing_chosen_gives_a_whole_file(review: Review, format: str, tmp_path: Path) -> None:
    decide(review, review.state().record_ids()[3], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    done = export_citations(review, tmp_path / "x", format=format, choice=Choice.OPEN)
    assert done.records == 0
    assert (tmp_path / "x").exists()
