"""A whole review by the API, from nothing to the report."""

from typing import Any

from tests.api.conftest import Program

from resartus.app.starting import TEMPLATE

RIS = "".join(
    f"TY  - JOUR\nTI  - Liver resection, series {n}\nAB  - We operated on {10 + n} women.\n"
    f"AU  - Author{n}, A\nPY  - {2000 + n}\nER  - \n\n"
    for n in range(1, 4)
)
PLAN = TEMPLATE.replace(
    "# [[form]]\n# name",
    '[[form]]\nname = "n_total"\nlabel = "Operated"\nkind = "integer"\n\n# [[form]]\n# name',
).replace("proportions = []", 'proportions = ["mortality_n"]')


def test_everything_from_an_empty_review_to_its_report(owner: Program) -> None:
    call: Any = owner.call
    made = call("POST", "/reviews", 201, json={"review_id": "mine", "protocol": PLAN})
    assert made == {"review_id": "mine", "title": "Title of the review", "role": "owner"}
    at = "/reviews/mine"
    text = call("GET", f"{at}/protocol")["text"]
    changed = text.replace("Title of the review", "By programs")
    call("PUT", f"{at}/protocol", json={"text": changed})
    assert call("GET", at)["title"] == "By programs"
    assert call("GET", "/reviews")[0]["title"] == "By programs"
    brought = call("POST", f"{at}/imports?name=found.ris", 201, content=RIS.encode())
    assert (brought["records"], brought["new"]) == (3, 3)
    assert call("POST", f"{at}/queries", json={"query": "resection"})["record_ids"]
    records = call("GET", f"{at}/records?count=2")
    assert len(records) == 2
    rest = call("GET", f"{at}/records", params={"after": records[-1]["record_id"]})
    assert len(rest) == 1
    for stage in ("title-abstract", "full-text"):
        while record := call("GET", f"{at}/screening/{stage}/next")["record"]:
            vote = {"record_id": record["record_id"], "verdict": "include"}
            call("POST", f"{at}/screening/{stage}/votes", 201, json=vote)
        assert call("GET", f"{at}/screening/{stage}")["included"] == 3
    for n, record_id in enumerate(call("GET", f"{at}/reports-without-study"), start=1):
        study = {"study_id": f"s{n}", "record_id": record_id, "design": "case series"}
        call("POST", f"{at}/studies", 201, json={**study, "role": "included"})
        for field, value in (("n_total", 10 + n), ("mortality_n", n)):
            cell = {"field": field, "value": str(value), "record_id": record_id, "place": "table"}
            call("POST", f"{at}/studies/s{n}/cells", 201, json=cell)
    assert call("GET", f"{at}/studies/s1")["cells"][0]["extracted"]["value"] == 11
    [outcome] = call("GET", f"{at}/results")["outcomes"]
    assert outcome["lines"][0]["total"] == 11
    # Nothing was planned or found on any factor, so none is asked for.
    assert call("GET", f"{at}/factors") == []
    call("POST", f"{at}/patient", json={"values": {}})
    assert call("POST", f"{at}/versions", 201, json={"trigger": "first"})["version"] == 1
    page = call("GET", f"{at}/versions/1/report")
    assert b"By programs" in page
    assert call("GET", f"{at}/versions/1/report?format=docx").startswith(b"PK")
    audit = call("GET", f"{at}/versions/1/audit")
    assert audit["faults"] == []
    assert len({item["standard"] for item in audit["items"]}) > 1
    assert [name.rpartition(".")[2] for name in audit["files"]] == ["html", "docx"]
    assert not any("/" in name for name in audit["files"])
    assert call("GET", f"{at}/export").startswith(b"PK")
    undone = call("GET", f"{at}/log?count=1")[0]
    assert undone["kind"] == "version.made"
    call("POST", f"{at}/undo", json={})
    assert call("GET", f"{at}/studies/s3")["cells"][-1]["field"] == "n_total"


def test_a_vote_sent_twice_under_one_key_counts_once(owner: Program) -> None:
    call: Any = owner.call
    record = call("GET", "/reviews/r1/screening/title-abstract/next")["record"]["record_id"]
    before = call("GET", "/reviews/r1")["events"]
    for _ in range(2):
        vote = {"record_id": record, "verdict": "maybe", "key": "k1"}
        call("POST", "/reviews/r1/screening/title-abstract/votes", 201, json=vote)
    assert call("GET", "/reviews/r1")["events"] == before + 1


