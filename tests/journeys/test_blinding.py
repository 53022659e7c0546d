"""Nothing that one person gave and that waits for a second reaches another, by any way in."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient
from tests.app.team.team import add, founding_review, team_server
from tests.web.team import person

from resartus.api.app import api_routes
from resartus.api.endpoints import ENDPOINTS
from resartus.api.gate import TeamGate
from resartus.app.appraisal.answering import answer, tools_of_review
from resartus.app.entering import Entry, define_study, enter_value
from resartus.app.permissions import Role
from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.app.team.server import TeamServer
from resartus.app.team.working import Worker
from resartus.app.versions import pin_version
from resartus.cli.main import main
from resartus.domain.account import Account
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId, StudyId
from resartus.web.app import REVIEW_ROUTES
from resartus.web.pages import people, work
from resartus.web.team import create_team_app

MARK = "zqxmarker"
NUMBER = "73317"
_TOLD = re.compile(rf"{MARK}|\b73[,\u202f\u00a0 ]?317\b")
TOOL = "jbi-case-series@2020"
STUDY = StudyId("s1")
# Where the whole review is asked for as it is kept, which its owner alone may.
WHOLE = {"/reviews/{review_id}/export", "/reviews/r1/sharing/review.zip"}


def shared(review: Review) -> RecordId:
    """Let two people include a report and define its study; return the report."""
    first = next(iter(review.state().arrived))
    for stage in Stage:
        for by in ("ana", "ben"):
            decide(review, first, stage=stage, verdict=Verdict.INCLUDE, by=by)
    define_study(
        review, STUDY, record_id=first, design="case series", role=review.protocol.roles[0].name
    )
    pin_version(review, trigger="report")
    return first


def plant(review: Review) -> None:
    """Give, as this person alone, a vote at each stage, values and an appraisal, all marked."""
    report = review.state().studies[STUDY].record_ids[0]
    waiting = [r for r in review.state().arrived if r != report][:4]
    said = {"note": f"{MARK}note", "tags": [f"{MARK}tag"]}
    decide(review, waiting[0], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE, **said)
    decide(review, waiting[1], stage=Stage.SCREENING, verdict=Verdict.SKIP, **said)
    for by in ("ana", "ben"):
        decide(review, waiting[2], stage=Stage.SCREENING, verdict=Verdict.INCLUDE, by=by)
    decide(review, waiting[2], stage=Stage.ELIGIBILITY, verdict=Verdict.INCLUDE, **said)
    for field, patient, value in (
        ("country", None, f"{MARK}value"),
        ("operation", "p1", f"{MARK}value"),
        ("n_total", None, NUMBER),
        ("n_liver_surgery", None, NUMBER),
        ("mortality_n", None, NUMBER),
    ):
        enter_value(
            review,
            Entry(
                study_id=STUDY,
                field=field,
                value=value,
                record_id=report,
                place="page",
                patient=patient,
                detail=f"{MARK}detail",
                note=f"{MARK}cellnote",
            ),
        )
    [tool] = [t for t in tools_of_review(review) if t.key == TOOL]
    item = tool.items[0]
    support = f"{MARK}support"
    answer(
        review, STUDY, tool=tool, item=item.item_id, answer=item.answers[0].code, support=support
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    server = team_server(tmp_path_factory.mktemp("team"))
    founding_review(server, add(server, "ana"), dual=True)
    with server.open_review("r1", person="ben") as review:
        shared(review)
        plant(review)
    yield server
    server.close()


@pytest.fixture(scope="module")
def colleagues(server: TeamServer) -> dict[str, Account]:
    ana = next(a for a in server.rows.accounts() if a.name == "ana")
    return {"ana": ana, "ben": add(server, "ben", Role.OWNER), "cy": add(server, "cy", Role.READER)}


@pytest.fixture(scope="module")
def client(server: TeamServer) -> Iterator[TestClient]:
    app = create_team_app(
        server, hosts=["localhost"], more=api_routes(TeamGate(server)), per_minute=10**6
    )
    with person(app) as someone:
        yield someone.client


def all_words(content: bytes) -> str:
    """Return an answer's words; those inside a file of Word, Excel or ZIP as well."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return " ".join(all_words(packed.read(name)) for name in packed.namelist())


def filled(path: str, record: RecordId) -> list[str]:
    """Return the addresses that a path stands for in this review."""
    known = {
        "review_id": ["r1"],
        "stage": [stage.value for stage in Stage],
        "study_id": [STUDY],
        "record_id": [record.replace(":", "%3A")],
        "tool": [TOOL],
        "name": ["traffic-lights"],
        "kind": ["html", "docx"],
        "which": ["draft", "1"],
        "version": ["1"],
        "run": ["1"],
        "form_id": ["nothing"],
        "job": ["1"],
    }
    paths = [path]
    for name in re.findall(r"\{(\w+)\}", path):
        paths = [p.replace("{" + name + "}", value) for p in paths for value in known[name]]
    if "tool" in path or path.endswith(("/fulltexts/read", "/screen/{stage}")):
        paths += [f"{p}?record={record}" for p in paths]
    return paths


def pages() -> list[str]:
    routes: list[BaseRoute] = [*REVIEW_ROUTES, *people.REVIEW_ROUTES, *work.ROUTES]
    return [
        f"/reviews/r1{route.path}"
        for route in routes
        if isinstance(route, Route) and "GET" in (route.methods or ()) and route.path != "/live"
    ]


