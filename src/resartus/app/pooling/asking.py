"""Which effects to pool: those of the plan, as planned or changed, or one outside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from resartus.app.pooling.effects import inputs_of
from resartus.domain.protocol import PlannedEffect
from resartus.errors import DataError, NotFoundError

__all__ = ["OPTIONS", "asked_effects", "effect_outside"]

OPTIONS = ("model", "estimator", "test", "prediction", "subgroup")
"""What may be changed of a planned effect; what is ``None`` stays as it is."""


def effect_outside(
    measure: str,
    *,
    name: str | None,
    fields: Mapping[str, str],
    moderators: Sequence[str],
    options: Mapping[str, Any],
) -> PlannedEffect:
    """Return an effect that is not in the plan; an input not named is a field of its own name.

    Raises
    ------
    DataError
        If ``fields`` names what the measure does not take.
    """
    inputs = inputs_of(measure)
    for key in fields:
        if key not in inputs:
            raise DataError(
                f"{key!r} is no input of {measure!r}; its inputs are {', '.join(inputs)}",
                field="fields",
            )
    return PlannedEffect(
        name=name or measure,
        measure=measure,
        fields={key: fields.get(key, key) for key in inputs},
        moderators=tuple(moderators),
        **{key: options[key] for key in OPTIONS if options.get(key) is not None},
    )


def asked_effects(
    plans: Sequence[PlannedEffect],
    *,
    name: str | None,
    measure: str | None,
    fields: Mapping[str, str],
    moderators: Sequence[str],
    options: Mapping[str, Any],
) -> list[tuple[PlannedEffect, bool]]:
    """Return the effects to pool, each with whether it is just as planned.

    Raises
    ------
    NotFoundError
        If the plan has no effect of this name.
    """
    if measure is not None:
        made = effect_outside(
            measure, name=name, fields=fields, moderators=moderators, options=options
        )
        return [(made, False)]
    named = [plan for plan in plans if name in (None, plan.name)]
    if name is not None and not named:
        known = ", ".join(repr(plan.name) for plan in plans) or "none"
        raise NotFoundError(f"no effect {name!r} in the plan; it has {known}")
    changes = {key: options[key] for key in OPTIONS if options.get(key) is not None}
    if moderators:
        changes["moderators"] = tuple(moderators)
    changed = [replace(plan, **changes) for plan in named]
    return [(new, new == old) for new, old in zip(changed, named, strict=True)]
