"""Suggestions: off until switched on, checked against the text, decided on by a person."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from resartus.app.entering import Entry, build_cell
from resartus.app.extraction.checking import texts_on_hand
from resartus.app.extraction.form_in_use import current_form, fields_in_use, value_reader
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.extracted import Cell
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.state import ReviewState
from resartus.domain.suggestion import Suggestion, SuggestionVerdict
from resartus.errors import ConflictError, DataError, NotFoundError
from resartus.extraction.spans import find_span
from resartus.extraction.suggestions.finders import Rules
from resartus.extraction.suggestions.model import ModelProposer
from resartus.extraction.suggestions.proposal import Proposer, Refused, admit
from resartus.sources.chat_endpoint import ChatEndpoint
from resartus.stores.payloads import write_whole

__all__ = [
    "SETTINGS",
    "Context",
    "Suggested",
    "SuggestionSettings",
    "accept",
    "context_of",
    "disclosure",
    "field_for",
    "load_settings",
    "reject",
    "suggest",
    "switch_rules",
    "waiting",
]

SETTINGS = "suggestions.toml"
_HOW = f"write {SETTINGS} into the review's folder with: rules = true"
_RULES = re.compile(r"^[ \t]*rules[ \t]*=.*$", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_RULE_FIELDS = (
    "n_total", "age_years", "age_median", "median_os_months", "follow_up_median_months",
    "interval_months", "mortality_n", "morbidity_n", "r0_n", "n_lesions", "max_size_cm",
    "extrahepatic_n", "procedure", "figo_stage", "margin", "complication_grade", "follow_up_text",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionSettings:
    """What ``suggestions.toml`` switches on; without the file nothing is."""

    rules: bool = False
    endpoint: ChatEndpoint | None = None

    @property
    def is_on(self) -> bool:
        """Whether anything may propose values."""
        return self.rules or self.endpoint is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What was proposed for a study, and what did not pass the check, with the reason."""

    suggestions: tuple[Suggestion, ...]
    refused: tuple[Refused, ...]


def load_settings(review: Review) -> SuggestionSettings:
    """Return the review's settings; all off when there is no ``suggestions.toml``.

    Raises
    ------
    DataError
        If a key is not known or has the wrong kind.
    """
    path = review.folder / SETTINGS
    if not path.exists():
        return SuggestionSettings()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{SETTINGS} is not valid TOML: {error}", where=SETTINGS) from error
    allowed = {"rules", "endpoint"}
    endpoint: Mapping[str, Any] | None = values.get("endpoint")
    extra = set(values) - allowed
    if endpoint is not None:
        extra |= set(endpoint) - {"url", "model", "key_env", "timeout_s"}
        for name in ("url", "model"):
            if not isinstance(endpoint.get(name), str):
                raise DataError(f'{SETTINGS}: endpoint.{name} is missing; write {name} = "…"')
    if extra:
        raise DataError(f"{SETTINGS}: {sorted(extra)[0]!r} is not a known key")
    return SuggestionSettings(
        rules=values.get("rules") is True,
        endpoint=None if endpoint is None else ChatEndpoint(**endpoint),
    )


def switch_rules(review: Review, *, on: bool) -> None:
    """Switch the rules on or off in ``suggestions.toml``; whatever else it says stays.

    Raises
    ------
    DataError
        If the file there cannot be read.
    """
    load_settings(review)
    path = review.folder / SETTINGS
    said = f"rules = {'true' if on else 'false'}"
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    table = _TABLE.search(text)
    end = len(text) if table is None else table.start()
    top, rest = text[:end], text[end:]
    top = _RULES.sub(said, top, count=1) if _RULES.search(top) else f"{said}\n{top}"
    write_whole(path, (top + rest).encode())


def _proposers(review: Review, settings: SuggestionSettings) -> list[Proposer]:
    if not settings.is_on:
        raise DataError(f"suggestions are off in this review; {_HOW}, or with an [endpoint]")
    proposers: list[Proposer] = [Rules()] if settings.rules else []
    if settings.endpoint is not None:
        labels = {f.name: f.label for f in fields_in_use(review)}
        proposers.append(
            ModelProposer(ask=settings.endpoint.ask, labels=labels, model=settings.endpoint.model)
        )
    return proposers


