"""Two citations side by side: how far each field agrees, as features of a pair."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from resartus.dedup.citation import SKETCH_SIZE, Citation
from resartus.dedup.numbering import is_date
from resartus.dedup.relations import Form
from resartus.dedup.words import journal_names

__all__ = ["Comparison", "compare"]

_VERSION = re.compile(r"(?:\.pub\d+|[./]?v\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a pair compares. ``levels`` names what holds, field by field.

    A field is absent from ``levels`` when either record lacks it: missing is
    neither agreement nor disagreement.
    """

    levels: tuple[str, ...]
    title: float | None
    authors: float | None

    def has(self, level: str) -> bool:
        """Whether a level holds."""
        return level in self.levels


def _title_similarity(a: str, b: str) -> float:
    if a == b:
        return 1.0
    plain_a, plain_b = a.replace(" ", ""), b.replace(" ", "")
    if plain_a == plain_b:
        return 1.0
    score = fuzz.ratio(plain_a, plain_b) / 100
    if score < 0.9:
        score = max(score, 0.98 * fuzz.token_sort_ratio(a, b) / 100)
    return float(score)


def _contains(a: str, b: str) -> bool:
    """Whether one title opens or closes with the other, cut at a subtitle or a field's width."""
    short, long = sorted((a, b), key=len)
    if len(short) < 15 or (len(short) < 30 and 2 * len(short) < len(long)):
        return False
    return long.startswith(short) or (long.endswith(short) and 2 * len(short) >= len(long))


def _is_cut_at_subtitle(a: Citation, b: Citation) -> bool:
    """Whether one title opens the other, word by word, and is more than a word: no subtitle."""
    if a.title is None or b.title is None:
        return False
    short, long = sorted((a.title, b.title), key=len)
    return " " in short and long.startswith(f"{short} ")


def _title_levels(a: Citation, b: Citation) -> tuple[list[str], float | None]:
    titles = [
        (x, y)
        for x in (a.title, a.other_title)
        for y in (b.title, b.other_title)
        if x is not None and y is not None
    ]
    if not titles:
        return [], None
    similarity = max(_title_similarity(x, y) for x, y in titles)
    levels = []
    if similarity == 1.0:
        shortest = min(max(len(x), len(y)) for x, y in titles)
        is_common = shortest < 30 or (a.heads_a_column and b.heads_a_column)
        levels.append("common title same" if is_common else "title same")
    elif similarity >= 0.95:
        levels.append("title nearly same")
    elif any(_contains(x, y) for x, y in titles):
        levels.append("title contained")
    elif similarity >= 0.85:
        levels.append("title similar")
    elif similarity >= 0.65:
        levels.append("title little alike")
    else:
        levels.append("title different")
    if similarity < 1.0 and a.parts != b.parts:
        levels.append("title numbers differ")
    return levels, similarity


def _share(mine: list[str], theirs: frozenset[str]) -> float:
    return sum(word in theirs for word in mine) / len(mine)


def _author_levels(a: Citation, b: Citation) -> tuple[list[str], float | None]:
    if not a.surnames or not b.surnames:
        return [], None
    if a.surnames == b.surnames:
        return ["authors same", "first author same"], 1.0
    names_a, names_b = a.surnames.split(), b.surnames.split()
    all_a = frozenset(names_a + a.given.split())
    all_b = frozenset(names_b + b.given.split())
    # The shorter list may be cut with "et al.": how much of it is in the longer?
    share = max(_share(names_a, all_b), _share(names_b, all_a))
    if share < 0.8:
        # Another spelling, or words run together.
        alike = fuzz.token_sort_ratio(a.surnames, b.surnames) / 100
        share = max(share, alike if alike > 0.8 else 0.0)
    first_a, first_b = a.first.split(), b.first.split()
    first = bool({w for w in first_a if len(w) > 2} & {w for w in first_b if len(w) > 2}) or (
        fuzz.ratio(a.first, b.first) >= 80
    )
    levels = ["first author same" if first else "first author different"]
    if share >= 0.8:
        levels.append("authors same")
    elif share >= 0.4:
        levels.append("authors overlap")
    else:
        levels.append("authors different")
    return levels, float(share)


