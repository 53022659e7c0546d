from resartus.app.reporting.identification import identified
from resartus.domain.ids import RecordId
from resartus.domain.state import Imported, ReviewState


def state(*imports: tuple[str, bool], links: str = "") -> ReviewState:
    """Build a state from letters: each import's records, and links such as "ab" for a to b."""
    made = ReviewState()
    for ids, is_other in imports:
        record_ids = tuple(RecordId(letter) for letter in ids)
        made.imports.append(
            Imported(origin=f"{ids} (ris, 0)", record_ids=record_ids, is_other_method=is_other)
        )
        made.arrived.update(dict.fromkeys(record_ids))
    for link in links.split():
        made.duplicates.link(RecordId(link[0]), RecordId(link[1]))
    return made


def test_a_duplicate_between_databases_is_removed_once() -> None:
    came = identified(state(("abc", False), ("de", False), links="da"))
    assert [(item.name, item.count) for item in came.found] == [("abc", 3), ("de", 2)]
    assert came.duplicates == 1
    assert came.searched == ("a", "b", "c", "e")


def test_what_is_found_minus_duplicates_is_what_is_screened() -> None:
    came = identified(state(("abcd", False), ("aef", False), links="eb fb dc"))
    assert sum(item.count for item in came.found) - came.duplicates == len(came.searched)


def test_a_report_found_both_ways_counts_with_the_databases() -> None:
    came = identified(state(("ab", False), ("cd", True), links="ac"))
    # c stands for a, and still the report came from a database.
    assert came.searched == ("c", "b")
    assert came.other == ("d",)


def test_a_new_record_of_an_old_report_is_a_duplicate() -> None:
    before = state(("ab", False))
    came = identified(state(("ab", False), ("cd", False), links="ca"), before)
    assert [item.count for item in came.found] == [2]
    assert (came.duplicates, came.searched) == (1, ("d",))


def test_an_old_report_stays_old_when_a_new_record_stands_for_it() -> None:
    before = state(("ab", False))
    came = identified(state(("ab", False), ("cd", False), links="ac"), before)
    assert (came.duplicates, came.searched) == (1, ("d",))