def suggest(review: Review, study_id: StudyId) -> Suggested:
    """Let the rules and the model that are switched on read a study's reports on hand.

    Each proposal must quote words that stand in the text and contain its
    value; the others are refused with their reason. What passes is logged as
    a suggestion and counts for nothing until a person accepts it.

    Raises
    ------
    DataError
        If suggestions are off, or there is no text on hand.
    NotFoundError
        If the study is not in the review.
    """
    state = review.state()
    if study_id not in state.studies:
        raise NotFoundError(f"study {study_id!r} is not in this review; define it first")
    settings = load_settings(review)
    proposers = _proposers(review, settings)
    texts, _ = texts_on_hand(review, set(state.studies[study_id].record_ids))
    fields = [f.name for f in current_form(review).fields] or list(_RULE_FIELDS)
    read_value = value_reader(review)

    def read(field: str, text: str) -> Any:
        return read_value(field, text, "the suggestion").value

    found: list[Suggestion] = []
    refused: list[Refused] = []
    n_read = 0
    for record_id, places in texts.items():
        for place in ("abstract", "text"):
            text = places.get(place)
            if text is None:
                continue
            n_read += 1
            for proposer in proposers:
                passed, out = admit(text, proposer.propose(text, fields), read=read)
                refused += out
                found += [
                    Suggestion(
                        suggestion_id=f"{study_id}:{state.seq}:{len(found) + i}",
                        study_id=study_id,
                        record_id=RecordId(record_id),
                        field=checked.proposal.field,
                        patient=checked.proposal.patient,
                        value=checked.value,
                        place=place,
                        span=text[checked.start : checked.end],
                        start=checked.start,
                        end=checked.end,
                        derivation=checked.proposal.derivation,
                        note=checked.proposal.note,
                        made_by=proposer.name,
                        version=proposer.version,
                    )
                    for i, checked in enumerate(passed)
                ]
    if not n_read:
        raise DataError(
            f"there is no abstract or full text of {study_id!r} on hand; attach or import one"
        )
    host = settings.endpoint.host if settings.endpoint else None
    review.append(
        EventKind.SUGGESTIONS_MADE,
        {
            "suggestions": [to_plain(s) for s in found],
            "refused": dict(Counter(r.reason for r in refused)),
            "endpoint": host,
            "is_local": settings.endpoint.is_local if settings.endpoint else True,
        },
    )
    return Suggested(suggestions=tuple(found), refused=tuple(refused))


