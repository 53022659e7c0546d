"""Reviews of a team: begun, adopted, opened, with people in roles."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.team.team import TEMPLATE, add, founding_review, team_server
from tests.stores.databases import KINDS, postgres_url

from resartus.app.demo import build_demo
from resartus.app.permissions import Role
from resartus.app.screening import decide
from resartus.app.status import review_status
from resartus.app.team.server import TeamServer
from resartus.domain.decision import Stage, Verdict
from resartus.errors import ConflictError, DataError, NotFoundError, PermissionDenied, StoreError


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TeamServer]:
    if request.param == "sqlite":
        server = team_server(tmp_path)
        yield server
        server.close()
        return
    with postgres_url() as url:
        server = team_server(tmp_path, url=url)
        yield server
        server.close()


def test_a_review_belongs_to_who_began_it_and_to_nobody_else(server: TeamServer) -> None:
    ana, ben = add(server, "Ana"), add(server, "Ben")
    server.create_review("r1", protocol_text=TEMPLATE, owner=ana)
    assert server.role_of(ana, "r1") is Role.OWNER
    with pytest.raises(NotFoundError):
        server.role_of(ben, "r1")
    [mine] = server.rows.reviews(ana.account_id)
    assert (mine.review_id, mine.title, mine.role) == ("r1", "Title of the review", "owner")
    assert server.rows.reviews(ben.account_id) == []


@pytest.mark.parametrize("review_id", ["", "..", "a/b", "A", "r1\n", "-x", "x" * 64, "r1.."])
def test_an_id_is_never_a_path(server: TeamServer, review_id: str) -> None:
    ana = add(server, "Ana")
    with pytest.raises(DataError, match="does not fit"):
        server.create_review(review_id, protocol_text=TEMPLATE, owner=ana)
    with pytest.raises(NotFoundError):
        server.open_review(review_id, person="Ana")


def test_a_review_that_could_not_be_begun_leaves_its_id_free(
    server: TeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = add(server, "Ana")

    def fail(*_: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("resartus.app.team.server.write_whole", fail)
        with pytest.raises(StoreError):
            server.create_review("r1", protocol_text=TEMPLATE, owner=ana)
    server.create_review("r1", protocol_text=TEMPLATE, owner=ana)
    with pytest.raises(ConflictError, match="exists already"):
        server.create_review("r1", protocol_text=TEMPLATE, owner=ana)


def test_what_a_killed_server_left_of_a_review_is_set_aside_and_the_id_is_free(
    server: TeamServer,
) -> None:
    left = server.folder / "reviews" / "r1"
    left.mkdir()
    (left / "review.toml").write_text("half")
    server.create_review("r1", protocol_text=TEMPLATE, owner=add(server, "Ana"))
    assert (left / "review.toml").read_text() == TEMPLATE
    [aside] = (server.folder / "reviews").glob(".r1.left-*")
    assert (aside / "review.toml").read_text() == "half"


def test_one_persons_review_comes_whole(server: TeamServer, tmp_path: Path) -> None:
    ana = add(server, "Ana")
    with build_demo(tmp_path / "demo") as given:
        server.adopt_review(given, "liver", owner=ana)
        with server.open_review("liver", person="Ana") as review:
            assert list(review.store.load_events()) == list(given.store.load_events())
            assert review.store.records_hash() == given.store.records_hash()
            assert review_status(review) == review_status(given)
    shutil.rmtree(tmp_path / "demo")


def test_the_last_owner_stays(server: TeamServer) -> None:
    ana = add(server, "Ana")
    server.create_review("r1", protocol_text=TEMPLATE, owner=ana)
    ben = add(server, "Ben", Role.READER)
    for role in (Role.READER, None):
        with pytest.raises(PermissionDenied, match="at least one owner"):
            server.set_role("r1", account_id=ana.account_id, role=role)
    server.set_role("r1", account_id=ben.account_id, role=Role.OWNER)
    server.set_role("r1", account_id=ana.account_id, role=None)
    with pytest.raises(NotFoundError):
        server.role_of(ana, "r1")


def test_people_who_vote_at_once_on_the_same_records_lose_and_double_nothing(
    server: TeamServer,
) -> None:
    owner = add(server, "Ana")
    founding_review(server, owner, dual=True)
    names = ["Ben", "Cleo", "Dan"]
    with server.open_review("r1", person="Ana") as review:
        ids = review.state().record_ids()[:12]
        before = review.store.last_seq()
    failures: list[BaseException] = []

    def vote(name: str) -> None:
        try:
            with server.open_review("r1", person=name, own_connection=True) as review:
                for record_id in ids:
                    for _ in range(2):
                        decide(
                            review,
                            record_id,
                            stage=Stage.SCREENING,
                            verdict=Verdict.INCLUDE,
                            key=f"{name}-{record_id}",
                        )
        except BaseException as error:
            failures.append(error)
            raise

    people = [threading.Thread(target=vote, args=(name,)) for name in names]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert failures == []
    with server.open_review("r1", person="Ana") as review:
        assert review.store.last_seq() == before + len(ids) * len(names)
        votes = review.state().votes
        for record_id in ids:
            assert set(votes[record_id, Stage.SCREENING.value]) == set(names)
