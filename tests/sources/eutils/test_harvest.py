"""A search comes whole: past the cap, after a cut, around what NCBI does not deliver."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.eutils.conftest import Bench
from tests.sources.eutils.server import FakePubmed, Reply

from resartus.errors import SourceRefused, SourceUnavailable
from resartus.sources.eutils.client import EutilsClient
from resartus.sources.eutils.harvest import Harvest, fetch_everything
from resartus.sources.eutils.journal import Journal
from resartus.sources.eutils.replies import delivered_pmids
from resartus.sources.eutils.settings import EutilsSettings
from resartus.sources.eutils.slicing import fetch_all_pmids

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def harvest(bench: Bench, *, batch_size: int = 10, now: datetime = NOW) -> Harvest:
    journal = Journal(bench.folder / "journal.jsonl")
    return fetch_everything(bench.client, "liver", journal=journal, now=now, batch_size=batch_size)


def delivered(bench: Bench, found: Harvest) -> set[int]:
    return {pmid for name in found.records for pmid in delivered_pmids(bench.payloads.load(name))}


def test_a_search_comes_with_all_its_records_and_every_reply_is_kept(bench: Bench) -> None:
    found = harvest(bench)
    assert found.pmids == tuple(range(30, 0, -1))
    assert delivered(bench, found) == set(range(1, 31))
    assert found.missing == ()
    assert found.info.version == (
        "Build-2026.11.24.10.00, last update 2026/11/24 10:00, 30 records"
    )
    assert found.search.query_translation == '"liver"[MeSH Terms]'
    assert [b"<Count>30</Count>" in bench.payloads.load(name) for name in found.searches] == [True]


def test_a_cut_costs_what_had_not_come_and_the_list_stays_the_same(bench: Bench) -> None:
    bench.pubmed.faults["efetch.fcgi"] = [None, *[Reply(b"", 503)] * 100]
    with pytest.raises(SourceUnavailable, match="goes on from there"):
        harvest(bench)
    bench.pubmed.faults.clear()
    # Tomorrow PubMed has one more record; the list of this search is the one it began with.
    bench.pubmed.entered[31] = date(2026, 11, 25)
    searches = bench.pubmed.count("esearch.fcgi")
    fetched = bench.pubmed.count("efetch.fcgi")
    found = harvest(bench, now=NOW + timedelta(days=1))
    assert found.is_resumed
    assert found.started_at == NOW
    assert delivered(bench, found) == set(range(1, 31))
    assert bench.pubmed.count("esearch.fcgi") == searches
    assert bench.pubmed.count("efetch.fcgi") == fetched + 2


def test_an_error_does_not_wait_for_the_patience_of_other_batches(bench: Bench) -> None:
    busy = Reply(b"", 503, {"Retry-After": "60"})
    bench.pubmed.faults["efetch.fcgi"] = [busy, busy, Reply(b"<h1>gone</h1>", 410)]
    began = time.monotonic()
    with pytest.raises(SourceRefused, match="410"):
        harvest(bench)
    assert time.monotonic() - began < 10
    bench.pubmed.faults.clear()
    assert delivered(bench, harvest(bench)) == set(range(1, 31))


def test_a_cut_long_ago_begins_anew(bench: Bench) -> None:
    harvest(bench)
    assert not harvest(bench, now=NOW + timedelta(days=9)).is_resumed


def test_a_journal_cut_in_a_line_or_without_its_payloads_is_no_danger(bench: Bench) -> None:
    whole = harvest(bench)
    journal = bench.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    again = harvest(bench)
    assert again.is_resumed
    assert delivered(bench, again) == delivered(bench, whole)
    for path in bench.payloads.folder.rglob("*.gz"):
        path.unlink()
    assert not harvest(bench).is_resumed


def test_what_efetch_leaves_out_is_asked_for_again_and_then_named(bench: Bench) -> None:
    bench.pubmed.undelivered = {7, 21}
    found = harvest(bench)
    assert found.missing == (21, 7)
    assert delivered(bench, found) == set(range(1, 31)) - {7, 21}
    asked = [r.parameters["id"] for r in bench.pubmed.requests if r.utility == "efetch.fcgi"]
    assert asked[-1] == "21,7"


def test_one_unreadable_record_costs_no_more_than_itself(bench: Bench) -> None:
    bench.pubmed.unreadable = {13}
    found = harvest(bench)
    assert found.missing == (13,)
    assert delivered(bench, found) == set(range(1, 31)) - {13}


def test_warnings_of_pubmed_reach_the_reader(bench: Bench) -> None:
    bench.pubmed.warnings = (
        "<ErrorList><PhraseNotFound>zzz</PhraseNotFound><FieldNotFound>ab</FieldNotFound>"
        "</ErrorList><WarningList><PhraseIgnored>of</PhraseIgnored><QuotedPhraseNotFound>"
        '"purple urine"[Title]</QuotedPhraseNotFound><OutputMessage>No items found.'
        "</OutputMessage></WarningList>"
    )
    assert harvest(bench).search.warnings == (
        "PubMed does not know 'zzz' and left it out: the search that ran is broader",
        "PubMed has no field 'ab' and searched its term without it",
        "PubMed ignored 'of'",
        'PubMed\'s phrase index does not hold "purple urine"[Title]',
    )


def test_lines_of_a_strategy_are_joined_by_the_keys_pubmed_gave(bench: Bench) -> None:
    bench.client.fetch_search("something else")
    replies = bench.client.fetch_lines({1: "liver", 2: "ovary", 3: "#1 AND #2"})
    assert [reply.count for reply in replies.values()] == [30, 30, 30]
    assert bench.pubmed.keys[-1] == "#2 AND #3"
    assert bench.pubmed.requests[-1].parameters["WebEnv"] == "MCID_1"
    assert bench.pubmed.requests[-2].parameters["retmax"] == "0"
    assert len(replies[3].pmids) == 30


def lower_cap(bench: Bench, cap: int) -> None:
    bench.pubmed.cap = cap
    bench.client.settings = replace(bench.client.settings, cap=cap)


def test_a_search_over_the_cap_is_cut_by_date_and_comes_whole(bench: Bench) -> None:
    lower_cap(bench, 999)
    first = date(1950, 1, 1)
    bench.pubmed.entered = {
        pmid: first + timedelta(days=int((pmid / 4_500) ** 0.4 * 27_000))
        for pmid in range(4_500, 0, -1)
    }
    told: list[tuple[int, int]] = []
    found = fetch_all_pmids(
        bench.client, "liver", today=NOW.date(), on_slice=lambda a, b: told.append((a, b))
    )
    assert found.pmids == tuple(range(4_500, 0, -1))
    assert found.notes == ()
    assert told[-1] == (4_500, 4_500)
    # Five parts would do; the cuts are guesses, so allow three times as many questions.
    assert bench.pubmed.count("esearch.fcgi") <= 20


def test_a_day_over_the_cap_is_cut_by_pmid(bench: Bench) -> None:
    lower_cap(bench, 999)
    bench.pubmed.entered = dict.fromkeys(range(2_500, 0, -1), date(1998, 4, 1))
    found = fetch_all_pmids(bench.client, "liver", today=NOW.date())
    assert len(found.pmids) == 2_500


def test_parts_that_do_not_add_up_are_said(bench: Bench) -> None:
    lower_cap(bench, 999)
    bench.pubmed.entered = dict.fromkeys(range(1_200, 0, -1), date(1998, 4, 1))
    bench.pubmed.entered[1_201] = date(1500, 1, 1)
    found = fetch_all_pmids(bench.client, "liver", today=NOW.date())
    assert found.notes == (
        "PubMed counted 1201 records for the whole search but 1200 in its parts by entry "
        "date; PubMed may have been updated in between",
    )


@settings(max_examples=60, deadline=None)
@given(days=st.lists(st.integers(0, 60) | st.integers(0, 20_000), min_size=1, max_size=60))
def test_no_spread_of_dates_loses_a_record(days: list[int]) -> None:
    pubmed = FakePubmed({i: date(1960, 1, 1) + timedelta(days=d) for i, d in enumerate(days, 1)})
    pubmed.cap = 5
    client = _direct(pubmed)
    assert len(fetch_all_pmids(client, "x", today=NOW.date()).pmids) == len(days)


class _Forgetful:
    """Payloads that nobody will ask for."""

    def save(self, content: bytes) -> str:
        return str(len(content))

    def load(self, digest: str) -> bytes:
        raise NotImplementedError(digest)


def _direct(pubmed: FakePubmed) -> EutilsClient:
    """Return a client that asks the fake without a network in between."""
    client = EutilsClient(EutilsSettings(cap=pubmed.cap), payloads=_Forgetful())

    class Transport:
        def fetch(self, utility: str, parameters: dict[str, str], *, check: object) -> bytes:
            return pubmed.reply(utility, parameters).body

    client.transport = Transport()  # type: ignore[assignment]
    return client
