"""Real PubMed citations, and copies of them as other databases would export them."""

import gzip
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, Record

FILES = ("pubmed21n1298.xml.gz", "pubmed20n0014.xml.gz")
_DOI = re.compile(r"10\.\d{3,9}/\S+")


def _text(node: etree._Element, path: str) -> str | None:
    found = node.find(path)
    text = "".join(found.itertext()).strip() if found is not None else ""
    return text or None


def record_of(node: etree._Element) -> Record:
    """Return the citation of one ``PubmedArticle``."""
    article = node.find("MedlineCitation/Article")
    pmid = int(node.findtext("MedlineCitation/PMID"))
    authors = tuple(
        Author(last_name=last, fore_name=a.findtext("ForeName"), initials=a.findtext("Initials"))
        for a in article.iterfind("AuthorList/Author")
        if (last := a.findtext("LastName"))
    )
    dates = _text(article, "Journal/JournalIssue/PubDate") or ""
    year = re.search(r"\b(1[89]\d\d|20\d\d)", dates)
    doi = next(
        (e.text for e in node.iterfind(".//ArticleId") if e.get("IdType") == "doi" and e.text), ""
    )
    return Record(
        record_id=RecordId(f"pubmed:{pmid}"),
        source="pubmed",
        pmid=Pmid(pmid),
        doi=doi if _DOI.fullmatch(doi) else None,
        title=_text(article, "ArticleTitle"),
        vernacular_title=_text(article, "VernacularTitle"),
        abstract=" ".join("".join(e.itertext()) for e in article.iterfind("Abstract/AbstractText"))
        or None,
        authors=authors,
        journal=_text(article, "Journal/Title"),
        journal_abbreviation=_text(article, "Journal/ISOAbbreviation"),
        issn=tuple(e.text for e in article.iterfind("Journal/ISSN") if e.text),
        year=int(year.group()) if year else None,
        volume=_text(article, "Journal/JournalIssue/Volume"),
        issue=_text(article, "Journal/JournalIssue/Issue"),
        pages=_text(article, "Pagination/MedlinePgn"),
        publication_types=tuple(
            e.text for e in article.iterfind("PublicationTypeList/PublicationType") if e.text
        ),
    )


def pubmed_records(folder: Path, files: tuple[str, ...] = FILES) -> Iterator[Record]:
    """Yield the newest version of each citation in the bulk files."""
    for name in files:
        with gzip.open(folder / "pubmed-baseline" / name) as file:
            for _, node in etree.iterparse(file, tag="PubmedArticle"):
                yield record_of(node)
                node.clear()


