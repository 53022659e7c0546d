"""Term mapping against what PubMed's guide and recorded replies show."""

from collections.abc import Mapping
from datetime import date

import pytest

from resartus.search.journals import Journal, Journals
from resartus.search.language import parse_query
from resartus.search.mapping.bundled import bundled_vocabulary
from resartus.search.mapping.dates import parse_relative, parse_span
from resartus.search.mapping.mapped import Sureness
from resartus.search.mapping.resolver import Resolved, Resolver
from resartus.search.mapping.tagged import Tables
from resartus.search.plan import Any, Period, Tokens

TODAY = date(2026, 11, 25)
JOURNALS = Journals()
JOURNALS.add(
    [
        Journal("9009288", "Endocrine pathology", "Endocr Pathol", ("1046-3976",)),
        Journal("7505876", "Proceedings of the National Academy of Sciences of the United States "
                "of America", "Proc Natl Acad Sci U S A", ("0027-8424", "1091-6490")),
    ]
)  # fmt: skip


def resolve(text: str, cache: Mapping[str, str] | None = None) -> Resolved:
    tables = Tables(
        vocabulary=bundled_vocabulary(),
        today=TODAY,
        journals=JOURNALS,
        has_token=lambda prefix: prefix in ("au:smith|ja", "ir:smith|ja"),
    )
    return Resolver(tables, cache=None if cache is None else Cache(cache)).resolve(
        parse_query(text).tree
    )


class Cache:
    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known

    def find(self, words: str) -> str | None:
        return self.known.get(words)


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        # PubMed User Guide, Automatic Term Mapping.
        ("child rearing", '"child rearing"[MeSH Terms] OR ("child"[All Fields] AND '
         '"rearing"[All Fields]) OR "child rearing"[All Fields]'),
        ("odontalgia", '"toothache"[MeSH Terms] OR "toothache"[All Fields] OR '
         '"odontalgia"[All Fields] OR "odontalgias"[All Fields]'),
        ("endocrine pathology", '"Endocr Pathol"[Journal] OR ("endocrine"[All Fields] AND '
         '"pathology"[All Fields]) OR "endocrine pathology"[All Fields]'),
        ("prognosis", '"prognosis"[MeSH Terms] OR "prognosis"[All Fields] OR '
         '"prognoses"[All Fields]'),
        # Recorded replies of NCBI, 2025 and 2026.
        ("cystic fibrosis", '"cystic fibrosis"[MeSH Terms] OR ("cystic"[All Fields] AND '
         '"fibrosis"[All Fields]) OR "cystic fibrosis"[All Fields]'),
        ("1500[dp]", "1500/01/01:1500/12/31[Date - Publication]"),
        ("PNAS[ta] OR proc natl acad sci u s a[ta]",
         '"pnas"[Journal] OR "proc natl acad sci u s a"[Journal]'),
        ('"covid treatment"[tiab:~3]', '"covid treatment"[Title/Abstract:~3]'),
        # The rules of the guide.
        ("liver cancer[mh]", '"liver neoplasms"[MeSH Terms]'),
        ("hypertension/dt", '"hypertension/drug therapy"[MeSH Terms]'),
        ("smith ja", "smith ja[Author] OR smith ja[Investigator]"),
        ("simpson[au]", "simpson[Author]"),
        ('"heart-attack"', '"heart attack"[All Fields]'),
        ("colo* cancer*[ti]", '"colo* cancer*"[Title]'),
        ("a1[ti] OR b1[ti] AND c1[ti]", '("a1"[Title] OR "b1"[Title]) AND "c1"[Title]'),
        ('"last 5 years"[dp]', "2021/11/25:3000[Date - Publication]"),
        ("french[la] OR chi[la]", '"french"[Language] OR "chi"[Language]'),
    ],
)  # fmt: skip
def test_a_query_is_translated_as_pubmed_translates_it(text: str, translation: str) -> None:
    assert resolve(text).text == translation


