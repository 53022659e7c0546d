"""The packs say what the standards say, edition by edition, and refuse what contradicts itself."""

from pathlib import Path

import pytest

from resartus.errors import DataError, NotFoundError
from resartus.extraction.negation import is_negated
from resartus.extraction.vocabularies.deriving import derive_term, stated_grade
from resartus.extraction.vocabularies.pack import load_packs, parse_pack, vocabulary
from resartus.extraction.vocabularies.resections import parse_resection


@pytest.mark.parametrize(
    ("name", "finding", "stage"),
    [
        ("figo-ovary-2014", "liver parenchyma", "IVB"),
        ("figo-ovary-2014", "liver capsule", "III"),
        ("figo-ovary-2014", "Liver capsule above 2 cm", "IIIC"),
        ("figo-ovary-2014", "malignant pleural effusion", "IVA"),
        ("figo-ovary-2014", "inguinal node", "IVB"),
        ("figo-ovary-1988", "liver parenchyma", "IV"),
        ("figo-ovary-1988", "inguinal node", "IIIC"),
        ("figo-endometrium-2009", "liver parenchyma", "IVB"),
        ("figo-endometrium-2023", "liver parenchyma", "IVC"),
        ("figo-cervix-2018", "liver parenchyma", "IVB"),
        ("figo-uterine-sarcoma-2009", "liver parenchyma", "IVB"),
    ],
)
def test_the_liver_sets_the_stage_of_its_tumour_and_edition(
    name: str, finding: str, stage: str
) -> None:
    assert vocabulary(name).stage_of(finding).code == stage


def test_every_figo_vocabulary_names_its_edition_and_knows_the_liver() -> None:
    figo = next(pack for pack in load_packs() if pack.pack_id == "figo")
    for v in figo.vocabularies:
        assert v.edition is not None
        assert v.vocabulary_id.endswith(v.edition)
        assert v.stage_of("liver parenchyma").code.startswith("IV")


@pytest.mark.parametrize(
    ("text", "segments", "brisbane", "new_world", "anatomical"),
    [
        ("right hepatectomy", "5678", "right hemihepatectomy", "H5678", True),
        ("Extended right hepatectomy", "45678", "right trisectionectomy", "H45678", True),
        ("left lateral segmentectomy", "23", "left lateral sectionectomy", "H23", True),
        ("right posterior sectionectomy", "67", "right posterior sectionectomy", "H67", True),
        ("left trisectionectomy", "23458", "left trisectionectomy", "H23458", True),
        ("segmentectomies 5, 6 and 7", "567", None, "H567", True),
        ("resection of segments II-III", "23", "left lateral sectionectomy", "H23", True),
        ("segment VI", "6", None, "H6", True),
        ("H458", "458", "central hepatectomy", "H458", True),
        ("wedge resection", "", None, None, False),
        ("right hepatectomy and wedge resection", "5678", "right hemihepatectomy", "H5678", False),
    ],
)
def test_names_of_resections_become_segments(
    text: str, segments: str, brisbane: str | None, new_world: str | None, anatomical: bool
) -> None:
    found = parse_resection(text)
    assert found is not None
    assert "".join(found.segments) == segments
    assert (found.brisbane, found.new_world) == (brisbane, new_world)
    assert found.is_anatomical is anatomical


def test_three_segments_make_a_resection_major() -> None:
    major, minor = parse_resection("segments 5-7"), parse_resection("segments 6, 7")
    assert major is not None
    assert minor is not None
    assert (major.is_major, minor.is_major) == (True, False)


@pytest.mark.parametrize("text", ["chemotherapy", "hepatic resection", "hysterectomy"])
def test_a_resection_without_extent_is_not_guessed(text: str) -> None:
    assert parse_resection(text) is None


