"""A local PubMed answers a review's searches, and serves programs, as NCBI would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.app.search.conftest import Clock

from resartus.api.eutils.app import create_eutils_app
from resartus.app.eutils.collection import open_places
from resartus.app.eutils.local import LocalCollection
from resartus.app.pubmed.loading import load_files
from resartus.app.review import Review
from resartus.app.search.choosing import engine_for, local_folder
from resartus.app.search.drift import ChangeKind, drift_to_now
from resartus.app.search.local import LoggedTranslations
from resartus.app.search.replaying import replay_run
from resartus.app.searching import planned_searches, run_planned
from resartus.domain.query import Search, SearchRun
from resartus.errors import DataError, NotFoundError

PROTOCOL = """
title = "T"
question = "Q"
population = "P"
intervention = "I"

[[search]]
id = "hip"
source = "pubmed"
query = '''
#1 fracture*[tiab] OR osteotomy[tiab]
#2 hip[tiab] OR femur[mh]
#3 #1 OR #2
'''
to_year = 2020

[[search]]
id = "nothing"
source = "pubmed"
query = "qqqzzz[ti]"
"""


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local PubMed of XML and NBIB."""
    edge = shared_data / "pubmed-edge"
    folder = tmp_path_factory.mktemp("pubmed")
    files = [
        edge / "efetch" / "zheln_pubmed_result.xml.gz",
        edge / "efetch" / "qi29_pubmed_result.xml.gz",
        edge / "nbib" / "restoration_pubmed.nbib",
    ]
    load_files(files, folder, clock=lambda: datetime(2026, 11, 25, tzinfo=UTC), workers=1)
    return folder


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    """A review with a strategy."""
    with Review.create(tmp_path, protocol_text=PROTOCOL, person="ana", clock=Clock()) as review:
        yield review


def test_a_strategy_runs_over_the_local_pubmed_and_is_given_again(
    review: Review, folder: Path
) -> None:
    run, nothing = run_planned(review, local=folder)
    assert run.count > 5
    assert list(run.pmids) == sorted(run.pmids, reverse=True)
    assert [number for number, _ in run.line_counts] == [1, 2, 3]
    assert run.corpus_version is not None
    assert run.corpus_version.startswith("corpus ")
    assert "qi29_pubmed_result.xml.gz to" in run.corpus
    assert nothing.count == 0
    assert all(replay_run(review, each).is_identical for each in (run, nothing))


def test_records_that_came_as_nbib_are_given_again_too(review: Review, folder: Path) -> None:
    search = Search(search_id="x", source="pubmed", query="restoration[tiab]")
    engine = engine_for(review, search, local=folder)
    from resartus.app.search.running import run_search

    run = run_search(review, search, engine=engine)
    engine.close()
    assert run.count > 20
    assert replay_run(review, run).is_identical


def test_a_record_deleted_by_a_later_file_is_told(
    review: Review, folder: Path, shared_data: Path, tmp_path: Path
) -> None:
    (run,) = run_planned(review, "hip", local=folder)
    gone = run.pmids[0]
    copy = tmp_path / "copy"
    deletion = tmp_path / "deletion.xml"
    deletion.write_text(
        f"<PubmedArticleSet><DeleteCitation><PMID Version='1'>{gone}</PMID></DeleteCitation>"
        "</PubmedArticleSet>"
    )
    files = [shared_data / "pubmed-edge" / "efetch" / "zheln_pubmed_result.xml.gz", deletion]
    load_files(files, copy, clock=lambda: datetime(2026, 12, 1, tzinfo=UTC), workers=1)
    engine = engine_for(review, run.search, local=copy)
    drift = drift_to_now(review, run, engine=engine)
    engine.close()
    kinds = {change.record_id: change.kind for change in drift.changes}
    assert kinds[f"pubmed:{gone}"] is ChangeKind.DELETED  # type: ignore[index]


def test_the_local_pubmed_is_named_by_option_environment_or_protocol(
    review: Review, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert local_folder(review) is None
    toml = review.folder / "review.toml"
    toml.write_text(f'local_pubmed = "{folder}"\n' + toml.read_text())
    with Review(review.folder, person="ana") as again:
        assert local_folder(again) == folder
        monkeypatch.setenv("RESARTUS_PUBMED", "/data/pubmed")
        assert local_folder(again) == Path("/data/pubmed")
        assert local_folder(again, tmp_path) == tmp_path


def test_a_folder_without_a_local_pubmed_is_told_how_to_make_one(
    review: Review, tmp_path: Path
) -> None:
    search = planned_searches(review)[0]
    with pytest.raises(NotFoundError, match="resartus pubmed load"):
        engine_for(review, search, local=tmp_path)


def test_translations_of_ncbi_are_preferred_to_our_own() -> None:
    run = SearchRun(
        search=Search(search_id="x", source="pubmed", query="a"), translation="", engine="PubMed, "
        "asked by Resartus", corpus="PubMed", ran_at=datetime(2026, 1, 1, tzinfo=UTC),
        record_ids=(), term_translations=(("Gynecological  Cancers", '"x"[MeSH Terms]'),),
    )  # fmt: skip
    known = LoggedTranslations([run])
    assert known.find("gynecological cancers") == '"x"[MeSH Terms]'
    assert known.find("liver") is None


def test_the_server_answers_from_a_local_pubmed(folder: Path) -> None:
    collection, problems = open_places([folder])
    assert problems == ()
    assert isinstance(collection, LocalCollection)
    client = TestClient(create_eutils_app(collection))
    found = client.get(
        "/esearch.fcgi", params={"term": "hip[tiab]", "retmode": "json", "retmax": "500"}
    ).json()["esearchresult"]
    assert int(found["count"]) == len(found["idlist"]) > 3
    xml = client.post("/efetch.fcgi", data={"id": ",".join(found["idlist"]), "retmode": "xml"})
    # Records that came as NBIB have no XML of NLM's to give.
    held = collection.records(map(int, found["idlist"]))
    assert xml.text.count("<PubmedArticle>") == sum(item.xml is not None for item in held) > 3
    cited = client.get("/elink.fcgi", params={
        "dbfrom": "pubmed", "id": found["idlist"][0], "linkname": "pubmed_pubmed_citedin",
        "retmode": "json",
    }).json()  # fmt: skip
    assert "ERROR" not in cited["linksets"][0]
    collection.close()


def test_places_that_cannot_be_served_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no"):
        open_places([tmp_path / "nowhere"])
    with pytest.raises(DataError, match="one folder"):
        open_places([folder, tmp_path])
