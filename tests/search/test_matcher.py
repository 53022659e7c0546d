from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, MeshHeading, MeshQualifier, Record
from resartus.example import bundle
from resartus.search.matcher import search_records
from resartus.search.variants import word_variants

TODAY = date(2026, 11, 24)
RECORDS = [
    Record(
        record_id=RecordId("kamel"),
        source="pubmed",
        pmid=Pmid(21452068),
        title="The Role of Liver-directed Surgery in Patients with Hepatic Metastasis",
        abstract="Fifty-two women were operated on.",
        authors=(Author(last_name="Kamel", initials="SI"), Author(last_name="Pawlik")),
        journal="World Journal of Surgery",
        year=2011,
        languages=("eng",),
        publication_types=("Journal Article",),
        mesh=(
            MeshHeading(
                descriptor="Liver Neoplasms",
                major=True,
                qualifiers=(MeshQualifier(name="secondary"), MeshQualifier(name="surgery")),
            ),
        ),
    ),
    Record(
        record_id=RecordId("kaseki"),
        source="pubmed",
        pmid=Pmid(1541438),
        title="Hepatic resection for metastatic carcinoma from the uterine cervix",
        year=1992,
        languages=("eng",),
        publication_types=("Case Reports",),
        keywords=("cervical cancer",),
    ),
    Record(
        record_id=RecordId("diaz"),
        source="pubmed",
        title="Tumor de células de la granulosa",
        year=2009,
        languages=("spa",),
    ),
]


def found(query: str) -> list[str]:
    return [str(r) for r in search_records(query, RECORDS, today=TODAY).record_ids]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hepatic", ["kamel", "kaseki"]),
        ("HEPATIC[ti] AND surgery[ti]", ["kamel"]),
        ("celulas", ["diaz"]),
        ("liver directed", ["kamel"]),
        ('"directed liver"', []),
        ('"hepatic resection"[ti]', ["kaseki"]),
        ("women[ti]", []),
        ("women[tiab]", ["kamel"]),
        ("metasta*[ti]", ["kamel", "kaseki"]),
        ("hepatic[ti] NOT cervix[ti]", ["kamel"]),
        # Left to right, without precedence: (granulosa OR hepatic) AND cervix.
        ("granulosa OR hepatic AND cervix", ["kaseki"]),
        ("granulosa OR (hepatic AND cervix)", ["kaseki", "diaz"]),
        ('"hepatic carcinoma"[ti:~4]', ["kaseki"]),
        ('"hepatic carcinoma"[ti:~2]', []),
        ("spanish[la]", ["diaz"]),
        ("case reports[pt]", ["kaseki"]),
        ("1990:2000[dp]", ["kaseki"]),
        ("2011[dp]", ["kamel"]),
        ("21452068", ["kamel"]),
        ("21452068[pmid] OR 1541438[pmid]", ["kamel", "kaseki"]),
        ("liver neoplasms[mh]", ["kamel"]),
        ("liver neoplasms/surgery[mh]", ["kamel"]),
        ("liver neoplasms/blood[mh]", []),
        ("liver neoplasms[majr]", ["kamel"]),
        ("pawlik[au]", ["kamel"]),
        ("pawlik[1au]", []),
        ("kamel si[au]", ["kamel"]),
        ("world journal of surgery[ta]", ["kamel"]),
        ("hasabstract", ["kamel"]),
        ("cervical cancer[ot]", ["kaseki"]),
        # An entry term of Neoplasms, which stands above Liver Neoplasms.
        ("tumour", ["kamel", "diaz"]),
        ("", []),
    ],
)
def test_a_query_finds_what_pubmed_would_of_these(query: str, expected: list[str]) -> None:
    assert found(query) == expected


def test_a_numbered_strategy_counts_every_line() -> None:
    result = search_records(
        "1. hepatic\n2. cervix OR granulosa\n3. #1 AND #2", RECORDS, today=TODAY
    )
    assert result.line_counts == ((1, 2), (2, 2), (3, 1))
    assert result.record_ids == (RecordId("kaseki"),)


def test_what_cannot_be_decided_here_is_told() -> None:
    result = search_records("free full text[sb]", RECORDS, today=TODAY)
    assert any("which no record tells" in note.message for note in result.diagnostics)


def test_the_founding_query_over_the_bundled_sample_with_its_translation() -> None:
    result = search_records(
        "liver metastasis gynecological cancers", bundle.load_records(), today=TODAY
    )
    assert sorted(result.record_ids) == [
        "example:hacker2016",
        "example:ramia2012",
    ]
    assert '"genital neoplasms, female"[MeSH Terms]' in result.translation
    assert ("gynecological cancers", "guess") in [
        (item.source, item.sureness.value) for item in result.translations
    ]


queries = st.recursive(
    st.sampled_from(["hepatic", "cervix[ti]", "granulosa", "women[tiab]", "metasta*"]),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR", "NOT"]), inner).map(
        lambda parts: f"({' '.join(parts)})"
    ),
    max_leaves=6,
)


@given(queries, queries)
@settings(deadline=None, max_examples=80)
def test_operators_are_the_operations_on_sets(left: str, right: str) -> None:
    a, b = set(found(left)), set(found(right))
    combine: dict[str, Callable[[set[str], set[str]], set[str]]] = {
        "AND": set.__and__,
        "OR": set.__or__,
        "NOT": set.__sub__,
    }
    for word, operation in combine.items():
        assert set(found(f"({left}) {word} ({right})")) == operation(a, b)


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=150)
def test_nothing_that_is_typed_is_an_error(text: str) -> None:
    result = search_records(text, RECORDS, today=TODAY)
    assert set(result.record_ids) <= {r.record_id for r in RECORDS}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
@settings(deadline=None)
def test_a_word_is_one_of_its_own_forms(word: str) -> None:
    assert word in word_variants(word)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("metastases", "metastasis"),
        ("cancer", "cancers"),
        ("biopsies", "biopsy"),
        ("tumours", "tumor"),
        ("gynecologic", "gynaecologic"),
    ],
)
def test_the_other_number_and_spelling_are_found(word: str, form: str) -> None:
    assert form in word_variants(word)
