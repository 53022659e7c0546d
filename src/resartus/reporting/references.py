"""References in Vancouver and author-date style, with links to DOI and PubMed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record
from resartus.reporting.document import CitationStyle, Content, Link, Text, TextStyle, content

__all__ = [
    "citation_labels",
    "citation_run",
    "order_references",
    "reference_content",
    "shortened_pages",
]

_MOST_AUTHORS = 6


def shortened_pages(pages: str) -> str:
    """Return ``370-3`` for ``370-373``, as Vancouver style prints page ranges."""
    first, dash, last = pages.partition("-")
    if not dash or not first.isdigit() or len(first) != len(last):
        return pages
    same = 0
    while same < len(first) - 1 and first[same] == last[same]:
        same += 1
    return f"{first}-{last[same:]}"


def _author_list(authors: Sequence[Author]) -> str:
    names = [author.short_name for author in authors[:_MOST_AUTHORS]]
    if len(authors) > _MOST_AUTHORS:
        names.append("et al")
    return ", ".join(names)


def _source(record: Record, *, with_year: bool) -> str:
    """Return ``Am J Surg. 2008;195(3):370-3``, as far as it is known."""
    journal = record.journal_abbreviation or record.journal
    numbers = record.volume or ""
    if record.issue:
        numbers += f"({record.issue})"
    if record.pages:
        numbers += f":{shortened_pages(record.pages)}" if numbers else record.pages
    year = str(record.year) if with_year and record.year else ""
    tail = f"{year};{numbers}" if year and numbers else year or numbers
    if journal and tail:
        return f"{journal}. {tail}" if with_year else f"{journal} {tail}"
    return journal or tail


def _links(record: Record) -> Content:
    parts: list[str | Link] = []
    if record.doi:
        parts += [" ", Link(text=f"doi:{record.doi}", href=f"https://doi.org/{record.doi}")]
    if record.pmid:
        href = f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"
        parts += [" ", Link(text=f"PMID {record.pmid}", href=href)]
    if not record.doi and not record.pmid and record.url and record.url.startswith("http"):
        parts += [" ", Link(text="source", href=record.url)]
    return content(*parts)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def reference_content(record: Record, *, style: CitationStyle, year_suffix: str = "") -> Content:
    """Return one entry of the reference list.

    What the source did not give is left out, except a missing title, which
    is said: a reference that looks complete must be complete.
    """
    authors = _author_list(record.authors)
    title = record.title or record.vernacular_title
    title_text = (
        Text(text=_sentence(title))
        if title
        else Text(text="[title not in the source]", style=TextStyle.MISSING)
    )
    parts: list[str | Text | Content] = []
    if style is CitationStyle.AUTHOR_DATE:
        year = f"{record.year}{year_suffix}" if record.year else "no date"
        parts += [f"{authors or record.label} ({year}). ", title_text]
        source = _source(record, with_year=False)
    else:
        if authors:
            parts.append(f"{authors}. ")
        parts.append(title_text)
        source = _source(record, with_year=True)
    if source:
        parts.append(f" {_sentence(source)}")
    return content(*parts, _links(record))


def _author_date_name(record: Record) -> str:
    names = [a.last_name or a.collective_name or a.short_name for a in record.authors]
    if not names:
        return record.label
    if len(names) == 1:
        return names[0]
    return f"{names[0]} and {names[1]}" if len(names) == 2 else f"{names[0]} et al."


def order_references(
    numbers: Mapping[RecordId, int], records: Sequence[Record], *, style: CitationStyle
) -> list[Record]:
    """Return the cited records in list order: of first mention, or by name and year."""
    by_id = {record.record_id: record for record in records}
    cited = [by_id[key] for key in sorted(numbers, key=lambda key: numbers[key]) if key in by_id]
    if style is CitationStyle.AUTHOR_DATE:
        cited.sort(key=lambda r: (_author_date_name(r).casefold(), r.year or 0, r.record_id))
    return cited


def citation_labels(
    numbers: Mapping[RecordId, int], records: Sequence[Record], *, style: CitationStyle
) -> dict[RecordId, tuple[str, str]]:
    """Return per cited record its mark in the text and the letter after its year.

    Vancouver marks are numbers. Author-date marks are ``"Kamel et al. 2011"``,
    with a letter where two would read alike.
    """
    cited = order_references(numbers, records, style=style)
    if style is CitationStyle.VANCOUVER:
        return {record.record_id: (str(numbers[record.record_id]), "") for record in cited}
    plain = {r.record_id: f"{_author_date_name(r)} {r.year or 'no date'}" for r in cited}
    # A record without authors is named by its label, which may hold the year already.
    for record in cited:
        if not record.authors and record.year and str(record.year) in record.label:
            plain[record.record_id] = record.label
    alike = Counter(plain.values())
    given: Counter[str] = Counter()
    labels = {}
    for record in cited:
        name = plain[record.record_id]
        suffix = ""
        if alike[name] > 1:
            suffix = chr(ord("a") + given[name])
            given[name] += 1
        labels[record.record_id] = (name + suffix, suffix)
    return labels


def citation_run(
    keys: Sequence[RecordId], numbers: Mapping[RecordId, int] | None
) -> list[tuple[RecordId, str]]:
    """Return the records to print in one citation, each with what joins it to the one before.

    With ``numbers``, they are in numerical order and three or more in a row
    shrink to the first and the last (``1–5``). Without, names keep their order.
    """
    unique = list(dict.fromkeys(keys))
    if numbers is None:
        return [(key, "; " if position else "") for position, key in enumerate(unique)]
    unique.sort(key=lambda key: numbers[key])
    runs: list[list[RecordId]] = []
    for key in unique:
        if runs and numbers[key] == numbers[runs[-1][-1]] + 1:
            runs[-1].append(key)
        else:
            runs.append([key])
    printed: list[tuple[RecordId, str]] = []
    for run in runs:
        shown = run if len(run) < 3 else [run[0], run[-1]]
        for position, key in enumerate(shown):
            joint = "," if printed else ""
            if position and len(run) > 2:
                joint = "–"
            printed.append((key, joint))
    return printed
