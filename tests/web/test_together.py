"""Two people at once, through two servers on one database: no vote is lost, none told too soon."""

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.app.team.team import add, founding_review, team_server
from tests.stores.databases import KINDS, postgres_url
from tests.web.team import Person, person

from resartus.app.permissions import Role
from resartus.domain.decision import Stage
from resartus.domain.ids import RecordId
from resartus.web.team import create_team_app

PLACE = "/reviews/r1/screen/title-abstract"
_RECORD = re.compile(r'name="record_id" value="([^"]+)"')


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'team.db'}"
        return
    with postgres_url() as found:
        yield found


def vote(browser: Person, record: str, verdict: str, key: str) -> int:
    answer = browser.post(PLACE, record_id=record, verdict=verdict, key=key)
    return int(answer.status_code)  # type: ignore[attr-defined]


def test_votes_sent_at_the_same_moment_through_two_servers_are_all_kept_once(
    url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        servers = [team_server(tmp_path, url=url) for _ in range(2)]
        for server in servers:
            stack.callback(server.close)
        founding_review(servers[0], add(servers[0], "owner"), dual=True)
        accounts = [add(servers[0], name, Role.REVIEWER) for name in ("ana", "ben")]
        browsers = [
            stack.enter_context(person(create_team_app(server, hosts=["localhost"]), account))
            for server, account in zip(servers, accounts, strict=True)
        ]
        with servers[0].open_review("r1", person="x") as review:
            ids = list(review.state().arrived)[:8]
            before = review.store.last_seq()
        said: list[int] = []

        def judge(browser: Person, verdicts: str) -> None:
            for number, record in enumerate(ids):
                verdict = verdicts if number % 2 else "include"
                # Each is sent twice, as a browser does that got no answer.
                for _ in range(2):
                    said.append(vote(browser, record, verdict, f"{verdicts}-{number}"))

        threads = [
            threading.Thread(target=judge, args=(browser, verdicts))
            for browser, verdicts in zip(browsers, ("include", "exclude"), strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(said) == {303}
        with servers[0].open_review("r1", person="x") as review:
            state = review.state()
            assert review.store.last_seq() == before + 2 * len(ids)
            for record in ids:
                assert set(state.votes[record, Stage.SCREENING.value]) == {"ana", "ben"}
        # Both servers' queues have taken in what came through the other.
        for browser in browsers:
            shown = browser.get(f"{PLACE}/list?show=all&per_page=100").text  # type: ignore[attr-defined]
            assert shown.count("conflict") >= len(ids) // 2
            [record_id] = set(_RECORD.findall(browser.get(PLACE).text))  # type: ignore[attr-defined]
            assert RecordId(record_id) not in ids
