import random

import pytest

from resartus.domain.ids import RecordId
from resartus.domain.record import Record

_ABOUT = ("liver resection", "ovarian cancer", "metastasis", "survival after surgery")
_OTHER = ("asthma inhaler", "hip fracture", "school meals", "blood pressure", "dental caries")
_FILLER = ("study", "patients", "was", "done", "hospital", "with", "results", "reported", "groups")


@pytest.fixture(scope="session")
def labelled() -> tuple[list[Record], list[bool]]:
    """120 made-up records, of which every tenth is on one topic; fixed."""
    draw = random.Random(1)
    records, relevant = [], []
    for n in range(120):
        is_relevant = n % 10 == 3
        topics = [draw.choice(_ABOUT if is_relevant else _OTHER) for _ in range(3)]
        words = [draw.choice(_FILLER) for _ in range(30)]
        records.append(
            Record(
                record_id=RecordId(f"r{n}"),
                source="made up",
                title=f"{topics[0]} {draw.choice(_FILLER)}",
                abstract=None if n % 17 == 0 else " ".join([*words, *topics[1:]]),
                keywords=(topics[0],) if n % 3 else (),
            )
        )
        relevant.append(is_relevant)
    return records, relevant
