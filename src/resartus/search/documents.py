"""A record as fields of words, the form in which a matcher looks at it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property

from resartus.domain.record import Author, Record
from resartus.search.language.fields import Field

__all__ = ["Document", "words_of"]

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text: lower case, without accents, cut at anything but letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def _names(author: Author) -> str:
    return " ".join(filter(None, (author.short_name, author.last_name, author.fore_name)))


class Document:
    """A record's searchable words by field; a field is a list of runs that phrases stay inside."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def _runs(self, texts: Iterable[str | None]) -> list[list[str]]:
        return [words_of(text) for text in texts if text]

    @cached_property
    def title(self) -> list[list[str]]:
        """Words of the title and the original title."""
        return self._runs((self.record.title, self.record.vernacular_title))

    @cached_property
    def title_abstract(self) -> list[list[str]]:
        """Words of title, abstract and authors' keywords."""
        return [*self.title, *self._runs((self.record.abstract, *self.record.keywords))]

    @cached_property
    def headings(self) -> list[list[str]]:
        """Words of MeSH headings, subheadings and substances."""
        mesh = [h.descriptor for h in self.record.mesh]
        mesh += [q.name for h in self.record.mesh for q in h.qualifiers]
        return self._runs((*mesh, *self.record.substances))

    @cached_property
    def everything(self) -> list[list[str]]:
        """Words of all fields."""
        record = self.record
        return [
            *self.title_abstract,
            *self.headings,
            *self._runs((*map(_names, record.authors), record.journal)),
            *self._runs((record.journal_abbreviation, *record.publication_types)),
            *self._runs(a for author in record.authors for a in author.affiliations),
        ]

    def runs(self, field: Field) -> list[list[str]] | None:
        """Return the words of a field, or ``None`` if a matcher has no words for it."""
        record = self.record
        if field is Field.ALL:
            return self.everything
        if field is Field.TITLE:
            return self.title
        if field is Field.TITLE_ABSTRACT:
            return self.title_abstract
        if field is Field.TEXT_WORD:
            return [*self.title_abstract, *self.headings]
        texts: dict[Field, Iterable[str | None]] = {
            Field.OTHER_TERM: record.keywords,
            Field.SUBSTANCE: record.substances,
            Field.PUBLICATION_TYPE: record.publication_types,
            Field.JOURNAL: (record.journal, record.journal_abbreviation, *record.issn),
            Field.JOURNAL_ID: (record.nlm_id,),
            Field.VOLUME: (record.volume,),
            Field.ISSUE: (record.issue,),
            Field.PAGINATION: (record.pages,),
            Field.GRANT: record.grants,
            Field.PLACE: (record.country,),
            Field.TRANSLITERATED_TITLE: (record.vernacular_title,),
            Field.AFFILIATION: [a for x in record.authors for a in x.affiliations],
            Field.AUTHOR: [_names(author) for author in record.authors],
            Field.FULL_AUTHOR: [_names(author) for author in record.authors],
            Field.FIRST_AUTHOR: [_names(author) for author in record.authors[:1]],
            Field.LAST_AUTHOR: [_names(author) for author in record.authors[-1:]],
            Field.CORPORATE_AUTHOR: [a.collective_name for a in record.authors],
            Field.ARTICLE_ID: (record.doi, record.pmcid),
            Field.LOCATION_ID: (record.doi,),
            Field.SUBHEADING: [q.name for h in record.mesh for q in h.qualifiers],
        }
        return self._runs(texts[field]) if field in texts else None
