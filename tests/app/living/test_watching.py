import contextlib
import gzip
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from tests.app.living.conftest import Clock
from tests.app.living.test_updating import article, update_file

from resartus.app.living.watching import Watcher
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.watch import Letter, MailPlan, WatchPlan
from resartus.errors import ConflictError, DataError, NotFoundError, SourceRefused
from resartus.sources.mail.smtp import send_letter
from resartus.stores.watch_toml import load_watch_plan

Include = Callable[..., None]
NS = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def plan(review: Review, tmp_path: Path) -> WatchPlan:
    (tmp_path / "updates").mkdir()
    return WatchPlan(
        folder=tmp_path,
        reviews=(review.folder,),
        updates=tmp_path / "updates",
        feed=tmp_path / "watch.atom",
    )


@pytest.fixture
def watcher(plan: WatchPlan, clock: Clock) -> Iterator[Watcher]:
    made = Watcher(plan, clock=clock)
    yield made
    made.close()


def runs(review: Review) -> int:
    return len(review.state().search_runs)


def test_a_review_is_searched_once_a_day(
    review: Review, include: Include, watcher: Watcher, clock: Clock
) -> None:
    include(1, events=1, total=20)
    before = runs(review)
    assert watcher.round().searched == ["living"]
    assert watcher.round().searched == []
    clock.move(hours=5)
    assert watcher.round().searched == []
    clock.move(hours=25)
    assert watcher.round().searched == ["living"]
    assert runs(review) == before + 2


def test_a_clock_set_back_searches_nothing_again_and_one_put_right_goes_on(
    review: Review, watcher: Watcher, clock: Clock
) -> None:
    watcher.round()
    clock.move(hours=-30)
    assert watcher.round().searched == []
    clock.move(days=400)
    assert watcher.round().searched == ["living"]
    # The clock was a year ahead by mistake: after it is put right, the days count again.
    clock.move(days=-390)
    assert watcher.round().searched == ["living"]


def test_an_update_file_is_read_once_and_told_in_the_feed(
    review: Review, include: Include, watcher: Watcher, plan: WatchPlan
) -> None:
    include(1, events=1, total=20)
    watcher.round()
    assert plan.updates is not None
    assert plan.feed is not None
    update_file(
        plan.updates,
        article(1, "Resection in series 1", kind="RetractionIn", to=90),
        article(50, "Resection of &lt;something&gt; new"),
    )
    done = watcher.round()
    assert done.files == ["pubmed24n1300.xml"]
    (entry,) = done.entries
    assert entry.title == (
        "Resection of test metastases: 1 notice on included reports, 1 new record"
    )
    assert "! retraction of pubmed:1 (PMID 90)" in entry.body
    assert "pubmed:50  Resection of <something> new" in entry.body
    assert watcher.round().files == []
    feed = etree.parse(str(plan.feed))
    titles = feed.xpath("//a:entry/a:title/text()", namespaces=NS)
    assert titles == [entry.title]


