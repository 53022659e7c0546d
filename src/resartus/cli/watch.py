"""``resartus watch``."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from pathlib import Path
from types import FrameType

import click

from resartus.cli.context import output

__all__ = ["command"]


@click.command("watch")
@click.argument(
    "plan",
    default="watch.toml",
    type=click.Path(dir_okay=False, path_type=Path),
)
@click.option("--once", is_flag=True, help="One round, for cron or a systemd timer.")
@click.option(
    "--every-minutes",
    default=15,
    show_default=True,
    type=click.IntRange(1, 24 * 60),
    help="How often to look whether something is due.",
)
@click.option("--log", "show_log", is_flag=True, help="Show what was told so far, and stop.")
def command(plan: Path, once: bool, every_minutes: int, show_log: bool) -> None:
    """Keep many reviews up to date: search when due, read update files, write a feed, send mail.

    PLAN is a TOML file that lists the reviews (watch.toml by default).
    """
    from resartus.app.living.watching import Watched, Watcher

    out = output()
    watcher = Watcher.from_file(plan)
    stop = threading.Event()

    def stopping(number: int, frame: FrameType | None) -> None:
        stop.set()

    def lines(done: Watched) -> list[str]:
        return [
            *(f"{entry.title}\n{entry.body}" for entry in done.entries),
            *(f"! {name}: {why}" for name, why in done.failed),
            f"{len(done.searched)} reviews searched, {len(done.files)} files read, "
            f"{done.mailed} letters sent",
        ]

    try:
        if show_log:
            entries = watcher.told(count=10_000)
            out.result(entries, lines=[f"{e.at:%Y-%m-%d %H:%M}  {e.title}" for e in entries])
            return
        with watcher.holding():
            if once:
                done = watcher.round(tell=out.say)
                out.result(done, lines=lines(done))
                return
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, stopping)
            out.say(f"watching {len(watcher.plan.reviews)} reviews; stop with Ctrl-C")
            while not stop.is_set():
                done = watcher.round(tell=out.say)
                if done.entries or done.failed or done.searched or done.files:
                    out.say("\n".join(lines(done)))
                stop.wait(timedelta(minutes=every_minutes).total_seconds())
    finally:
        watcher.close()