def test_people_are_invited_changed_and_let_go(owner: Program) -> None:
    call: Any = owner.call
    link = call(
        "POST", "/reviews/r1/invitations", 201, json={"email": "x@example.org", "role": "reader"}
    )["link"]
    assert link.startswith("/invitations/")
    members = {m["name"]: m for m in call("GET", "/reviews/r1/members")}
    reader = members["the reader"]["account_id"]
    call("PUT", f"/reviews/r1/members/{reader}", json={"role": "librarian"})
    call("PUT", f"/reviews/r1/members/{reader}", json={"role": "reader"})
    call("PUT", "/reviews/r1/members/nobody", 404, json={"role": "reader"})


def test_a_field_nobody_knows_is_refused_by_its_name(owner: Program) -> None:
    call: Any = owner.call
    vote = {"record_id": "x", "verdict": "include", "reson": "slip"}
    answer = call("POST", "/reviews/r1/screening/title-abstract/votes", 422, json=vote)
    assert "`reson`" in answer["error"]["message"]
    assert set(answer["error"]) == {"kind", "message", "where", "field"}


def test_duplicates_full_texts_and_appraisal_go_by_the_api_too(owner: Program) -> None:
    call: Any = owner.call
    call("POST", "/reviews", 201, json={"review_id": "more", "protocol": PLAN})
    at = "/reviews/more"
    call("POST", f"{at}/imports?name=a.ris", 201, content=RIS.encode())
    again = RIS.replace("PY  - 2001", "PY  - 2001\nVL  - 7").encode()
    call("POST", f"{at}/imports?name=b.ris", 201, content=again)
    found = call("POST", f"{at}/duplicates/find", 201)
    assert found["records"] >= 3
    asked = call("GET", f"{at}/duplicates")
    if asked:
        pair = {k: asked[0][k] for k in ("record_id", "other_id")}
        call("POST", f"{at}/duplicates", 201, json={**pair, "verdict": "different"})
        assert len(call("GET", f"{at}/duplicates")) == len(asked) - 1
    record = call("GET", f"{at}/screening/title-abstract/next")["record"]["record_id"]
    vote = {"record_id": record, "verdict": "include"}
    call("POST", f"{at}/screening/title-abstract/votes", 201, json=vote)
    assert call("GET", f"{at}/fulltexts/wanted") == [record]
    refused = call("POST", f"{at}/fulltexts?record_id={record}", 422, content=b"no PDF at all")
    assert "PDF" in refused["error"]["message"]
    call("POST", f"{at}/fulltexts/missing", 201, json={"record_id": record, "reason": "lost"})
    assert call("GET", f"{at}/fulltexts/wanted") == []
    study = {"study_id": "s1", "record_id": record, "design": "case series", "role": "included"}
    call("POST", f"{at}/studies", 201, json=study)
    [suggested] = call("GET", f"{at}/appraisal/suggested")
    key = suggested["tools"][0]
    [tool] = [t["tool"] for t in call("GET", f"{at}/appraisal/tools") if t["key"] == key]
    item = tool["items"][0]
    told = {"tool": key, "item": item["item_id"], "answer": item["answers"][0]["code"]}
    call("POST", f"{at}/studies/s1/appraisal", 422, json={**told, "answer": "perhaps not"})
    call("POST", f"{at}/studies/s1/appraisal", 201, json=told)
    [judged] = call("GET", f"{at}/appraisal/judgements/{key}")
    assert judged["study_id"] == "s1"


def test_a_table_is_brought_by_saying_what_its_columns_hold(owner: Program) -> None:
    call: Any = owner.call
    call("POST", "/reviews", 201, json={"review_id": "table", "protocol": PLAN})
    at = "/reviews/table/imports?name=t.csv"
    table = b"aa,bb\nLiver resection of one,1999\nLiver resection of two,2001\n"
    told = call("POST", f"{at}&columns=title=aa;when=bb", 422, content=table)
    assert "the fields are" in told["error"]["message"]
    brought = call("POST", f"{at}&columns=title=aa;year=bb", 201, content=table)
    assert brought["records"] == 2
    [first, _] = call("GET", "/reviews/table/records")
    assert (first["title"], first["year"]) == ("Liver resection of one", 1999)


def test_decisions_of_another_tool_are_taken_over_for_a_whole_file(owner: Program) -> None:
    call: Any = owner.call
    call("POST", "/reviews", 201, json={"review_id": "taken", "protocol": PLAN})
    at = "/reviews/taken"
    call("POST", f"{at}/imports", 422, params={"verdict": "include"}, content=RIS.encode())
    asked = {"name": "included.ris", "decisions": "mine", "verdict": "include"}
    done = call("POST", f"{at}/imports", 201, params=asked, content=RIS.encode())
    assert done["verdicts_taken"] == 3
    assert call("GET", f"{at}/screening/title-abstract")["included"] == 3
