"""The index and the matcher, which looks at every record, must agree on every query."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import needs
from tests.search.queries import queries

from resartus.app.pubmed.loading import load_files
from resartus.app.pubmed.local import LocalPubmed
from resartus.search.documents import document_of
from resartus.search.index import embedded
from resartus.search.mapping.bundled import bundled_vocabulary
from resartus.search.matcher import Matcher
from resartus.search.plan import EVERYTHING, Part
from resartus.search.searching import search_index
from resartus.sources.formats.readers.pubmed_payloads import iterate_payloads

TODAY = date(2021, 6, 30)
RECORDS = 160


@pytest.fixture(scope="module")
def slice_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some records of the two large files, of 1977 and of 2021."""
    folder = needs.shared_data() / "pubmed-baseline"
    path = tmp_path_factory.mktemp("slice") / "slice.xml"
    with path.open("wb") as stream:
        stream.write(b"<PubmedArticleSet>")
        for name, step in (("pubmed20n0014.xml.gz", 11), ("pubmed21n1298.xml.gz", 7)):
            payloads = iterate_payloads(folder / name, print)
            for payload in islice(payloads, 0, RECORDS // 2 * step, step):
                stream.write(payload.content)
        stream.write(b"</PubmedArticleSet>")
    return path


@pytest.fixture(scope="module")
def pubmed(slice_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPubmed]:
    folder = tmp_path_factory.mktemp("pubmed")
    load_files([slice_file], folder, clock=lambda: datetime(2021, 7, 1, tzinfo=UTC), workers=1)
    with LocalPubmed(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def matcher(pubmed: LocalPubmed) -> Matcher:
    records = list(pubmed.records(pubmed.index.evaluate(EVERYTHING)))
    ids = bundled_vocabulary().id_of
    return Matcher([document_of(r, ids) for r in records], pubmed.index.journals())


def agree(query: str, pubmed: LocalPubmed, matcher: Matcher) -> int:
    """Assert that both give the same set, and return its size."""
    found = pubmed.search(query, today=TODAY)
    expected = search_index(query, matcher, vocabulary=pubmed.vocabulary, today=TODAY)
    pmids = sorted(matcher.documents[i].pmid for i in expected.pmids)
    assert list(found.pmids) == pmids, query
    assert [line.count for line in found.lines] == [line.count for line in expected.lines], query
    assert found.translation == expected.translation
    return found.count


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_index_and_matcher_agree_on_generated_queries(
    data: st.DataObject, pubmed: LocalPubmed, matcher: Matcher
) -> None:
    agree(data.draw(queries(matcher.documents, pubmed.vocabulary)), pubmed, matcher)


@pytest.mark.parametrize(
    "query",
    [
        "hip",
        "cell*[tiab]",
        '"of the"[tiab]',
        '"the in of"[tiab:~2]',
        '"patients treated with"[tiab:~3]',
        '"department university"[ad:~1000]',
        "neoplasms[mh] NOT (humans[mh] OR animals[mh:noexp])",
        "1. cell*\n2. blood\n3. #1 AND #2\n4. #3 NOT #1",
        "a[ti] OR b[ti] AND c[ti] NOT d[ti] " * 40,
        "therapy[sh] AND 1977[dp]",
        # Patterns too large for the engine's own automaton.
        "cell" + "*l" * 200 + "[tiab]",
        '"' + "cell* " * 200 + '"[ti]',
        "smit" + "h" * 3000 + "[au] OR smith[au]",
        "review[pt] OR case reports[pt]",
        "NOT humans[mh]",
    ],
)
def test_index_and_matcher_agree_on_queries_of_every_kind(
    query: str, pubmed: LocalPubmed, matcher: Matcher
) -> None:
    agree(query, pubmed, matcher)


@pytest.mark.parametrize(
    ("part", "query"),
    [
        (Part.SUBJECT, '"{} {}"[tw]'),
        (Part.REST, '"{} {}"[all]'),
        (Part.KEYWORD, '"{} {}"[tiab]'),
        (Part.KEYWORD, '"{} {}"[tiab:~20]'),
        (Part.AFFILIATION, '"{} {}"[ad:~20]'),
    ],
)
def test_neither_phrase_nor_proximity_crosses_from_one_run_into_the_next(
    part: Part, query: str, pubmed: LocalPubmed, matcher: Matcher
) -> None:
    pairs = {
        (before.split()[-1], after.split()[0])
        for document in matcher.documents
        for before, after in pairwise(document.texts.get(part, ()))
        if before.split() and after.split()
    }
    counts = [
        agree(query.format(*pair), pubmed, matcher)
        for pair in sorted(pairs)[:: len(pairs) // 25 or 1]
    ]
    assert 0 in counts


def test_the_slice_answers_with_something(pubmed: LocalPubmed, matcher: Matcher) -> None:
    counts = [agree(q, pubmed, matcher) for q in ("humans[mh]", "english[la]", "cell", "2021[dp]")]
    assert all(counts)


def test_very_many_are_fetched_in_stretches_and_none_is_lost(
    pubmed: LocalPubmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("all[sb]", "english[la]", "cell*", "zzzz")
    whole = [pubmed.search(query, today=TODAY).pmids for query in asked]
    monkeypatch.setattr(embedded, "AT_ONCE", 40)
    monkeypatch.setattr(embedded, "STRETCH", 1_000_000)
    assert max(whole[0]) > 30_000_000
    assert [pubmed.search(query, today=TODAY).pmids for query in asked] == whole
