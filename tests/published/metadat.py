"""Data of published meta-analyses as R's metadat holds them; skips where they are absent."""

import csv
import io
import tarfile

from tests import needs


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one data set by its name without ``dat.``."""
    archive = needs.shared_data() / "metaanalysis-metadat" / "metadat_csv.tar.gz"
    if not archive.is_file():
        needs.missing(f"{archive.name} is not in the public test data; it holds dat.{name}")
    with tarfile.open(archive) as tar:
        held = tar.extractfile(f"csv/dat.{name}.csv")
        assert held is not None
        return list(csv.DictReader(io.TextIOWrapper(held, encoding="utf-8")))


def columns(data: list[dict[str, str]], *names: str) -> tuple[list[float], ...]:
    """Return named columns as numbers."""
    return tuple([float(row[name]) for row in data] for name in names)


def printed(value: float | None, digits: int) -> float:
    """Return a number as it would be printed."""
    assert value is not None
    return round(value, digits)
