from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.dedup.citation import normalise
from resartus.dedup.comparing import compare
from resartus.dedup.score import Outcome, load_model
from resartus.dedup.words import title_words
from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record

TITLE = "Hepatic resection for metastatic tumours from gynaecologic carcinomas"
NAMES = (("Chi", "Dennis S"), ("Fong", "Yuman"), ("Venkatraman", "Ennapadam S"))


def record(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "record_id": RecordId("a"),
        "source": "test",
        "title": TITLE,
        "authors": tuple(Author(last_name=last, fore_name=fore) for last, fore in NAMES),
        "journal": "Gynecologic Oncology",
        "year": 1997,
        "volume": "66",
        "issue": "1",
        "pages": "45-51",
    }
    return Record(**(plain | changes))


def levels(**changes: Any) -> tuple[str, ...]:
    return compare(normalise(record()), normalise(record(**changes))).levels


def outcome(**changes: Any) -> Outcome:
    return load_model().outcome(compare(normalise(record()), normalise(record(**changes))))


@pytest.mark.parametrize(
    "authors",
    [
        tuple(Author(last_name=last, fore_name=fore[0]) for last, fore in NAMES),
        tuple(Author(last_name=f"{fore} {last}") for last, fore in NAMES),
        tuple(Author(last_name=last.upper(), initials=fore[0]) for last, fore in NAMES),
        (Author(last_name="Chi D. S.Fong Y.Venkatraman E. S."),),
        (Author(last_name="Chi", fore_name="D"), Author(last_name="Fong", fore_name="Y")),
    ],
    ids=["initials", "given name first", "capitals", "run together", "cut"],
)
def test_author_names_agree_in_every_style(authors: tuple[Author, ...]) -> None:
    held = levels(authors=authors)
    assert "authors same" in held
    assert "first author same" in held


@pytest.mark.parametrize(
    "journal", ["Gynecol Oncol", "Gynecol. Oncol.", "GYNECOLOGIC ONCOLOGY", "Gynecologic oncology"]
)
def test_a_journal_agrees_with_its_abbreviation(journal: str) -> None:
    assert "journal same" in levels(journal=journal)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CMAJ", "Canadian Medical Association Journal"),
        ("Acta Oncologica", "Acta oncologica (Stockholm, Sweden)"),
        ("J Clin Oncol", "Journal of Clinical Oncology"),
        ("Seminars in Thrombosis and Hemostasis", "Seminars in Thrombosis & Hemostasis"),
        ("Dtsch-Med-Wochenschr", "Deutsche Medizinische Wochenschrift"),
        ("Gan to Kagaku Ryoho [Japanese Journal of Cancer]", "Japanese Journal of Cancer"),
        ("Pediatr Nephrol", "Pediatric Nephrology.Conference: 44th Scientific Meeting"),
        ("ICIS : Transforming Society", "International Conference on Information Systems"),
    ],
)
def test_known_pairs_of_journal_names_agree(one: str, other: str) -> None:
    a, b = (normalise(record(journal=journal)) for journal in (one, other))
    assert "journal same" in compare(a, b).levels


def test_other_journals_do_not_agree() -> None:
    assert "journal different" in levels(journal="Journal of Clinical Oncology")


@pytest.mark.parametrize("pages", ["45-51", "45--51", "045-051", "pp. 45 – 51", "98, 45-51"])
def test_pages_agree_in_every_style(pages: str) -> None:
    assert "pages same" in levels(pages=pages)


@pytest.mark.parametrize(
    "title",
    [
        f"[{TITLE}]",
        f"{TITLE}. [German]",
        f"{TITLE.upper()}.",
        f"{TITLE} (author's transl)",
        f"{TITLE} [see comment]",
        f"{TITLE}.[Erratum appears in Gynecol Oncol. 1997 Aug;66(2):341]",
        f"{TITLE}.[Erratum appears in Gynecol Onc",
        f"<i>{TITLE}</i>",
        TITLE.replace(" for ", " for "),
    ],
)
def test_what_catalogues_add_to_a_title_does_not_count(title: str) -> None:
    assert "title same" in levels(title=title)


def test_a_translated_title_in_brackets_is_no_note() -> None:
    assert title_words("[Update of staging]. [German]") == ["update", "of", "staging"]


def test_missing_fields_speak_neither_way() -> None:
    held = levels(journal=None, volume=None, issue=None, pages=None, year=None)
    assert not [level for level in held if level.startswith(("journal", "volume", "pages", "year"))]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": f"Erratum: {TITLE}", "pages": "341"},
        {"title": f"{TITLE} - Reply", "pages": "341", "authors": ()},
        {"title": f"Comment on: {TITLE}", "pages": "341"},
        {"title": f"{TITLE} (vol 66, e000812, 2019)", "pages": "341"},
        {"journal": "bioRxiv", "volume": None, "pages": None, "doi": "10.1101/2020.01.02.123456"},
        {"volume": "60", "issue": "3 Suppl", "pages": "S78", "year": 1996},
        {"title": TITLE + ", part II", "pages": "52-60"},
    ],
    ids=["erratum", "reply", "comment", "erratum of another form", "preprint", "abstract", "part"],
)
def test_another_report_is_not_linked_by_itself(changes: dict[str, Any]) -> None:
    assert outcome(**changes) is not Outcome.SAME


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"journal": "Gynecol Oncol", "pages": "45-51", "issue": None},
        {"authors": (Author(last_name="Chi", fore_name="D."),), "issue": None},
        {"title": TITLE.replace("tumours", "tumors").upper()},
        {"pages": None, "issue": None},
        {"year": 1998},
        {"title": None},
        {"volume": "1997", "issue": "May", "pages": None},
    ],
)
def test_one_report_in_another_export_is_linked(changes: dict[str, Any]) -> None:
    assert outcome(**changes) is Outcome.SAME


