"""From a review or a file to a pooled effect, examined and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resartus.app.evidence import assemble
from resartus.app.pooling.effects import PooledEffect, pool_effect
from resartus.app.pooling.figures import draw_effect, save_drawings
from resartus.app.pooling.sensitivity import Sensitivity, examine
from resartus.app.pooling.table import table_of_file, table_of_studies
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.domain.ids import StudyId
from resartus.domain.protocol import Part, PlannedEffect, Protocol
from resartus.errors import DataError

__all__ = ["EffectRun", "among_studies", "effects_of_file", "effects_of_review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRun:
    """A pooled effect with the level it was pooled at."""

    effect: PooledEffect
    level: float

    def examined(
        self, what: tuple[str, ...], *, figures: Path | None = None
    ) -> tuple[Sensitivity, tuple[Path, ...]]:
        """Return the examinations asked for, and the paths of the drawings if a folder is named."""
        found = examine(self.effect, what=what, level=self.level)
        if figures is None:
            return found, ()
        drawings = draw_effect(self.effect, found)
        return found, save_drawings(drawings, figures, name=self.effect.plan.name)


def among_studies(
    protocol: Protocol, roles: Mapping[StudyId, str], plan: PlannedEffect
) -> set[StudyId]:
    """Return the studies a planned effect is about: of its role, or all that were treated."""
    known = {role.name for role in protocol.roles}
    if plan.role is not None and plan.role not in known:
        raise DataError(
            f"role {plan.role!r} of effect {plan.name!r} is not one of: {', '.join(sorted(known))}",
            field="role",
        )
    if plan.role is not None:
        return {study_id for study_id, role in roles.items() if role == plan.role}
    return {study_id for study_id, role in roles.items() if protocol.part_of(role) is Part.TREATED}


def effects_of_review(
    review: Review, plan: PlannedEffect, *, level: float | None = None
) -> EffectRun:
    """Pool one effect over a review's studies: of the plan's role, or all that were treated."""
    state = settled(review)
    analysis = review.protocol.analysis
    among = among_studies(
        review.protocol, {key: entry.role for key, entry in state.studies.items()}, plan
    )
    used = analysis.level if level is None else level
    table = table_of_studies(assemble(state), plan, among=among)
    effect = pool_effect(table, plan, level=used, minimum_studies=analysis.minimum_studies)
    return EffectRun(effect=effect, level=used)


def effects_of_file(path: Path, plan: PlannedEffect, *, level: float | None = None) -> EffectRun:
    """Pool one effect over the rows of a CSV file."""
    used = 0.95 if level is None else level
    effect = pool_effect(table_of_file(path, plan), plan, level=used)
    return EffectRun(effect=effect, level=used)
