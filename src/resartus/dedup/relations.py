"""What form a report has: an article, or an erratum, comment, reply, abstract, preprint."""

from __future__ import annotations

import re
from enum import StrEnum

from resartus.domain.record import Record

__all__ = ["BY_REF_TYPE", "Form", "Relation", "form_of"]


class Form(StrEnum):
    """The form of a report. Two reports of different form are never duplicates."""

    ARTICLE = "article"
    CONFERENCE_ABSTRACT = "conference abstract"
    PREPRINT = "preprint"
    ERRATUM = "erratum"
    RETRACTION = "retraction"
    COMMENT = "comment"
    REPLY = "reply"
    PROTOCOL = "protocol"


class Relation(StrEnum):
    """Why two records that are alike are two reports and not one."""

    ERRATUM = "erratum"
    RETRACTION = "retraction"
    COMMENT = "comment"
    REPLY = "reply"
    CONFERENCE_ABSTRACT = "conference abstract"
    PREPRINT = "preprint"
    PROTOCOL = "protocol"
    SERIES = "part of a series"
    REPUBLISHED = "published again"
    UPDATE = "update"


BY_REF_TYPE = {
    "ErratumIn": Relation.ERRATUM,
    "ErratumFor": Relation.ERRATUM,
    "RetractionIn": Relation.RETRACTION,
    "RetractionOf": Relation.RETRACTION,
    "CommentIn": Relation.COMMENT,
    "CommentOn": Relation.COMMENT,
    "UpdateIn": Relation.UPDATE,
    "UpdateOf": Relation.UPDATE,
    "RepublishedIn": Relation.REPUBLISHED,
    "RepublishedFrom": Relation.REPUBLISHED,
    "CorrectedandRepublishedIn": Relation.REPUBLISHED,
    "CorrectedandRepublishedFrom": Relation.REPUBLISHED,
}
"""What PubMed itself says of two citations, by its RefType."""


_TITLE = (
    (
        Form.ERRATUM,
        re.compile(
            r"^\W*(?:erratum|errata|corrigend\w+|correction|correction to|addendum|"
            r"publisher.?s? correction|author.?s? correction)\b(?:\W|$)(?!of\b|with\b|for the\b)"
            r"|[\[(](?:erratum|corrigendum|correction)\)?[\])]\s*\.?$"
            # Web of Science: "(vol 7, pg 12, 2019)", "(vol 7, e000812, 2019)".
            r"|\(vol\.? \d+, (?:(?:pg|p|page|pp) |\w+, \d{4}\))",
            re.IGNORECASE,
        ),
    ),
    (
        Form.RETRACTION,
        re.compile(r"^\W*(?:retraction(?: note)?|notice of retraction|withdrawn|retracted)\b\s*"
                   r"(?::|of\b|note|to\b|-)", re.IGNORECASE),
    ),
    (
        Form.REPLY,
        re.compile(
            r"^\W*(?:(?:the )?authors?['’]?s?['’]? (?:reply|response)|reply|in reply|replies|"
            r"response to(?: (?:the )?(?:letter|comment|editor))|reply to)\b"
            r"|[\[(\-:–—.]\s*(?:(?:the )?authors?['’]?s?['’]? )?(?:reply|author response|"
            r"response to comments?)\W*$"
            r"|\bauthors?['’]?s?['’]? (?:reply|response)\W*$",
            re.IGNORECASE,
        ),
    ),
    (
        Form.COMMENT,
        re.compile(
            r"^\W*(?:comments? (?:on|to)\b|commentary(?: on)?\W|invited commentary|discussion of\b"
            r"|editorial comment|letter to the editor|re\s*:|comment\s*:)"
            r"|[\-:–—.]\s*(?:invited )?comment(?:ary)?s?\W*$",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip
_TYPES = {
    "published erratum": Form.ERRATUM,
    "erratum": Form.ERRATUM,
    "correction": Form.ERRATUM,
    "corrected and republished article": Form.ARTICLE,
    "retraction of publication": Form.RETRACTION,
    "retraction notice": Form.RETRACTION,
    "preprint": Form.PREPRINT,
    "conference abstract": Form.CONFERENCE_ABSTRACT,
    "meeting abstract": Form.CONFERENCE_ABSTRACT,
}
_PREPRINT_SERVERS = re.compile(
    r"^(?:biorxiv|medrxiv|arxiv|chemrxiv|psyarxiv|research square|ssrn|preprints(?:\.org)?)\b",
    re.IGNORECASE,
)
_PREPRINT_DOI = re.compile(
    r"^10\.(?:1101/(?:20\d\d\.|\d{6})|21203/rs\.|48550/arxiv|2139/ssrn|20944/preprints|31234/)",
    re.IGNORECASE,
)
_SUPPLEMENT = re.compile(r"\bsuppl|\bconference\b|\bmeeting\b|\babstracts?\b", re.IGNORECASE)
_ABSTRACT_PAGE = re.compile(r"^(?:pp?\.?\s*)?(?:[a-z]{1,3}\s?\d+[a-z]?|\d+[a-z]|abstract.*)$", re.I)


def form_of(record: Record) -> Form:
    """Return what form of report a citation shows itself to be; an article unless it says so."""
    for kind in record.publication_types:
        if (form := _TYPES.get(kind.lower())) is not None and form is not Form.ARTICLE:
            return form
    title = record.title or ""
    for form, pattern in _TITLE:
        if pattern.search(title):
            return form
    if _PREPRINT_SERVERS.match(record.journal or "") or _PREPRINT_DOI.match(record.doi or ""):
        return Form.PREPRINT
    # One page of a supplement: an abstract of a meeting.
    where = " ".join(part for part in (record.volume, record.issue) if part)
    if (
        _SUPPLEMENT.search(where)
        and record.pages
        and _ABSTRACT_PAGE.match(record.pages.strip())
        and not record.pages.strip().isdigit()
    ):
        return Form.CONFERENCE_ABSTRACT
    if re.search(r"\b(?:study )?protocol\b\W*$|^study protocol\b", title, re.IGNORECASE):
        return Form.PROTOCOL
    return Form.ARTICLE