@pytest.mark.parametrize(
    "changes",
    [
        {"journal": "Annals of Surgery", "volume": "226", "pages": "12-20"},
        {"title": f"{TITLE} 2", "pages": "52-60", "issue": "2"},
        {"title": f"{TITLE} AUTHORS REPLY", "authors": (Author(last_name="Ott", fore_name="R"),)},
    ],
    ids=["another journal, volume and page", "next part", "reply on the same page"],
)
def test_what_two_fields_deny_is_not_even_asked(changes: dict[str, Any]) -> None:
    assert outcome(**changes) is Outcome.DIFFERENT


def test_two_abstracts_of_one_team_on_one_page_are_not_linked_by_themselves() -> None:
    a, b = (normalise(record(pages="81A", title=title)) for title in (TITLE, "ASC-H and histology"))
    assert load_model().outcome(compare(a, b)) is not Outcome.SAME


def test_two_letters_under_one_title_on_one_page_are_not_linked_by_themselves() -> None:
    other = (Author(last_name="Rusbridge", fore_name="C"),)
    a, b = (normalise(record(pages="222", authors=who)) for who in (record().authors, other))
    assert load_model().outcome(compare(a, b)) is Outcome.ASK


def test_an_erratum_is_one_in_the_words_of_two_databases() -> None:
    titles = (f"Correction: {TITLE}.", f"{TITLE} (vol 17, e1009726, 2021)")
    a, b = (normalise(record(title=title, pages="341")) for title in titles)
    assert load_model().outcome(compare(a, b)) is Outcome.SAME


def test_a_translation_on_the_same_pages_is_linked() -> None:
    assert outcome(title="Leberresektion bei Metastasen gynäkologischer Tumoren") is Outcome.SAME


def test_a_date_in_the_place_of_a_number_is_no_other_number() -> None:
    held = levels(volume="1997", issue="Jul/Aug")
    assert not {"volume different", "issue different"} & set(held)
    # Another year's number is a number, and two dates are compared.
    assert "volume different" in levels(volume="1996")
    may, june = (normalise(record(issue=month, pages=None)) for month in ("May", "June"))
    assert "issue different" in compare(may, june).levels


def test_editorials_are_told_apart_by_a_date_too() -> None:
    for title in ("Editorial", "From the editor"):
        a, b = (
            normalise(record(title=title, pages=None, volume=volume, issue=issue))
            for volume, issue in (("64", "3"), ("1997", "May"))
        )
        assert load_model().outcome(compare(a, b)) is Outcome.DIFFERENT


PROCEEDINGS = {
    "journal": "Proceedings of the Conference on Human Factors",
    "volume": None,
    "issue": None,
    "pages": "2796-2807",
}


def subtitled(**changes: Any) -> Outcome:
    long = "Infrastructure in the wild: what mapping in Nepal reveals about emergence"
    a = normalise(record(title=long, **PROCEEDINGS))
    b = normalise(record(**({"title": "Infrastructure in the Wild"} | PROCEEDINGS | changes)))
    return load_model().outcome(compare(a, b))


def test_a_title_without_its_long_subtitle_is_the_same_on_the_same_pages() -> None:
    assert subtitled() is Outcome.SAME


@pytest.mark.parametrize(
    "changes",
    [
        {"pages": "2808-2815"},
        {"pages": None},
        {"year": 1991},
        {"title": "Infrastructures"},
        {"title": "Reveals about emergence"},
        {"authors": (Author(last_name="Ott", fore_name="R"),)},
    ],
    ids=["other pages", "no pages", "another year", "one word", "its end", "other authors"],
)
def test_the_opening_of_a_title_alone_links_nothing(changes: dict[str, Any]) -> None:
    assert subtitled(**changes) is not Outcome.SAME


def test_nothing_is_linked_against_a_doi() -> None:
    a, b = (normalise(record(doi=f"10.1006/gyno.{n}")) for n in (1, 2))
    assert load_model().outcome(compare(a, b)) is not Outcome.SAME


texts = st.one_of(st.none(), st.text(min_size=1, max_size=30))
records = st.builds(
    record,
    title=texts,
    journal=texts,
    volume=texts,
    issue=texts,
    pages=texts,
    abstract=texts,
    year=st.one_of(st.none(), st.integers(1950, 2030)),
    authors=st.lists(
        st.builds(Author, last_name=st.text(min_size=1, max_size=12), fore_name=texts), max_size=4
    ).map(tuple),
)


@given(records, records)
def test_the_order_of_a_pair_does_not_matter(one: Record, other: Record) -> None:
    a, b = normalise(one), normalise(other)
    assert sorted(compare(a, b).levels) == sorted(compare(b, a).levels)


@given(records)
def test_any_text_can_be_compared(one: Record) -> None:
    citation = normalise(one)
    assert 0 <= load_model().probability(compare(citation, citation)) <= 1
