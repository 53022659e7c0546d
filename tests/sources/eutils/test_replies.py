"""Replies that NCBI really sent are read whole."""

from pathlib import Path

import pytest

from resartus.errors import ParseError
from resartus.sources.eutils.replies import delivered_pmids, read_info, read_search, whole
from resartus.sources.eutils.verdict import Transient

# As PubMed answered on 2025-11-26; twenty PMIDs shortened to two.
RECENT = b"""<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" \
"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">
<eSearchResult><Count>63</Count><RetMax>20</RetMax><RetStart>0</RetStart><IdList>
<Id>41282813</Id>
<Id>41148224</Id>
</IdList><TranslationSet/><QueryTranslation>"biopython"[All Fields]</QueryTranslation>\
</eSearchResult>
"""


def test_a_reply_of_today_is_read() -> None:
    reply = read_search(RECENT)
    assert reply.count == 63
    assert reply.pmids == (41282813, 41148224)
    assert reply.query_translation == '"biopython"[All Fields]'
    assert reply.web_env is None
    assert reply.warnings == ()


def test_a_recorded_reply_with_history_and_translations_is_read(shared_data: Path) -> None:
    content = (shared_data / "pubmed-edge" / "eutils-json" / "esearch.pubmed.xml").read_bytes()
    reply = read_search(content, payload="x")
    assert reply.count == 15169
    assert len(reply.pmids) == 100
    assert reply.pmids[0] == 23175848
    assert reply.query_key == "1"
    assert reply.web_env is not None
    assert reply.web_env.startswith("NCID_")
    assert reply.query_translation


@pytest.mark.parametrize(
    ("name", "pmids"),
    [
        ("efetch.pubmed.xml", 2),
        ("efetch.pubmedbook.xml", None),
        ("efetch.pubmedexample.xml", None),
    ],
)
def test_recorded_records_are_counted_books_too(
    shared_data: Path, name: str, pmids: int | None
) -> None:
    content = (shared_data / "pubmed-edge" / "eutils-json" / name).read_bytes()
    whole("PubmedArticleSet", host="ncbi")(content)
    found = delivered_pmids(content)
    elements = content.count(b"</PubmedArticle>") + content.count(b"</PubmedBookArticle>")
    assert len(found) == elements
    assert pmids is None or len(found) == pmids


def test_a_recorded_reply_cut_anywhere_never_passes_for_a_whole(shared_data: Path) -> None:
    content = (shared_data / "pubmed-edge" / "eutils-json" / "efetch.pubmed.xml").read_bytes()
    check = whole("PubmedArticleSet", host="ncbi")
    for length in range(0, len(content.rstrip()) - 1, 997):
        with pytest.raises(Transient):
            check(content[:length])


def test_a_reply_without_a_count_is_no_answer() -> None:
    with pytest.raises(ParseError, match="which is not a count"):
        read_search(b"<eSearchResult><IdList/></eSearchResult>")


def test_the_state_of_pubmed_is_read_as_far_as_it_is_told() -> None:
    info = read_info(b"<eInfoResult><DbInfo><Count>17905967</Count></DbInfo></eInfoResult>")
    assert info.version == "build not stated, 17,905,967 records"
