from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.dedup.overlap import Strength, kept_studies, propose_overlaps
from resartus.domain.extracted import Anchor, Extracted
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule, OverlapVerdict, PatientsShared
from resartus.domain.record import Author, Record
from resartus.domain.study import Study
from resartus.errors import DataError

TEAM = (
    Author(last_name="Bacalbasa", initials="N"),
    Author(last_name="Dima", initials="S"),
    Author(last_name="Popescu", initials="I"),
)


def study(study_id: str, **values: Any) -> Study:
    anchor = Anchor(record_id=RecordId(study_id), place="abstract")
    return Study(
        study_id=StudyId(study_id),
        label=study_id.title(),
        design=values.pop("design", "case series"),
        year=values.pop("year", None),
        record_ids=(RecordId(values.pop("record", study_id)),),
        values={
            name: Extracted(value=value, anchor=anchor, entered_by="ann")
            for name, value in values.items()
        },
    )


def report(record_id: str, **fields: Any) -> Record:
    return Record(record_id=RecordId(record_id), source="test", **fields)


def propose(*studies: Study, **records: Record) -> list[tuple[set[str], Strength]]:
    by_id = {record.record_id: record for record in records.values()}
    return [(set(p.study_ids), p.strength) for p in propose_overlaps(studies, by_id)]


OVARY = {"primary_sites": "ovary:31", "n_total": 31}


def test_one_team_in_one_period_on_one_organ_is_likely_to_share_patients() -> None:
    a = study("one", recruited="2002-2014", **OVARY)
    b = study("two", recruited="2005-2010", primary_sites="ovary:8", n_total=8)
    found = propose_overlaps([a, b], {RecordId(n): report(n, authors=TEAM) for n in ("one", "two")})
    assert [(p.strength, p.at_most) for p in found] == [(Strength.LIKELY, 8)]
    assert {e.kind for e in found[0].evidence} == {"authors", "period", "disease"}


def test_an_unknown_period_leaves_it_possible() -> None:
    a, b = study("one", recruited="2002-2014", **OVARY), study("two", **OVARY)
    found = propose(a, b, one=report("one", authors=TEAM), two=report("two", authors=TEAM))
    assert found == [({"one", "two"}, Strength.POSSIBLE)]


@pytest.mark.parametrize(
    "other",
    [
        {"recruited": "1990-2001", "primary_sites": "ovary:31"},
        {"recruited": "2002-2014", "primary_sites": "cervix:13;uterine body:6"},
        {"recruited": "2002-2014", "primary_sites": "ovary:31", "country": "Korea"},
    ],
    ids=["other years", "other organ", "other country"],
)
def test_what_rules_it_out_rules_it_out(other: dict[str, Any]) -> None:
    a = study("one", recruited="2002-2014", country="Romania", **OVARY)
    b = study("two", **other)
    assert propose(a, b, one=report("one", authors=TEAM), two=report("two", authors=TEAM)) == []


def test_one_author_in_common_is_no_evidence() -> None:
    a = study("one", recruited="2002-2014", **OVARY)
    b = study("two", recruited="2002-2014", **OVARY)
    lone = (TEAM[0], Author(last_name="Kim", initials="Y"))
    assert propose(a, b, one=report("one", authors=TEAM), two=report("two", authors=lone)) == []


def test_the_same_hospital_is_found_in_field_and_affiliation() -> None:
    a = study("one", recruited="1976-1999", centre="Mayo Clinic, Rochester", **OVARY)
    b = study("two", recruited="1990-2005", **OVARY)
    author = Author(
        last_name="Other", initials="Q", affiliations=("Dept of Surgery, Mayo Clinic, USA",)
    )
    assert propose(a, b, two=report("two", authors=(author,))) == [
        ({"one", "two"}, Strength.LIKELY)
    ]


def test_two_papers_on_one_registry_are_proposed() -> None:
    a = study("one", recruited="2010-2016", design="registry (SEER)", **OVARY)
    b = study("two", recruited="2010-2015", design="registry (SEER)", **OVARY)
    assert propose(a, b) == [({"one", "two"}, Strength.LIKELY)]


def test_a_review_that_tables_many_studies_is_not_their_team() -> None:
    a = study("one", recruited="2002-2014", record="review", **OVARY)
    b = study("two", recruited="2002-2014", record="review", **OVARY)
    assert propose(a, b, review=report("review", authors=TEAM)) == []


STUDIES = [
    study("a", n_total=10, follow_up_median_months=60.0),
    study("b", n_total=30, follow_up_median_months=20.0),
    study("c", n_total=20, follow_up_median_months=40.0),
    study("d"),
]


def verdict(pair: str, says: PatientsShared = PatientsShared.SHARED) -> OverlapVerdict:
    return OverlapVerdict(study_ids=(StudyId(pair[0]), StudyId(pair[1])), verdict=says)


def kept(rule: OverlapRule, *verdicts: OverlapVerdict) -> str:
    return "".join(s.study_id for s in kept_studies(STUDIES, verdicts, rule))


def test_each_rule_keeps_what_it_says() -> None:
    shared = (verdict("ab"), verdict("bc"))
    assert kept(OverlapRule.KEEP_ALL, *shared) == "abcd"
    assert kept(OverlapRule.KEEP_LARGEST, *shared) == "bd"
    # a and c share patients with b but not with each other: both stay.
    assert kept(OverlapRule.KEEP_LONGEST, *shared) == "acd"


def test_only_shared_patients_leave_a_study_out_and_the_last_word_counts() -> None:
    unclear = verdict("ab", PatientsShared.UNCLEAR)
    assert kept(OverlapRule.KEEP_LARGEST, unclear) == "abcd"
    changed = (verdict("ab"), verdict("ba", PatientsShared.DISTINCT))
    assert kept(OverlapRule.KEEP_LARGEST, *changed) == "abcd"


def test_a_study_of_unknown_size_gives_way() -> None:
    assert kept(OverlapRule.KEEP_LARGEST, verdict("ad")) == "abc"


pairs = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")).filter(lambda p: p[0] != p[1]),
    max_size=6,
)


@given(pairs, st.sampled_from([OverlapRule.KEEP_LARGEST, OverlapRule.KEEP_LONGEST]))
def test_no_two_kept_studies_share_and_every_dropped_one_does(
    given_: list[tuple[str, str]], rule: OverlapRule
) -> None:
    left = set(kept(rule, *(verdict(a + b) for a, b in given_)))
    assert not any({a, b} <= left for a, b in given_)
    for dropped in set("abcd") - left:
        assert any(dropped in pair and set(pair) & left for pair in given_)


def test_an_overlap_needs_two_studies() -> None:
    with pytest.raises(DataError, match="between two studies"):
        verdict("aa")
