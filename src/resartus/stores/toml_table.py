"""``TomlTable``: a TOML table that can point at the line of a mistake."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from resartus.errors import DataError

__all__ = ["TomlTable"]


class TomlTable:
    """A TOML table that knows its file and lines, so that a mistake can be pointed at."""

    def __init__(self, values: Mapping[str, Any], path: str, lines: list[str], file: str) -> None:
        self.values, self.path, self.lines, self.file = values, path, lines, file
        self.start = self._header_line()

    def _header_line(self) -> int:
        """Return the index of the line after this table's header, counting repeated headers."""
        if not self.path:
            return 0
        name, _, index = self.path.partition("#")
        wanted = int(index or 0)
        pattern = re.compile(rf"\s*\[\[?\s*{re.escape(name)}\s*\]\]?")
        for number, line in enumerate(self.lines):
            if pattern.match(line):
                if wanted == 0:
                    return number + 1
                wanted -= 1
        return 0

    def line_of(self, key: str) -> int:
        """Return the line, counted from 1, of a key, or of the table if the key is absent."""
        pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        for number, line in enumerate(self.lines[self.start :], self.start + 1):
            if pattern.match(line):
                return number
            if line.lstrip().startswith("[") and number > self.start:
                break
        return self.start or 1

    def wrong(self, key: str, complaint: str) -> DataError:
        """Return the error for a key, with file, line and full name."""
        table = self.path.partition("#")[0]
        full = f"{table}.{key}" if table else key
        line = self.line_of(key)
        return DataError(
            f"{self.file}, line {line}: {full} {complaint}", where=f"{self.file}:{line}", field=full
        )

    def only(self, allowed: Iterable[str]) -> None:
        """Refuse keys that are not allowed, with the nearest that is."""
        names = list(allowed)
        for key in self.values:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(names)}"
                raise self.wrong(key, f"= {self.values[key]!r} is not a known key; {hint}")

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Return a text, or ``None`` when the key is absent and may be."""
        value = self.values.get(key)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value.strip():
            seen = "is missing" if value is None else f"= {value!r} is not a text"
            raise self.wrong(key, f'{seen}; write {key} = "…"')
        return value

    def needed(self, key: str) -> str:
        """Return a text that must be there."""
        return self.text(key, required=True) or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when the key is absent."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, f'= {value!r} is not a list of texts; write {key} = ["…", "…"]')
        return tuple(value)

    def number(self, key: str, *, low: float, high: float) -> float | None:
        """Return a number within limits, or ``None`` when the key is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise self.wrong(key, f"= {value!r} is not a number from {low:g} to {high:g}")
        return value

    def whole(self, key: str, *, low: int, high: int) -> int | None:
        """Return a whole number within limits, or ``None`` when the key is absent."""
        value = self.number(key, low=low, high=high)
        if value is not None and not isinstance(value, int):
            raise self.wrong(key, f"= {value!r} is not a whole number from {low} to {high}")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], *, default: str) -> str:
        """Return one of the allowed texts."""
        value = self.values.get(key, default)
        if value not in allowed:
            near = difflib.get_close_matches(str(value), allowed, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise self.wrong(key, f"= {value!r} is not one of: {', '.join(allowed)}{hint}")
        return str(value)

    def table(self, key: str) -> TomlTable:
        """Return a table, empty when the key is absent."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"= {value!r} is not a table; write [{key}] on its own line")
        return TomlTable(value, f"{self.path}.{key}" if self.path else key, self.lines, self.file)

    def tables(self, key: str) -> list[TomlTable]:
        """Return the tables of a list, none when the key is absent."""
        value = self.values.get(key, [])
        full = f"{self.path}.{key}" if self.path else key
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, f"= {value!r} is not a list of tables; write [[{full}]]")
        return [
            TomlTable(item, f"{full}#{i}", self.lines, self.file) for i, item in enumerate(value)
        ]
