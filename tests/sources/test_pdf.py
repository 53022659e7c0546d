import pytest
from tests.pdfs import lock_pdf, make_pdf

from resartus.errors import ParseError
from resartus.sources import pdf
from resartus.sources.pdf import read_pdf

WORDS = ["Liver resection in ovarian cancer", "doi: 10.4236/ss.2012.33024.", *["a few words"] * 9]


def test_words_and_doi_are_read() -> None:
    found = read_pdf(make_pdf(*WORDS), name="a.pdf")
    assert "Liver resection in ovarian cancer" in found.pages[0]
    assert found.dois == ("10.4236/ss.2012.33024",)
    assert found.has_words


def test_a_page_without_words_is_told() -> None:
    assert not read_pdf(make_pdf(), name="scan.pdf").has_words


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>Sign in</html>", "no PDF; attach the article as PDF"),
        (b"", "no PDF"),
        (b"%PDF-1.7\n1 0 obj", "broken and cannot be read as PDF"),
        (make_pdf(*WORDS)[:300], "broken and cannot be read as PDF"),
        (lock_pdf(make_pdf(*WORDS), password="x"), "encrypted with a password"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(ParseError, match=r"a\.pdf") as refused:
        read_pdf(content, name="a.pdf")
    assert sentence in refused.value.message


def test_a_file_that_opens_without_asking_is_read_though_encrypted() -> None:
    found = read_pdf(lock_pdf(make_pdf(*WORDS), password=""), name="a.pdf")
    assert found.has_words


def test_an_oversized_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LARGEST_PDF_MB", 0.0001)
    with pytest.raises(ParseError, match=r"over the 0\.0001 MB that are read"):
        read_pdf(make_pdf(*WORDS), name="big.pdf")
