"""Records and decisions as they come, drawn for round trips."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, Record
from resartus.sources.formats.values.text import one_line, without_markup

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 éßøłçñÜβ中あ"
SIGNS = LETTERS + "{}\\&%$#_~^\"'`;:,.-@<>=+|/()[]*!?"


def texts(alphabet: str = SIGNS, *, max_size: int = 40) -> st.SearchStrategy[str]:
    drawn = st.text(alphabet, min_size=1, max_size=max_size).map(one_line)
    # "&amp;" in an export is an ampersand: such a text is read as what it means.
    return drawn.filter(lambda text: bool(text) and without_markup(text) == text)


names = st.from_regex(r"[A-ZÉÜ][a-zéüñß]{1,8}(-[A-Z][a-z]{2,5})?", fullmatch=True)
people = st.builds(
    lambda last, fore: Author(last_name=last, fore_name=fore, initials=fore[0].upper()),
    names,
    st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True),
)
groups = st.builds(
    lambda name: Author(collective_name=f"{name} and Friends Study Group"),
    st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True),
)
keywords = texts(LETTERS + "/*()-&%", max_size=15).filter(lambda t: t.strip("/*()-&%") == t)

records = st.builds(
    Record,
    record_id=st.just(RecordId("drawn:1")),
    source=st.just("drawn"),
    title=texts(),
    abstract=st.none() | texts(max_size=300),
    authors=st.lists(people | groups, max_size=4).map(tuple),
    journal=st.none() | texts(LETTERS + "&:", max_size=20),
    year=st.integers(1900, 2030),
    volume=st.none() | st.from_regex(r"[0-9]{1,3}", fullmatch=True),
    issue=st.none() | st.from_regex(r"[0-9]{1,2}( Suppl [0-9])?", fullmatch=True),
    pages=st.none() | st.from_regex(r"e?[1-9][0-9]{0,3}", fullmatch=True),
    doi=st.none() | st.from_regex(r"10\.[0-9]{4}/[a-z0-9_()-]{1,8}[a-z0-9]", fullmatch=True),
    pmid=st.none() | st.integers(1, 40_000_000).map(Pmid),
    languages=st.sampled_from([(), ("eng",), ("eng", "ger")]),
    keywords=st.lists(keywords, max_size=3, unique=True).map(tuple),
)


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    made = []
    for stage in draw(st.lists(st.sampled_from(list(Stage)), max_size=3)):
        verdict = draw(st.sampled_from([Verdict.INCLUDE, Verdict.EXCLUDE, Verdict.MAYBE]))
        made.append(
            Decision(
                record_id=RecordId("drawn:1"),
                stage=stage,
                verdict=verdict,
                decided_by=draw(names),
                decided_at=datetime(2026, 11, draw(st.integers(1, 25)), 9, 30, tzinfo=UTC),
                reasons=("wrong population", "no {liver} \\ 50% & more")
                if verdict is Verdict.EXCLUDE
                else (),
                note=draw(st.none() | texts()),
            )
        )
    return made