def _shortens(short: str, long: str) -> bool:
    """Whether a word is the other's beginning, or its letters in order: "dtsch", "deutsche"."""
    if long.startswith(short):
        return True
    if len(short) < 4 or short[0] != long[0] or len(short) > len(long):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


def _is_abbreviation(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether each word of ``short`` shortens a word of ``long``, in order: "dtsch med"."""
    at = 0
    for word in short:
        while at < len(long) and not _shortens(word, long[at]):
            at += 1
        if at == len(long):
            return False
        at += 1
    return True


@lru_cache(maxsize=500_000)
def _journals_alike(a: str, b: str) -> bool:
    # "Gan to Kagaku Ryoho [Japanese Journal of Cancer & Chemotherapy]": two names of one.
    return any(_names_alike(x, y) for x in journal_names(a) for y in journal_names(b))


def _names_alike(words_a: tuple[str, ...], words_b: tuple[str, ...]) -> bool:
    if not words_a or not words_b:
        return False
    short, long = sorted((words_a, words_b), key=lambda words: (len(words), len(" ".join(words))))
    if "".join(short) == "".join(long) or _is_abbreviation(short, long):
        return True
    for one, other in ((short, long), (long, short)):
        # The acronym alone, or in front of what the volume is called.
        if len(one[0]) >= 3 and one[0] == "".join(word[0] for word in other):
            return True
    # Catalogues print a title in two languages, or with its acronym in front.
    if len(set(short) & set(long)) >= max(2, 0.75 * len(set(short))):
        return True
    return fuzz.token_sort_ratio(" ".join(short), " ".join(long)) >= 88


def _journal_levels(a: Citation, b: Citation) -> list[str]:
    if a.issn and b.issn and set(a.issn) & set(b.issn):
        return ["journal same"]
    if not a.journals or not b.journals:
        return []
    same = any(_journals_alike(x, y) for x in a.journals for y in b.journals)
    return ["journal same" if same else "journal different"]


def _page_levels(a: Citation, b: Citation) -> list[str]:
    if a.first_page is None or b.first_page is None:
        return []
    digits_a = a.first_page.lstrip("abcdefghijklmnopqrstuvwxyz")
    digits_b = b.first_page.lstrip("abcdefghijklmnopqrstuvwxyz")
    if a.first_page == b.first_page or (digits_a == digits_b and digits_a):
        if a.last_page and b.last_page:
            return ["pages same" if a.last_page == b.last_page else "first page same"]
        return ["first page same"]
    if a.last_page and a.last_page == b.last_page:
        return ["last page same"]
    return ["pages different"]


def _number_level(name: str, a: Citation, b: Citation, *, takes_dates: bool) -> list[str]:
    one, other = (c.volume if name == "volume" else c.issue for c in (a, b))
    if one is None or other is None:
        return []
    if one == other:
        return [f"{name} same"]
    if takes_dates and is_date(one, year=a.year) is not is_date(other, year=b.year):
        return []
    return [f"{name} different"]


def _year_levels(a: Citation, b: Citation) -> list[str]:
    if a.year is None or b.year is None:
        return []
    gap = abs(a.year - b.year)
    return [("year same", "year off by one", "year different")[min(gap, 2)]]


def _abstract_levels(a: Citation, b: Citation) -> list[str]:
    """Compare the sketches: the share of the smallest hashes of both that both have."""
    if a.sketch is None or b.sketch is None:
        return []
    if a.sketch == b.sketch:
        return ["abstract same"]
    hashes_a = {a.sketch[i : i + 4] for i in range(0, len(a.sketch), 4)}
    hashes_b = {b.sketch[i : i + 4] for i in range(0, len(b.sketch), 4)}
    smallest = sorted(hashes_a | hashes_b)[:SKETCH_SIZE]
    shared = sum(h in hashes_a and h in hashes_b for h in smallest) / len(smallest)
    if shared >= 0.6:
        return ["abstract same"]
    return ["abstract overlaps" if shared >= 0.25 else "abstract different"]


def _doi_level(a: str, b: str) -> str:
    if a == b:
        return "doi same"
    # Cochrane's ".pub2" and a preprint server's "v2" are versions of one work.
    return (
        "doi of another version" if _VERSION.sub("", a) == _VERSION.sub("", b) else "doi different"
    )


def _form_levels(a: Citation, b: Citation) -> list[str]:
    """Tell two reports apart by what they say they are, where they do not share a place."""
    # One catalogue marks a supplement or a protocol and the next does not: that tells nothing.
    plain = (Form.ARTICLE, Form.CONFERENCE_ABSTRACT, Form.PROTOCOL)
    forms = {Form.ARTICLE if form in plain else form for form in (a.form, b.form)}
    return ["form different"] if len(forms) > 1 else []


def compare(a: Citation, b: Citation) -> Comparison:
    """Return how two citations compare; the order does not matter."""
    levels, title = _title_levels(a, b)
    author_levels, authors = _author_levels(a, b)
    levels += author_levels
    levels += _journal_levels(a, b)
    levels += _year_levels(a, b)
    # Of two papers called "Editorial" a date may be all that tells them apart.
    takes_dates = "common title same" not in levels
    levels += _number_level("volume", a, b, takes_dates=takes_dates)
    levels += _number_level("issue", a, b, takes_dates=takes_dates)
    levels += _page_levels(a, b)
    levels += _abstract_levels(a, b)
    if a.doi and b.doi:
        levels.append(_doi_level(a.doi, b.doi))
    if a.pmid and b.pmid:
        levels.append("pmid same" if a.pmid == b.pmid else "pmid different")
    held = set(levels)
    telling = {"title same", "title nearly same", "title contained", "title similar"}
    if {"issue different", "pages same"} <= held and held & telling:
        # Two papers of one name do not share their pages: one issue number is wrong.
        levels.remove("issue different")
    held = set(levels)
    if (
        {"journal same", "pages same", "authors same"} <= held
        and not held & {"volume different", "year different"}
        and _is_cut_at_subtitle(a, b)
    ):
        # However little of a long title stands before its subtitle.
        levels = ["title contained" if name in _UNLIKE else name for name in levels]
    # A letter and its reply share a page and have other authors.
    shares_place = held & {"first page same", "pages same"} and "authors different" not in held
    if not shares_place and "doi same" not in held:
        levels += _form_levels(a, b)
    return Comparison(levels=(*levels, *_joint_levels(set(levels))), title=title, authors=authors)


_UNLIKE = ("title different", "title little alike", "title similar")


def _joint_levels(held: set[str]) -> list[str]:
    """Return what several fields say together and each alone does not."""
    levels = []
    places = ("journal", "volume", "pages")
    if {"journal same", "volume same", "pages same"} <= held:
        levels.append("place same to the last page")
    agreeing = sum(f"{p} same" in held for p in places) + ("first page same" in held)
    differing = sum(f"{p} different" in held for p in places)
    if differing >= 2 and not agreeing:
        levels.append("place different")
    elif not agreeing and not differing:
        levels.append("place unknown")
    elif agreeing and not differing:
        levels.append("place agrees")
    if held & {"pages same", "first page same"} and "volume same" in held:
        levels.append("volume and page same")
    if held & {"title same", "title nearly same"}:
        if held & {"authors same", "authors overlap"}:
            levels.append("title and authors same")
        if "volume different" in held and "pages same" not in held:
            levels.append("title same in another volume")
        if "issue different" in held and "pages same" not in held:
            levels.append("title same in another issue")
    return levels
