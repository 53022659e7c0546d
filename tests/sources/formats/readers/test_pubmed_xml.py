import gzip
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from resartus.domain.ids import Pmid
from resartus.domain.record import MeshHeading, MeshQualifier
from resartus.errors import NotFoundError
from resartus.sources.formats.readers.nbib import read_nbib
from resartus.sources.formats.readers.pubmed_article import parse_article
from resartus.sources.formats.readers.pubmed_payloads import iterate_payloads
from resartus.sources.formats.readers.pubmed_xml import (
    batches_of,
    each_in_order,
    parse_payloads,
    process_pool,
    read_pubmed_xml,
)
from resartus.sources.formats.reading import read_citations
from resartus.sources.formats.values.collector import Collector

ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">
<PMID Version="{version}">{pmid}</PMID>
<DateRevised><Year>2020</Year><Month>02</Month><Day>30</Day></DateRevised>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Print">0022-4790</ISSN>
<JournalIssue><Volume>7</Volume><PubDate><MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate>
</JournalIssue><Title>Journal of surgery</Title></Journal>
<ArticleTitle>H<sub>2</sub>O &amp; <i>in vivo</i> <b>tests</b> of <mml:math
xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>2</mml:mn>
</mml:math>.</ArticleTitle>
<Abstract><AbstractText Label="AIM">To see.</AbstractText>
<AbstractText Label="RESULT">Seen.</AbstractText>
</Abstract><AuthorList><Author ValidYN="Y"><LastName>O'Brien</LastName><ForeName>Jo Ann</ForeName>
<Initials>JA</Initials><Suffix>Jr</Suffix><Identifier Source="ORCID">http://orcid.org/0000000150274446
</Identifier><AffiliationInfo><Affiliation>Here.</Affiliation></AffiliationInfo></Author>
<Author ValidYN="Y"><CollectiveName>The Group</CollectiveName></Author></AuthorList>
<Language>eng</Language></Article>
<MeshHeadingList><MeshHeading>
<DescriptorName UI="D008113" MajorTopicYN="N">Liver Neoplasms
</DescriptorName>
<QualifierName UI="Q000556" MajorTopicYN="Y">secondary</QualifierName>
</MeshHeading></MeshHeadingList>
</MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="pubmed">
<Year>1999</Year><Month>1</Month><Day>5</Day></PubMedPubDate></History></PubmedData></PubmedArticle>"""
HEAD = '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet SYSTEM "http://127.0.0.1:9/no.dtd">\n'


def article(pmid: int = 1, version: int = 1) -> str:
    return ARTICLE.format(pmid=pmid, version=version)


def file_of(folder: Path, *articles: str, name: str = "some.xml") -> Path:
    path = folder / name
    text = f"{HEAD}<PubmedArticleSet>\n" + "\n".join(articles) + "\n</PubmedArticleSet>"
    path.write_text(text, encoding="utf-8")
    return path


def test_markup_and_formulas_are_kept_as_text() -> None:
    record = parse_article(article().encode())
    assert record.title == "H2O & in vivo tests of x=2 ."


def test_every_part_of_a_record_is_read() -> None:
    record = parse_article(article(pmid=12).encode())
    assert record.pmid == 12
    assert record.abstract == "AIM: To see.\nRESULT: Seen."
    assert record.is_abstract_structured
    assert record.authors[0].short_name == "O'Brien JA Jr"
    assert record.authors[0].orcid == "0000-0001-5027-4446"
    assert record.authors[0].affiliations == ("Here.",)
    assert record.authors[1].collective_name == "The Group"
    assert record.mesh == (
        MeshHeading(
            descriptor="Liver Neoplasms",
            ui="D008113",
            qualifiers=(MeshQualifier(name="secondary", ui="Q000556", major=True),),
        ),
    )
    assert record.entered_on == date(1999, 1, 5)


def test_a_date_over_two_years_keeps_its_words_and_begins_in_the_first() -> None:
    record = parse_article(article().encode())
    assert (record.year, record.month, record.day) == (1998, 12, None)
    assert record.published_text == "1998 Dec-1999 Jan"


def test_a_day_that_no_calendar_has_is_kept_as_printed() -> None:
    record = parse_article(article().encode())
    assert record.revised_on is None
    assert ("unread date:DateRevised", "2020 02 30") in record.fields


def test_a_pmid_twice_is_told_and_the_last_keeps_the_plain_id(tmp_path: Path) -> None:
    read = read_pubmed_xml(file_of(tmp_path, article(5), article(5, version=2)))
    assert [r.record_id for r in read.records] == ["pubmed:5-v1-1", "pubmed:5"]
    assert [str(p) for p in read.problems] == [
        "some.xml (PMID 5): comes 2 times; the last is the current one"
    ]


def test_a_broken_record_is_named_and_hides_no_other(tmp_path: Path) -> None:
    broken = article(2).replace("</Article>", "")
    read = read_pubmed_xml(file_of(tmp_path, article(1), broken, article(3)))
    assert [r.pmid for r in read.records] == [1, 3]
    assert str(read.problems[0]).startswith("some.xml, record 2 (PMID 2): not well-formed XML")


def test_a_record_that_is_never_closed_does_not_take_the_next_along(tmp_path: Path) -> None:
    unclosed = article(2).replace("</PubmedArticle>", "")
    read = read_pubmed_xml(file_of(tmp_path, article(1), unclosed, article(3)))
    assert [r.pmid for r in read.records] == [1, 3]
    assert any(p.pmid == 2 for p in read.problems)


def test_a_torn_gzip_gives_what_stands_before_the_tear(tmp_path: Path) -> None:
    whole = file_of(tmp_path, *(article(i) for i in range(1, 400))).read_bytes()
    packed = gzip.compress(whole)
    path = tmp_path / "torn.xml.gz"
    path.write_bytes(packed[: len(packed) // 2])
    read = read_pubmed_xml(path)
    assert [r.pmid for r in read.records] == list(range(1, len(read.records) + 1))
    assert any("cut off" in p.message for p in read.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html><body>Bad Gateway</body></html>", "root is <html>"),
        ("hello", "not XML"),
        ("", "holds no PubmedArticle"),
        ("<?xml version='1.0'?><eSearchResult><ERROR>x</ERROR></eSearchResult>", "<eSearchResult>"),
    ],
)
def test_a_file_of_something_else_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "other.xml"
    path.write_text(text)
    read = read_pubmed_xml(path)
    assert not read.records
    assert any(said in problem.message for problem in read.problems)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        read_pubmed_xml(tmp_path / "none.xml")


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16"])
def test_the_declared_encoding_is_followed(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.xml"
    text = f'<?xml version="1.0" encoding="{encoding}"?><PubmedArticleSet>'
    text += article().replace("in vivo", "naïve") + "</PubmedArticleSet>"
    path.write_bytes(text.encode(encoding))
    assert "naïve" in (read_pubmed_xml(path).records[0].title or "")


def test_deletions_and_versions_of_a_real_update_file_are_read(shared_data: Path) -> None:
    path = shared_data / "pubmed-baseline" / "pubmed21n1298.xml.gz"
    problems: list[object] = []
    payloads = list(islice(iterate_payloads(path, problems.append), 400))
    batch = parse_payloads(payloads, file=path.name)
    assert not problems
    assert not batch.problems
    assert len(batch.records) == 400
    last = [p for p in iterate_payloads(path, problems.append) if p.kind == "DeleteCitation"]
    assert len(parse_payloads(last, file=path.name).deleted) == 20


def test_worker_processes_give_the_same_in_the_same_order(shared_data: Path) -> None:
    path = shared_data / "pubmed-edge" / "efetch" / "qi29_pubmed_result.xml.gz"
    payloads = list(iterate_payloads(path, print))
    alone = parse_payloads(payloads, file="x").records
    with process_pool(2) as pool:
        work = partial(parse_payloads, file="x")
        pieces = each_in_order(work, batches_of(payloads, size=100_000), pool=pool)
        assert [record for _, piece in pieces for record in piece.records] == list(alone)


def test_every_small_real_file_is_read_without_a_problem(shared_data: Path) -> None:
    edge = shared_data / "pubmed-edge"
    counted = 0
    for path in sorted((*edge.glob("efetch/*"), *edge.glob("eutils-json/efetch.*"),
                        *edge.glob("metapub/*.xml"), *edge.glob("netsynergy/*.gz"))):  # fmt: skip
        read = read_pubmed_xml(path)
        assert not [p for p in read.problems if "times" not in p.message], path.name
        for record in read.records:
            assert record.title or record.vernacular_title or not record.pmid, record.record_id
        counted += len(read.records)
    assert counted > 1000


def test_a_book_has_its_editors_and_publisher(shared_data: Path) -> None:
    path = shared_data / "pubmed-edge" / "eutils-json" / "efetch.pubmedbook.xml"
    record = read_pubmed_xml(path).records[0]
    assert record.book_title == "GeneReviews™"
    assert record.title == "GeneReviews™"
    assert record.publisher == "University of Washington, Seattle"
    assert "Pagon RA" in [editor.short_name for editor in record.editors]
    assert ("bookaccession", "NBK1116") in record.identifiers


def test_nbib_and_xml_of_the_same_records_agree(shared_data: Path) -> None:
    edge = shared_data / "pubmed-edge"
    by_pmid = {
        r.pmid: r for r in read_pubmed_xml(edge / "efetch/zheln_pubmed_result.xml.gz").records
    }
    collector = Collector(source="nbib", raw_hash="0" * 64)
    with gzip.open(edge / "nbib/zheln_citations.nbib.gz", "rt", encoding="utf-8") as lines:
        records = list(read_nbib(lines, collector))
    both = [(r, by_pmid[r.pmid]) for r in records if r.pmid in by_pmid]
    assert len(both) > 50
    for nbib, xml in both:
        where = str(xml.pmid)
        assert nbib.doi == xml.doi, where
        assert (nbib.year, nbib.month, nbib.day) == (xml.year, xml.month, xml.day), where
        assert nbib.entered_on == xml.entered_on, where
        assert nbib.created_on == xml.created_on, where
        assert nbib.languages == xml.languages, where
        assert nbib.status == xml.status, where
        assert len(nbib.mesh) == len(xml.mesh), where


def test_import_knows_pubmed_xml_packed_or_not(tmp_path: Path) -> None:
    path = file_of(tmp_path, article(7))
    packed = tmp_path / "x.xml.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for each in (path, packed):
        result = read_citations(each)
        assert result.format == "pubmed-xml"
        assert [r.pmid for r in result.records] == [Pmid(7)]
