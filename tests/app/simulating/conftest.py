import csv
from pathlib import Path

import pytest


def write(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["title", "abstract", "label_included"])
        table.writerows(rows)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [
        (
            f"{'Liver resection' if n % 8 == 1 else 'Asthma inhaler'} study {n}",
            f"Patients number {n} were followed {'after surgery' if n % 8 == 1 else 'at school'}",
            "1" if n % 8 == 1 else "0",
        )
        for n in range(64)
    ]
    return write(tmp_path / "made.csv", rows)
