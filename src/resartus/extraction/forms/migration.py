"""Entered values carried over to a new version of the form; nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from resartus.domain.extracted import Cell
from resartus.errors import DataError
from resartus.extraction.forms.form import Change, Form

__all__ = ["Migration", "Move", "plan_migration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One entry before and after; ``after`` is ``None`` for a field no longer asked."""

    before: Cell
    after: Cell | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What a change of form does to the entries, and what a person should look at.

    ``unfit`` are entries whose value breaks the new field's rule: they stay
    as they are and the checker lists them.
    """

    from_version: int
    to_version: int
    moves: tuple[Move, ...]
    unfit: tuple[str, ...]

    @property
    def n_changed(self) -> int:
        """Entries that were renamed, recoded or rescaled."""
        return sum(move.after is not None for move in self.moves)

    @property
    def n_set_aside(self) -> int:
        """Entries of fields no longer asked; they stay in the log."""
        return sum(move.after is None for move in self.moves)


def _leaf(name: str) -> tuple[str, str]:
    """Return what stands before a field's own name, and that name."""
    head, mark, leaf = name.rpartition(".")
    return head + mark, leaf


def _changed(cell: Cell, change: Change) -> Cell | None:
    head, leaf = _leaf(cell.field)
    if leaf in change.drop:
        return None
    extracted, notes = cell.extracted, []
    value = extracted.value
    if leaf in change.recode and value is not None:
        new = change.recode[leaf].get(str(value))
        if new is not None:
            notes.append(f"recoded from {value!r}")
            value = new
    if leaf in change.rescale and isinstance(value, int | float) and not isinstance(value, bool):
        notes.append(f"rescaled from {value:g} by {change.rescale[leaf]:g}")
        scaled = round(float(value) * change.rescale[leaf], 6)
        value = int(scaled) if scaled.is_integer() else scaled
    renamed = change.rename.get(leaf, leaf)
    if renamed != leaf:
        notes.append(f"renamed from {leaf}")
    if not notes:
        return cell
    told = f"form version {change.to}: {', '.join(notes)}"
    note = "; ".join(part for part in (extracted.note, told) if part)
    return replace(cell, field=head + renamed, extracted=replace(extracted, value=value, note=note))


def plan_migration(cells: Iterable[Cell], *, before: Form, after: Form) -> Migration:
    """Return what adopting a new version does to every entry of everybody.

    Raises
    ------
    DataError
        If the new version is not above the old one, or two fields would become one.
    """
    if after.form_id == before.form_id and after.version <= before.version:
        raise DataError(
            f"form {after.form_id!r} is adopted in version {before.version}; raise the version "
            f"{after.version} of the file, so that values tell under which they were entered"
        )
    is_same = after.form_id == before.form_id
    changes = [c for c in after.changes if not is_same or c.to > before.version]
    moves: list[Move] = []
    unfit: list[str] = []
    taken: dict[tuple[str, str], str] = {}
    for cell in cells:
        now: Cell | None = cell
        for change in changes:
            now = None if now is None else _changed(now, change)
        if now is None or now != cell:
            moves.append(Move(before=cell, after=now))
        if now is None:
            continue
        key = (now.cell_id, now.extracted.entered_by)
        if key in taken:
            raise DataError(
                f"{taken[key]!r} and {cell.cell_id!r} would both become {now.cell_id!r}; "
                "rename one of them to a field of its own"
            )
        taken[key] = cell.cell_id
        asked = after.field(now.field)
        value = now.extracted.value
        if asked is not None and value is not None:
            try:
                asked.read(_typed(value), where=now.cell_id)
            except DataError as error:
                unfit.append(error.message)
    return Migration(
        from_version=before.version,
        to_version=after.version,
        moves=tuple(moves),
        unfit=tuple(unfit),
    )


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
