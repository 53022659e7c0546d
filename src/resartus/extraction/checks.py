"""The checker: anchors stand in the text, derived values recompute, and the numbers add up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from resartus.domain.extracted import Cell, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.protocol import FormField
from resartus.errors import DataError
from resartus.extraction.derivation import parse_derivation
from resartus.extraction.partial_dates import parse_partial_date
from resartus.extraction.spans import SearchableText, find_span, searchable

__all__ = ["CheckReport", "Failure", "check_cells", "is_unanchored"]

_GROUP = re.compile(r"(\w+)\[([^\]]+)\]\.(\w+)")
_SURVIVAL = re.compile(r"(?:(os|pfs|dfs|rfs|survival)_)(\d+)y")
_YEARS = re.compile(r"((?:19|20)\d\d)\s*[-–/]\s*((?:19|20)\d\d)")
_NAMED_COUNT = re.compile(r"[^;:\d]+:\s*(\d+)")
_LIST_OF_COUNTS = re.compile(r"(?:[^;:\d]+:\s*\d+\s*(?:;|$))+")
_PARTS = (("synchronous_n", "metachronous_n"), ("r0_n", "r1_n", "r2_n"), ("men_n", "women_n"))
_TOTALS = ("n_total", "n_liver_surgery", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that does not hold: which check, whose cells, where to look, what is wrong."""

    check: str
    study_id: StudyId
    cell_ids: tuple[str, ...]
    place: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What was checked and what failed; ``n_unverifiable`` spans had no text on hand."""

    n_studies: int
    n_cells: int
    n_numbers: int
    n_unanchored: int
    n_spans_found: int
    n_unverifiable: int
    n_recomputed: int
    failures: tuple[Failure, ...]


_Texts = Mapping[RecordId, Mapping[str, SearchableText]]


@dataclass(slots=True)
class _Tally:
    found: int = 0
    unverifiable: int = 0
    recomputed: int = 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_unanchored(cell: Cell) -> bool:
    """Whether a reported number leads to no printed words and no derivation."""
    if cell.extracted.reported is not Reported.REPORTED or not _is_number(cell.extracted.value):
        return False
    anchor = cell.extracted.anchor
    return anchor is None or not (anchor.span or anchor.derivation)


def _place(cell: Cell) -> str:
    anchor = cell.extracted.anchor
    if anchor is None:
        return "no anchor"
    return ", ".join(filter(None, (anchor.record_id, anchor.place, anchor.detail)))


def _failure(check: str, cells: Sequence[Cell], message: str) -> Failure:
    return Failure(
        check=check,
        study_id=cells[0].study_id,
        cell_ids=tuple(cell.cell_id for cell in cells),
        place=_place(cells[-1]),
        message=message,
    )


def _text_for(
    cell: Cell, texts: Mapping[RecordId, Mapping[str, SearchableText]]
) -> list[SearchableText]:
    """Return the texts on hand in which the span may stand: its own place, or the full text."""
    anchor = cell.extracted.anchor
    if anchor is None:
        return []
    on_hand = texts.get(anchor.record_id, {})
    if anchor.place in ("title", "abstract"):
        return [on_hand[anchor.place]] if anchor.place in on_hand else []
    return [on_hand["text"]] if "text" in on_hand else []


def _check_anchor(cell: Cell, texts: _Texts, tally: _Tally) -> Iterator[Failure]:
    if is_unanchored(cell):
        value = cell.extracted.value
        yield _failure("anchor", [cell], f"{value!r} has no printed words and no derivation")
    anchor = cell.extracted.anchor
    if anchor is None:
        return
    if anchor.span:
        sources = _text_for(cell, texts)
        if not sources:
            tally.unverifiable += 1
        elif any(find_span(source, anchor.span) for source in sources):
            tally.found += 1
        else:
            yield _failure(
                "span", [cell], f"the words {anchor.span[:80]!r} do not stand in the {anchor.place}"
            )
    if anchor.derivation:
        try:
            derivation = parse_derivation(anchor.derivation)
        except DataError as error:
            yield _failure("derivation", [cell], error.message)
            return
        if derivation is None:
            return
        tally.recomputed += 1
        value = cell.extracted.value
        if not derivation.holds:
            yield _failure(
                "derivation",
                [cell],
                f"{derivation.text!r} gives {derivation.computed:.4g}, not {derivation.stated:g}",
            )
        elif _is_number(value) and abs(float(value or 0) - derivation.stated) > 1e-9:
            yield _failure(
                "derivation",
                [cell],
                f"the value is {value!r}, its derivation ends in {derivation.stated:g}",
            )


def _check_form(cell: Cell, field: FormField | None) -> Iterator[Failure]:
    value = cell.extracted.value
    if field is None or value is None:
        return
    if _is_number(value):
        number = float(value)
        if field.minimum is not None and number < field.minimum:
            yield _failure("range", [cell], f"{value!r} is below {field.minimum:g}")
        if field.maximum is not None and number > field.maximum:
            yield _failure("range", [cell], f"{value!r} is above {field.maximum:g}")
        if field.kind == "integer" and not number.is_integer():
            yield _failure("range", [cell], f"{value!r} is not whole")
    elif field.kind == "choice" and value not in field.choices:
        yield _failure("range", [cell], f"{value!r} is not one of: {', '.join(field.choices)}")


_Scope = Mapping[str, Cell]
"""The cells of one study, one patient or one entry of a group, by the field's own name."""


