from hypothesis import given
from hypothesis import strategies as st

from resartus.domain.duplicates import DuplicateLinks, DuplicateQuestion, pair_of
from resartus.domain.ids import RecordId

A, B, C, D = (RecordId(x) for x in "abcd")
ids = st.sampled_from([A, B, C, D, RecordId("e"), RecordId("f")])
steps = st.lists(st.tuples(st.sampled_from(["link", "unlink", "apart"]), ids, ids), max_size=15)


def apply(links: DuplicateLinks, step: tuple[str, RecordId, RecordId]) -> None:
    kind, a, b = step
    if kind == "link":
        links.link(a, b)
    elif kind == "unlink":
        links.unlink(a)
    else:
        links.keep_apart(a, b)


@given(steps)
def test_what_is_kept_follows_from_the_links_alone(
    given_: list[tuple[str, RecordId, RecordId]],
) -> None:
    links = DuplicateLinks()
    for step in given_:
        apply(links, step)

    def end(record_id: RecordId) -> RecordId:
        while record_id in links.same_as:
            record_id = links.same_as[record_id]
        return record_id

    assert links.kept == {record_id: end(record_id) for record_id in links.same_as}
    assert {m: root for root, group in links.members.items() for m in group} == links.kept
    assert not set(links.kept) & set(links.kept.values())


@given(steps, ids, ids)
def test_what_was_judged_different_is_no_longer_one_group(
    given_: list[tuple[str, RecordId, RecordId]], a: RecordId, b: RecordId
) -> None:
    links = DuplicateLinks()
    for step in given_:
        apply(links, step)
    links.keep_apart(a, b)
    assert a == b or links.root(a) != links.root(b)
    assert pair_of(a, b) in links.apart


def test_linking_what_stands_for_others_brings_them_along() -> None:
    links = DuplicateLinks()
    links.link(A, B)
    links.link(C, B)
    links.link(B, D)
    assert links.group(A) == (D, A, C, B) or set(links.group(A)) == {A, B, C, D}
    assert links.root(A) == D


def test_taking_one_link_out_leaves_the_others() -> None:
    links = DuplicateLinks()
    links.link(A, B)
    links.link(C, B)
    links.unlink(A)
    assert links.kept == {C: B}
    assert pair_of(A, B) in links.apart


def test_a_question_is_open_until_it_is_answered() -> None:
    links = DuplicateLinks()
    links.ask([DuplicateQuestion(record_id=A, other_id=B, probability=0.4)])
    links.ask(
        [
            DuplicateQuestion(record_id=A, other_id=B, probability=0.4),
            DuplicateQuestion(record_id=C, other_id=D, probability=0.5),
        ]
    )
    assert [q.record_id for q in links.open_questions()] == [C, A]
    links.link(A, B)
    links.keep_apart(C, D)
    assert links.open_questions() == []
