"""The PRISMA 2020 flow diagram: new and updated reviews, other methods, and patients counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resartus.errors import DataError
from resartus.reporting.figures.canvas import (
    BAND,
    INK,
    PAPER,
    QUIET,
    Drawing,
    draw,
    wrap_cm,
)
from resartus.reporting.figures.kept import drawn_once

__all__ = ["FlowCounts", "FlowItem", "prisma_flow"]

_SIZE = 7.6
_LINE = 0.37
_PAD = 0.22
_GAP = 0.62
_LABEL = 0.75
_INSET = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowItem:
    """A source or a reason with its count."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCounts:
    """The counts of a PRISMA 2020 flow diagram; ``None`` leaves a line out.

    *Records* are citations, *reports* documents, *studies* investigations.
    Patients are those in the included studies who had the treatment reviewed;
    ``single_patients`` those of them known one by one. Other methods have a
    column only if ``other_sources`` is not empty, previous studies only if
    ``previous_studies`` is given (an update). ``unscreened`` and ``unassessed``
    are what nobody has judged yet: a draft shows them, a finished review has none.
    ``withdrawn_studies``, ``withdrawn_reports`` and ``withdrawn_patients`` were in the version
    before and are not now; ``recounted_patients``, below 0 where there are fewer, is by how many
    the studies that stayed count otherwise than they did.
    """

    databases: tuple[FlowItem, ...]
    screened: int
    excluded: int
    sought: int
    assessed: int
    new_studies: int
    new_reports: int
    registers: tuple[FlowItem, ...] = ()
    duplicates: int = 0
    automation: int = 0
    removed_otherwise: int = 0
    unscreened: int = 0
    not_retrieved: int = 0
    unassessed: int = 0
    excluded_reports: tuple[FlowItem, ...] = ()
    other_sources: tuple[FlowItem, ...] = ()
    other_sought: int = 0
    other_not_retrieved: int = 0
    other_unassessed: int = 0
    other_assessed: int = 0
    other_excluded_reports: tuple[FlowItem, ...] = ()
    new_patients: int | None = None
    previous_studies: int | None = None
    previous_reports: int | None = None
    previous_patients: int | None = None
    withdrawn_studies: int = 0
    withdrawn_reports: int = 0
    withdrawn_patients: int = 0
    recounted_patients: int = 0
    total_studies: int | None = None
    total_reports: int | None = None
    total_patients: int | None = None
    single_patients: int | None = None
    studies_in_synthesis: int | None = None
    patients_in_synthesis: int | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            counts = [item.count for item in value] if isinstance(value, tuple) else [value]
            for count in counts:
                if count is not None and count < 0 and name != "recounted_patients":
                    raise DataError(f"{name} {count!r} of the flow diagram is below 0", field=name)

    @property
    def identified(self) -> int:
        """Records from databases and registers."""
        return sum(item.count for item in (*self.databases, *self.registers))

    def disagreements(self) -> tuple[str, ...]:
        """Return a sentence for each pair of boxes that does not add up."""
        found = []

        def must(left: int, right: int, sentence: str) -> None:
            if left != right:
                found.append(f"{sentence}: {left} is not {right}")

        removed = self.duplicates + self.automation + self.removed_otherwise
        must(
            self.screened,
            self.identified - removed - self.unscreened,
            "records screened are those not removed and not waiting",
        )
        must(self.sought, self.screened - self.excluded, "reports sought are records not excluded")
        must(
            self.assessed,
            self.sought - self.not_retrieved - self.unassessed,
            "reports assessed are those retrieved and not waiting",
        )
        must(
            self.other_assessed,
            self.other_sought - self.other_not_retrieved - self.other_unassessed,
            "reports assessed from other methods are those retrieved and not waiting",
        )
        kept = self.assessed - sum(item.count for item in self.excluded_reports)
        kept += self.other_assessed - sum(item.count for item in self.other_excluded_reports)
        must(self.new_reports, kept, "reports included are those assessed and not excluded")
        for noun in ("studies", "reports", "patients"):
            previous = getattr(self, f"previous_{noun}")
            new, total = getattr(self, f"new_{noun}"), getattr(self, f"total_{noun}")
            gone = getattr(self, f"withdrawn_{noun}")
            if noun == "patients":
                gone -= self.recounted_patients
            if previous is not None and new is not None and total is not None:
                must(total, previous + new - gone, f"total {noun} are previous and new ones")
        return tuple(found)


@dataclass(slots=True)
class _Box:
    """A box with its words and place; heights are known before it is drawn."""

    lines: list[str]
    left: float
    width: float
    top: float = 0.0
    is_heading: bool = False

    @property
    def height(self) -> float:
        return len(self.lines) * _LINE + 2 * _PAD

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        return self.top - self.height