def _number(scope: _Scope, name: str) -> float | None:
    cell = scope.get(name)
    value = None if cell is None else cell.extracted.value
    return float(value) if value is not None and _is_number(value) else None


def _check_counts(scope: _Scope) -> Iterator[Failure]:
    """Hold counts to their total, and a percentage to the count beside it."""
    total_name = next((name for name in _TOTALS if _number(scope, name) is not None), None)
    if total_name is None:
        return
    total = _number(scope, total_name)
    assert total is not None
    for name, cell in scope.items():
        count = _number(scope, name)
        if count is None:
            continue
        if (name.endswith("_n") or (name.startswith("n_") and name in _TOTALS)) and count > total:
            yield _failure(
                "total",
                [scope[total_name], cell],
                f"{name} {count:g} is more than {total_name} {total:g}",
            )
        if name.endswith("_percent"):
            stem = name.removesuffix("_percent")
            events = _number(scope, f"{stem}_n")
            if events is not None and total and abs(100 * events / total - count) > 0.51:
                yield _failure(
                    "percentage",
                    [scope[f"{stem}_n"], scope[total_name], cell],
                    f"{events:g} of {total:g} is {100 * events / total:.1f} %, not {count:g} %",
                )


def _check_two_groups(scope: _Scope) -> Iterator[Failure]:
    """Hold the events of each of two groups to its patients."""
    for events, total in (("events_1", "n_1"), ("events_2", "n_2")):
        count, of = _number(scope, events), _number(scope, total)
        if count is not None and of is not None and count > of:
            yield _failure(
                "total",
                [scope[total], scope[events]],
                f"{events} {count:g} is more than {total} {of:g}",
            )


_INTERVALS = (
    ("estimate", "estimate_low", "estimate_high"),
    ("hazard_ratio", "hazard_ratio_low", "hazard_ratio_high"),
    ("hazard_ratio", "ratio_low", "ratio_high"),
)


def _check_estimates(scope: _Scope) -> Iterator[Failure]:
    """Hold an estimate to its interval."""
    for name, low, high in _INTERVALS:
        value = _number(scope, name)
        for bound, sign, word in ((low, 1, "below"), (high, -1, "above")):
            limit = _number(scope, bound)
            if value is not None and limit is not None and sign * value < sign * limit:
                yield _failure(
                    "estimate",
                    [scope[name], scope[bound]],
                    f"{name} {value:g} is {word} {bound} {limit:g}",
                )