def test_a_file_still_being_copied_is_left_for_later(
    review: Review, include: Include, watcher: Watcher, plan: WatchPlan, clock: Clock
) -> None:
    include(1, events=1, total=20)
    assert plan.updates is not None
    whole = gzip.compress(update_file(plan.updates, article(50, "Resection, new")).read_bytes())
    (plan.updates / "pubmed24n1300.xml").unlink()
    part = plan.updates / "pubmed24n1301.xml.gz"
    part.write_bytes(whole[: len(whole) // 2])
    done = watcher.round()
    assert done.files == []
    assert "ends in the middle" in done.failed[0][1]
    assert done.entries == []
    part.write_bytes(whole)
    assert watcher.round().files == ["pubmed24n1301.xml.gz"]
    assert "pubmed:50" in review.state().arrived


def test_a_review_that_cannot_be_opened_does_not_stop_the_others(
    review: Review, plan: WatchPlan, clock: Clock
) -> None:
    gone = plan.folder / "gone"
    watcher = Watcher(WatchPlan(folder=plan.folder, reviews=(gone, review.folder)), clock=clock)
    done = watcher.round()
    assert done.searched == ["living"]
    assert done.failed[0][0] == "gone"
    assert [e.title for e in watcher.told()] == ["gone could not be checked"]
    clock.move(minutes=5)
    assert watcher.round().failed == []
    clock.move(minutes=20)
    assert len(watcher.round().failed) == 1
    assert len(watcher.told()) == 1
    watcher.close()


class Cut(BaseException):
    """A process that ends here."""


@pytest.mark.parametrize("at", range(1, 9))
def test_cut_off_anywhere_it_acts_once(
    review: Review,
    include: Include,
    plan: WatchPlan,
    clock: Clock,
    at: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    include(1, events=1, total=20)
    assert plan.updates is not None
    update_file(
        plan.updates,
        article(1, "Resection in series 1, newer", kind="ErratumIn", to=90),
        article(50, "Resection, new"),
    )
    count = 0

    def cutting(method: Callable[..., object]) -> Callable[..., object]:
        def cut(*args: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == at:
                raise Cut
            return method(*args, **options)

        return cut

    from resartus.stores.sqlite import SqliteStore
    from resartus.stores.watch_log import WatchLog

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "append", cutting(SqliteStore.append))
        patch.setattr(WatchLog, "begin", cutting(WatchLog.begin))
        patch.setattr(WatchLog, "end", cutting(WatchLog.end))
        first = Watcher(plan, clock=clock)
        with contextlib.suppress(Cut):
            first.round()
        first.close()
    second = Watcher(plan, clock=clock)
    second.round()
    kinds = [e.kind for e in review.store.load_events()]
    assert kinds.count(EventKind.NOTICE_FOUND) == 1
    assert kinds.count(EventKind.RECORDS_REVISED) == 1
    # One run by the file, one by the day's search.
    assert kinds.count(EventKind.SEARCH_RAN) == 2
    (entry,) = second.told()
    assert "1 notice on included reports, 1 new record" in entry.title
    second.close()


def test_two_watchers_of_one_plan_do_not_work_together(plan: WatchPlan, clock: Clock) -> None:
    one, other = Watcher(plan, clock=clock), Watcher(plan, clock=clock)
    with one.holding(), pytest.raises(ConflictError, match="another watcher"), other.holding():
        pass
    with other.holding():
        pass
    one.close()
    other.close()


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that keeps letters, or refuses them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: list[str] = []
        self.refuses = False


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server  # type: ignore[assignment]

        def say(line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                say("354 go on")
                lines = []
                while (text := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(text)
                box.letters.append("".join(lines))
                say("250 kept")
            elif word == "RCPT" and box.refuses:
                say("550 nobody here")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def mail_to(box: Mailbox) -> MailPlan:
    return MailPlan(
        host="127.0.0.1",
        port=box.server_address[1],
        security="none",
        sender="watch@example.org",
        recipients=("team@example.org",),
    )


def test_a_letter_goes_out_once(
    review: Review, include: Include, plan: WatchPlan, clock: Clock, mailbox: Mailbox
) -> None:
    include(1, events=1, total=20)
    assert plan.updates is not None
    update_file(plan.updates, article(50, "Resection, new"))
    mailing = WatchPlan(
        folder=plan.folder, reviews=plan.reviews, updates=plan.updates, mail=mail_to(mailbox)
    )
    watcher = Watcher(mailing, clock=clock)
    mailbox.refuses = True
    done = watcher.round()
    assert (done.mailed, mailbox.letters) == (0, [])
    assert "refused the letter" in done.failed[-1][1]
    mailbox.refuses = False
    assert watcher.round().mailed == 1
    assert watcher.round().mailed == 0
    (letter,) = mailbox.letters
    assert "Subject: Resection of test metastases: 1 new record" in letter
    assert "To: team@example.org" in letter
    assert "pubmed:50" in letter
    watcher.close()


def test_a_server_that_refuses_is_named(mailbox: Mailbox) -> None:
    mailbox.refuses = True
    letter = Letter(letter_id="a", subject="s", body="b", at=datetime(2024, 1, 1, tzinfo=UTC))
    with pytest.raises(SourceRefused, match=r"127\.0\.0\.1:\d+ refused the letter"):
        send_letter(letter, mail_to(mailbox))


def test_watch_toml_names_the_line_of_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    with pytest.raises(NotFoundError, match=r"watch\.toml"):
        load_watch_plan(path)
    path.write_text('reviews = ["a", "b/c", "a"]\nfeed = "out.atom"\n', encoding="utf-8")
    plan = load_watch_plan(path)
    assert [plan.name_of(r) for r in plan.reviews] == ["a", "b/c"]
    assert plan.feed == tmp_path / "out.atom"
    for text, said in (
        ("reviews = []", "line 1: reviews = \\[\\] names no review"),
        ('reviews = ["a"]\nfeeed = "x"', "line 2: feeed .*did you mean 'feed'"),
        ('reviews = ["a"]\n[mail]\nhost = "h"', "mail.sender is missing"),
        (
            'reviews = ["a"]\n[mail]\nhost = "h"\nsender = "x"\nrecipients = ["y@z"]',
            "'x' is not a mail address",
        ),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=said):
            load_watch_plan(path)
