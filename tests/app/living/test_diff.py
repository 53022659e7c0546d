from collections.abc import Callable

from tests.app.living.conftest import PROTOCOL, cells

from resartus.app.living.diff import diff_versions
from resartus.app.planning import save_protocol
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.app.versions import draft_version, pin_version
from resartus.domain.change import ChangeKind
from resartus.domain.event import EventKind
from resartus.domain.plain import to_plain

Include = Callable[..., None]


def three(include: Include) -> None:
    for pmid, events in ((1, 1), (2, 0), (3, 2)):
        include(pmid, events=events, total=20)


def test_nothing_done_is_nothing_changed(review: Review, include: Include) -> None:
    three(include)
    first = pin_version(review, trigger="first")
    second = pin_version(review, trigger="second")
    diff = diff_versions(review, first, second)
    assert diff.changes == ()
    assert diff.changed_conclusions == ()


def test_a_new_series_is_followed_from_record_to_estimate(review: Review, include: Include) -> None:
    three(include)
    first = pin_version(review, trigger="first")
    include(4, events=9, total=20)
    diff = diff_versions(review, first, draft_version(review))
    kinds = {change.kind for change in diff.changes}
    assert kinds == {
        ChangeKind.RECORD,
        ChangeKind.DECISION,
        ChangeKind.STUDY,
        ChangeKind.VALUE,
        ChangeKind.ESTIMATE,
    }
    (estimate,) = diff.of_kind(ChangeKind.ESTIMATE)
    assert estimate.key == "mortality.pooled"
    assert "3 series" in (estimate.before or "")
    assert "4 series" in (estimate.after or "")
    assert [cause.kind for cause in estimate.causes] == [EventKind.CELL_ENTERED]
    assert {cause.by for cause in estimate.causes} == {"ann"}
    for change in diff.changes:
        assert change.causes, change
        assert change.before is None or change.kind is ChangeKind.ESTIMATE


def test_a_corrected_value_is_told_before_and_after(review: Review, include: Include) -> None:
    three(include)
    first = pin_version(review, trigger="first")
    review.append(
        EventKind.CELL_ENTERED, {"cells": [to_plain(c) for c in cells("pubmed:3", mortality_n=5)]}
    )
    diff = diff_versions(review, first, draft_version(review))
    (value,) = diff.of_kind(ChangeKind.VALUE)
    assert (value.what, value.before, value.after) == ("pubmed:3/mortality_n", "2", "5")
    assert value.causes[0].seq == review.store.last_seq()


def test_an_undo_is_the_cause_of_what_it_takes_back(review: Review, include: Include) -> None:
    three(include)
    first = pin_version(review, trigger="first")
    study = next(e for e in review.store.load_events() if e.kind is EventKind.STUDY_DEFINED)
    undo_event(review, study.seq)
    diff = diff_versions(review, first, draft_version(review))
    (gone,) = diff.of_kind(ChangeKind.STUDY)
    assert gone.after is None
    assert [cause.kind for cause in gone.causes] == [EventKind.EVENT_UNDONE]


def test_a_change_of_methods_is_named_and_is_the_cause(review: Review, include: Include) -> None:
    three(include)
    first = pin_version(review, trigger="first")
    save_protocol(review, PROTOCOL + "level = 0.8\n")
    diff = diff_versions(review, first, draft_version(review))
    (setting,) = diff.of_kind(ChangeKind.PROTOCOL)
    assert (setting.what, setting.before, setting.after) == ("analysis.level", None, "0.8")
    (estimate,) = diff.of_kind(ChangeKind.ESTIMATE)
    assert [cause.kind for cause in estimate.causes] == [EventKind.PROTOCOL_CHANGED]
    assert "95%" in (estimate.before or "")
    assert "80%" in (estimate.after or "")


def test_turned_round_it_says_the_opposite(review: Review, include: Include) -> None:
    three(include)
    first = pin_version(review, trigger="first")
    include(4, events=9, total=20)
    second = draft_version(review)
    there = {(c.what, c.before, c.after) for c in diff_versions(review, first, second).changes}
    back = {(c.what, c.after, c.before) for c in diff_versions(review, second, first).changes}
    assert there == back