def _check_sums(scope: _Scope) -> Iterator[Failure]:
    """Hold the parts of a whole to it, in pairs and in lists such as "ovary: 7"."""
    total = _number(scope, "n_total")
    if total is None:
        return
    for parts in (
        ("synchronous_n", "metachronous_n"),
        ("r0_n", "r1_n", "r2_n"),
        ("men_n", "women_n"),
    ):
        known = [(name, value) for name in parts if (value := _number(scope, name)) is not None]
        added = sum(value for _, value in known)
        if len(known) > 1 and added > total:
            said = " + ".join(f"{name} {value:g}" for name, value in known)
            yield _failure(
                "sum",
                [*(scope[name] for name, _ in known), scope["n_total"]],
                f"{said} is {added:g}, more than n_total {total:g}",
            )
    for name, cell in scope.items():
        listed = cell.extracted.value
        if isinstance(listed, str) and _LIST_OF_COUNTS.fullmatch(listed):
            counts = [int(n) for n in _NAMED_COUNT.findall(listed)]
            if len(counts) > 1 and sum(counts) > total:
                yield _failure(
                    "sum",
                    [cell, scope["n_total"]],
                    f"{name} adds up to {sum(counts)}, more than n_total {total:g}",
                )


def _check_survival(scope: _Scope) -> Iterator[Failure]:
    """Hold survival between 0 and 1, never rising with time."""
    curves: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in scope:
        match = _SURVIVAL.fullmatch(name)
        if match and (value := _number(scope, name)) is not None:
            curves[match[1]].append((int(match[2]), name))
            if not 0 <= value <= 1:
                yield _failure(
                    "survival", [scope[name]], f"{name} {value:g} is not between 0 and 1"
                )
    for points in curves.values():
        for (_, earlier), (_, later) in pairwise(sorted(points)):
            before, after = _number(scope, earlier), _number(scope, later)
            if before is not None and after is not None and after > before:
                yield _failure(
                    "survival",
                    [scope[earlier], scope[later]],
                    f"survival rises from {earlier} {before:g} to {later} {after:g}",
                )


def _check_medians(scope: _Scope) -> Iterator[Failure]:
    """Hold a median to its interval or range."""
    for name, cell in scope.items():
        if "median" not in name:
            continue
        middle = _number(scope, name)
        unit = name.rpartition("_")[2]
        for low_name, high_name in (
            (f"low_{unit}", f"high_{unit}"),
            (name.replace("median", "min"), name.replace("median", "max")),
            (f"{name}_low", f"{name}_high"),
        ):
            low, high = _number(scope, low_name), _number(scope, high_name)
            for bound, bad, word in ((low_name, low, "below"), (high_name, high, "above")):
                if middle is None or bad is None:
                    continue
                if (word == "below" and middle < bad) or (word == "above" and middle > bad):
                    yield _failure(
                        "median",
                        [cell, scope[bound]],
                        f"{name} {middle:g} is {word} {bound} {bad:g}",
                    )
            if low is not None and high is not None and low > high:
                yield _failure(
                    "median",
                    [scope[low_name], scope[high_name]],
                    f"{low_name} {low:g} is above {high_name} {high:g}",
                )


def _check_p(scope: _Scope) -> Iterator[Failure]:
    value = _number(scope, "p_value")
    if value is not None and not 0 <= value <= 1:
        yield _failure("p", [scope["p_value"]], f"p {value:g} is not between 0 and 1")


def _check_years(scope: _Scope) -> Iterator[Failure]:
    cell = scope.get("recruited")
    match = _YEARS.search(str(cell.extracted.value)) if cell else None
    if cell and match and int(match[1]) > int(match[2]):
        yield _failure("dates", [cell], f"recruited {match[0]!r} ends before it begins")


_DATES = ("date_diagnosis", "date_liver_metastasis", "date_liver_treatment", "date_last_seen")


def _check_patient(scope: _Scope) -> Iterator[Failure]:
    """Hold a patient's dates to their order, and an early death to the follow-up."""
    dated = []
    for name in _DATES:
        cell = scope.get(name)
        if cell is not None and cell.extracted.value is not None:
            try:
                dated.append((name, cell, parse_partial_date(str(cell.extracted.value))))
            except DataError as error:
                yield _failure("dates", [cell], error.message)
    for (first, one, early), (second, other, late) in pairwise(dated):
        if late.latest < early.earliest:
            yield _failure(
                "dates",
                [one, other],
                f"{second} {other.extracted.value} comes before {first} {one.extracted.value}",
            )
    months = _number(scope, "follow_up_months")
    death = scope.get("death_30_days")
    if death and str(death.extracted.value).lower() in ("yes", "true", "1") and (months or 0) > 1.5:
        yield _failure(
            "dates",
            [death, scope["follow_up_months"]],
            f"died within 30 days but followed {months:g} months",
        )


