"""``watch.toml``, read with the line of every mistake."""

from __future__ import annotations

import tomllib
from pathlib import Path

from resartus.domain.watch import MailPlan, WatchPlan
from resartus.errors import DataError, NotFoundError
from resartus.stores.toml_table import TomlTable

__all__ = ["load_watch_plan"]


def load_watch_plan(path: Path) -> WatchPlan:
    """Read a plan.

    Raises
    ------
    NotFoundError
        If there is no such file.
    DataError
        With the line, the key, the value seen and the values allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFoundError(
            f"{str(path)!r} does not exist; write one that lists the reviews to watch",
            where=str(path),
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name} cannot be read: {error}", where=str(path)) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path.name} is not valid TOML: {error}", where=path.name) from error
    top = TomlTable(values, "", text.splitlines(), path.name)
    top.only(("reviews", "every_hours", "updates", "feed", "mail"))
    folder = path.resolve().parent
    names = top.texts("reviews")
    if not names:
        raise top.wrong("reviews", '= [] names no review; write reviews = ["my-review"]')

    def place(key: str) -> Path | None:
        name = top.text(key)
        return None if name is None else (folder / name).resolve()

    return WatchPlan(
        folder=folder,
        reviews=tuple((folder / name).resolve() for name in dict.fromkeys(names)),
        every_hours=top.whole("every_hours", low=1, high=24 * 31) or 24,
        updates=place("updates"),
        feed=place("feed"),
        mail=_mail(top.table("mail")) if "mail" in values else None,
    )


def _mail(table: TomlTable) -> MailPlan:
    table.only(("host", "port", "security", "user", "sender", "recipients"))
    return MailPlan(
        host=table.needed("host"),
        port=table.whole("port", low=1, high=65535) or 587,
        security=table.one_of("security", ("starttls", "tls", "none"), default="starttls"),
        user=table.text("user"),
        sender=table.needed("sender"),
        recipients=table.texts("recipients"),
    )
