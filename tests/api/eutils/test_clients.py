"""Programs written for NCBI work against this server unchanged."""

import logging
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import needs

from resartus.api.eutils.biopython import redirected
from resartus.app.eutils.collection import MemoryCollection

PMID = 28731372


@pytest.fixture
def entrez(base: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Biopython's Entrez at our server, without its pause for NCBI's sake."""
    needs.module("Bio")
    from Bio import Entrez

    monkeypatch.setattr(Entrez, "email", "reviewer@example.org")
    monkeypatch.setattr(Entrez, "api_key", "x" * 36)
    with redirected(base):
        yield Entrez


def test_biopython_searches_posts_and_fetches(entrez: object, collection: MemoryCollection) -> None:
    from Bio import Entrez, Medline

    with Entrez.esearch(db="pubmed", term="cancer[tiab]", usehistory="y", retmax=50) as handle:
        found = Entrez.read(handle)
    assert sorted(map(int, found["IdList"])) == sorted(collection.search("cancer[tiab]").pmids)
    with Entrez.efetch(db="pubmed", webenv=found["WebEnv"], query_key=found["QueryKey"],
                       retmode="xml") as handle:  # fmt: skip
        articles = Entrez.read(handle)
    assert len(articles["PubmedArticle"]) == int(found["Count"])
    assert str(articles["PubmedArticle"][0]["MedlineCitation"]["PMID"]) == found["IdList"][0]
    with Entrez.epost("pubmed", id=",".join(found["IdList"])) as handle:
        posted = Entrez.read(handle)
    with Entrez.efetch(db="pubmed", webenv=posted["WebEnv"], query_key=posted["QueryKey"],
                       rettype="medline", retmode="text") as handle:  # fmt: skip
        records = list(Medline.parse(handle))
    assert [record["PMID"] for record in records] == found["IdList"]
    assert all(record["TI"] for record in records)


def test_biopython_reads_summaries_links_info_and_spelling(
    entrez: object, collection: MemoryCollection
) -> None:
    from Bio import Entrez

    with Entrez.esummary(db="pubmed", id=str(PMID)) as handle:
        (summary,) = Entrez.read(handle)
    assert summary["Id"] == str(PMID)
    assert summary["AuthorList"]
    with Entrez.einfo(db="pubmed") as handle:
        (info,) = Entrez.read(handle)["DbInfo"]
    assert info["Count"] == str(collection.count)
    with Entrez.einfo() as handle:
        assert Entrez.read(handle)["DbList"] == ["pubmed"]
    with Entrez.elink(dbfrom="pubmed", id=str(PMID), linkname="pubmed_pubmed_refs") as handle:
        links = Entrez.read(handle)
    assert links[0]["IdList"] == [str(PMID)]
    with Entrez.espell(db="pubmed", term="livr") as handle:
        assert Entrez.read(handle)["Query"] == "livr"


def test_biopython_reads_every_record_there_is(
    entrez: object, collection: MemoryCollection
) -> None:
    from Bio import Entrez

    pmids = [str(pmid) for pmid in collection.search("all[sb]").pmids]
    with Entrez.efetch(db="pubmed", id=pmids, retmode="xml") as handle:
        articles = Entrez.read(handle)
    assert len(articles["PubmedArticle"]) + len(articles["PubmedBookArticle"]) == len(pmids)


def test_biopython_is_told_errors_as_by_ncbi(entrez: object) -> None:
    from Bio import Entrez

    with (
        Entrez.esearch(db="pubmed", term="x", retstart=10_000) as handle,
        pytest.raises(RuntimeError, match="'retstart' cannot be larger than 9998"),
    ):
        Entrez.read(handle)


def run_edirect(command: str, base: str, home: Path) -> str:
    """Run a pipe of EDirect's commands against the server."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "BASE": base,
                   "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert not done.stderr.strip(), done.stderr
    return done.stdout


def test_edirect_searches_and_fetches(
    base: str, collection: MemoryCollection, tmp_path: Path
) -> None:
    needs.program("esearch", package="ncbi-entrez-direct")
    expected = sorted(collection.search("cancer[tiab]").pmids, reverse=True)
    search = 'esearch -base "$BASE" -db pubmed -query "cancer[tiab]"'
    found = run_edirect(search, base, tmp_path)
    assert re.search(r"<Count>(\d+)</Count>", found)[1] == str(len(expected))  # type: ignore[index]
    uids = run_edirect(f'{search} | efetch -base "$BASE" -format uid', base, tmp_path)
    # EDirect sorts what it was given.
    assert sorted(map(int, uids.split()), reverse=True) == expected
    xml = run_edirect(f'{search} | efetch -base "$BASE" -format xml', base, tmp_path)
    assert xml.count("<PubmedArticle>") == len(expected)
    text = run_edirect(
        f'efetch -base "$BASE" -db pubmed -id {PMID} -format medline', base, tmp_path
    )
    assert f"PMID- {PMID}" in text
    abstract = run_edirect(
        f'efetch -base "$BASE" -db pubmed -id {PMID} -format abstract', base, tmp_path
    )
    assert f"PMID: {PMID}" in abstract


def test_edirect_reads_summaries_and_info(base: str, tmp_path: Path) -> None:
    needs.program("esummary", package="ncbi-entrez-direct")
    summary = run_edirect(f'esummary -base "$BASE" -db pubmed -id {PMID}', base, tmp_path)
    assert f"<Id>{PMID}</Id>" in summary
    assert "<FullJournalName>" in summary
    fields = run_edirect('einfo -base "$BASE" -db pubmed -fields', base, tmp_path)
    assert "TIAB" in fields


def test_metapub_fetches_articles(
    base: str, collection: MemoryCollection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    needs.module("metapub")
    logging.disable(logging.WARNING)
    try:
        from metapub import PubMedFetcher
        from metapub.ncbi_client import NCBIClient
    finally:
        logging.disable(logging.NOTSET)
    monkeypatch.setattr(NCBIClient, "BASE_URL", base.rstrip("/"))
    fetcher = PubMedFetcher(cachedir=str(tmp_path))
    article = fetcher.article_by_pmid(str(PMID))
    stored = next(collection.records([PMID])).record
    assert article.pmid == str(PMID)
    # metapub leaves markup in titles.
    assert re.sub(r"<[^>]*>", "", article.title) == stored.title
    assert article.doi == stored.doi
    assert len(article.authors) == len(stored.authors)
    found = fetcher.pmids_for_query("cancer[tiab]", retmax=50)
    assert sorted(map(int, found)) == sorted(collection.search("cancer[tiab]").pmids)
