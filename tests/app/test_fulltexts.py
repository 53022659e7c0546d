from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pdfs import lock_pdf, make_pdf

from resartus.app.fulltexts import attach_files, attach_pdf, mark_missing, wanted_records
from resartus.app.review import Review
from resartus.app.screening import decide, open_records
from resartus.app.starting import TEMPLATE
from resartus.app.undoing import undo_event
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.errors import DataError, NotFoundError, StoreDamaged

A, B, C, D = (RecordId(name) for name in "abcd")
TITLE = "Hepatic resection for metastatic gynaecological carcinoma"
RECORDS = (
    Record(record_id=A, source="ris", pmid=Pmid(21452068), title="One"),
    Record(record_id=B, source="ris", doi="10.4236/ss.2012.33024", title="Two"),
    Record(record_id=C, source="ris", title=TITLE),
    Record(record_id=D, source="ris", pmcid="PMC1234567", title="Four"),
)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    folder = tmp_path / "review"
    folder.mkdir()
    with Review.create(folder, protocol_text=TEMPLATE, person="ann") as made:
        made.store.save_records(RECORDS)
        ids = tuple(record.record_id for record in RECORDS)
        made.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=ids))
        for record_id in ids:
            decide(made, record_id, stage=Stage.SCREENING, verdict=Verdict.INCLUDE)
        yield made


def write(folder: Path, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return folder


def test_a_folder_of_pdfs_finds_its_records(review: Review, tmp_path: Path) -> None:
    words = [f"page of words number {n}" for n in range(8)]
    folder = write(
        tmp_path / "pdfs",
        kamel_21452068=make_pdf("any words", *words),
        pmc1234567=make_pdf("other words", *words),
        x=make_pdf("doi:10.4236/ss.2012.33024", *words),
        y=make_pdf("Hepatic resection for metastatic", "gynaecological carcinoma", *words),
        z=make_pdf("Somebody else's article", *words),
        locked=lock_pdf(make_pdf("secret"), password="x"),
    )
    attached, refused = attach_files(review, [folder])
    assert {a.record_id: a.matched_by for a in attached} == {
        A: "PMID in the file's name",
        D: "PMCID in the file's name",
        B: "DOI in the text",
        C: "title",
    }
    assert [r.name for r in refused] == ["locked.pdf", "z.pdf"]
    assert "matches no record" in refused[1].reason
    assert wanted_records(review) == []


def test_a_full_text_is_kept_by_its_hash_with_its_words(review: Review) -> None:
    content = make_pdf("Median survival was 53 months")
    one = attach_pdf(review, A, content, name="a.pdf")
    assert review.load_fulltext(one.payload) == content
    assert "53 months" in review.fulltexts.load_text(one.payload)
    review.fulltexts.path(one.payload).write_bytes(b"changed")
    with pytest.raises(StoreDamaged, match="has changed on disk"):
        review.load_fulltext(one.payload)


def test_what_cannot_be_had_leaves_the_queue_until_it_comes(review: Review) -> None:
    mark_missing(review, A, reason="no library holds it")
    assert A not in open_records(review, Stage.ELIGIBILITY)
    with pytest.raises(DataError, match="is not sought"):
        mark_missing(review, A, reason="again")
    attach_pdf(review, A, make_pdf("found after all"), name="a.pdf")
    assert A in open_records(review, Stage.ELIGIBILITY)
    undo_event(review)
    assert review.state().missing_fulltexts == {A: "no library holds it"}


def test_two_records_of_one_title_are_not_guessed_at(review: Review, tmp_path: Path) -> None:
    twin = Record(record_id=RecordId("e"), source="ris", title=TITLE)
    review.store.save_records([twin])
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="g", record_ids=(twin.record_id,)))
    folder = write(tmp_path / "pdfs", y=make_pdf(TITLE))
    attached, refused = attach_files(review, [folder])
    assert (attached, len(refused)) == ((), 1)


def test_an_empty_folder_is_said(review: Review, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no PDF in"):
        attach_files(review, [write(tmp_path / "none")])
