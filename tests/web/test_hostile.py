"""What strangers, and members who mean no good, send: refused, or kept as mere words."""

import gzip
import io
import resource
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.app.team.team import PASSWORD, add, founding_review, team_server
from tests.web.team import HOST, Person, person
from tests.web.test_rights import IN_REVIEW, RULES, filled, listed

from resartus.api.app import api_routes
from resartus.api.gate import TeamGate
from resartus.app.importing import plain_name
from resartus.app.permissions import Action, Role
from resartus.app.team.server import TeamServer
from resartus.web.pages import people
from resartus.web.security import COOKIE, LimitedBody
from resartus.web.session import SESSION_COOKIE
from resartus.web.team import create_team_app

AT = "/reviews/r1"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "</textarea></title><iframe src=//evil.example>",
    "${7*7}`",
]
SQL = [
    "' OR 1=1 --",
    "'; DROP TABLE reviews; --",
    '" UNION SELECT password FROM accounts --',
    "%' _",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    server = team_server(tmp_path_factory.mktemp("team"))
    founding_review(server, add(server, "Ana"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def app(server: TeamServer) -> Starlette:
    return create_team_app(
        server, hosts=["localhost"], more=api_routes(TeamGate(server)), per_minute=10**6
    )


@pytest.fixture(scope="module")
def ana(server: TeamServer, app: Starlette) -> Iterator[Person]:
    account = server.rows.account(email="ana@example.org")
    with person(app, account) as ana:
        ana.get("/")
        yield ana


def status(answer: object) -> int:
    return answer.status_code  # type: ignore[attr-defined,no-any-return]


def text(answer: object) -> str:
    return answer.text  # type: ignore[attr-defined,no-any-return]


def is_mere_words(page: str) -> bool:
    """Whether a page runs nothing but our own modules and reaches nowhere it should not."""
    tree = html.fromstring(page)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if any(name.startswith("on") for name in element.attrib):
            return False
        if element.tag in ("svg", "object", "embed", "base"):
            return False
        if element.tag == "script" and (
            (element.text or "").strip() or not element.get("src", "").startswith("/static/")
        ):
            return False
        for name in ("src", "href", "action", "formaction"):
            value = (element.get(name) or "").strip().lower()
            if value.startswith(("javascript:", "//", "vbscript:")):
                return False
            if name == "src" and value and not value.startswith(("/", "data:image/svg+xml")):
                return False
    return True


def upload(ana: Person, content: bytes, name: str = "x.ris", at: str = AT) -> object:
    token = ana.client.cookies[COOKIE]
    return ana.client.post(
        f"{at}/import", data={"csrf": token}, files={"files": (name, content, "text/plain")}
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words_on_every_page(
    ana: Person, server: TeamServer, words: str
) -> None:
    ris = (
        f"TY  - JOUR\nTI  - {words} liver\nAB  - {words}\nAU  - {words}, A\nJO  - {words}\n"
        f"KW  - {words}\nDO  - 10.1/{words}\nPY  - 2001\nVL  - {words}\nER  - \n"
    ).encode()
    shown = text(upload(ana, ris, name=f"{words}.ris"))
    assert is_mere_words(shown)
    with server.open_review("r1", person="Ana") as review:
        record_id = review.state().imports[-1].record_ids[0]
    stage = f"{AT}/screen/title-abstract"
    pages = [
        ana.client.get(stage, params={"record": record_id}).text,
        ana.client.get(stage, params={"record": words}).text,
        ana.client.get(f"{AT}/search", params={"q": words}).text,
        ana.client.get(f"{AT}/", params={"said": words}).text,
        ana.client.get(f"{AT}/{words}").text,
        text(ana.post(stage, record_id=record_id, verdict="exclude", note=words, reason=words)),
        text(ana.post(stage, record_id=record_id, verdict="include", note=words)),
        text(ana.post(f"{AT}/studies", study_id=words, record_id=record_id, design=words)),
        text(ana.post(f"{AT}/protocol", text=words)),
        text(ana.post(f"{AT}/people", email=words, role=words)),
        text(ana.post("/reviews", review_id=words)),
        text(ana.post("/account/tokens", label=words[:70], days="3")),
        text(ana.post("/sign-in", email=words, password=words)),
        *(ana.client.get(AT + place).text for place in ("/log", "/import", "/studies", "/work")),
        ana.client.get("/account").text,
    ]
    for page in pages:
        if page:
            assert is_mere_words(page), page
            assert "49" not in page or "{{ 7*7 }}" not in words or "{{ 7*7 }}" in page


def test_the_check_above_sees_what_it_should() -> None:
    for words in HOSTILE[:3] + HOSTILE[5:6]:
        assert not is_mere_words(f"<body><p>{words}</p></body>")
    assert not is_mere_words('<body><a href="javascript:x">y</a></body>')


NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\x.ris",
    "/etc/cron.d/x",
    "C:\\autoexec.bat",
    "a" * 5000 + ".ris",
    "ü" * 400 + ".ris",
    "x\x00.ris",
    "x\r\nset-cookie: a=b.ris",
    "..",
    ". . ",
    "\u202egnp.exe",
    "CON",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_leads_nowhere(
    ana: Person, server: TeamServer, tmp_path: Path, name: str
) -> None:
    plain = plain_name(name)
    assert plain not in ("", ".", "..")
    assert not set(plain) & set("/\\\x00\r\n\u202e")
    (tmp_path / plain).write_bytes(b"x")
    before = sorted(p for p in server.folder.parent.rglob("*") if "payloads" not in p.parts)
    answer = upload(ana, b"TY  - JOUR\nTI  - Named\nPY  - 2001\nER  - \n", name=name)
    assert status(answer) in (200, 400, 422, 303)
    api = ana.client.post(
        f"/api/v1{AT}/imports",
        params={"name": name[:200]},
        content=b"TY  - JOUR\nTI  - Named\nPY  - 2001\nER  - \n",
        headers={"authorization": f"Bearer {key_of(server)}"},
    )
    assert api.status_code in (201, 422)
    after = sorted(p for p in server.folder.parent.rglob("*") if "payloads" not in p.parts)
    assert after == before


def key_of(server: TeamServer) -> str:
    account = server.rows.account(email="ana@example.org")
    assert account is not None
    return server.accounts.make_token(account, label="hostile")


def gzip_bomb() -> bytes:
    """Half a megabyte that unpacks to half a gigabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as stream:
        block = b"\x00" * (1 << 24)
        for _ in range(32):
            stream.write(block)
    return packed.getvalue()


def zip_bomb(inner: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(inner, "w", force_zip64=True) as part:
            block = b"<a>" + b" " * (1 << 22)
            for _ in range(120):
                part.write(block)
    return packed.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>"
    b"&a11;</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "%s">]>'
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>"
    "read &x; here</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)


BOMBS = [gzip_bomb, lambda: zip_bomb("xl/workbook.xml")]


@pytest.mark.parametrize(
    "make",
    [
        *BOMBS,
        lambda: LAUGHS,
        lambda: b"[" * 2_000_000,
        lambda: b"<xml><records>" + b"<a>" * 200_000,
        lambda: b"%PDF-1.7\n" + b"\x00" * 5_000_000,
        lambda: b"TY  - JOUR\nTI  - " + b"x" * 5_000_000 + b"\nER  - \n",
    ],
    ids=["gzip", "xlsx", "entities", "brackets", "depth", "pdf", "one-line"],
)
def test_a_file_that_blows_up_is_refused_in_little_memory(
    ana: Person, server: TeamServer, make: object
) -> None:
    content = make()  # type: ignore[operator]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = upload(ana, content, name="x.xml")
    assert status(answer) in (200, 422)
    if make in BOMBS:
        assert "unpacks to more than" in text(answer)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 400, f"{grown:.0f} MiB"
    assert ana.client.get(f"{AT}/").status_code == 200


@pytest.mark.parametrize("door", ["/workbook", "/studies/s1/patients"])
def test_every_door_for_a_workbook_refuses_one_made_to_burst(ana: Person, door: str) -> None:
    told = {"csrf": ana.client.cookies[COOKIE]}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files = {"files": ("x.xlsx", zip_bomb("xl/workbook.xml"))}
    answer = ana.client.post(f"{AT}{door}", data=told, files=files)
    assert "unpacks to more than" in text(answer)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 200, f"{grown:.0f} MiB"


def test_an_archive_made_to_burst_is_refused(ana: Person) -> None:
    told = {"csrf": ana.client.cookies[COOKIE], "review_id": "burst"}
    files = {"files": ("x.zip", zip_bomb("events.jsonl"))}
    answer = ana.client.post("/reviews/brought", data=told, files=files)
    assert status(answer) == 422
    assert "times its size" in text(answer)
    assert status(ana.get("/reviews/burst/")) == 404


def test_an_import_reads_no_file_of_the_server(
    ana: Person, server: TeamServer, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the keys of the house", encoding="utf-8")
    plain = (OUTSIDE % secret.as_uri()).replace("&x;", "it").encode()
    assert status(upload(ana, plain, name="x.xml")) == 200
    refused = upload(ana, (OUTSIDE % secret.as_uri()).encode(), name="x.xml")
    assert status(refused) == 422
    assert "keys of the house" not in text(refused)
    with server.open_review("r1", person="Ana") as review:
        titles = [record.title or "" for record in review.store.iterate_records()]
    assert "read it here" in titles
    assert not any("keys of the house" in title for title in titles)


def test_a_body_past_the_limit_is_refused_while_it_arrives() -> None:
    taken = []

    async def inner(scope: object, receive: object, send: object) -> None:
        while True:
            message = await receive()  # type: ignore[operator]
            taken.append(len(message["body"]))

    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from resartus.errors import DataError

    async def endless() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send() -> None:
        await LimitedBody(inner, maximum=10_000)({"type": "http"}, endless, None)  # type: ignore[arg-type]

    # A thread of its own: browser tests before this one leave a loop running in theirs.
    with (
        pytest.raises(DataError, match="larger than 10000 bytes"),
        ThreadPoolExecutor(1) as aside,
    ):
        aside.submit(lambda: asyncio.run(send())).result()
    assert sum(taken) == 10_000


def test_more_files_and_fields_than_a_form_has_are_refused(ana: Person) -> None:
    token = ana.client.cookies[COOKIE]
    files = [("files", (f"{n}.ris", b"x", "text/plain")) for n in range(50)]
    many = ana.client.post(f"{AT}/import", data={"csrf": token}, files=files)
    assert many.status_code in (400, 422)
    fields = {f"f{n}": "x" for n in range(2000)}
    assert status(ana.post(f"{AT}/patient", **fields)) in (400, 422)


@pytest.mark.parametrize("words", [*SQL, "x\x00y", "9" * 400, "-1", "\ud7ff\U0010ffff", "²", "1e9"])
def test_forged_ids_and_sql_find_nothing_and_break_nothing(
    ana: Person, server: TeamServer, words: str
) -> None:
    from urllib.parse import quote

    part = quote(words, safe="")
    for method, path in IN_REVIEW:
        if path == "/live":
            continue
        place = filled(path).replace("nothing", part).replace("title-abstract", part)
        if method == "GET" and part not in place:
            # Nothing of these words would be sent.
            continue
        answer = (
            ana.get(AT + place)
            if method == "GET"
            else ana.post(
                AT + place,
                record_id=words,
                study_id=words,
                seq=words,
                account_id=words,
                key=words,
                search_id=words,
                role=words,
                email=words,
                verdict=words,
                field=words,
                value=words,
            )
        )
        assert status(answer) < 500, (method, path, text(answer))
    for query in ("record", "after", "before", "version", "from_year", "minimum_patients", "q"):
        for path in ("/screen/title-abstract", "/log", "/updates", "/results", "/search"):
            answer = ana.client.get(AT + path, params={query: words})
            assert answer.status_code < 500, (path, query)
    for path in (f"/reviews/{part}/", f"/invitations/{part}"):
        assert ana.client.get(path).status_code in (404, 400)
    assert len(server.rows.reviews()) == 1
    assert server.rows.account(email="ana@example.org") is not None


def test_forged_sessions_and_keys_open_nothing(app: Starlette) -> None:
    for forged in ("", "x", "' OR 1=1 --", "a" * 10_000):
        client = TestClient(app, base_url=HOST, follow_redirects=False)
        client.cookies.set(SESSION_COOKIE, forged, domain="localhost.local")
        assert client.get(f"{AT}/").headers["location"] == "/sign-in"
        answer = client.get("/api/v1/me", headers={"authorization": f"Bearer {forged}"})
        assert answer.status_code == 401
        client.close()


def test_a_session_opens_no_api_so_that_no_page_can_be_made_to_call_it(ana: Person) -> None:
    assert ana.client.get("/api/v1/me").status_code == 401


FORMS = [(m, p) for m, p in IN_REVIEW if m == "POST"]
OWN_FORMS = [(m, p) for m, p in listed(people.ROUTES) if m == "POST"]


@pytest.mark.parametrize(
    "path", [AT + filled(p) for _, p in FORMS] + [filled(p) for _, p in OWN_FORMS]
)
def test_no_form_is_taken_without_its_token_or_from_another_site(
    ana: Person, server: TeamServer, path: str
) -> None:
    last = server.desk("r1").last_seq()
    token = ana.client.cookies[COOKIE]
    tries = [
        ana.client.post(path),
        ana.client.post(path, data={"csrf": "guess"}),
        ana.client.post(path, data={"csrf": ""}),
        ana.client.post(path, json={"csrf": token}),
        ana.client.post(path, data={"csrf": token}, headers={"origin": "http://evil.example"}),
        ana.client.post(path, data={"csrf": token}, headers={"origin": "null"}),
        ana.client.post(path, data={"csrf": token}, headers={"sec-fetch-site": "cross-site"}),
        ana.client.post(path, data={"csrf": token}, headers={"sec-fetch-site": "same-site"}),
    ]
    assert [answer.status_code for answer in tries] == [403] * len(tries)
    assert server.desk("r1").last_seq() == last
    assert ana.client.get("/").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1:1@evil", ""])
def test_another_host_name_is_refused_and_never_put_into_a_link(
    ana: Person, app: Starlette, host: str
) -> None:
    answer = ana.client.get("/", headers={"host": host})
    assert answer.status_code == 400
    token = ana.client.cookies[COOKIE]
    invited = ana.client.post(
        f"{AT}/people",
        data={"csrf": token, "email": "new@example.org", "role": "reader"},
        headers={
            "x-forwarded-host": host,
            "x-forwarded-proto": "https",
            "forwarded": f"host={host}",
        },
    )
    assert "http://localhost/invitations/" in invited.text


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nset-cookie: a=b"]
)
def test_no_form_leads_to_another_site_or_writes_a_header(ana: Person, back: str) -> None:
    stage = f"{AT}/screen/title-abstract"
    page = ana.client.get(stage).text
    record = page.split('name="record_id" value="')[1].split('"')[0]
    ana.post(stage, record_id=record, verdict="maybe")
    answer = ana.post(f"{AT}/undo", back=back)
    location = answer.headers["location"]  # type: ignore[attr-defined]
    assert location.startswith(AT + "/")
    assert "evil" not in location or "\\" not in location
    assert "a" not in answer.cookies  # type: ignore[attr-defined]


DEEP = [
    ("/search", {"q": "(" * 20_000}),
    ("/search", {"q": "NOT " * 10_000 + "x"}),
]


@pytest.mark.parametrize(("path", "query"), DEEP, ids=["brackets", "nots"])
def test_a_query_nested_beyond_reason_is_told(
    ana: Person, path: str, query: dict[str, str]
) -> None:
    answer = ana.client.get(AT + path, params=query)
    assert answer.status_code in (200, 422)


def test_a_protocol_and_a_body_nested_beyond_reason_are_told(
    ana: Person, server: TeamServer
) -> None:
    assert status(ana.post(f"{AT}/protocol", text="a = " + "[" * 100_000)) == 422
    assert status(ana.post(f"{AT}/protocol", text="a" + ".a" * 100_000 + " = 1")) == 422
    headers = {"authorization": f"Bearer {key_of(server)}"}
    answer = ana.client.put(f"/api/v1{AT}/protocol", content=b"[" * 1_000_000, headers=headers)
    assert answer.status_code == 422
    deep = b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert ana.client.put(f"/api/v1{AT}/protocol", content=deep, headers=headers).status_code == 422
    big = b'{"text": "' + b"x" * (6 * 2**20) + b'"}'
    assert ana.client.put(f"/api/v1{AT}/protocol", content=big, headers=headers).status_code == 422


def test_a_reader_cannot_write_by_any_door(app: Starlette, server: TeamServer) -> None:
    reader = add(server, "a reader", Role.READER)
    key = server.accounts.make_token(reader, label="x")
    last = server.desk("r1").last_seq()
    with person(app, reader) as browser:
        for method, path in FORMS:
            # What a form only asks and nowhere keeps, such as one patient's profile, is open.
            if RULES[method, path] is not Action.READ:
                assert status(browser.post(AT + filled(path))) == 403, (method, path)
        answer = browser.client.post(
            f"/api/v1{AT}/undo", json={}, headers={"authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 403
        own = browser.post(f"{AT}/people", account_id=reader.account_id, role="owner")
        assert status(own) == 403
    assert server.desk("r1").last_seq() == last


def test_a_password_of_any_length_or_letter_breaks_nothing(app: Starlette) -> None:
    with person(app) as stranger:
        for password in ("x" * 1_000_000, "\x00", "\U0001f600" * 100, ""):
            answer = stranger.post("/sign-in", email="x@example.org", password=password)
            assert status(answer) in (400, 403, 422)
    assert PASSWORD