def test_the_founding_query_is_translated_as_expected_of_pubmed() -> None:
    """No reply of NCBI to it is on record; this is what the documented rules give."""
    found = resolve("liver metastasis gynecological cancers AND 1990:2011[dp] AND english[la]")
    assert found.text == (
        '(("liver"[MeSH Terms] OR "liver"[All Fields] OR "livers"[All Fields]) AND '
        '("neoplasm metastasis"[MeSH Terms] OR ("neoplasm"[All Fields] AND '
        '"metastasis"[All Fields]) OR "neoplasm metastasis"[All Fields] OR '
        '"metastasis"[All Fields] OR "metastases"[All Fields]) AND '
        '("genital neoplasms, female"[MeSH Terms] OR ("genital"[All Fields] AND '
        '"neoplasms"[All Fields] AND "female"[All Fields]) OR '
        '"female genital neoplasms"[All Fields] OR ("gynecological"[All Fields] AND '
        '"cancers"[All Fields]) OR "gynecological cancers"[All Fields])) AND '
        '1990/01/01:2011/12/31[Date - Publication] AND "english"[Language]'
    )
    assert [(item.source, item.sureness) for item in found.translations] == [
        ("liver", Sureness.TABLE),
        ("metastasis", Sureness.TABLE),
        ("gynecological cancers", Sureness.GUESS),
    ]


def test_a_translation_received_from_ncbi_is_preferred() -> None:
    received = '"neoplasms"[MeSH Terms] OR "cancerous"[All Fields] OR "cancer"[All Fields]'
    found = resolve("cancer", {"cancer": received})
    assert found.text == received
    assert found.translations[0].sureness is Sureness.NCBI
    assert isinstance(resolve("cancer").plan, Any)


def tokens(text: str) -> frozenset[str]:
    plan = resolve(text).plan
    assert isinstance(plan, Tokens)
    return plan.exact


def test_a_heading_explodes_at_every_place_it_has_in_the_trees() -> None:
    below = tokens("neoplasms[mh]")
    assert "mh:D008113" in below  # Liver Neoplasms
    assert "mh:D005833" in below  # Genital Neoplasms, Female
    assert len(below) > 600
    assert tokens("neoplasms[mh:noexp]") == {"mh:D009369"}


def test_both_sides_of_a_pair_explode_and_stay_bound_to_each_other() -> None:
    pairs = tokens("hypertension/therapy[mh]")
    assert "mh:D006973/drug_therapy" in pairs
    assert "mh:D006973/transplantation" in pairs
    assert all("/" in pair for pair in pairs)
    assert tokens("hypertension/therapy[mh:noexp]") == {"mh:D006973/therapy"}
    assert all(pair.startswith("mj:") for pair in tokens("hypertension/th[majr]"))


def test_publication_types_explode_in_their_own_tree() -> None:
    types = tokens("clinical trial[pt]")
    assert "pt:D016449" in types  # Randomized Controlled Trial
    assert tokens("clinical trial[pt:noexp]") == {"pt:D016430"}


def test_quotes_and_hyphens_and_stars_switch_mapping_off() -> None:
    for text in ('"cancer"', "canceri*"):
        assert "MeSH" not in resolve(text).text
    assert "MeSH" in resolve("heart-attack").text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("can*[ti]", "short-wildcard"),
        ('"aspir* dose"[tiab:~2]', "wildcard-proximity"),
        ("free full text[sb]", "filter"),
        ("zzzzqqq[mh]", "unknown-heading"),
        ("liver/zzz[mh]", "unknown-subheading"),
        ("soon[dp]", "bad-date"),
        ("2001/13[dp]", "bad-date"),
        ("the of", "stopwords"),
        ("analgesics[pa]", "no-actions"),
    ],
)
def test_what_pubmed_would_do_otherwise_is_said(text: str, code: str) -> None:
    assert code in {note.code for note in resolve(text).diagnostics}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2011", (20110101, 20111231)),
        ("2011/2", (20110201, 20110231)),
        ("2011/02/05", (20110205, 20110205)),
        ("2011/13", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_a_span_of_days(text: str, days: tuple[int, int] | None) -> None:
    assert parse_span(text) == days


def test_relative_dates_count_from_today_and_may_reach_into_the_future() -> None:
    assert parse_relative("last 2 months", today=date(2026, 1, 31), open_end=False) == (
        20251130,
        20260131,
    )
    assert parse_relative("last year", today=TODAY, open_end=True) == (20251125, 30001231)
    assert parse_relative("last 99999 years", today=TODAY, open_end=False) is not None


def test_a_single_date_and_a_range_ask_differently() -> None:
    assert resolve("2000[dp]").plan == Period("dp1", 20000101, 20001231)
    assert resolve("2000:2000[dp]").plan == Period("dp", 20000101, 20001231)


def test_three_thousand_words_are_mapped_well_under_a_second() -> None:
    import time

    text = " OR ".join(f"tumour{i} growth{i % 7}" for i in range(1500))
    resolve("warm up")
    start = time.process_time()
    resolve(text)
    # Generous for a busy machine; a square would take minutes.
    assert time.process_time() - start < 10
