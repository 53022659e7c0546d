"""What tells one investigation from another: centre, registry, period, people, registration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from resartus.dedup.words import fold, words_of
from resartus.domain.record import Author, Record

__all__ = ["Period", "centres_in", "people", "period_in", "registrations", "registries_in"]

_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
# "between 1990 and 2010", "from January 1990 to December 2010", "1990-2010".
_SPAN = re.compile(
    r"\b(1[89]\d\d|20\d\d)\b\s*(?:-|–|—|to|and|through|until|till)\s*(?:\w+\.?\s+){0,2}?"
    r"\b(1[89]\d\d|20\d\d)\b"
)
_INSTITUTION = re.compile(
    r"hospital|universit|clinic|institut|cent(?:er|re)\b|krankenhaus|hôpital|ospedale|policlinic|"
    r"klinik|medical college|school of medicine|infirmary",
    re.IGNORECASE,
)
_GENERAL = frozenset(
    {
        "hospital", "university", "clinic", "institute", "center", "centre", "medical", "of",
        "the", "and", "for", "department", "school", "medicine", "college", "faculty", "at",
        "cancer", "general", "surgery", "national",
    }
)  # fmt: skip
# Databases in which one patient can be found by many papers.
_REGISTRIES = {
    "SEER": re.compile(r"\bSEER\b|surveillance,? epidemiology,? and end results", re.IGNORECASE),
    "NCDB": re.compile(r"\bNCDB\b|national cancer (?:data ?base)", re.IGNORECASE),
    "NSQIP": re.compile(r"\bNSQIP\b"),
    "GOG": re.compile(r"\bGOG\b|gynecologic oncology group", re.IGNORECASE),
    "EUROCARE": re.compile(r"\bEUROCARE\b"),
    "LiverMetSurvey": re.compile(r"\bLiverMetSurvey\b", re.IGNORECASE),
}
_REGISTRATION = re.compile(
    r"\b(NCT\s?0\d{7}|ISRCTN\s?\d{8}|ACTRN\s?\d{14}|ChiCTR[-A-Z]*\d{8,10}|DRKS\s?\d{8}|"
    r"UMIN\s?\d{9}|JPRN-\w+|CTRI/\d{4}/\d{2,3}/\d{6}|PACTR\d{15,16}|IRCT\d{10,}N?\d*|"
    r"KCT\d{7}|NTR\s?\d{3,4}|(?:EudraCT[ :]*(?:number|no\.?)?[ :]*)?20\d{2}-\d{6}-\d{2})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Years of recruitment, first and last included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"

    def shared_years(self, other: Period) -> int:
        """Return how many calendar years both have."""
        return max(0, min(self.last, other.last) - max(self.first, other.first) + 1)


def period_in(text: str | None) -> Period | None:
    """Return the longest span of years a text names, or ``None``.

    >>> str(period_in("patients operated between January 1990 and December 2010"))
    '1990–2010'
    """
    if not text:
        return None
    spans = [(int(a), int(b)) for a, b in _SPAN.findall(text) if int(a) <= int(b)]
    if spans:
        first, last = max(spans, key=lambda span: span[1] - span[0])
        return Period(first=first, last=last)
    years = _YEAR.findall(text)
    # A lone year is a period only where nothing else is said.
    return Period(first=int(years[0]), last=int(years[0])) if text.strip() in years else None


def centres_in(texts: Iterable[str | None]) -> dict[frozenset[str], str]:
    """Return the institutions named: the words that tell them apart, and the name as printed."""
    found: dict[frozenset[str], str] = {}
    for text in texts:
        for part in re.split(r"[,;()]", text or ""):
            if _INSTITUTION.search(part):
                words = frozenset(w for w in words_of(part) if w not in _GENERAL and len(w) > 2)
                if words:
                    found.setdefault(words, part.strip())
    return found


def registries_in(texts: Iterable[str | None]) -> frozenset[str]:
    """Return the patient registries that are named."""
    text = " ".join(part for part in texts if part)
    return frozenset(name for name, pattern in _REGISTRIES.items() if pattern.search(text))


def registrations(record: Record) -> frozenset[str]:
    """Return the trial registration numbers a record carries, in one spelling."""
    texts = [record.title, record.abstract, *record.registry_numbers]
    texts += [value for _, value in record.fields]
    found = set()
    for text in texts:
        for match in _REGISTRATION.findall(text or ""):
            number = re.sub(r"^eudract[ :]*(?:number|no\.?)?[ :]*", "", match, flags=re.I)
            found.add(re.sub(r"\s", "", number).upper())
    return frozenset(found)


def people(authors: Iterable[Author]) -> dict[str, str]:
    """Return each author as "surname, first initial", with the name as printed."""
    found = {}
    for author in authors:
        surname = " ".join(words_of(author.last_name or ""))
        initial = fold(author.initials or author.fore_name or "").strip()[:1]
        if surname and initial:
            found[f"{surname}, {initial}"] = author.short_name
    return found