def _n(count: int) -> str:
    return f"(n\u00a0=\u00a0{count:,})".replace(",", "\u2009")


def _plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}".replace(",", "\u2009")


def _box(texts: Sequence[str], *, left: float, width: float, is_heading: bool = False) -> _Box:
    lines: list[str] = []
    for text in texts:
        indent = text[: len(text) - len(text.lstrip())]
        # A wrapped line is indented by two more, so it has that much less room.
        room = width - 2 * _INSET - 0.12 * (len(indent) + 2 * bool(indent))
        weight = "bold" if is_heading else "normal"
        wrapped = wrap_cm(text.strip(), width=room, size=_SIZE, weight=weight)
        lines += [indent + line for line in wrapped[:1]]
        lines += [indent + "  " + line if indent else line for line in wrapped[1:]]
    return _Box(lines=lines, left=left, width=width, is_heading=is_heading)


def _items(items: Sequence[FlowItem]) -> list[str]:
    return [f"  {item.name} {_n(item.count)}" for item in items]


def _included_lines(
    title: str, *, studies: int | None, reports: int | None, patients: int | None
) -> list[str]:
    lines = [title]
    for count, one, many in (
        (studies, "study", "studies"),
        (reports, "report", "reports"),
        (patients, "patient", "patients"),
    ):
        if count is not None:
            lines.append(f"  {_plural(count, one, many)}")
    return lines


def _missing(not_retrieved: int, unassessed: int) -> list[str]:
    lines = [f"Reports not retrieved {_n(not_retrieved)}"]
    return lines + ([f"Reports not assessed yet {_n(unassessed)}"] if unassessed else [])


def _main_rows(counts: FlowCounts, *, left: float, width: float, gap: float) -> list[list[_Box]]:
    """Return the boxes of the databases column, each row with the side box it may have."""
    side = left + width + gap
    sources = [f"Records identified from databases {_n(sum(i.count for i in counts.databases))}:"]
    sources += _items(counts.databases)
    if counts.registers:
        sources.append(f"and registers {_n(sum(i.count for i in counts.registers))}:")
        sources += _items(counts.registers)
    removed = [
        "Records removed before screening:",
        f"  Duplicates {_n(counts.duplicates)}",
        f"  Marked ineligible by automation tools {_n(counts.automation)}",
        f"  Removed for other reasons {_n(counts.removed_otherwise)}",
    ]
    if counts.unscreened:
        removed.append(f"Records not screened yet {_n(counts.unscreened)}")
    reasons = [f"Reports excluded {_n(sum(i.count for i in counts.excluded_reports))}"]
    if counts.excluded_reports:
        reasons[0] += ":"
    reasons += _items(counts.excluded_reports)
    pairs = [
        (sources, removed),
        ([f"Records screened {_n(counts.screened)}"], [f"Records excluded {_n(counts.excluded)}"]),
        (
            [f"Reports sought for retrieval {_n(counts.sought)}"],
            _missing(counts.not_retrieved, counts.unassessed),
        ),
        ([f"Reports assessed for eligibility {_n(counts.assessed)}"], reasons),
    ]
    return [
        [_box(first, left=left, width=width), _box(second, left=side, width=width)]
        for first, second in pairs
    ]


def _other_rows(counts: FlowCounts, *, left: float, width: float, gap: float) -> list[list[_Box]]:
    """Return the boxes of the other-methods columns, by the same four rows."""
    side = left + width + gap
    total = sum(item.count for item in counts.other_sources)
    first = [f"Records identified from other methods {_n(total)}:", *_items(counts.other_sources)]
    reasons = [f"Reports excluded {_n(sum(i.count for i in counts.other_excluded_reports))}"]
    if counts.other_excluded_reports:
        reasons[0] += ":"
    reasons += _items(counts.other_excluded_reports)
    return [
        [_box(first, left=left, width=width)],
        [],
        [
            _box(
                [f"Reports sought for retrieval {_n(counts.other_sought)}"], left=left, width=width
            ),
            _box(
                _missing(counts.other_not_retrieved, counts.other_unassessed),
                left=side,
                width=width,
            ),
        ],
        [
            _box(
                [f"Reports assessed for eligibility {_n(counts.other_assessed)}"],
                left=left,
                width=width,
            ),
            _box(reasons, left=side, width=width),
        ],
    ]


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={
            "arrowstyle": "-|>,head_width=0.16,head_length=0.3",
            "color": QUIET,
            "linewidth": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )


def _paint(axes: Any, box: _Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (box.left, box.bottom),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=BAND if box.is_heading else PAPER,
            edgecolor=QUIET,
            linewidth=0.8,
        )
    )
    for position, line in enumerate(box.lines):
        indent = len(line) - len(line.lstrip())
        x = box.middle if box.is_heading else box.left + _INSET + 0.12 * indent
        axes.text(
            x,
            box.top - _PAD - (position + 0.5) * _LINE,
            line.strip(),
            ha="center" if box.is_heading else "left",
            va="center_baseline",
            fontsize=_SIZE,
            color=INK,
            fontweight="bold" if box.is_heading else "normal",
        )


def _stage(axes: Any, *, top: float, bottom: float, label: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (0.05, bottom),
            _LABEL - 0.15,
            top - bottom,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=BAND,
            edgecolor=QUIET,
            linewidth=0.8,
        )
    )
    axes.text(
        0.05 + (_LABEL - 0.15) / 2,
        (top + bottom) / 2,
        label,
        rotation=90,
        ha="center",
        va="center",
        fontsize=_SIZE,
        fontweight="bold",
    )


def _describe(counts: FlowCounts) -> str:
    parts = [
        f"{counts.identified} records from databases and registers",
        f"{counts.screened} screened",
        f"{counts.excluded} excluded",
        f"{counts.assessed} reports assessed",
        f"{sum(i.count for i in counts.excluded_reports)} reports excluded with reasons",
        f"{counts.new_studies} new studies in {counts.new_reports} reports included",
    ]
    waiting = counts.unscreened + counts.unassessed + counts.other_unassessed
    if waiting:
        parts.append(f"{waiting} not judged yet")
    if counts.new_patients is not None:
        parts.append(f"{counts.new_patients} patients in them")
    if counts.previous_studies is not None:
        parts.insert(0, f"{counts.previous_studies} studies in the previous version")
    if counts.total_studies is not None:
        parts.append(f"{counts.total_studies} studies in total")
        parts += [line.strip()[0].lower() + line.strip()[1:] for line in _difference_lines(counts)]
    return "Flow diagram: " + ", ".join(parts) + "."


def _place(rows: Sequence[Sequence[_Box]], *, top: float, gap: float) -> list[tuple[float, float]]:
    """Give every box its top, row by row; return each row's upper and lower edge."""
    edges = []
    for row in rows:
        height = max(box.height for box in row)
        for box in row:
            box.top = top - (height - box.height) / 2
        edges.append((top, top - height))
        top -= height + gap
    return edges


def _layout(counts: FlowCounts) -> tuple[float, list[list[_Box]], dict[str, _Box]]:
    """Return the total width, the rows of boxes and the boxes that arrows name."""
    has_previous = counts.previous_studies is not None
    has_other = bool(counts.other_sources)
    width = 4.1 if has_other or has_previous else 5.6
    left = _LABEL + 0.25
    named: dict[str, _Box] = {}
    if has_previous:
        named["previous"] = _box(
            _included_lines(
                "Included in the previous version of the review:",
                studies=counts.previous_studies,
                reports=counts.previous_reports,
                patients=counts.previous_patients,
            ),
            left=left,
            width=3.0,
        )
        named["previous heading"] = _box(
            ["Previous studies"], left=left, width=3.0, is_heading=True
        )
        left += 3.0 + _GAP
    main_left = left
    rows = _main_rows(counts, left=left, width=width, gap=_GAP)
    named["main heading"] = _box(
        ["New studies via databases and registers"],
        left=left,
        width=2 * width + _GAP,
        is_heading=True,
    )
    left += 2 * width + 2 * _GAP
    if has_other:
        other = _other_rows(counts, left=left, width=3.7, gap=_GAP)
        rows = [first + second for first, second in zip(rows, other, strict=True)]
        named["other heading"] = _box(
            ["New studies via other methods"], left=left, width=7.4 + _GAP, is_heading=True
        )
        named["other end"] = other[3][0]
        left += 7.4 + 2 * _GAP
    new_lines = _included_lines(
        "New studies included in the review:" if has_previous else "Included in the review:",
        studies=counts.new_studies,
        reports=counts.new_reports,
        patients=counts.new_patients,
    )
    if not has_previous:
        new_lines += _synthesis_lines(counts)
    named["new"] = _box(new_lines, left=main_left, width=width)
    rows.append([named["new"]])
    if has_previous:
        named["total"] = _box(
            _included_lines(
                "Total included in the review:",
                studies=counts.total_studies,
                reports=counts.total_reports,
                patients=counts.total_patients,
            )
            + _difference_lines(counts)
            + _synthesis_lines(counts),
            left=main_left,
            width=width,
        )
        rows.append([named["total"]])
        rows[0].insert(0, named["previous"])
    headings = [box for name, box in named.items() if name.endswith("heading")]
    return left - _GAP + 0.1, [headings, *rows], named


