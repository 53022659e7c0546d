"""Rules find what a text says, leave out what it denies, and quote their words."""

import pytest

from resartus.errors import DataError
from resartus.extraction.spans import find_span
from resartus.extraction.suggestions.finders import Rules
from resartus.extraction.suggestions.model import ModelProposer, prompt, read_answer
from resartus.extraction.suggestions.numbers import number_of
from resartus.extraction.suggestions.proposal import Proposal, Proposer, admit

TEXT = (
    "We reviewed twenty-seven consecutive patients. A 67-year-old woman underwent right "
    "hepatectomy 42 months after the primary surgery. There were no operative deaths. "
    "Three patients had minor complications, one relaparotomy for bleeding. Median survival was "
    "53 months (range 4-190). Median follow-up was 25.5 months. R0 resection was achieved in 19. "
    "Stage IIIC, negative margins. She is alive without disease 22 months after hepatectomy."
)
FIELDS = (
    "n_total", "age_years", "procedure", "interval_months", "mortality_n", "morbidity_n",
    "median_os_months", "follow_up_median_months", "r0_n", "figo_stage", "margin",
    "complication_grade", "follow_up_text",
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_total", "27"),
        ("age_years", "67"),
        ("procedure", "right hemihepatectomy"),
        ("interval_months", "42"),
        ("mortality_n", "0"),
        ("morbidity_n", "3"),
        ("median_os_months", "53"),
        ("follow_up_median_months", "25.5"),
        ("r0_n", "19"),
        ("figo_stage", "IIIC"),
        ("margin", "R0"),
        ("complication_grade", "IIIb"),
    ],
)
def test_what_the_text_says_is_found(field: str, value: str) -> None:
    assert value in [p.value for p in Rules().propose(TEXT, [field])]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("There was no relaparotomy and no transfusion.", "complication_grade"),
        ("Liver resection was performed.", "procedure"),
        ("No right hepatectomy was done.", "procedure"),
        ("Twelve patients died.", "n_total"),
        ("The interval was long.", "interval_months"),
    ],
)
def test_what_it_denies_or_does_not_say_is_not_found(text: str, field: str) -> None:
    assert Rules().propose(text, [field]) == []


def test_only_the_fields_asked_for_are_proposed() -> None:
    assert {p.field for p in Rules().propose(TEXT, ["n_total", "margin"])} == {"n_total", "margin"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27", 27), ("twenty-seven", 27), ("Twelve", 12), ("1,204", 1204), ("7.5", 7.5),
        ("0·05", 0.05), ("7,5", 7.5), ("eleventy", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_are_read_in_figures_and_words(text: str, value: float | None) -> None:
    assert number_of(text) == value


def model(answer: str) -> ModelProposer:
    return ModelProposer(ask=lambda _: ("tiny", "fp1", answer), labels={}, model="asked")


GOOD = '{"values": [{"field": "n_total", "value": "27", "words": "twenty-seven consecutive"}]}'


@pytest.mark.parametrize("proposer", [Rules(), model(GOOD)], ids=["rules", "model"])
def test_every_proposer_quotes_words_that_stand_in_the_text(proposer: Proposer) -> None:
    proposals = proposer.propose(TEXT, FIELDS)
    passed, refused = admit(TEXT, proposals, read=lambda _field, text: number_of(text) or text)
    assert passed
    assert refused == []
    for checked in passed:
        assert find_span(TEXT, checked.proposal.words) is not None
        assert TEXT[checked.start : checked.end]
    assert proposer.name
    assert proposer.version


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (Proposal(field="n", value="27", words="we saw 27 patients"), "do not stand in the text"),
        (
            Proposal(field="n", value="28", words="twenty-seven"),
            "value does not stand in its words",
        ),
        (
            Proposal(field="n", value="14", words="53 months", derivation="50 % of 53 = 14"),
            "does not lead",
        ),
        (
            Proposal(field="n", value="14", words="53 months", derivation="7 + 7 = 14"),
            "does not lead",
        ),
        (Proposal(field="n", value="0", words="53 months"), "value does not stand in its words"),
        (Proposal(field="n", value="bad", words="53 months"), "no number"),
        (Proposal(field="n", value="5", words=""), "do not stand in the text"),
    ],
)
def test_a_proposal_that_cannot_be_followed_back_is_refused(
    proposal: Proposal, reason: str
) -> None:
    def read(_field: str, text: str) -> float:
        value = number_of(text)
        if value is None:
            raise DataError("no number")
        return value

    passed, refused = admit(TEXT, [proposal], read=read)
    assert passed == []
    assert reason in refused[0].reason


def test_a_derived_value_passes_with_its_figures_in_the_words() -> None:
    proposal = Proposal(field="n", value="106", words="53 months", derivation="53 * 2 = 106")
    passed, _ = admit(TEXT, [proposal], read=lambda _field, text: float(text))
    assert passed[0].value == 106


def test_the_model_is_told_the_fields_and_given_the_text() -> None:
    system, user = prompt("The text.", {"n_total": "Patients"})
    assert "Never guess" in system["content"]
    assert user["content"] == "Fields:\n- n_total: Patients\n\nText:\nThe text."


def test_the_model_s_name_and_version_are_those_it_answers_with() -> None:
    proposer = model(GOOD)
    proposer.propose(TEXT, ["n_total"])
    assert proposer.name == "tiny"
    assert proposer.version.startswith("fp1; prompt 1 (")


def test_an_answer_around_its_json_is_read_and_another_is_refused() -> None:
    assert read_answer(f"Here it is:\n```json\n{GOOD}\n```")[0].value == "27"
    for bad in ("no idea", '{"values": 3}', '{"values": [{"value": "1"}]}'):
        with pytest.raises(Exception, match="not the JSON it was asked for"):
            read_answer(bad)
