"""A run at PubMed is logged whole or not at all, and says what was asked and what came."""

import pytest
from tests.app.search.conftest import Desk
from tests.sources.eutils.server import Reply, article

from resartus.app.search.planning import lines_of, planned_searches, term_of
from resartus.app.searching import run_planned
from resartus.domain.ids import RecordId
from resartus.domain.query import Search
from resartus.errors import SourceUnavailable
from resartus.sources.eutils.pace import Pace


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resartus.sources.eutils.transport.pace_for", lambda *_, **__: Pace(500.0))


def test_a_run_tells_everything_prisma_s_asks_of_it(desk: Desk) -> None:
    (run,) = run_planned(desk.review, "main")
    assert run.term == "(liver metastasis) AND 1990:2011[dp] AND eng[la]"
    assert run.translation == '"liver"[MeSH Terms]'
    assert run.term_translations == (("liver", '"liver"[MeSH Terms]'),)
    assert run.corpus_version is not None
    assert run.corpus_version.startswith("Build-2026")
    assert run.pmids == tuple(range(30, 0, -1))
    assert run.ran_at == desk.clock.now
    assert len(run.payload_hashes) == 2
    assert desk.review.state().search_runs == [run]
    assert desk.review.store.load_record(RecordId("pubmed:7")).title == "Record 7."


def test_a_strategy_runs_as_one_query_and_counts_its_lines(desk: Desk) -> None:
    (run,) = run_planned(desk.review, "lines")
    assert run.term == 'liver[ti] AND (metastasis[ti] OR "secondary tumour"[ti])'
    assert run.line_counts == ((1, 30), (2, 30), (3, 30))
    assert desk.pubmed.keys == [run.term, "liver[ti]", 'metastasis[ti] OR "secondary tumour"[ti]',
                                "#2 AND #3"]  # fmt: skip


def test_a_run_that_is_cut_off_is_not_logged_and_goes_on_later(desk: Desk) -> None:
    desk.pubmed.faults["efetch.fcgi"] = [Reply(b"<h1>gone</h1>", 410)]
    with pytest.raises(Exception, match="410"):
        run_planned(desk.review, "main")
    assert desk.review.state().search_runs == []
    searches = desk.pubmed.count("esearch.fcgi")
    run_planned(desk.review, "main")
    assert desk.pubmed.count("esearch.fcgi") == searches
    assert not list(desk.review.folder.rglob("unfinished/*"))


def test_offline_changes_nothing_and_names_three_ways_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESARTUS_EUTILS_URL", "http://127.0.0.1:9/")
    with pytest.raises(SourceUnavailable, match=r"'main' was not run .* --local, .* import"):
        run_planned(desk.review)
    assert desk.review.store.last_seq() == 1


def test_an_unchanged_record_is_kept_once_and_a_changed_one_twice(desk: Desk) -> None:
    run_planned(desk.review, "main")
    before = desk.review.store.records_hash()
    run_planned(desk.review, "main")
    assert desk.review.store.records_hash() == before
    desk.pubmed.xml = lambda pmid: article(pmid).replace(b"Record 7.", b"Record 7, corrected.")
    run_planned(desk.review, "main")
    assert desk.review.store.load_record(RecordId("pubmed:7")).title == "Record 7, corrected."


def test_what_pubmed_does_not_deliver_or_nobody_can_read_is_named(desk: Desk) -> None:
    desk.pubmed.undelivered = {3}
    desk.pubmed.xml = lambda pmid: (
        article(pmid) if pmid != 5 else article(pmid).replace(b"<Year>2001", b"<Year>9999")
    )
    (run,) = run_planned(desk.review, "main")
    assert run.undelivered == (3,)
    assert RecordId("pubmed:3") not in run.record_ids
    assert "PubMed found but did not deliver PMID 3" in run.diagnostics


def test_limits_and_lines_are_put_into_pubmeds_language(desk: Desk) -> None:
    main, lines = planned_searches(desk.review)
    assert lines_of(main) == {}
    assert lines_of(lines)[3] == "#1 AND #2"
    search = Search(
        search_id="x", source="pubmed", query="“liver  metastasis”[ti]", from_year=2020,
        languages=("eng", "ger"), date_type="creation",
    )  # fmt: skip
    assert term_of(search) == (
        '("liver metastasis"[ti]) AND 2020:3000[crdt] AND (eng[la] OR ger[la])'
    )
