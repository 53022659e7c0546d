"""Each part of an article, read by its own pattern: what is written oddly is the same or told."""

from datetime import date

import pytest

from resartus.domain.record import Author, MeshHeading, MeshQualifier
from resartus.errors import ParseError
from resartus.sources.formats.readers import pubmed_article, pubmed_payloads, pubmed_shape
from resartus.sources.formats.readers.pubmed_article import parse_article

ARTICLE = """<PubmedArticle>
  <MedlineCitation Status="MEDLINE" Owner="NLM">
    <PMID Version="1">11</PMID>
    <DateRevised><Year>2020</Year><Month>02</Month><Day>03</Day></DateRevised>
    <Article PubModel="Print-Electronic">
      <Journal>
        <ISSN IssnType="Print">0017-5749</ISSN>
        <JournalIssue CitedMedium="Print">
          <Volume>12</Volume>
          <Issue>3</Issue>
          <PubDate><Year>2019</Year><Month>Mar</Month></PubDate>
        </JournalIssue>
        <Title>Gut and liver</Title>
        <ISOAbbreviation>Gut Liver</ISOAbbreviation>
      </Journal>
      <ArticleTitle>Resection &amp; survival.</ArticleTitle>
      <Pagination>
        <MedlinePgn>1-9</MedlinePgn>
      </Pagination>
      <ELocationID EIdType="doi" ValidYN="Y">10.1000/ab.1</ELocationID>
      <Abstract>
        <AbstractText Label="AIM">To cut.</AbstractText>
        <AbstractText Label="RESULTS">It was cut.</AbstractText>
      </Abstract>
      <AuthorList CompleteYN="Y">
        <Author ValidYN="Y">
          <LastName>O'Brien</LastName>
          <ForeName>Jo Ann</ForeName>
          <Initials>JA</Initials>
          <Suffix>Jr</Suffix>
          <Identifier Source="ORCID">https://orcid.org/0000-0002-1825-0097</Identifier>
          <AffiliationInfo>
            <Affiliation>A hospital.</Affiliation>
          </AffiliationInfo>
          <AffiliationInfo>
            <Affiliation>A &lt;second&gt; one.</Affiliation>
          </AffiliationInfo>
        </Author>
        <Author ValidYN="Y">
          <CollectiveName>The Group</CollectiveName>
        </Author>
        <Author ValidYN="Y">
          <LastName>Smith</LastName>
          <Initials>B</Initials>
          <AffiliationInfo>
            <Affiliation>A hospital.</Affiliation>
          </AffiliationInfo>
        </Author>
        <Author ValidYN="N">
          <LastName>Smiht</LastName>
          <Initials>B</Initials>
        </Author>
      </AuthorList>
      <Language>eng</Language>
      <Language>fre</Language>
      <GrantList CompleteYN="Y">
        <Grant>
          <GrantID>R01</GrantID>
          <Agency>An agency &amp; sons</Agency>
        </Grant>
      </GrantList>
      <PublicationTypeList>
        <PublicationType UI="D016428">Journal Article</PublicationType>
      </PublicationTypeList>
      <ArticleDate DateType="Electronic">
        <Year>2019</Year><Month>01</Month><Day>02</Day>
      </ArticleDate>
    </Article>
    <MedlineJournalInfo>
      <Country>England</Country>
      <MedlineTA>Gut Liver</MedlineTA>
      <NlmUniqueID>101</NlmUniqueID>
      <ISSNLinking>1111-2222</ISSNLinking>
    </MedlineJournalInfo>
    <ChemicalList>
      <Chemical>
        <RegistryNumber>0</RegistryNumber>
        <NameOfSubstance UI="D000900">Salt</NameOfSubstance>
      </Chemical>
      <Chemical>
        <RegistryNumber>EC 1.1</RegistryNumber>
        <NameOfSubstance UI="D000901">Enzyme</NameOfSubstance>
      </Chemical>
    </ChemicalList>
    <CitationSubset>IM</CitationSubset>
    <MeshHeadingList>
      <MeshHeading>
        <DescriptorName UI="D008113" MajorTopicYN="N">Liver Neoplasms</DescriptorName>
        <QualifierName UI="Q000556" MajorTopicYN="Y">secondary</QualifierName>
      </MeshHeading>
      <MeshHeading>
        <DescriptorName UI="D006801" MajorTopicYN="N">Humans</DescriptorName>
      </MeshHeading>
    </MeshHeadingList>
    <KeywordList Owner="NOTNLM">
      <Keyword MajorTopicYN="N">Cut</Keyword>
    </KeywordList>
  </MedlineCitation>
  <PubmedData>
    <History>
      <PubMedPubDate PubStatus="received">
        <Year>2018</Year><Month>5</Month><Day>6</Day>
      </PubMedPubDate>
      <PubMedPubDate PubStatus="pubmed">
        <Year>2019</Year><Month>1</Month><Day>3</Day><Hour>6</Hour><Minute>0</Minute>
      </PubMedPubDate>
    </History>
    <PublicationStatus>ppublish</PublicationStatus>
    <ArticleIdList>
      <ArticleId IdType="pubmed">11</ArticleId>
      <ArticleId IdType="pmc">PMC5</ArticleId>
      <ArticleId IdType="doi">10.1000/ab.1</ArticleId>
    </ArticleIdList>
    <ReferenceList>
      <Reference>
        <ArticleIdList>
          <ArticleId IdType="pubmed">21</ArticleId>
          <ArticleId IdType="pmc">PMC9</ArticleId>
        </ArticleIdList>
      </Reference>
      <Reference>
        <ArticleIdList>
          <ArticleId IdType="pubmed">22</ArticleId>
        </ArticleIdList>
      </Reference>
    </ReferenceList>
  </PubmedData>
</PubmedArticle>"""