_SCOPED: tuple[Callable[[_Scope], Iterator[Failure]], ...] = (
    _check_counts,
    _check_two_groups,
    _check_estimates,
    _check_sums,
    _check_survival,
    _check_medians,
    _check_p,
    _check_years,
)


def _scopes(cells: Sequence[Cell]) -> Iterator[tuple[str | None, dict[str, Cell]]]:
    """Yield a study's own fields, each group's and each patient's; the name is a patient's."""
    study: dict[str, Cell] = {}
    groups: dict[tuple[str, str], dict[str, Cell]] = defaultdict(dict)
    patients: dict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        if cell.patient is not None:
            patients[cell.patient][cell.field] = cell
        elif "[" in cell.field and (match := _GROUP.fullmatch(cell.field)):
            groups[match[1], match[2]][match[3]] = cell
        else:
            study[cell.field] = cell
    yield None, study
    for scope in groups.values():
        yield None, scope
    yield from patients.items()


def _check_arms(study: _Scope, cells: Sequence[Cell]) -> Iterator[Failure]:
    """Hold the arms, and the single patients, to the patients of the study."""
    total = _number(study, "n_total")
    if total is None:
        return
    arms = [
        cell
        for cell in cells
        if cell.patient is None
        and (match := _GROUP.fullmatch(cell.field))
        and match[1] == "arm"
        and match[3] == "n"
        and _is_number(cell.extracted.value)
    ]
    added = sum(float(cell.extracted.value or 0) for cell in arms)
    if len(arms) > 1 and added > total:
        yield _failure(
            "sum", [*arms, study["n_total"]], f"arms hold {added:g}, more than n_total {total:g}"
        )
    patients = {cell.patient for cell in cells if cell.patient is not None}
    if len(patients) > total:
        yield _failure(
            "sum",
            [study["n_total"]],
            f"{len(patients)} single patients are more than n_total {total:g}",
        )


def check_cells(
    cells: Iterable[Cell],
    *,
    field_of: Callable[[Cell], FormField | None] | None = None,
    texts: Mapping[RecordId, Mapping[str, str]] | None = None,
) -> CheckReport:
    """Check every cell by itself, and the cells of each study against each other.

    Parameters
    ----------
    cells : iterable of Cell
        The entries that count, of any number of studies.
    field_of : callable, optional
        The form's field of a cell, for its range and vocabulary.
    texts : mapping, optional
        Texts on hand: by record, then ``"title"``, ``"abstract"`` or ``"text"``.

    Returns
    -------
    CheckReport
        Counts, and what fails with its cells and its place.
    """
    wanted: dict[StudyId, list[Cell]] = defaultdict(list)
    for cell in cells:
        wanted[cell.study_id].append(cell)
    folded = {
        record_id: {place: searchable(text) for place, text in places.items()}
        for record_id, places in (texts or {}).items()
    }
    tally = _Tally()
    failures: list[Failure] = []
    every = [cell for own in wanted.values() for cell in own]
    for own in wanted.values():
        for cell in own:
            failures += _check_anchor(cell, folded, tally)
            if field_of is not None:
                failures += _check_form(cell, field_of(cell))
        for i, (patient, scope) in enumerate(_scopes(own)):
            for check in _SCOPED:
                failures += check(scope)
            if patient is not None:
                failures += _check_patient(scope)
            if i == 0:
                failures += _check_arms(scope, own)
    return CheckReport(
        n_studies=len(wanted),
        n_cells=len(every),
        n_numbers=sum(_is_number(cell.extracted.value) for cell in every),
        n_unanchored=sum(is_unanchored(cell) for cell in every),
        n_spans_found=tally.found,
        n_unverifiable=tally.unverifiable,
        n_recomputed=tally.recomputed,
        failures=tuple(failures),
    )
