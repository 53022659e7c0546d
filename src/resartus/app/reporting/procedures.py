"""How it was done: selection, extraction, appraisal, synthesis, automation; every step in words."""

from __future__ import annotations

from resartus.app.extraction.double_entry import how_entered
from resartus.app.extraction.suggesting import disclosure
from resartus.app.pooling.effects import NOT_POOLED
from resartus.app.reporting.appraisal import appraisal_methods
from resartus.app.reporting.living import method_changes
from resartus.app.reporting.material import Material
from resartus.domain.decision import Stage
from resartus.domain.protocol import Protocol
from resartus.reporting.document import Block, Bullets, Paragraph, Section, content

__all__ = ["procedure_sections"]


def _said(text: str, *items: str) -> Paragraph:
    return Paragraph(content=content(text.strip()), items=items)


def _selection(material: Material) -> Section:
    protocol, links = material.protocol, material.state.duplicates
    people = sorted({d.decided_by for d in material.state.decisions.values()})
    needed = protocol.reviewers
    words = {1: "one reviewer", 2: "two reviewers, each blind to the other's vote"}
    text = (
        f"Titles and abstracts were judged by {words[needed[Stage.SCREENING]]}, full texts by "
        f"{words[needed[Stage.ELIGIBILITY]]} ({', '.join(people) or 'nobody yet'}). "
    )
    if 2 in needed.values():
        text += f"What they differed on was settled by {protocol.screening.settled_by}. "
    blocks: list[Block] = [_said(text + protocol.notes.get("selection", ""), "PRISMA2020:8")]
    if links.n_looked_at:
        blocks.append(
            _said(
                f"Duplicates among {links.n_looked_at} records were found by a fitted score over "
                "title, authors, journal, year, place and identifiers; "
                f"{len(links.kept)} were linked to the record that stands for them, none deleted, "
                f"and {len(links.apart)} pairs kept apart by a person."
            )
        )
    return Section(section_id="selection", title="Selection of studies", blocks=tuple(blocks))


def _form(material: Material) -> str:
    names = [f.label for f in material.form]
    listed = f" The form asks for: {', '.join(names)}." if names else ""
    return (
        "A value that was looked for and not found in the part read says “not reported”; it is "
        "neither zero nor guessed, and a study without it is left out of what needs it, by name."
        + listed
    )


def _waiting(material: Material) -> str:
    """Return what the report leaves out since a second person has not given theirs."""
    told = material.state.waiting.sentence()
    return f"{told} " if told else ""


def _extraction(material: Material) -> Section:
    protocol = material.protocol
    outcomes = "; ".join(protocol.outcomes)
    return Section(
        section_id="extraction",
        title="Extraction",
        blocks=(
            _said(
                "Each value carries the article and place it was read in, the figure as printed, "
                "and how it follows where it was derived. "
                + how_entered(material.state)
                + _waiting(material)
                + protocol.notes.get("extraction", ""),
                "PRISMA2020:9",
            ),
            _said(
                f"Outcomes sought: {outcomes or 'not stated'}. Where a report gives a result more "
                "than once, the one of all treated patients counts.",
                "PRISMA2020:10a",
            ),
            _said(_form(material), "PRISMA2020:10b"),
        ),
    )


_FACTORS_RATED = (
    " Selection factors are rated by rule: down for risk of bias where clinicians chose whom to "
    "treat, for studies that disagree, for indirect evidence, and for fewer than 400 patients."
)


def _trust(material: Material) -> Section:
    appraised = appraisal_methods(material) or ("No study has been appraised with a tool yet. ")
    return Section(
        section_id="appraising",
        title="Risk of bias and certainty",
        blocks=(
            _said(appraised + " " + material.protocol.notes.get("appraisal", ""), "PRISMA2020:11"),
            _said(
                "Certainty follows GRADE: evidence starts low where no comparison was randomised, "
                "and each step up or down is named."
                + (_FACTORS_RATED if material.findings else ""),
                "PRISMA2020:15",
                "SWiM:6",
            ),
        ),
    )


def _counts(protocol: Protocol) -> str:
    percent = f"{protocol.analysis.level * 100:g} %"
    return (
        "Counts of events among the treated are pooled by a logistic "
        "random-intercept model (no continuity correction) with the exact Clopper-Pearson interval "
        "for each series; when no series has an event, only the exact upper limit is given; below "
        f"three series nothing is pooled. Intervals are at {percent}."
    )


_NONE = (
    " What is planned without pooling is shown study by study; which way each study points is "
    "counted by its effect, whatever its p value, with the exact sign test, and drawn as a harvest "
    "plot."
)