def test_every_part_of_an_article_in_the_usual_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubmed_article, "walked", lambda content: pytest.fail("walked"))
    monkeypatch.setattr(pubmed_shape, "walked", lambda content: pytest.fail("walked"))
    record = parse_article(ARTICLE.encode())
    assert record.authors == (
        Author(
            last_name="O'Brien",
            fore_name="Jo Ann",
            initials="JA",
            suffix="Jr",
            affiliations=("A hospital.", "A <second> one."),
            orcid="0000-0002-1825-0097",
        ),
        Author(collective_name="The Group"),
        Author(last_name="Smith", initials="B", affiliations=("A hospital.",)),
    )
    assert record.fields == (("misspelt name", "Smiht B"),)
    assert record.mesh == (
        MeshHeading(
            descriptor="Liver Neoplasms",
            ui="D008113",
            qualifiers=(MeshQualifier(name="secondary", ui="Q000556", major=True),),
        ),
        MeshHeading(descriptor="Humans", ui="D006801"),
    )
    assert record.history == (("received", date(2018, 5, 6)), ("pubmed", date(2019, 1, 3)))
    assert (record.entered_on, record.electronic_on) == (date(2019, 1, 3), date(2019, 1, 2))
    assert (record.year, record.month, record.volume, record.issue) == (2019, 3, "12", "3")
    assert (record.journal, record.journal_abbreviation) == ("Gut and liver", "Gut Liver")
    assert (record.issn, record.nlm_id) == (("0017-5749", "1111-2222"), "101")
    assert (record.title, record.pages, record.doi) == (
        "Resection & survival.",
        "1-9",
        "10.1000/ab.1",
    )
    assert record.abstract == "AIM: To cut.\nRESULTS: It was cut."
    assert record.languages == ("eng", "fre")
    assert record.grants == ("R01/An agency & sons",)
    assert (record.substances, record.substance_uis) == (("Salt", "Enzyme"), ("D000900", "D000901"))
    assert record.chemical_numbers == ("EC 1.1",)
    assert record.identifiers == (("pmc", "PMC5"), ("doi", "10.1000/ab.1"))
    assert (record.pmcid, record.references) == ("PMC5", (21, 22))
    assert (record.publication_types, record.keywords, record.subsets) == (
        ("Journal Article",),
        ("Cut",),
        ("IM",),
    )


REMARK = "<!-- a remark -->"


