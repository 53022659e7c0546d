"""R's answers to the same questions: input, the exact R call, result and tolerance."""

import json
import math
from dataclasses import dataclass
from typing import Any

from tests import needs


@dataclass(frozen=True)
class Oracle:
    data: dict[str, Any]
    expected: dict[str, Any]
    tolerance: float


def oracle(name: str) -> Oracle:
    """Return one recorded R result; skips where the public test data are absent."""
    path = needs.shared_data() / "r-oracles" / f"{name}.json"
    if not path.is_file():
        needs.missing(f"{path.name} is not in the public test data; it holds R's answer")
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Oracle(raw["data"], raw["expected"], raw["tolerance"])


def flat(value: Any) -> list[Any]:
    """Return R's scalar, list or named list as one flat list."""
    if isinstance(value, dict):
        return [part for item in value.values() for part in flat(item)]
    if isinstance(value, list | tuple):
        return [part for item in value for part in flat(item)]
    return [value]


def agree(mine: Any, theirs: Any, tolerance: float, *, near_zero: float = 1e-6) -> None:
    """Assert equality within R's relative tolerance, absolute near zero; ``None`` is ``None``."""
    a, b = flat(mine), flat(theirs)
    assert len(a) == len(b), f"{len(a)} numbers against R's {len(b)}"
    for i, (own, r) in enumerate(zip(a, b, strict=True)):
        if own is None or r is None:
            assert own is None, f"number {i}: {own!r} against R's {r!r}"
            assert r is None, f"number {i}: {own!r} against R's {r!r}"
        elif isinstance(r, str):
            assert own == r
        else:
            assert math.isclose(own, r, rel_tol=tolerance, abs_tol=near_zero * tolerance / 1e-6), (
                f"number {i}: {own!r} against R's {r!r}, tolerance {tolerance}"
            )