def waiting(state: ReviewState, *, study_id: StudyId | None = None) -> list[Suggestion]:
    """Return the suggestions nobody has decided on."""
    return [
        s
        for s in state.suggestions.values()
        if s.suggestion_id not in state.suggestion_verdicts and study_id in (None, s.study_id)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The words a suggestion rests on, with what stands before and after them."""

    before: str
    span: str
    after: str


def context_of(review: Review, suggestion: Suggestion, *, around: int = 1200) -> Context:
    """Return the words of a suggestion in their text, up to ``around`` characters each way.

    A text that is no longer on hand leaves the words alone.
    """
    text = ""
    if suggestion.place == "abstract":
        text = review.store.load_record(suggestion.record_id).abstract or ""
    else:
        digest = review.state().fulltexts.get(suggestion.record_id)
        if digest is not None and review.fulltexts.has(digest):
            text = review.fulltexts.load_text(digest).replace("\f", "\n")
    start, end = suggestion.start, suggestion.end
    if text[start:end] != suggestion.span:
        found = find_span(text, suggestion.span) if text else None
        if found is None:
            return Context(before="", span=suggestion.span, after="")
        start, end = found
    return Context(
        before=text[max(start - around, 0) : start],
        span=text[start:end],
        after=text[end : end + around],
    )


def field_for(review: Review, suggestion: Suggestion) -> str:
    """Return the field a suggestion goes into; one of a group waits for the group's name.

    ``survival[?].median_os_months``: the person who accepts it puts the
    group's name in place of the question mark.
    """
    form = current_form(review)
    if form.field(suggestion.field) is None:
        for known in form.fields:
            if known.name == suggestion.field and known.group is not None:
                return f"{known.group}[?].{known.name}"
    return suggestion.field


def _open(review: Review, suggestion_id: str) -> Suggestion:
    state = review.state()
    if suggestion_id not in state.suggestions:
        raise NotFoundError(f"suggestion {suggestion_id!r} is not in this review")
    if suggestion_id in state.suggestion_verdicts:
        raise ConflictError(
            f"suggestion {suggestion_id!r} is {state.suggestion_verdicts[suggestion_id]['verdict']}"
        )
    return state.suggestions[suggestion_id]


def accept(
    review: Review, suggestion_id: str, *, value: str | None = None, field: str | None = None
) -> Cell:
    """Enter a suggestion under this person's name, as it is or changed; one event.

    ``field`` puts it into a repeating group (``survival[all].median_os_months``).

    Raises
    ------
    ConflictError
        If somebody decided on it already.
    NotFoundError
        If there is no such suggestion.
    """
    suggestion = _open(review, suggestion_id)
    if field is not None and "[?]" in field:
        raise DataError(
            f"put the group's name in place of ? in {field!r}, for example "
            f"{field.replace('?', 'all')!r}",
            field="field",
        )
    said = value if value is not None else _shown(suggestion.value)
    entry = Entry(
        study_id=suggestion.study_id,
        patient=suggestion.patient,
        field=field or suggestion.field,
        value=said,
        record_id=suggestion.record_id,
        place=suggestion.place,
        span=suggestion.span,
        derivation=suggestion.derivation,
    )
    cell = build_cell(review, entry)
    is_same = cell.extracted.value == suggestion.value
    told = f"suggested by {suggestion.made_by} {suggestion.version}"
    note = "; ".join(filter(None, (suggestion.note, told if is_same else f"{told}, changed")))
    cell = replace(cell, extracted=replace(cell.extracted, note=note))
    verdict = SuggestionVerdict.ACCEPTED if is_same else SuggestionVerdict.CHANGED
    review.append(
        EventKind.SUGGESTION_ANSWERED,
        {
            "suggestion_id": suggestion_id,
            "verdict": verdict.value,
            "by": review.person,
            "cells": [to_plain(cell)],
        },
    )
    return cell


def _shown(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def reject(review: Review, suggestion_id: str) -> None:
    """Log that a suggestion is wrong or not wanted; raises as ``accept`` does."""
    _open(review, suggestion_id)
    review.append(
        EventKind.SUGGESTION_ANSWERED,
        {
            "suggestion_id": suggestion_id,
            "verdict": SuggestionVerdict.REJECTED.value,
            "by": review.person,
        },
    )


def disclosure(state: ReviewState) -> tuple[str, ...]:
    """Return what a report must say of the use of rules and models (RAISE), or nothing if unused.

    Name, version and task of each, who oversaw it, and how often people agreed.
    """
    made: dict[tuple[str, str], list[str]] = {}
    for suggestion in state.suggestions.values():
        made.setdefault((suggestion.made_by, suggestion.version), []).append(
            suggestion.suggestion_id
        )
    told = []
    for (name, version), ids in made.items():
        verdicts = Counter(
            state.suggestion_verdicts[i]["verdict"] for i in ids if i in state.suggestion_verdicts
        )
        decided = sum(verdicts.values())
        kind = "Rules" if name == "rules" else f"The language model {name}"
        told.append(
            f"{kind} (version {version}) proposed {len(ids)} values for extraction, each with "
            f"words that were checked to stand in the text. A person decided on {decided}: "
            f"{verdicts[SuggestionVerdict.ACCEPTED.value]} were accepted as they were, "
            f"{verdicts[SuggestionVerdict.CHANGED.value]} with a change and "
            f"{verdicts[SuggestionVerdict.REJECTED.value]} rejected; {len(ids) - decided} wait and "
            "count for nothing."
        )
    hosts = sorted({run["endpoint"] for run in state.suggestion_runs if not run["is_local"]})
    if hosts:
        told.append(f"Texts were sent to {', '.join(hosts)}.")
    if told:
        told.append(
            "No value entered the review without a person's acceptance; the authors remain "
            "responsible for every one. How well the proposals work was measured only by these "
            "decisions."
        )
    return tuple(told)