@pytest.mark.parametrize(
    ("plain", "strange"),
    [
        ("</AuthorList>", "<!-- <Author><LastName>No</LastName></Author> --></AuthorList>"),
        ("<AuthorList", "<!-- <AuthorList></AuthorList> --><AuthorList"),
        ("</MeshHeadingList>", "<!-- <MeshHeading>No</MeshHeading> --></MeshHeadingList>"),
        ("<History>", "<History><!-- </History> -->"),
        ("</History>", "<!-- </PubMedPubDate> --></History>"),
        ("<Day>6</Day>", "<Day>6</Day><Zone>Z</Zone>"),
        ("<Day>6</Day>", "<Day> 6 </Day>"),
        ("</Chemical>", f"{REMARK}</Chemical>"),
        ("<Chemical>", "<Chemical><Unknown>x</Unknown>"),
        ("</MedlineJournalInfo>", "<Unknown>x</Unknown></MedlineJournalInfo>"),
        ("</Journal>", f"{REMARK}</Journal>"),
        ("<Title>Gut and liver", "<Title>Gut <i>and</i> liver"),
        ("</PublicationTypeList>", f"{REMARK}</PublicationTypeList>"),
        ("</DateRevised>", f"{REMARK}</DateRevised>"),
        ("<LastName>Smith", "<LastName>  Smith "),
        ("<LastName>Smith", "<LastName><b>Smith</b>"),
        ("<Affiliation>A hospital.", "<Affiliation>A <i>hospital</i>."),
        ("Liver Neoplasms</", "<i>Liver</i> Neoplasms</"),
        ("<Grant>", f"<Grant>{REMARK}"),
        ('MajorTopicYN="N">Cut', 'Other="x" MajorTopicYN="N">Cut'),
        ("<MedlinePgn>1-9</MedlinePgn>", "<StartPage>1</StartPage><EndPage>9</EndPage>"),
        ('<ArticleId IdType="pmc">PMC5', '<ArticleId  IdType="pmc">PMC5'),
        (">21<", "> 21 <"),
        ("&amp;", "&#38;"),
    ],
)
def test_what_is_written_oddly_is_read_the_same(plain: str, strange: str) -> None:
    assert plain in ARTICLE
    odd = ARTICLE.replace(plain, strange).encode()
    assert parse_article(odd) == parse_article(ARTICLE.encode())


def test_references_that_are_not_the_last_are_read() -> None:
    start, end = ARTICLE.index("<ReferenceList>"), ARTICLE.index("</ReferenceList>") + 16
    references = ARTICLE[start:end]
    moved = ARTICLE.replace(references, "").replace(
        "<ArticleIdList>", f"{references}<ArticleIdList>"
    )
    assert parse_article(moved.encode()) == parse_article(ARTICLE.encode())


@pytest.mark.parametrize(
    ("plain", "broken"),
    [
        ("</LastName>", "</ForeName>"),
        ("</Affiliation>", ""),
        ("</QualifierName>", "</DescriptorName>"),
        ("</NameOfSubstance>", "</Name>"),
        ("<Day>6</Day>", "<Day>6</Dai>"),
        ("</MedlineTA>", "</TA>"),
        ("</ISOAbbreviation>", "<"),
        ("Jo Ann", "Jo & Ann"),
        ("Jo Ann", "Jo\x02Ann"),
        ("</ArticleId>", ""),
    ],
)
def test_what_is_broken_in_a_part_is_told_with_its_place(plain: str, broken: str) -> None:
    assert plain in ARTICLE
    with pytest.raises(ParseError, match=r"not well-formed XML"):
        parse_article(ARTICLE.replace(plain, broken, 1).encode())


def test_a_suffix_that_looks_like_an_element_stays_a_text() -> None:
    odd = ARTICLE.replace("<Suffix>Jr</Suffix>", "<Suffix>&lt;Suffix&gt;Jr&lt;/Suffix&gt;</Suffix>")
    assert parse_article(odd.encode()).authors[0].suffix == "<Suffix>Jr</Suffix>"


def test_a_day_no_calendar_has_is_kept_as_it_is_written() -> None:
    odd = ARTICLE.replace("<Month>5</Month><Day>6</Day>", "<Month>2</Month><Day>30</Day>")
    record = parse_article(odd.encode())
    assert ("unread date:received", "2018 2 30") in record.fields
    assert record.history == (("pubmed", date(2019, 1, 3)),)


def test_files_unpack_without_the_faster_library(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    import gzip
    import zlib

    path = tmp_path / "x.xml.gz"
    path.write_bytes(gzip.compress(f"<PubmedArticleSet>{ARTICLE}</PubmedArticleSet>".encode()))
    usual = list(pubmed_payloads.iterate_payloads(path, pytest.fail))
    monkeypatch.setattr(pubmed_payloads, "inflating", zlib)
    assert list(pubmed_payloads.iterate_payloads(path, pytest.fail)) == usual
    assert len(usual) == 1