def _typo(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(("", text[at] * 2, "e")) + text[at + 1 :]


def _long_pages(pages: str | None) -> str | None:
    match = re.fullmatch(r"(\d+)-(\d+)", pages or "")
    if match is None or len(match[2]) >= len(match[1]):
        return pages
    return f"{match[1]}-{match[1][: len(match[1]) - len(match[2])]}{match[2]}"


def _names(authors: tuple[Author, ...], rng: random.Random) -> tuple[Author, ...]:
    style = rng.choice(("initials", "initials", "dots", "full", "swapped", "et al"))
    if style == "et al" and len(authors) > 3:
        authors = authors[:3]
    made = []
    for author in authors:
        last, initials = author.last_name or "", author.initials or ""
        if style == "full":
            made.append(replace(author, initials=None))
        elif style == "swapped" and author.fore_name:
            made.append(Author(last_name=f"{author.fore_name} {last}"))
        else:
            shown = " ".join(f"{i}." for i in initials) if style == "dots" else initials
            made.append(Author(last_name=last, fore_name=shown or None))
    return tuple(made)


def _title(title: str | None, rng: random.Random) -> str | None:
    if title is None:
        return None
    plain = title.strip("[]. ") if title.startswith("[") else title.rstrip(".")
    style = rng.random()
    if style < 0.08 and len(plain) > 20:
        plain = _typo(plain, rng)
    elif style < 0.13:
        plain = plain.upper()
    elif style < 0.17 and ":" in plain:
        plain = plain.replace(":", " -", 1)
    elif style < 0.20 and len(plain) > 60:
        plain = plain[: rng.randrange(45, len(plain))]
    elif style < 0.24:
        plain = f"{plain} [{rng.choice(('German', 'Chinese', 'Review', 'Letter', 'French'))}]"
    elif style < 0.28:
        plain = re.sub(r"[^\x00-\x7f]", "?", plain)
    return plain


def copy_of(record: Record, record_id: str, rng: random.Random) -> Record:
    """Return a record as another database would have it: fields restyled, lost or mistyped."""

    def maybe(value: object, chance: float) -> object:
        return value if rng.random() >= chance else None

    year = record.year
    if year is not None and rng.random() < 0.06:
        year += rng.choice((-1, 1))
    abbreviated = rng.random() < 0.4
    return replace(
        record,
        record_id=RecordId(record_id),
        source="copy",
        pmid=maybe(record.pmid, 0.7),
        doi=maybe(record.doi, 0.4),
        title=_title(record.title, rng),
        vernacular_title=maybe(record.vernacular_title, 0.7),
        abstract=maybe(record.abstract, 0.25),
        authors=_names(record.authors, rng) if rng.random() >= 0.02 else (),
        journal=(record.journal_abbreviation if abbreviated else record.journal) or record.journal,
        journal_abbreviation=maybe(record.journal_abbreviation, 0.6),
        issn=maybe(record.issn, 0.5) or (),
        year=year,
        volume=maybe(record.volume, 0.05),
        issue=maybe(record.issue, 0.2),
        pages=maybe(_long_pages(record.pages) if rng.random() < 0.5 else record.pages, 0.06),
        publication_types=maybe(record.publication_types, 0.5) or (),
    )


def sibling_of(record: Record, record_id: str, other: Record, rng: random.Random) -> Record:
    """Return another report that is easily taken for the same one: these are not duplicates.

    A meeting's abstract of the paper, its next part, or the same guideline in another journal.
    """
    own = replace(record, record_id=RecordId(record_id), source="sibling", pmid=None, doi=None)
    number = rng.randrange(100, 900)
    kind = rng.choice(("abstract", "part", "elsewhere"))
    if kind == "part":
        return replace(
            own, title=f"{(record.title or '').rstrip('.')}. Part II", abstract=None,
            pages=f"{number}-{number + 7}", doi=f"10.5555/{number}" if record.doi else None,
        )  # fmt: skip
    there = replace(
        own, journal=other.journal, journal_abbreviation=other.journal_abbreviation,
        issn=other.issn, volume=other.volume, issue=other.issue, pages=other.pages,
    )  # fmt: skip
    if kind == "elsewhere":
        return there
    return replace(
        there, pages=f"S{number}" if rng.random() < 0.7 else None, issue="Suppl 1",
        year=record.year - rng.randrange(2) if record.year else None,
        authors=record.authors[: max(1, len(record.authors) - rng.randrange(2))],
        abstract=record.abstract if rng.random() < 0.3 else None,
    )  # fmt: skip


def noisy_set(folder: Path, *, n: int, seed: int = 4) -> tuple[list[Record], set[tuple[str, str]]]:
    """Return ``n`` real citations with up to two copies each, and the pairs that are the same.

    One in forty has a sibling besides, which is the same as none.
    """
    rng = random.Random(seed)
    # A citation that came in two versions counts once, in its newest.
    real = list({r.pmid: r for r in pubmed_records(folder)}.values())
    records, pairs = [], set()
    for record in rng.sample(real, n):
        ids = [str(record.record_id)]
        records.append(record)
        for number in range(rng.choice((0, 0, 0, 1, 1, 2))):
            ids.append(f"{record.record_id}/{number}")
            records.append(copy_of(record, ids[-1], rng))
        if rng.random() < 1 / 40 and record.title:
            records.append(sibling_of(record, f"{record.record_id}/s", rng.choice(real), rng))
        pairs |= {(a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]}
    return records, {(min(p), max(p)) for p in pairs}