QUERIES = {
    "/screen/{stage}/list": ["show=all&per_page=100", "show=mine"],
    "/log": ["by=ben"],
    "/updates": ["before=1"],
    "/value": ["id=s1/n_total", "id=s1/country"],
    "/double-entry/settle": ["cell=s1/n_total"],
    "/audit": ["version=1"],
    "/citations": ["format=csv", "format=xlsx", "format=ris"],
    "/workbook": ["study=s1"],
    "/survival": ["sensitivity=true"],
    "/records": ["limit=100"],
}


def addresses(record: RecordId) -> list[str]:
    found = []
    for path in [*pages(), *(f"/api/v1{e.path}" for e in ENDPOINTS if e.method == "GET")]:
        if path.removeprefix("/api/v1") in WHOLE:
            continue
        more = [q for end, queries in QUERIES.items() if path.endswith(end) for q in queries]
        for address in filled(path, record):
            found += [address, *(f"{address}?{query}" for query in more)]
    return found


def crawl(client: TestClient, server: TeamServer, account: Account) -> dict[str, tuple[int, str]]:
    """Return status and words of every address, as one person is answered."""
    client.cookies.clear()
    with server.open_review("r1", person="server") as review:
        record = review.state().studies[STUDY].record_ids[0]
    with person(client.app, account) as someone:
        key = server.accounts.make_token(account, label="crawl")
        answered, worker = {}, Worker(server)
        for address in addresses(record):
            headers = {"authorization": f"Bearer {key}"} if address.startswith("/api") else {}
            answer = someone.client.get(address, headers=headers)
            while 'id="waiting"' in answer.text:
                assert worker.work_once()
                answer = someone.client.get(address, headers=headers)
            answered[address] = (answer.status_code, all_words(answer.content))
        worker.stop()
    return answered


@pytest.mark.parametrize("name", ["ana", "cy"])
def test_no_page_and_no_call_tells_what_a_colleague_gave_alone(
    client: TestClient, server: TeamServer, colleagues: dict[str, Account], name: str
) -> None:
    answered = crawl(client, server, colleagues[name])
    told = {at: _TOLD.findall(words) for at, (_, words) in answered.items() if _TOLD.search(words)}
    assert told == {}
    # A crawl that is refused everywhere would prove nothing.
    good = [at for at, (status, _) in answered.items() if status == 200]
    assert len(good) > (0.8 if name == "ana" else 0.7) * len(answered)


def test_whoever_gave_it_sees_all_of_it_again(
    client: TestClient, server: TeamServer, colleagues: dict[str, Account]
) -> None:
    words = " ".join(text for _, text in crawl(client, server, colleagues["ben"]).values())
    parts = ("note", "tag", "value", "detail", "cellnote", "support")
    assert {part for part in parts if MARK + part not in words} == set()


def test_the_whole_review_is_for_its_owners_alone(
    client: TestClient, server: TeamServer, colleagues: dict[str, Account]
) -> None:
    for name, status in (("ana", 200), ("cy", 403)):
        key = server.accounts.make_token(colleagues[name], label="export")
        asked = {"authorization": f"Bearer {key}"}
        assert client.get("/api/v1/reviews/r1/export", headers=asked).status_code == status


COMMANDS = [
    ["status"], ["screen", "--list"], ["conflicts"], ["agreement"],
    ["stop"], ["rank"], ["extract"], ["extract", "--study", STUDY], ["compare"], ["check"],
    ["appraise"], ["appraise", STUDY], ["appraise", "--figures", "--tool", "jbi-case-series"],
    ["grade"], ["patients", "--list"], ["synthesise"], ["survival"], ["changes"],
    ["changes", "--full"], ["report"], ["audit"], ["suggest"], ["form"], ["notices"],
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(server: TeamServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone") / "r"
    folder.mkdir()
    with server.open_review("r1", person="server") as review:
        text = (review.folder / "review.toml").read_text(encoding="utf-8")
        with Review.create(folder, protocol_text=text, person="ben") as mine:
            mine.store.save_records(review.store.iterate_records())
            for event in review.store.load_events():
                mine.append(event.kind, event.data, by=event.by)
    return folder


@pytest.mark.parametrize("name", ["ana", "ben"])
def test_no_command_tells_it_either(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told, good = {}, []
    for command in COMMANDS:
        for options in ([], ["--json"]):
            code = main(["--review", str(folder), "--as", name, *options, *command])
            said = capsys.readouterr()
            written = [p for p in (folder / "out").rglob("*") if p.is_file() and p.suffix != ".npz"]
            words = said.out + said.err + " ".join(all_words(p.read_bytes()) for p in written)
            for path in written:
                path.unlink()
            if code == 0:
                good.append(command)
            if found := _TOLD.findall(words):
                told[" ".join([*options, *command])] = found
    if name == "ana":
        assert told == {}
        assert len(good) > len(COMMANDS)
    else:
        assert told


def test_the_state_that_results_are_made_of_is_the_same_for_everybody(server: TeamServer) -> None:
    from resartus.app.settled import settled

    plain = []
    for name in ("ana", "ben"):
        with server.open_review("r1", person=name) as review:
            state = settled(review)
            plain.append(json.dumps(sorted(map(str, (*state.cells, *state.votes)))))
            assert state.waiting.n_values == 5
            assert state.waiting.n_answers == 1
            assert "5 values and 1 answer of an appraisal wait" in state.waiting.sentence()
    assert plain[0] == plain[1]
