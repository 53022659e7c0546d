"""The server answers in NCBI's shapes, errors included."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from starlette.testclient import TestClient

from resartus.api.eutils.history import Entry, History
from resartus.app.eutils.collection import MemoryCollection


def xml(client: TestClient, utility: str, **parameters: Any) -> ET.Element:
    reply = client.get(f"/entrez/eutils/{utility}.fcgi", params=parameters)
    assert reply.status_code == 200, reply.text
    return ET.fromstring(reply.content)


def json(client: TestClient, utility: str, **parameters: Any) -> Any:
    reply = client.get(f"/{utility}.fcgi", params={**parameters, "retmode": "json"})
    assert reply.headers["content-type"].startswith("application/json")
    return reply.json()


def test_esearch_has_the_elements_of_a_recorded_reply_in_their_order(client: TestClient) -> None:
    root = xml(client, "esearch", term="cancer[tiab]", retmax=2)
    assert [child.tag for child in root] == [
        "Count", "RetMax", "RetStart", "IdList", "TranslationSet", "QueryTranslation",
    ]  # fmt: skip
    ids = [int(node.text or 0) for node in root.iterfind("IdList/Id")]
    assert len(ids) == 2
    assert ids == sorted(ids, reverse=True)
    assert root.findtext("QueryTranslation") == '"cancer"[Title/Abstract]'
    assert int(root.findtext("Count") or 0) > 2


def test_esearch_in_json_has_numbers_as_text(client: TestClient) -> None:
    found = json(client, "esearch", term="cancer[tiab]", retmax=2, usehistory="y")
    assert found["header"] == {"type": "esearch", "version": "0.3"}
    result = found["esearchresult"]
    assert result["retmax"] == "2"
    assert result["querykey"] == "1"
    assert result["webenv"].startswith("MCID_")
    assert len(result["webenv"]) == 29
    assert all(isinstance(pmid, str) for pmid in result["idlist"])


def test_pages_of_a_search_put_together_are_the_search(client: TestClient) -> None:
    whole = json(client, "esearch", term="all[sb]", retmax=9999)["esearchresult"]
    pages: list[str] = []
    for start in range(0, int(whole["count"]), 50):
        page = json(client, "esearch", term="all[sb]", retmax=50, retstart=start)
        pages += page["esearchresult"]["idlist"]
    assert pages == whole["idlist"]
    counted = json(client, "esearch", term="all[sb]", rettype="count")["esearchresult"]
    assert counted == {"count": whole["count"]}


def test_the_history_serves_summaries_records_and_later_searches(client: TestClient) -> None:
    first = json(client, "esearch", term="cancer[tiab]", usehistory="y")["esearchresult"]
    env = first["webenv"]
    second = json(client, "esearch", term="gene[tiab]", usehistory="y", WebEnv=env)
    assert second["esearchresult"]["querykey"] == "2"
    joined = json(client, "esearch", term="#1 AND #2", WebEnv=env, retmax=500)["esearchresult"]
    plain = json(client, "esearch", term="cancer[tiab] AND gene[tiab]", retmax=500)
    assert joined["idlist"] == plain["esearchresult"]["idlist"]
    within = json(client, "esearch", term="gene[tiab]", WebEnv=env, query_key=1, retmax=500)
    assert within["esearchresult"]["idlist"] == joined["idlist"]
    page = client.get("/efetch.fcgi", params={
        "WebEnv": env, "query_key": 1, "retstart": 2, "retmax": 3, "rettype": "uilist",
    })  # fmt: skip
    listed = json(client, "esearch", term="cancer[tiab]", retstart=2, retmax=3)
    assert page.text.split() == listed["esearchresult"]["idlist"]
    summaries = json(client, "esummary", WebEnv=env, query_key=1, retmax=2)["result"]
    assert len(summaries["uids"]) == 2


def test_epost_keeps_ids_in_their_order(client: TestClient) -> None:
    reply = client.post("/entrez/eutils/epost.fcgi", data={"id": "19304878,14630660"})
    root = ET.fromstring(reply.content)
    listed = client.get("/efetch.fcgi", params={
        "WebEnv": root.findtext("WebEnv"), "query_key": root.findtext("QueryKey"),
        "rettype": "uilist", "retmode": "text",
    })  # fmt: skip
    assert listed.text == "19304878\n14630660\n"


def test_efetch_gives_each_record_byte_for_byte(
    client: TestClient, collection: MemoryCollection
) -> None:
    pmids = collection.search("all[sb]").pmids
    reply = client.post("/efetch.fcgi", data={"id": ",".join(map(str, pmids)), "retmode": "xml"})
    assert b"pubmed_250101.dtd" in reply.content[:300]
    for item in collection.records(pmids):
        assert item.xml is not None
        assert item.xml in reply.content
    assert len(ET.fromstring(reply.content)) == len(pmids)


def test_efetch_writes_medline_and_abstracts_as_text(client: TestClient) -> None:
    asked = {"id": "28731372"}
    medline = client.get("/efetch.fcgi", params={**asked, "rettype": "medline"})
    assert medline.headers["content-type"].startswith("text/plain")
    assert "\nPMID- 28731372\n" in medline.text
    abstract = client.get(
        "/efetch.fcgi", params={**asked, "rettype": "abstract", "retmode": "text"}
    )
    assert abstract.text.startswith("1. ")
    assert "PMID: 28731372" in abstract.text
    as_xml = client.get("/efetch.fcgi", params={**asked, "rettype": "abstract", "retmode": "xml"})
    assert b"<PubmedArticleSet>" in as_xml.content
    bare = client.get("/efetch.fcgi", params={**asked, "retmode": "json"})
    assert bare.text == "28731372\n"


def test_summaries_agree_in_all_three_forms(client: TestClient) -> None:
    new = xml(client, "esummary", id="28731372", version="2.0")
    old = xml(client, "esummary", id="28731372")
    as_json = json(client, "esummary", id="28731372")["result"]["28731372"]
    document = new.find("DocumentSummarySet/DocumentSummary")
    assert document is not None
    items = {item.get("Name"): item for item in old.iterfind("DocSum/Item")}
    assert document.findtext("Title") == as_json["title"] == items["Title"].text
    names = [author["name"] for author in as_json["authors"]]
    assert names == [node.findtext("Name") for node in document.iterfind("Authors/Author")]
    assert names == [node.text for node in items["AuthorList"]]
    assert as_json["articleids"][0] == {"idtype": "pubmed", "idtypen": 1, "value": "28731372"}


def test_an_unknown_pmid_is_told_in_each_form(client: TestClient) -> None:
    assert xml(client, "esummary", id="99999999").findtext("ERROR") == (
        "UID=99999999: cannot get document summary"
    )
    assert json(client, "esummary", id="99999999")["result"]["99999999"] == {
        "uid": "99999999", "error": "cannot get document summary",
    }  # fmt: skip
    assert len(xml(client, "efetch", id="99999999")) == 0


REFUSALS = [
    ("esearch", {}, 200, "Empty term and query_key - nothing todo"),
    ("esearch", {"db": "nothing", "term": "x"}, 200, "Invalid db name specified: nothing"),
    ("esearch", {"term": "x", "retstart": 9999}, 200, "'retstart' cannot be larger than 9998"),
    ("efetch", {}, 400, "ID list is empty! Possibly it has no correct IDs."),
    ("efetch", {"WebEnv": "MCID_0", "query_key": 3}, 400, "Unable to obtain query #3"),
    ("esummary", {}, 200, "Empty id list - nothing todo"),
    ("elink", {}, 200, "Empty id list - nothing todo"),
]


@pytest.mark.parametrize(("utility", "parameters", "status", "said"), REFUSALS)
def test_a_refusal_is_ncbis(
    client: TestClient, utility: str, parameters: dict[str, Any], status: int, said: str
) -> None:
    reply = client.get(f"/{utility}.fcgi", params=parameters)
    assert reply.status_code == status
    assert said in (ET.fromstring(reply.content).findtext("ERROR") or "")


def test_a_refusal_in_json_is_valid_json(client: TestClient) -> None:
    found = json(client, "esearch", term="x", retstart=10_000)
    assert "'retstart'" in found["esearchresult"]["ERROR"]


def test_a_search_of_nothing_says_so(client: TestClient) -> None:
    root = xml(client, "esearch", term="qqqqzz[ti]")
    assert root.findtext("Count") == "0"
    assert root.findtext("WarningList/OutputMessage") == "No items found."


def test_an_unknown_field_is_named(client: TestClient) -> None:
    root = xml(client, "esearch", term="cancer[xyz]")
    assert root.findtext("ErrorList/FieldNotFound") == "xyz"


def test_more_than_the_cap_is_clamped_with_ncbis_remark(client: TestClient) -> None:
    root = xml(client, "esearch", term="all[sb]", retmax=20_000)
    assert root.findtext("RetMax") == "9999"
    assert "adjusted to 0, 9999" in (root.findtext("WarningList/OutputMessage") or "")


def test_dates_and_fields_become_part_of_the_query(client: TestClient) -> None:
    dated = json(client, "esearch", term="cancer[tiab]", mindate="2010", maxdate="2012",
                 datetype="pdat", retmax=500)["esearchresult"]  # fmt: skip
    typed = json(client, "esearch", term="cancer[tiab] AND 2010:2012[dp]", retmax=500)
    assert dated["idlist"] == typed["esearchresult"]["idlist"]
    assert "2010/01/01:2012/12/31[Date - Publication]" in dated["querytranslation"]
    assert int(dated["count"]) > 0
    field = json(client, "esearch", term="cancer", field="title")["esearchresult"]
    assert field["count"] == json(client, "esearch", term="cancer[ti]")["esearchresult"]["count"]


@pytest.mark.parametrize("sort", ["pub_date", "Author", "JournalName", "pub date"])
def test_sorting_changes_the_order_and_nothing_else(client: TestClient, sort: str) -> None:
    plain = json(client, "esearch", term="all[sb]", retmax=500)["esearchresult"]["idlist"]
    ordered = json(client, "esearch", term="all[sb]", retmax=500, sort=sort)
    assert ordered["esearchresult"]["idlist"] != plain
    assert sorted(ordered["esearchresult"]["idlist"]) == sorted(plain)


def test_elink_tells_references_and_citations_and_not_what_it_cannot(
    client: TestClient, collection: MemoryCollection
) -> None:
    citing = next(i for i in collection.records(collection.search("all[sb]").pmids)
                  if i.record.references)  # fmt: skip
    cited = citing.record.references[0]
    refs = xml(client, "elink", dbfrom="pubmed", id=citing.pmid, linkname="pubmed_pubmed_refs")
    assert str(cited) in [node.text for node in refs.iterfind("LinkSet/LinkSetDb/Link/Id")]
    back = json(client, "elink", dbfrom="pubmed", id=cited, linkname="pubmed_pubmed_citedin")
    assert str(citing.pmid) in back["linksets"][0]["linksetdbs"][0]["links"]
    similar = xml(client, "elink", dbfrom="pubmed", id=cited, linkname="pubmed_pubmed")
    assert "by NCBI alone" in (similar.findtext("LinkSet/ERROR") or "")
    kept = json(client, "elink", dbfrom="pubmed", id=citing.pmid, cmd="neighbor_history",
                linkname="pubmed_pubmed_refs")["linksets"][0]  # fmt: skip
    listed = client.get("/efetch.fcgi", params={
        "WebEnv": kept["webenv"], "query_key": kept["linksetdbhistories"][0]["querykey"],
        "rettype": "uilist",
    })  # fmt: skip
    assert str(cited) in listed.text.split()


def test_einfo_tells_what_is_held(client: TestClient, collection: MemoryCollection) -> None:
    assert xml(client, "einfo").findtext("DbList/DbName") == "pubmed"
    info = json(client, "einfo", db="pubmed")["einforesult"]["dbinfo"][0]
    assert info["count"] == str(collection.count)
    assert info["dbbuild"].startswith("Build-")
    root = xml(client, "einfo", db="pubmed")
    assert "TIAB" in [node.text for node in root.iterfind("DbInfo/FieldList/Field/Name")]


def test_espell_corrects_nothing_and_says_the_query_back(client: TestClient) -> None:
    root = xml(client, "espell", term="livr metastsis")
    assert root.findtext("Query") == "livr metastsis"
    assert root.findtext("CorrectedQuery") in (None, "")


def test_ecitmatch_finds_a_citation(client: TestClient, collection: MemoryCollection) -> None:
    item = next(
        i for i in collection.records(collection.search("all[sb]").pmids)
        if i.record.pages and i.record.volume and i.record.journal_abbreviation
    )  # fmt: skip
    record = item.record
    page = (record.pages or "").split("-")[0]
    line = f"{record.journal_abbreviation}|{record.year}|{record.volume}|{page}||mine|"
    reply = client.get("/ecitmatch.cgi", params={"db": "pubmed", "bdata": f"{line}\rX|1900||||k|"})
    first, second = reply.text.splitlines()
    assert first.endswith(f"|mine|{item.pmid}")
    assert second.endswith("|k|NOT_FOUND")


def test_a_history_is_forgotten_after_eight_hours_without_a_question() -> None:
    now = [0.0]
    history = History(clock=lambda: now[0])
    key, env = history.keep("", [1, 2], term="x")
    now[0] = 7 * 3600.0
    assert isinstance(history.entry(env, str(key)), Entry)
    now[0] = 14 * 3600.0
    assert history.entry(env, str(key)).term == "x"
    now[0] = 23 * 3600.0
    with pytest.raises(Exception, match="Unable to obtain query #1"):
        history.entry(env, str(key))
