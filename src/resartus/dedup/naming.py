"""Studies by the name they go by: a trial's acronym, a group's number, a named cohort."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resartus.dedup.words import words_of
from resartus.domain.record import Record

__all__ = ["are_siblings", "study_names"]

_KIND = (
    r"(?:trial|study|cohort|registry|investigators|collaborat(?:ion|ive|ors)|"
    r"(?:study|trial|research|working) group)\b"
)
# What may stand between the acronym and the word: "the SOLO2 phase III randomised trial".
_BETWEEN = (
    r"(?:(?:phase|[IV1-4]+[ab]?|randomi[sz]ed|controlled|clinical|multi-?cent\w+|international|"
    r"follow-up|extension|cohort|research|working|pivotal|screening|prospective),?\s+){0,4}"
)
_ACRONYM = r"[A-Z][A-Za-z]*[A-Z][A-Za-z]*(?:[-/ ]?\d{1,4}[A-Za-z]?)?|[A-Z]{2,}-[A-Z]{2,}\d*"
# "the SOLO2 trial", "Prevention of Small Subcortical Strokes (SPS3) trial".
_NAMED = re.compile(rf"(?<![\w-])[(\[]?({_ACRONYM})[)\]]?\s+{_BETWEEN}{_KIND}")
# "a randomised trial (SOLO2)", "the trial SOLO2".
_BRACKETED = re.compile(rf"{_KIND}\s*[(\[](?:the\s+)?({_ACRONYM})[)\]]|\bthe trial ({_ACRONYM})\b")
# Cooperative groups number their trials; the group alone names none.
_GROUPS = (
    "ACOSOG|AGO|AIO|ANZGOG|CALGB|COG|ECOG|EORTC|GINECO|GOG|JCOG|JGOG|KGOG|NCIC|NRG|NSABP|NSGO|"
    "POG|RTOG|SWOG|TROG|UKCCCR"
)
# "GOG-218", "EORTC 55971", "NSABP B-27"; "EORTC QLQ-C30" is a questionnaire, "ECOG 1" a status.
_NUMBERED = re.compile(
    rf"\b({_GROUPS})(?:[-/ ](?:{_GROUPS}))?[-/# ]*(?:protocol|study|trial)?[-/# ]*"
    r"(\d{3,6}[A-Za-z]?|(?!C30)[A-Z]{1,3}-?\d{2,4})\b"
)
_COHORT = re.compile(
    r"\b(?:the|in|from|within)\s+"
    r"((?:[A-Z][\w'’-]*\s+(?:(?:and|of|for|in|on|the)\s+){0,2}){1,6}"
    r"(?:Study|Trial|Initiative|Project|Cohort|Registry|Survey)(?:\s+(?:I{1,3}|[1-9])\b)?)"
)
# Methods, techniques, diseases and designs stand before "study" as acronyms do.
_NO_NAME = frozenset(
    words_of(
        """
        rct rcts cta mri mra pet spect ivus eus oct eeg ecg ekg emg fmri dti dwi pcr qpcr
        dna rna mrna mirna gwas gwass ewas phewas snp hla hiv hcv hbv hpv aids copd chf cad
        cvd ckd ards ibd als crc hcc nsclc sclc aml cml all cll mds icu nicu picu itt qol
        hrqol bmi ldl hdl tnf vegf egfr sars who fda usa phase iii iia iib adme qtc cns csf
        iddm niddm nmr esr epr sem tem xrd hplc elisa ria facs ihc fish cfd fea phd dsa tms
        tdcs bold erp ssep mep meg nirs ivf icsi art pcos cabg pci tavi tavr eras nsaid ssri
        maoi ttt igg iga ige igm cmv ebv hsv rsv mrsa esbl sci tbi ptsd adhd asd ocd cbt dbt
        rtms dbs camp atp gaba fsh acth tsh igf crp psa cea afp hcg nih nci nhs ussr gdr frg
        seer ncdb nsqip covid19 isrctn covid
        """
    )
)
_NO_STUDY = re.compile(
    r"clinical trials? registry|register|cochrane|short[- ]form|(?:for|on) the study$",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    words_of(
        """
        a an the randomized randomised controlled clinical trial study cohort registry
        survey project case control retrospective prospective multicenter multicentre multi
        center centre phase i ii iii iv pilot double blind placebo comparative observational
        longitudinal descriptive national international population based cross sectional
        single systematic review and of for in on present our this preliminary feasibility
        open label initial further new field follow up
        """
    )
)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_name(acronym: str) -> bool:
    key = _key(acronym.split()[0])
    known = {key, key.rstrip("s")} & (_NO_NAME | {group.lower() for group in _GROUPS.split("|")})
    return not known and sum(letter.isalpha() for letter in acronym) >= 3


def _is_a_term(acronym: str, text: str) -> bool:
    """Whether the text explains an abbreviation, and not as a study: "theory (DFT)"."""
    explained = re.search(
        rf"[a-z]\s+[(\[]{re.escape(acronym)}s?[)\]](?!\s+{_BETWEEN}{_KIND})", text
    )
    if explained is None:
        return False
    before = text[: explained.start() + 1]
    return re.search(rf"{_KIND}\s*$", before, re.IGNORECASE) is None


def _is_in_title_case(text: str) -> bool:
    words: list[str] = re.findall(r"[A-Za-z]{4,}", text)
    return sum(word[0].isupper() for word in words) > len(words) / 2


def _names_in(text: str) -> Iterator[str]:
    for group, number in _NUMBERED.findall(text):
        yield f"{group}-{number.lstrip('-')}"
    for pattern in (_NAMED, _BRACKETED):
        for found in pattern.finditer(text):
            acronym = next(part for part in found.groups() if part)
            if _is_name(acronym) and not _is_a_term(acronym, text):
                yield acronym
    # In a title every word may have a capital: "A Prospective Liver Resection Study".
    if not _is_in_title_case(text):
        for name in _COHORT.findall(text):
            telling = [word for word in re.findall(r"[a-z]+", name.lower()) if word not in _GENERIC]
            if len(telling) >= 2 and not _NO_STUDY.search(name):
                yield " ".join(name.split())


def study_names(record: Record) -> dict[str, str]:
    """Return the names of studies that a record gives, by key, as printed.

    Read from title, abstract and authors that are groups. A name proposes, a person judges: "the
    SOLO2 trial" in an abstract may be the trial reported or one it is compared with.

    >>> record = Record(record_id="a", source="b", title="Olaparib in the SOLO-2 trial")
    >>> study_names(record)
    {'solo2': 'SOLO-2'}
    """
    texts = [record.title, record.abstract, *(a.collective_name for a in record.authors)]
    found: dict[str, str] = {}
    for text in texts:
        for name in _names_in(text or ""):
            found.setdefault(_key(name), name)
    return found


def are_siblings(one: str, other: str) -> bool:
    """Whether two keys name two trials of one programme: "solo1" and "solo2".

    >>> are_siblings("solo1", "solo2"), are_siblings("solo2", "solo2")
    (True, False)
    """
    stems = [key.rstrip("0123456789") for key in (one, other)]
    return one != other and stems[0] == stems[1] and len(stems[0]) >= 3
