"""The pattern that checks and cuts an article at once must tell what walking it tells."""

from itertools import islice

import pytest
from tests import needs
from tests.sources.formats.readers.test_pubmed_xml import article

from resartus.errors import ParseError
from resartus.sources.formats.readers import pubmed_article, pubmed_shape
from resartus.sources.formats.readers.pubmed_article import parse_article
from resartus.sources.formats.readers.pubmed_payloads import iterate_payloads
from resartus.sources.formats.readers.pubmed_shape import sections_of

PLAIN = article(7).replace(
    '<mml:math\nxmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi><mml:mo>=</mml:mo>'
    "<mml:mn>2</mml:mn>\n</mml:math>",
    "x=2",
)


@pytest.mark.parametrize(
    ("name", "step"), [("pubmed20n0014.xml.gz", 61), ("pubmed21n1298.xml.gz", 37)]
)
def test_the_pattern_and_the_walk_tell_the_same_of_real_articles(name: str, step: int) -> None:
    path = needs.shared_data() / "pubmed-baseline" / name
    fitting = 0
    for payload in islice(iterate_payloads(path, print), 0, 8_000, step):
        content = payload.content.decode()
        told = sections_of(content)
        pattern = pubmed_shape.shape().pattern
        fitting += pattern.fullmatch(pubmed_shape._lifted(content)[0]) is not None
        assert told == pubmed_shape.walked(content), content[:200]
    assert fitting > 0


def test_an_article_in_the_usual_shape_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubmed_article, "walked", lambda content: pytest.fail("walked"))
    path = needs.shared_data() / "pubmed-baseline" / "pubmed20n0014.xml.gz"
    for payload in islice(iterate_payloads(path, print), 3_000, 3_100):
        assert parse_article(payload.content).pmid


@pytest.mark.parametrize(
    ("plain", "strange"),
    [
        ("<Language>", "<!-- a remark <Language>fre</Language> --><Language>"),
        ("<Language>", "<?target <Language>fre</Language>?><Language>"),
        ("Journal of surgery", "<![CDATA[Journal]]> of surgery"),
        ("</Language>", "</Language  >"),
        ("</MeshHeading>", "</MeshHeading\n>"),
        ('UI="D008113"', "UI = 'D008113'"),
        ('<PMID Version="1">', '<PMID Version="1" Why="1 > 0">'),
        ("O'Brien", "O&#39;Brien"),
        ("The Group", "The <i>Group</i>"),
        ("<Suffix>Jr</Suffix>", "<Suffix>Jr</Suffix><Unknown>x</Unknown>"),
    ],
)
def test_the_same_article_written_otherwise_is_the_same_record(plain: str, strange: str) -> None:
    assert plain in PLAIN
    expected = parse_article(PLAIN.encode())
    assert parse_article(PLAIN.replace(plain, strange).encode()) == expected


@pytest.mark.parametrize(
    ("plain", "broken"),
    [
        ("Journal of surgery", "Journal & surgery"),
        ("Journal of surgery", "Journal &nbsp; surgery"),
        ("Journal of surgery", "Journal \x01 surgery"),
        ("Journal of surgery", "Journal < surgery"),
        ("<b>tests</b>", "<b>tests</i>"),
        ("</LastName>", "</ForeName>"),
        ("</AuthorList>", ""),
        ("</PubmedArticle>", ""),
    ],
)
def test_what_is_not_well_formed_is_told_and_never_guessed(plain: str, broken: str) -> None:
    assert plain in PLAIN
    with pytest.raises(ParseError, match="not well-formed XML"):
        parse_article(PLAIN.replace(plain, broken, 1).encode())


def test_bytes_that_are_not_utf_8_are_told() -> None:
    with pytest.raises(ParseError, match="not well-formed XML"):
        parse_article(PLAIN.encode().replace(b"surgery", b"surg\xe9ry"))
