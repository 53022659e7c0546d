"""The rate limit holds across threads and processes."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from resartus.sources.eutils.pace import Pace, pace_for
from resartus.sources.eutils.settings import EutilsSettings


def test_threads_start_no_faster_than_the_rate() -> None:
    pace = Pace(100.0)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.wait(), range(21)))
    assert time.monotonic() - began >= 0.19


def test_processes_share_one_limit(tmp_path: Path) -> None:
    shared = tmp_path / "pace"
    code = (
        "import time; from pathlib import Path; from resartus.sources.eutils.pace import Pace\n"
        f"pace = Pace(50.0, path=Path({str(shared)!r}))\n"
        "for _ in range(10): pace.wait(); print(time.time())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    times = sorted(float(line) for p in running for line in p.communicate()[0].split())
    assert len(times) == 20
    # Twenty starts a fiftieth of a second apart, whoever made them.
    assert times[-1] - times[0] >= 19 * 0.02 - 0.01


def test_a_clock_set_back_does_not_stop_work(tmp_path: Path) -> None:
    shared = tmp_path / "pace"
    Pace(3.0, path=shared, clock=lambda: 1e9, sleep=lambda _: None).wait()
    assert Pace(3.0, path=shared, clock=lambda: 1e6, sleep=lambda _: None).wait() == 0


def test_a_damaged_or_unwritable_file_is_done_without(tmp_path: Path) -> None:
    damaged = tmp_path / "pace"
    damaged.write_text("not a time")
    assert Pace(3.0, path=damaged).wait() == 0
    assert Pace(3.0, path=tmp_path / "no" / "such" / "folder").wait() == 0


def test_two_keys_have_two_limits() -> None:
    one, other = EutilsSettings(api_key="a"), EutilsSettings(api_key="b")
    assert pace_for(one).path != pace_for(other).path
    assert "averysecretkey" not in str(pace_for(EutilsSettings(api_key="averysecretkey")).path)
