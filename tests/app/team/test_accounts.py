"""Accounts, sessions, invitations and keys, on both databases."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.team.team import LIGHT, PASSWORD
from tests.stores.databases import KINDS, database

from resartus.app.permissions import Role
from resartus.app.team.accounts import Accounts, digest_of
from resartus.errors import ConflictError, DataError, NotFoundError, PermissionDenied
from resartus.stores.accounts import AccountRows
from resartus.stores.migrations import migrate


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
def accounts(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    with database(request.param, tmp_path) as opened:
        migrate(opened)
        rows = AccountRows(opened)
        rows.add_review("r1", title="A review", at=clock())
        yield Accounts(rows, clock=clock, hasher=LIGHT)


def test_a_session_opens_for_the_right_password_and_ends(accounts: Accounts, clock: Clock) -> None:
    ana = accounts.add("Ana", email=" Ana@Example.org ", password=PASSWORD)
    secret = accounts.sign_in("ana@example.org", password=PASSWORD)
    assert accounts.of_session(secret) == ana
    assert accounts.of_session("another") is None
    clock.at += timedelta(days=15)
    assert accounts.of_session(secret) is None


def test_neither_password_nor_session_nor_key_is_kept_as_it_is(accounts: Accounts) -> None:
    ana = accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    session = accounts.sign_in("ana@example.org", password=PASSWORD)
    token = accounts.make_token(ana, label="script")
    kept = [
        str(row)
        for table in ("accounts", "sessions", "tokens")
        for row in accounts.rows.database.query(f"SELECT * FROM {table}")
    ]
    assert len(kept) == 3
    for secret in (PASSWORD, session, token):
        assert secret not in " ".join(kept)
    assert "$argon2id$" in kept[0]


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(accounts: Accounts) -> None:
    accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    first = accounts.sign_in("ana@example.org", password=PASSWORD)
    second = accounts.sign_in("ana@example.org", password=PASSWORD, before=first)
    assert first != second
    assert accounts.of_session(first) is None
    assert accounts.of_session(second) is not None


def test_guessing_is_stopped_even_with_the_right_word_and_opens_later(
    accounts: Accounts, clock: Clock
) -> None:
    accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    for n in range(10):
        with pytest.raises(PermissionDenied, match="do not belong together"):
            accounts.sign_in("ana@example.org", password=f"guess {n}")
    with pytest.raises(PermissionDenied, match="wait 15 minutes"):
        accounts.sign_in("ana@example.org", password=PASSWORD)
    clock.at += timedelta(minutes=16)
    assert accounts.sign_in("ana@example.org", password=PASSWORD)


def test_a_crowd_of_guesses_at_once_has_no_more_of_them(accounts: Accounts) -> None:
    told: list[str] = []

    def guess() -> None:
        try:
            accounts.sign_in("ana@example.org", password="wrong words these")
        except PermissionDenied as error:
            told.append(error.message)

    threads = [threading.Thread(target=guess) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Two may be at the hash together, so one more than ten may have got there.
    assert sum("do not belong" in message for message in told) <= 11
    assert sum("too many" in message for message in told) >= 19


def test_one_place_that_tries_many_addresses_is_stopped(accounts: Accounts) -> None:
    for n in range(10):
        with pytest.raises(PermissionDenied, match="do not belong"):
            accounts.sign_in(f"a{n}@example.org", password="x", place="192.0.2.1")
    with pytest.raises(PermissionDenied, match="wait"):
        accounts.sign_in("b@example.org", password="x", place="192.0.2.1")


@pytest.mark.parametrize("email", ["", "ana", "a b@example.org", "<x>@example.org"])
def test_what_is_no_address_opens_no_account(accounts: Accounts, email: str) -> None:
    with pytest.raises(DataError, match="not an e-mail address"):
        accounts.add("Ana", email=email, password=PASSWORD)


def test_a_short_password_and_a_taken_name_are_refused(accounts: Accounts) -> None:
    with pytest.raises(DataError, match="has 5 characters"):
        accounts.add("Ana", email="ana@example.org", password="short")
    accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    with pytest.raises(ConflictError, match="exists already"):
        accounts.add("Ana", email="other@example.org", password=PASSWORD)


def test_a_changed_password_ends_every_session(accounts: Accounts) -> None:
    ana = accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    secret = accounts.sign_in("ana@example.org", password=PASSWORD)
    with pytest.raises(PermissionDenied, match="present password is wrong"):
        accounts.change_password(ana, old="wrong", new="another four words")
    accounts.change_password(ana, old=PASSWORD, new="another four words")
    assert accounts.of_session(secret) is None
    assert accounts.sign_in("ana@example.org", password="another four words")


def test_a_closed_account_may_not_come_in_by_any_door(accounts: Accounts) -> None:
    ana = accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    session = accounts.sign_in("ana@example.org", password=PASSWORD)
    token = accounts.make_token(ana, label="script")
    accounts.rows.set_closed(ana.account_id, is_closed=True)
    assert accounts.of_session(session) is None
    assert accounts.of_token(token) is None
    with pytest.raises(PermissionDenied):
        accounts.sign_in("ana@example.org", password=PASSWORD)


def test_an_invitation_holds_once_for_its_address_and_for_a_time(
    accounts: Accounts, clock: Clock
) -> None:
    ana = accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    ben = accounts.add("Ben", email="ben@example.org", password=PASSWORD)
    secret = accounts.invite("r1", email="Ben@example.org", role=Role.REVIEWER, by=ana)
    with pytest.raises(PermissionDenied, match=r"for ben@example\.org"):
        accounts.accept(secret, account=ana)
    accounts.accept(secret, account=ben)
    assert accounts.rows.role("r1", account_id=ben.account_id) == "reviewer"
    with pytest.raises(NotFoundError, match="does not hold any more"):
        accounts.accept(secret, account=ben)
    late = accounts.invite("r1", email="ben@example.org", role=Role.OWNER, by=ana)
    clock.at += timedelta(days=15)
    with pytest.raises(NotFoundError):
        accounts.accept(late, account=ben)


def test_a_key_holds_for_its_days_and_can_be_ended(accounts: Accounts, clock: Clock) -> None:
    ana = accounts.add("Ana", email="ana@example.org", password=PASSWORD)
    one = accounts.make_token(ana, label="script", days=2)
    two = accounts.make_token(ana, label="other", days=9)
    assert accounts.of_token(one) == ana
    clock.at += timedelta(days=3)
    assert accounts.of_token(one) is None
    accounts.rows.end_token(digest_of(two), account_id="somebody else")
    assert accounts.of_token(two) == ana
    accounts.rows.end_token(digest_of(two), account_id=ana.account_id)
    assert accounts.of_token(two) is None
    with pytest.raises(DataError, match="not between 1 and 366"):
        accounts.make_token(ana, label="x", days=1000)
