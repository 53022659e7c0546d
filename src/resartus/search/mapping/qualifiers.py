"""MeSH's subheadings: which stand below which.

NLM, "MeSH Qualifier (Subheading) Hierarchies"
(https://www.nlm.nih.gov/mesh/subhierarchy.html). Used where a table does not
bring the hierarchy itself: NLM's ASCII files do not.
"""

from __future__ import annotations

__all__ = ["BROADER"]

_BELOW = {
    "analysis": "blood|cerebrospinal fluid|isolation & purification|urine",
    "anatomy & histology": "blood supply|cytology|embryology|innervation",
    "cytology": "pathology|ultrastructure",
    "embryology": "abnormalities",
    "chemistry": "agonists|analogs & derivatives|antagonists & inhibitors|chemical synthesis",
    "complications": "secondary",
    "diagnosis": "diagnostic imaging|pathology|radiography|radionuclide imaging|ultrasonography",
    "education": "ethics",
    "etiology": "chemically induced|complications|congenital|embryology|genetics|immunology|"
    "microbiology|parasitology|transmission",
    "microbiology": "virology",
    "organization & administration": "economics|legislation & jurisprudence|manpower|standards|"
    "statistics & numerical data|supply & distribution|trends|utilization",
    "pharmacology": "administration & dosage|adverse effects|agonists|antagonists & inhibitors|"
    "contraindications|diagnostic use|pharmacokinetics",
    "adverse effects": "poisoning|toxicity",
    "physiology": "genetics|growth & development|immunology|metabolism|physiopathology|secretion",
    "metabolism": "biosynthesis|blood|cerebrospinal fluid|deficiency|enzymology|pharmacokinetics|"
    "urine",
    "statistics & numerical data": "epidemiology|manpower|supply & distribution|trends|utilization",
    "epidemiology": "ethnology|mortality",
    "therapeutic use": "administration & dosage|adverse effects|contraindications|poisoning",
    "therapy": "diet therapy|drug therapy|nursing|prevention & control|radiotherapy|"
    "rehabilitation|surgery",
    "surgery": "transplantation",
}

BROADER: dict[str, tuple[str, ...]] = {}
"""For each subheading those right above it."""
for _above, _names in _BELOW.items():
    for _name in _names.split("|"):
        BROADER[_name] = (*BROADER.get(_name, ()), _above)
