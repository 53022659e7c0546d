"""An object made quickly is the object its class makes."""

import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from resartus.domain.building import builder
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, MeshHeading, Record
from resartus.errors import DataError

VALUES = {"record_id": RecordId("x"), "source": "pubmed", "pmid": Pmid(1), "title": "Liver"}


def test_it_is_equal_and_of_the_same_class() -> None:
    made = builder(Record)(**VALUES)
    assert type(made) is Record
    assert made == Record(**VALUES)  # type: ignore[arg-type]
    assert hash(made) == hash(Record(**VALUES))  # type: ignore[arg-type]
    assert repr(made) == repr(Record(**VALUES))  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(made)) == made
    assert replace(made, title="Spleen").title == "Spleen"


def test_every_field_has_its_default() -> None:
    made, usual = builder(MeshHeading)("Liver"), MeshHeading(descriptor="Liver")
    assert all(getattr(made, f.name) == getattr(usual, f.name) for f in fields(usual))


def test_it_cannot_be_changed() -> None:
    made = builder(Author)(last_name="Smith")
    with pytest.raises(FrozenInstanceError):
        made.last_name = "Smiht"  # type: ignore[misc]


def test_it_is_looked_at_as_ever() -> None:
    with pytest.raises(DataError, match="has no name"):
        builder(Author)()
    with pytest.raises(DataError, match="source"):
        builder(Record)(record_id="x", source="")
    with pytest.raises(TypeError):
        builder(Record)(source="pubmed")
