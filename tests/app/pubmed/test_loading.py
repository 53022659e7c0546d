import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from resartus.app.pubmed import loading
from resartus.app.pubmed.loading import load_files
from resartus.app.pubmed.local import LocalPubmed
from resartus.errors import ConflictError, NotFoundError
from resartus.search.index.loading import IndexLoader

ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">
<PMID Version="{version}">{pmid}
</PMID><Article PubModel="Print"><Journal><JournalIssue><PubDate><Year>2001</Year></PubDate>
</JournalIssue><Title>Gut</Title></Journal><ArticleTitle>{title}</ArticleTitle>
<AuthorList><Author><LastName>O'Brien</LastName><Initials>JA</Initials></Author></AuthorList>
<Language>eng</Language></Article><MedlineJournalInfo><MedlineTA>Gut</MedlineTA>
<NlmUniqueID>2985108R</NlmUniqueID></MedlineJournalInfo><MeshHeadingList><MeshHeading>
<DescriptorName UI="D008113" MajorTopicYN="N">Liver Neoplasms</DescriptorName></MeshHeading>
</MeshHeadingList></MedlineCitation></PubmedArticle>"""
DELETE = "<DeleteCitation><PMID Version='1'>{pmid}</PMID></DeleteCitation>"


def article(pmid: int, title: str = "Liver", version: int = 1) -> str:
    return ARTICLE.format(pmid=pmid, title=title, version=version)


def clock() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., LocalPubmed]:
    """Load files given as name and articles, then open the result."""

    def run(*files: tuple[str, list[str]]) -> LocalPubmed:
        paths = []
        for name, articles in files:
            path = tmp_path / name
            text = f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>"
            path.write_bytes(gzip.compress(text.encode(), mtime=0))
            paths.append(path)
        load_files(paths, tmp_path / "pm", clock=clock, workers=1)
        return LocalPubmed(tmp_path / "pm")

    return run


Load = Callable[..., LocalPubmed]


def titles(pubmed: LocalPubmed, query: str = "all[sb]") -> dict[int, str | None]:
    return {int(r.pmid or 0): r.title for r in pubmed.records(pubmed.search(query).pmids)}


def test_an_update_revises_and_deletes(load: Load) -> None:
    with load(
        ("pubmed26n0001.xml.gz", [article(1), article(2), article(3)]),
        ("pubmed26n0002.xml.gz", [article(2, "Spleen"), DELETE.format(pmid=3)]),
    ) as pubmed:
        assert titles(pubmed) == {1: "Liver", 2: "Spleen"}
        assert titles(pubmed, "liver[ti]") == {1: "Liver"}
        with pytest.raises(NotFoundError, match="was deleted by an update file"):
            pubmed.record(3)
        with pytest.raises(NotFoundError, match="is not in it"):
            pubmed.record(4)


def test_files_of_nlm_are_taken_in_their_own_order(load: Load) -> None:
    with load(
        ("pubmed26n0009.xml.gz", [article(1, "Newer"), DELETE.format(pmid=2)]),
        ("pubmed26n0003.xml.gz", [article(1, "Older"), article(2)]),
    ) as pubmed:
        assert titles(pubmed) == {1: "Newer"}


def test_an_older_file_that_comes_later_changes_nothing_newer(load: Load) -> None:
    load(("pubmed26n0009.xml.gz", [article(1, "Newer"), DELETE.format(pmid=2)])).close()
    with load(("pubmed26n0003.xml.gz", [article(1, "Older"), article(2), article(5)])) as pubmed:
        assert titles(pubmed) == {1: "Newer", 5: "Liver"}


def test_the_highest_version_of_a_record_stands(load: Load) -> None:
    with load(
        ("a.xml.gz", [article(1, "One", 1), article(1, "Three", 3), article(1, "Two", 2)]),
        ("b.xml.gz", [article(1, "Two again", 2)]),
    ) as pubmed:
        assert titles(pubmed) == {1: "Three"}
        assert pubmed.stored(1).version == 3


def test_a_deleted_record_can_come_back(load: Load) -> None:
    with load(
        ("pubmed26n0001.xml.gz", [article(1)]),
        ("pubmed26n0002.xml.gz", [DELETE.format(pmid=1)]),
        ("pubmed26n0003.xml.gz", [article(1, "Back")]),
    ) as pubmed:
        assert titles(pubmed) == {1: "Back"}
        assert not pubmed.index.is_deleted(1)  # type: ignore[arg-type]


def test_a_file_is_taken_in_once_and_the_version_tells_what_is_in(load: Load) -> None:
    with load(("a.xml.gz", [article(1)])) as first:
        before = first.corpus
    with load(("a.xml.gz", [article(1)])) as again:
        assert again.corpus == before
    with load(("b.xml.gz", [article(2)])) as more:
        assert more.corpus.version != before.version
        assert [file.name for file in more.corpus.files] == ["a.xml.gz", "b.xml.gz"]


def test_the_bytes_of_a_record_come_back_as_they_came(load: Load) -> None:
    with load(("a.xml.gz", [article(1, "H<sub>2</sub>O")])) as pubmed:
        assert pubmed.stored(1).content.decode() == article(1, "H<sub>2</sub>O")


def test_a_file_of_something_else_is_a_problem_and_not_marked_as_in(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text("<html><body>Service unavailable</body></html>")
    report = load_files([path], tmp_path / "pm", clock=clock, workers=1)
    assert not report.files
    assert any("root is <html>" in problem for problem in report.problems)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_missing_file_is_told_and_the_files_before_it_are_in(
    tmp_path: Path, workers: int
) -> None:
    first = tmp_path / "pubmed26n0001.xml.gz"
    first.write_bytes(gzip.compress(f"<PubmedArticleSet>{article(1)}</PubmedArticleSet>".encode()))
    missing = tmp_path / "pubmed26n0002.xml.gz"
    with pytest.raises((NotFoundError, OSError), match="pubmed26n0002"):
        load_files([missing, first], tmp_path / "pm", clock=clock, workers=workers)
    with LocalPubmed(tmp_path / "pm") as pubmed:
        assert titles(pubmed) == {1: "Liver"}


def test_journals_are_written_once_a_file_however_many_batches_name_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xml"
    named = [
        article(n).replace("2985108R", f"J{n}").replace("Gut", f"Gut {n}") for n in range(1, 7)
    ]
    path.write_text(f"<PubmedArticleSet>{''.join(named)}</PubmedArticleSet>")
    monkeypatch.setattr(loading, "batches_of", lambda payloads: ([each] for each in payloads))
    written: list[object] = []
    replace = os.replace

    def noted(source: object, target: object) -> None:
        written.append(target)
        replace(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", noted)
    load_files([path], tmp_path / "pm", clock=clock, workers=1)
    assert written == [tmp_path / "pm" / "journals.json"]
    with LocalPubmed(tmp_path / "pm") as pubmed:
        assert len(pubmed.search('"gut 5"[ta]').pmids) == 1


def test_the_same_file_named_twice_is_taken_in_once(tmp_path: Path) -> None:
    for name in ("a.xml", "b.xml"):
        (tmp_path / name).write_text(f"<PubmedArticleSet>{article(1)}</PubmedArticleSet>")
    paths = [tmp_path / "a.xml", tmp_path / "b.xml"]
    report = load_files(paths, tmp_path / "pm", clock=clock, workers=2)
    assert [file.name for file in report.files] == ["a.xml"]
    assert report.known == ("b.xml",)


def test_two_loaders_at_once_are_told_apart(tmp_path: Path) -> None:
    first = IndexLoader(tmp_path)
    with pytest.raises(ConflictError, match="another process is loading"):
        IndexLoader(tmp_path)
    first.close()


def test_a_folder_without_a_local_pubmed_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="resartus pubmed load"):
        LocalPubmed(tmp_path)


def test_journals_authors_and_headings_are_found_by_their_rules(load: Load) -> None:
    finding = (
        "gut[ta]",
        "2985108R[jid]",
        "o'brien j[au]",
        '"o\'brien ja"[au]',
        "neoplasms[mh]",
        "liver cancer[mh]",
        "2001[dp]",
        "english[la]",
    )
    missing = (
        '"o\'brien j"[au]',
        "neoplasms[mh:noexp]",
        "liver neoplasms[majr]",
        "2002[dp]",
    )
    with load(("a.xml.gz", [article(1)])) as pubmed:
        assert [query for query in finding if pubmed.search(query).count != 1] == []
        assert [query for query in missing if pubmed.search(query).count != 0] == []
        assert pubmed.search("o'brien ja").translation == "o brien ja[Author]"


def test_nbib_and_xml_lie_side_by_side(shared_data: Path, tmp_path: Path) -> None:
    nbib = shared_data / "pubmed-edge" / "nbib" / "restoration_pubmed.nbib"
    load_files([nbib], tmp_path / "pm", clock=clock, workers=1)
    with LocalPubmed(tmp_path / "pm") as pubmed:
        assert pubmed.corpus.records == 104
        found = pubmed.search("english[la] AND 2000:2030[dp]", today=date(2026, 1, 1))
        assert found.count > 50
        assert pubmed.record(found.pmids[0]).title


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from resartus.app.pubmed import loading
from resartus.app.pubmed.loading import load_files
if __name__ == "__main__":
    load_files([Path(p) for p in sys.argv[2:]], Path(sys.argv[1]),
               clock=lambda: datetime.now(UTC), workers=1, progress=lambda n: print(n, flush=True))
"""


@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_killed_load_goes_on_where_it_stood(tmp_path: Path, after: int) -> None:
    files = []
    for number in range(1, 4):
        path = tmp_path / f"pubmed26n000{number}.xml"
        first = number * 10_000
        articles = "".join(article(pmid, "Liver " * 60) for pmid in range(first, first + 1500))
        path.write_text(f"<PubmedArticleSet>{articles}</PubmedArticleSet>")
        files.append(path)
    script = tmp_path / "load.py"
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(tmp_path / "pm"), *map(str, files)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(after):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    time.sleep(0.05)
    report = load_files(files, tmp_path / "pm", clock=clock, workers=1)
    assert len(report.files) + len(report.known) == 3
    with LocalPubmed(tmp_path / "pm") as pubmed:
        assert pubmed.search("liver[ti]").count == 4500
        assert pubmed.corpus.records == 4500