def _effects(protocol: Protocol) -> tuple[Block, ...]:
    planned = protocol.analysis.effects
    if not planned:
        return ()
    unpooled = any(effect.model == NOT_POOLED for effect in planned)
    listed = "; ".join(
        f"{effect.name} ({effect.measure}, not pooled)"
        if effect.model == NOT_POOLED
        else f"{effect.name} ({effect.measure}, {effect.model} model, tau2 by {effect.estimator}, "
        f"test {effect.test}, prediction {effect.prediction})"
        for effect in planned
    )
    return (
        _said(
            f"Effects fixed in the plan: {listed}. The auto model is random effects; below three "
            "studies it shows and does not pool." + (_NONE if unpooled else ""),
            "PRISMA2020:12",
            "PRISMA2020:13d",
        ),
    )


def _synthesis(material: Material) -> Section:
    protocol = material.protocol
    entries = tuple(content(f"{role.title}: {role.part.value}") for role in protocol.roles)
    return Section(
        section_id="synthesis",
        title="Synthesis",
        blocks=(
            _said(
                "Counts of events are proportions of the treated; survival is months and "
                "proportions alive, by what they are counted from; selection factors are hazard "
                "ratios for death where a study gives one, else the direction of its finding.",
                "PRISMA2020:12",
                "SWiM:2",
            ),
            _said(
                "Studies are grouped by the part of the question that they speak to, fixed in the "
                "protocol, and only series of the treatment are pooled:",
                "PRISMA2020:13a",
                "SWiM:1",
            ),
            Bullets(entries=entries),
            _said(
                "Percentages are turned into counts where the number of patients is printed, times "
                "into months; nothing else is imputed.",
                "PRISMA2020:13b",
            ),
            _said(
                "Results are shown study by study in tables and forest plots; survival as medians "
                "side by side and the patients known one by one as a Kaplan-Meier curve; factors "
                "by direction, direct evidence first, larger studies as larger marks.",
                "PRISMA2020:13c",
                "SWiM:7",
                "SWiM:4",
            ),
            *(
                (_said(_counts(protocol), "PRISMA2020:13d"),)
                if protocol.analysis.proportions
                else ()
            ),
            *_effects(protocol),
            _said(
                "Survival counted from different times zero is never mixed. A p value is compared "
                "with 0.05 here, whatever the authors called it. Computed with Resartus; the "
                "versions stand at the end.",
                "PRISMA2020:13d",
            ),
            _said(
                "Where results cannot be pooled, because times zero are unknown or each study "
                "gives another measure, the number of studies that point each way is told with "
                "their sizes; a count of significant results is not made.",
                "SWiM:3",
            ),
            _said(
                "Causes of heterogeneity are looked for factor by factor in the selection matrix, "
                "and by the subgroups and moderators of the plan; studies that disagree stand side "
                "by side with their sources.",
                "PRISMA2020:13e",
                "SWiM:5",
            ),
            _said(
                "Sensitivity: without the largest series, without series at high risk of bias, "
                "with only one of series that share patients, and without each study in turn.",
                "PRISMA2020:13f",
            ),
            _said(
                "Bias from missing results: how many series are silent on each outcome is counted, "
                "and curves of single patients are read as the selection they are.",
                "PRISMA2020:14",
            ),
        ),
    )


def _automation(material: Material) -> Section:
    """Disclose what models did (RAISE): which, for what, who checked, what they cannot do."""
    state = material.state
    ranked = sorted({d.ranked_by for d in state.decisions.values() if d.ranked_by})
    told = disclosure(state)
    if not ranked and not told:
        said = "No model ranked a record, proposed a value or made a decision."
        return Section(
            section_id="automation",
            title="Automation",
            blocks=(_said(said, "RAISE:1"),),
        )
    blocks: list[Block] = [
        _said("Models were used for the steps named here; people made every decision.", "RAISE:1")
    ]
    if ranked:
        blocks.append(
            _said(
                f"The order in which records came up was given by: {', '.join(ranked)}. It learns "
                "from the votes of this review and the protocol's words, on the reviewers' own "
                "machine; it decided nothing, and every record stays open to be judged.",
                "RAISE:2",
                "RAISE:3",
                "RAISE:4",
            )
        )
    blocks += [_said(sentence, "RAISE:2", "RAISE:3", "RAISE:4") for sentence in told]
    blocks.append(
        _said(
            "How well ranking and suggestions do is measured by replaying labelled reviews "
            "(docs/benchmarks.md of the program), not on this review before it is finished.",
            "RAISE:5",
        )
    )
    blocks.append(
        _said(
            "A ranking can bring a record up late whose words differ from those of the included "
            "ones; a suggestion can be wrong and look right. Neither counts until a person judged.",
            "RAISE:6",
        )
    )
    interests = material.protocol.interests or "not stated"
    blocks.append(_said(f"Interests of the authors in these tools: {interests}.", "RAISE:7"))
    return Section(section_id="automation", title="Automation", blocks=tuple(blocks))


def procedure_sections(material: Material) -> tuple[Section, ...]:
    """Return the methods from selection to the changes in the protocol."""
    return (
        _selection(material),
        _extraction(material),
        _trust(material),
        _synthesis(material),
        _automation(material),
        method_changes(material),
    )
