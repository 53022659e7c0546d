"""A search can be replayed offline, and its drift is explained record by record."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.app.search.conftest import Desk

from resartus.app.search.choosing import engine_for
from resartus.app.search.drift import ChangeKind, Drift, drift_between, drift_to_now
from resartus.app.search.ncbi import Ncbi
from resartus.app.search.replaying import replay_run
from resartus.app.search.running import run_search
from resartus.app.searching import planned_searches, run_planned
from resartus.domain.ids import Pmid
from resartus.sources.eutils.pace import Pace
from resartus.sources.eutils.settings import EutilsSettings

LATER = datetime(2026, 12, 24, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resartus.sources.eutils.transport.pace_for", lambda *_, **__: Pace(500.0))


def written(
    pmid: int,
    *,
    title: str | None = None,
    created: str = "2001/02/03",
    revised: str | None = None,
    mesh: str | None = None,
    notice: str | None = None,
) -> bytes:
    def day(tag: str, text: str, attributes: str = "") -> str:
        year, month, number = text.split("/")
        return (
            f"<{tag}{attributes}><Year>{year}</Year><Month>{month}</Month>"
            f"<Day>{number}</Day></{tag}>"
        )

    headings = (
        f'<MeshHeadingList><MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">{mesh}'
        "</DescriptorName></MeshHeading></MeshHeadingList>"
        if mesh
        else ""
    )
    notices = (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{notice}"><RefSource>J. 2026'
        '</RefSource><PMID Version="1">999</PMID></CommentsCorrections></CommentsCorrectionsList>'
        if notice
        else ""
    )
    return (
        '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
        f'<PMID Version="1">{pmid}</PMID>{day("DateRevised", revised) if revised else ""}'
        '<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate>'
        "<Year>2001</Year></PubDate></JournalIssue></Journal>"
        f"<ArticleTitle>{title or f'Record {pmid}.'}</ArticleTitle></Article>{notices}{headings}"
        "</MedlineCitation><PubmedData><History>"
        + day("PubMedPubDate", created, ' PubStatus="entrez"')
        + "</History></PubmedData></PubmedArticle>\n"
    ).encode()


def test_a_run_is_given_again_without_a_network_in_the_same_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = run_planned(desk.review, "main")
    monkeypatch.setenv("RESARTUS_EUTILS_URL", "http://127.0.0.1:9/")
    again = replay_run(desk.review, run)
    assert again.is_identical
    assert again.record_ids == run.record_ids
    assert len(again.record_ids) == 30


def test_a_search_past_the_cap_is_given_again_from_its_parts(desk: Desk) -> None:
    desk.pubmed.cap = 9
    settings = replace(EutilsSettings.from_environment(), cap=9)
    engine = Ncbi(settings, payloads=desk.review.payloads, journals=desk.review.folder / "j")
    run = run_search(desk.review, planned_searches(desk.review)[0], engine=engine)
    engine.close()
    assert run.count == 30
    assert len(run.payload_hashes) > 4
    assert replay_run(desk.review, run).is_identical


def test_a_payload_that_is_gone_or_was_changed_is_named(desk: Desk) -> None:
    (run,) = run_planned(desk.review, "main")
    records = run.payload_hashes[1]
    path = next(desk.review.folder.rglob(f"{records}.gz"))
    kept = path.read_bytes()
    path.unlink()
    again = replay_run(desk.review, run)
    assert not again.is_identical
    assert records in again.lost[0]
    assert len(again.absent) == 30
    path.write_bytes(kept[:-40] + b"x" * 40)
    assert "cannot be read" in replay_run(desk.review, run).lost[0]


def drifted(desk: Desk) -> Drift:
    """Six records then; a month later each has had a fate of its own."""
    desk.pubmed.entered = dict.fromkeys((60, 50, 40, 30, 20, 10), date(2001, 2, 3))
    then = {pmid: written(pmid) for pmid in desk.pubmed.entered}
    desk.pubmed.xml = then.__getitem__
    (before,) = run_planned(desk.review, "main")
    desk.clock.now = LATER
    now = then | {
        10: written(10, notice="RetractionIn"),
        20: written(20, notice="ErratumIn"),
        30: written(30, mesh="Hepatectomy", revised="2026/12/01"),
        # No longer matched, but still there.
        40: written(40, mesh="Heart", revised="2026/12/01"),
        70: written(70, created="2026/12/20"),
        80: written(80, mesh="Liver Neoplasms", revised="2026/12/02"),
        90: written(90),
    }
    desk.pubmed.xml = now.__getitem__
    desk.pubmed.entered = dict.fromkeys((90, 80, 70, 60, 40, 30, 20, 10), date(2001, 2, 3))
    desk.pubmed.answer = lambda term: (
        [p for p in desk.pubmed.entered if p != 40] if "[uid]" not in term else [40]
    )
    engine = engine_for(desk.review, before.search)
    drift = drift_to_now(desk.review, before, engine=engine)
    engine.close()
    return drift


def test_drift_is_explained_record_by_record(desk: Desk) -> None:
    drift = drifted(desk)
    told = {change.record_id.removeprefix("pubmed:"): change for change in drift.changes}
    assert {name: change.kind for name, change in told.items()} == {
        "70": ChangeKind.NEW,
        "80": ChangeKind.REINDEXED_IN,
        "90": ChangeKind.OLDER_IN,
        "50": ChangeKind.DELETED,
        "40": ChangeKind.REINDEXED_OUT,
        "10": ChangeKind.RETRACTED,
        "20": ChangeKind.CORRECTED,
        "30": ChangeKind.REVISED,
    }
    assert told["70"].reason == "created 2026-12-20, after the earlier run"
    assert told["80"].reason == (
        "created 2001-02-03, before the earlier run, revised 2026-12-02; now 1 MeSH headings"
    )
    assert told["40"].reason == "MeSH headings were assigned (Heart)"
    assert told["10"].reason == "retracted by PMID 999"
    assert told["30"].reason == "MeSH headings were assigned (Hepatectomy)"
    assert drift.n_unchanged == 1
    assert drift.n_after == 7


def test_asking_what_is_now_logs_nothing(desk: Desk) -> None:
    drifted(desk)
    assert len(desk.review.state().search_runs) == 1


def test_two_logged_runs_are_compared_offline(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.pubmed.xml = written
    run_planned(desk.review, "main")
    desk.clock.now = LATER
    del desk.pubmed.entered[3]
    desk.pubmed.entered = {31: date(2026, 12, 1), **desk.pubmed.entered}
    desk.pubmed.xml = lambda pmid: written(pmid, created="2026/12/01" if pmid == 31 else "2001/1/1")
    run_planned(desk.review, "main")
    monkeypatch.setenv("RESARTUS_EUTILS_URL", "http://127.0.0.1:9/")
    drift = drift_between(desk.review, *desk.review.state().search_runs)
    kinds = {change.record_id: change.kind for change in drift.changes}
    assert kinds["pubmed:31"] is ChangeKind.NEW  # type: ignore[index]
    assert kinds["pubmed:3"] is ChangeKind.LOST  # type: ignore[index]
    assert drift.remarks == ()


def test_a_search_that_drifted_in_nothing_has_no_changes(desk: Desk) -> None:
    run_planned(desk.review, "main")
    run_planned(desk.review, "main")
    drift = drift_between(desk.review, *desk.review.state().search_runs)
    assert drift.changes == ()
    assert drift.n_unchanged == 30


def test_records_are_fetched_by_pmid(desk: Desk) -> None:
    engine = engine_for(desk.review, planned_searches(desk.review)[0])
    assert [r.pmid for r in engine.fetch([Pmid(5), Pmid(4), Pmid(777)])] == [5, 4]
    engine.close()
