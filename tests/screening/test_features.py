import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.screening.features import Blocks, PlainWords
from resartus.screening.words import fold_word, parts_of

Labelled = tuple[list[Record], list[bool]]


def test_similarities_are_those_of_scikit_learn(labelled: Labelled) -> None:
    # Independent: scikit-learn's tf-idf of words and pairs, which ELAS u4 uses.
    records, _ = labelled
    texts = [f"{r.title} {r.abstract or ''}" for r in records]
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(
        texts
    )
    ours = PlainWords().extract(records).matrix
    expected = (theirs @ theirs.T).toarray()
    found = (ours @ ours.T).toarray()
    apart = ~np.eye(len(records), dtype=bool)
    assert found[apart] == pytest.approx(expected[apart], abs=1e-9)


def test_a_record_without_text_or_headings_has_a_row_all_the_same() -> None:
    bare = [Record(record_id=RecordId(f"{n}"), source="x") for n in range(3)]
    named = [Record(record_id=RecordId("a"), source="x", title="liver liver"), *bare]
    table = Blocks().extract(named)
    assert table.matrix.shape[0] == 4
    assert not np.isnan(table.matrix.data).any()


def test_terms_lead_back_to_their_columns(labelled: Labelled) -> None:
    records, _ = labelled
    features = Blocks()
    table = features.extract(records)
    for place in (1, 3, 13, 17):
        columns = set(features.terms_of(records[place], table).values())
        assert columns == set(table.matrix[place].indices.tolist())


@pytest.mark.parametrize(
    ("word", "folded"),
    [("trials", "trial"), ("studies", "study"), ("mass", "mass"), ("as", "as"), ("dose", "dose")],
)
def test_endings_are_folded(word: str, folded: str) -> None:
    assert fold_word(word) == folded


def test_drugs_of_a_class_share_a_part() -> None:
    first, second = (set(parts_of(drug)) for drug in ("sumatriptan", "rizatriptan"))
    assert first & second == {"…iptan", "…ptan"}
    assert parts_of("dose") == ()
