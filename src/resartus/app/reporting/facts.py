"""What a review knows of itself: the facts that reporting standards ask for."""

from __future__ import annotations

from collections.abc import Mapping

from resartus.app.reporting.flow import flow_counts
from resartus.app.reporting.material import Material
from resartus.app.search.prisma_s import items_of
from resartus.domain.decision import Stage, Verdict
from resartus.domain.protocol import Part

__all__ = ["facts_of"]


def _said(*texts: str | None) -> bool:
    return any(text and text.strip() for text in texts)


def _automation(material: Material) -> dict[str, object]:
    """Say whether a model ranked or proposed anything, and whether people answered it all."""
    state = material.state
    asked = [s for s in state.suggestions if s not in state.suggestion_verdicts]
    ranked = any(d.ranked_by for d in state.decisions.values())
    return {
        "automation": bool(state.suggestion_runs) or ranked,
        "automation checked": not asked,
    }


def _searched(material: Material) -> dict[str, object]:
    items = items_of(material.state, material.protocol)
    facts: dict[str, object] = {f"prisma-s {item.number}": _said(item.text) for item in items}
    nine = next(item.text for item in items if item.number == 9)
    facts["limits explained"] = nine is not None and "[Say why" not in nine
    brought = material.state.search_runs or any(
        not item.is_other_method for item in material.state.imports
    )
    facts["searches ran"] = bool(brought)
    # One source alone cannot hold the same report twice; several have to be compared.
    facts["dedup ran"] = bool(material.state.duplicates.n_looked_at) or (
        len(material.state.search_runs) + len(material.state.imports) <= 1
    )
    return facts


def _kept_alive(material: Material) -> dict[str, object]:
    protocol, living = material.protocol, material.protocol.living
    title = protocol.title.lower()
    return {
        "living": bool(living.search_every_months) or material.before is not None,
        "update": material.before is not None,
        "title says living": "living" in title,
        "version named": material.snapshot.version >= 1,
        "living why": _said(protocol.notes.get("living"), material.texts.get("living")),
        "search schedule": bool(living.search_every_months),
        "trigger": _said(living.trigger),
        "retirement": _said(living.retirement),
        "authors": bool(protocol.authors),
        "triggered by": _said(material.snapshot.trigger)
        and material.snapshot.trigger not in ("report", "draft"),
    }


def _worked(material: Material) -> dict[str, object]:
    state, plan = material.state, material.protocol.analysis
    unexplained = [
        o
        for o in material.outcomes.values()
        if o.stage is Stage.ELIGIBILITY and o.verdict is Verdict.EXCLUDE and not o.reason
    ]
    asked = {s.study_id for s in material.of_part(Part.TREATED, Part.SINGLE)}
    judged = {study_id for study_id, *_ in state.appraisals}
    names = {field.removesuffix("_n").replace("_", " ") for field in plan.proportions}
    names |= {effect.name for effect in plan.effects}
    rated = {outcome.lower() for outcome in state.certainties}
    return {
        "decisions": bool(state.decisions),
        "cells": bool(state.cells),
        "studies": bool(state.studies),
        "flow adds up": not flow_counts(material).disagreements(),
        "exclusions have reasons": not unexplained,
        "appraised": bool(asked) and asked <= judged,
        "certainty rated": bool(names) and {n.lower() for n in names} <= rated,
        "pooled": bool(names),
        # Survival from different times zero and the selection factors are never pooled.
        "not pooled": True,
    }


def facts_of(material: Material) -> Mapping[str, object]:
    """Return each fact by name; one that does not hold is false or absent."""
    protocol = material.protocol
    notes, texts = protocol.notes, material.texts
    return {
        "title says review": "review" in protocol.title.lower(),
        "question": _said(protocol.question),
        "population": _said(protocol.population),
        "intervention": _said(protocol.intervention),
        "outcomes": bool(protocol.outcomes),
        "eligibility": bool(protocol.eligibility.include) and bool(protocol.eligibility.exclude),
        "roles": bool(protocol.roles),
        "form": bool(protocol.form) or material.state.form is not None,
        "limits": _said(notes.get("limits"), texts.get("limits")),
        "process limits": _said(notes.get("process"), notes.get("searches"), texts.get("process")),
        "registration": _said(protocol.registration),
        "funding": _said(protocol.funding),
        "interests": _said(protocol.interests),
        "protocol kept": bool(material.snapshot.protocol_hash),
        **_searched(material),
        **_automation(material),
        **_kept_alive(material),
        **_worked(material),
    }
