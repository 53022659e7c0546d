"""PubMed's filters that a record alone decides, and the sentence for those it does not."""

from __future__ import annotations

from datetime import date

from resartus.search.language.fields import Field
from resartus.search.mapping.dates import FAR, parse_relative
from resartus.search.mapping.languages import is_language, language_codes
from resartus.search.mapping.patterns import PARTS
from resartus.search.mapping.vocabulary import Vocabulary
from resartus.search.plan import EVERYTHING, NOTHING, Period, Plan, Tokens, Words, any_of
from resartus.search.words import words_of

__all__ = ["is_flag", "plan_of_filter"]

_STATUS = {
    "medline": "medline",
    "inprocess": "inprocess",
    "in process": "inprocess",
    "publisher": "publisher",
    "pubmednotmedline": "pubmednotmedline",
    "pubmed not medline": "pubmednotmedline",
    "indatareview": "indatareview",
    "oldmedline": "oldmedline",
    "pubmed pmc": "pubmed_pmc",
    "pmcbook": "pmcbook",
    "data": "data",
}
_LINKOUT = ("free full text", "full text", "loall", "ffrft", "fft", "loprovider")
_HEADINGS = {
    "humans": "Humans", "animals": "Animals", "other animals": "Animals", "male": "Male",
    "female": "Female", "infant": "Infant", "newborn": "Infant, Newborn", "child": "Child",
    "preschoolchild": "Child, Preschool", "adolescent": "Adolescent", "allchild": "Child",
    "alladult": "Adult", "adult": "Adult", "youngadult": "Young Adult", "middleaged": "Middle Aged",
    "middle aged": "Middle Aged", "aged": "Aged", "80andover": "Aged, 80 and over",
}  # fmt: skip
_EXPLODED = {"allchild", "alladult"}


def is_flag(text: str) -> bool:
    """Say whether an untagged word is one of PubMed's keywords, such as ``hasabstract``."""
    word = text.casefold().strip()
    return (word.startswith("has") and word[3:] in _HAS) or word.startswith(
        ("indexingmethod_", "pubstatus")
    )


_HAS = frozenset(
    """
    abstract structuredabstract nonenglishabstract keyword databanklist cois nihmsid
    commentin commenton erratumin erratumfor retractionin retractionof
    expressionofconcernin expressionofconcernfor republishedin republishedfrom updatein
    updateof associatedpublication associateddataset correctedrepublishedin
    correctedrepublishedfrom retractedandrepublishedin retractedandrepublishedfrom
    originalreportin summaryforpatientsin
    """.split()  # noqa: SIM905 - a list of words reads as words
)


def plan_of_filter(text: str, vocabulary: Vocabulary, today: date) -> tuple[Plan, str | None]:
    """Return a filter's plan, and a sentence if it is approximate or cannot be decided here."""
    name = " ".join(words_of(text.replace("_", " ")))
    joined = name.replace(" ", "")
    if name == "all":
        return EVERYTHING, None
    if is_flag(joined) or is_flag(text) or joined.startswith(("owner", "jsubset")):
        return _flag(text.casefold().strip()), None
    if name in _STATUS or joined in _STATUS:
        return _flag(_STATUS.get(name) or _STATUS[joined]), None
    if is_language(name):
        return Tokens(exact=frozenset(f"la:{code}" for code in language_codes(name))), None
    if name in _LINKOUT or joined in _LINKOUT:
        return NOTHING, (
            f"the filter {text!r} asks what publishers offer today, which no record tells; "
            'it finds nothing here. Leave it out, or use "pubmed pmc"[sb].'
        )
    if name in ("systematic", "systematic review", "systematicreview"):
        return _systematic(vocabulary), (
            "systematic[sb] is NLM's own search strategy; here it is the publication type or the "
            "words in a title."
        )
    heading = _HEADINGS.get(name) or _HEADINGS.get(joined)
    if heading is not None:
        uis = vocabulary.find(heading)[:1]
        below = {i for ui in uis for i in (vocabulary.explode(ui) if joined in _EXPLODED else {ui})}
        return Tokens(exact=frozenset(f"mh:{ui}" for ui in below)), None
    years = {"y 1": 1, "y 5": 5, "y 10": 10}.get(name)
    if years is not None:
        days = parse_relative(f"last {years} years", today=today, open_end=True)
        assert days is not None
        return Period("dp", days[0], FAR), None
    types = [ui for ui in vocabulary.find(name) if vocabulary.is_publication_type(ui)]
    types += [ui for ui in vocabulary.squeezed(joined) if vocabulary.is_publication_type(ui)]
    if types:
        below = {i for ui in types for i in vocabulary.explode(ui)}
        return Tokens(exact=frozenset(f"pt:{ui}" for ui in below)), None
    return NOTHING, (
        f"the filter {text!r} cannot be decided from records and finds nothing here; "
        "write its search strategy in its place."
    )


def _flag(name: str) -> Plan:
    return Tokens(exact=frozenset((f"sb:{name}",)))


def _systematic(vocabulary: Vocabulary) -> Plan:
    titles = [
        Words(words, PARTS[Field.TITLE])
        for words in (("systematic", "review"), ("systematic", "literature", "review"),
                      ("systematic", "scoping", "review"), ("meta", "analysis"), ("metaanalysis",),
                      ("umbrella", "review"), ("cochrane", "review"))
    ]  # fmt: skip
    uis = vocabulary.find("Systematic Review")
    return any_of((Tokens(exact=frozenset(f"pt:{ui}" for ui in uis)), *titles))