def test_every_name_of_a_resection_reads_back_as_itself() -> None:
    for term in vocabulary("resection").terms:
        for name in (term.code, *term.synonyms):
            found = parse_resection(name)
            assert found is not None, name
            assert found.segments == tuple(sorted(term.parts)), name


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("bile leak treated by percutaneous drainage", "IIIa"),
        ("bleeding requiring relaparotomy", "IIIb"),
        ("transfusion of two units", "II"),
        ("renal failure with dialysis", "IVa"),
        ("she died on day 12 after multiorgan failure", "V"),
        ("wound infection opened at the bedside", "I"),
        ("antibiotics were given; no reoperation was needed", "II"),
        ("no complication", None),
        ("reoperation was not required", None),
        ("no fever but relaparotomy for bleeding", "IIIb"),
    ],
)
def test_clavien_dindo_is_derived_from_the_treatment_and_marked(
    text: str, grade: str | None
) -> None:
    found = derive_term(text, vocabulary("clavien-dindo"))
    assert (found.term.code if found else None) == grade
    if found is not None:
        assert found.is_derived
        assert found.derivation == f"derived from {text[found.start : found.end]!r}"


def test_a_grade_that_the_authors_state_is_not_derived() -> None:
    found = stated_grade("Two grade II and one Clavien-Dindo grade IIIb complications")
    assert found is not None
    assert (found.term.code, found.is_derived, found.derivation) == ("IIIb", False, None)


def test_karnofsky_crosses_to_ecog_and_back_with_what_is_lost() -> None:
    (crosswalk,) = next(p for p in load_packs() if p.pack_id == "liver-surgery").crosswalks
    assert [crosswalk.convert(k) for k in ("100", "90", "70", "50", "10", "0")] == list("001245")
    assert crosswalk.back("0") == ("100", "90")
    with pytest.raises(NotFoundError, match="'75'"):
        crosswalk.convert("75")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("r-status", "negative margin", "R0"),
        ("disease-extent", "Liver-only", "liver only"),
        ("lesion-origin", "hematogenous", "parenchymal metastasis"),
        ("lesion-origin", "peritoneal implant", "capsular or peritoneal implant"),
        ("clavien-dindo", "IIIa", "IIIa"),
        ("ctcae-grade", "life-threatening", "4"),
        ("ctcae-grade", "Grade II", "2"),
        ("who-umc-causality", "Unclassifiable", "unassessable"),
        ("who-umc-causality", "likely", "probable"),
    ],
)
def test_synonyms_lead_to_their_term(name: str, text: str, code: str) -> None:
    assert vocabulary(name).term(text).code == code


def test_another_disease_brings_its_own_pack(tmp_path: Path) -> None:
    path = tmp_path / "lung.toml"
    path.write_text(
        'id = "lung"\nversion = "1"\ntitle = "Lung"\n[[vocabulary]]\nid = "lobe"\nlabel = "Lobe"\n'
        'source = "anatomy"\nterms = ["upper", "middle", "lower"]\n'
    )
    packs = load_packs([path])
    assert vocabulary("lobe", packs=packs).term("Middle").code == "middle"
    assert vocabulary("r-status", packs=packs).term("R1").code == "R1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('terms = ["a", "A"]', "'a' means both 'a' and 'A'"),
        ("terms = []", "has no terms"),
        ('terms = ["a"]\nfindings = { x = "b" }', "sets 'b', which is no term"),
        ('terms = ["a"]\nsort = 1', "'sort' is not a known key"),
        ('[[vocabulary.term]]\ncode = "a"\nbroader = "z"', "under 'z'"),
    ],
)
def test_a_pack_that_contradicts_itself_is_refused(body: str, words: str) -> None:
    head = 'id = "p"\nversion = "1"\ntitle = "P"\n[[vocabulary]]\n'
    head += 'id = "v"\nlabel = "V"\nsource = "s"\n'
    with pytest.raises(DataError) as caught:
        parse_pack(head + body)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "word", "denied"),
    [
        ("There was no recurrence.", "recurrence", True),
        ("She is well without recurrence", "recurrence", True),
        ("Recurrence was not observed", "Recurrence", True),
        ("A recurrence was resected", "recurrence", False),
        ("No death occurred, but recurrence was frequent", "recurrence", False),
        ("No deaths. Recurrence in five", "Recurrence", False),
    ],
)
def test_denied_words_are_told_from_others(text: str, word: str, denied: bool) -> None:
    start = text.index(word)
    assert is_negated(text, start, start + len(word)) is denied
