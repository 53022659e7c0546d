import json
from pathlib import Path

import pytest

from resartus.cli.main import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    path = tmp_path_factory.mktemp("pm")
    source = shared_data / "pubmed-edge" / "efetch" / "srproject_pubmed_result.xml.gz"
    assert main(["pubmed", "load", str(source), "--into", str(path), "--workers", "1"]) == 0
    return path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_search_prints_all_pmids_and_its_translation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, "pubmed", "search", "english[la]", "--in", str(folder), "--counts")
    assert found["count"] == len(found["pmids"]) > 50
    assert found["pmids"] == sorted(found["pmids"])
    assert found["translation"] == '"english"[Language]'
    assert found["terms"][0]["count"] == found["count"]
    assert main(["pubmed", "search", "english[la]", "--in", str(folder), "--pmids"]) == 0
    assert [int(line) for line in capsys.readouterr().out.split()] == found["pmids"]


def test_a_search_for_people_says_how_sure_each_mapping_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pubmed", "search", "liver cancer AND can*", "--in", str(folder)]) == 0
    out = capsys.readouterr()
    assert "liver cancer → table" in out.out
    assert "fewer than 4 characters" in out.err


def test_a_record_is_shown_read_and_raw(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pmid = str(printed(capsys, "pubmed", "search", "all[sb]", "--in", str(folder))["pmids"][0])
    assert printed(capsys, "pubmed", "show", pmid, "--in", str(folder))["pmid"] == int(pmid)
    assert main(["pubmed", "show", pmid, "--in", str(folder), "--raw"]) == 0
    assert capsys.readouterr().out.startswith("<PubmedArticle>")


def test_status_says_what_is_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, "pubmed", "status", "--in", str(folder))
    assert said["corpus"]["records"] == 106
    assert said["mesh"].startswith("NLM MeSH")


def test_a_folder_without_a_local_pubmed_is_not_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pubmed", "search", "x", "--in", str(tmp_path)]) == 4
    assert "resartus pubmed load" in capsys.readouterr().err