def _difference_lines(counts: FlowCounts) -> list[str]:
    gone = [
        _plural(n, one, many)
        for n, one, many in (
            (counts.withdrawn_studies, "study", "studies"),
            (counts.withdrawn_reports, "report", "reports"),
            (counts.withdrawn_patients, "patient", "patients"),
        )
        if n
    ]
    lines = [f"  No longer included: {', '.join(gone)}"] if gone else []
    if counts.recounted_patients:
        sign = "−" if counts.recounted_patients < 0 else "+"
        n = _plural(abs(counts.recounted_patients), "patient", "patients")
        lines.append(f"  Counted anew in earlier studies: {sign}{n}")
    return lines


def _synthesis_lines(counts: FlowCounts) -> list[str]:
    lines = []
    if counts.single_patients is not None:
        lines.append(
            f"  {_plural(counts.single_patients, 'patient', 'patients')} reported one by one"
        )
    if counts.studies_in_synthesis is not None:
        text = f"  In the synthesis: {_plural(counts.studies_in_synthesis, 'study', 'studies')}"
        if counts.patients_in_synthesis is not None:
            text += f", {_plural(counts.patients_in_synthesis, 'patient', 'patients')}"
        lines.append(text)
    return lines


def _connect(axes: Any, rows: list[list[_Box]], named: dict[str, _Box], counts: FlowCounts) -> None:
    """Draw the arrows: down each column, out to each side box, in to what is included."""
    body = rows[1:5]
    offset = 1 if "previous" in named else 0
    mains = [body[0][offset], *(row[0] for row in body[1:])]
    sides = [body[0][offset + 1], *(row[1] for row in body[1:])]
    for main, side in zip(mains, sides, strict=True):
        y = (main.top + main.bottom) / 2
        _arrow(axes, (main.left + main.width, y), (side.left, y))
    for above, below in zip([*mains], [*mains[1:], named["new"]], strict=True):
        _arrow(axes, (above.middle, above.bottom), (below.middle, below.top))
    if counts.other_sources:
        first, sought, assessed = body[0][-1], body[2][2], body[3][2]
        _arrow(axes, (first.middle, first.bottom), (sought.middle, sought.top))
        _arrow(axes, (sought.middle, sought.bottom), (assessed.middle, assessed.top))
        for row in (body[2], body[3]):
            y = (row[2].top + row[2].bottom) / 2
            _arrow(axes, (row[2].left + row[2].width, y), (row[3].left, y))
        y = (named["new"].top + named["new"].bottom) / 2
        axes.plot([assessed.middle, assessed.middle], [assessed.bottom, y], color=QUIET, lw=0.8)
        _arrow(axes, (assessed.middle, y), (named["new"].left + named["new"].width, y))
    if "previous" in named:
        previous, total = named["previous"], named["total"]
        y = (total.top + total.bottom) / 2
        axes.plot([previous.middle, previous.middle], [previous.bottom, y], color=QUIET, lw=0.8)
        _arrow(axes, (previous.middle, y), (total.left, y))
        new = named["new"]
        _arrow(axes, (new.middle, new.bottom), (total.middle, total.top))


@drawn_once
def prisma_flow(counts: FlowCounts) -> Drawing:
    """Draw the flow of records, reports, studies and patients through the review.

    Parameters
    ----------
    counts : FlowCounts
        All counts; they must add up from box to box.

    Returns
    -------
    Drawing
        With a column for previous studies on an update and one for other
        methods when there were any.

    Raises
    ------
    DataError
        If two boxes contradict each other; the message names them.

    References
    ----------
    .. [1] Page MJ, et al. The PRISMA 2020 statement. BMJ 2021;372:n71.
    """
    disagreements = counts.disagreements()
    if disagreements:
        raise DataError(f"the flow diagram does not add up: {disagreements[0]}")
    width, rows, named = _layout(counts)
    height = sum(max(box.height for box in row) for row in rows) + _GAP * (len(rows) - 1) + 0.2
    with draw(width_cm=width, height_cm=height) as canvas:
        axes = canvas.page()
        edges = _place(rows, top=height - 0.1, gap=_GAP)
        _connect(axes, rows, named, counts)
        for row in rows:
            for box in row:
                _paint(axes, box)
        _stage(axes, top=edges[1][0], bottom=edges[1][1], label="Identification")
        _stage(axes, top=edges[2][0], bottom=edges[4][1], label="Screening")
        _stage(axes, top=edges[5][0], bottom=edges[-1][1], label="Included")
        return canvas.finish(alt=_describe(counts))
