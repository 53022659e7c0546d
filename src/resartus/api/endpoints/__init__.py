"""The table of endpoints, one file per step of a review."""

from resartus.api.endpoints.account import ACCOUNT
from resartus.api.endpoints.answers import ANSWERS
from resartus.api.endpoints.appraisal import APPRAISAL
from resartus.api.endpoints.duplicates import DUPLICATES
from resartus.api.endpoints.extraction import EXTRACTION
from resartus.api.endpoints.finding import FINDING
from resartus.api.endpoints.forms import FORMS
from resartus.api.endpoints.fulltexts import FULLTEXTS
from resartus.api.endpoints.living import LIVING
from resartus.api.endpoints.patients import PATIENTS
from resartus.api.endpoints.people import PEOPLE
from resartus.api.endpoints.relations import RELATIONS
from resartus.api.endpoints.review import REVIEW
from resartus.api.endpoints.screening import SCREENING
from resartus.api.endpoints.searches import SEARCHES
from resartus.api.endpoints.sharing import SHARING
from resartus.api.endpoints.synthesis import SYNTHESIS
from resartus.api.endpoints.work import WORK

__all__ = ["ENDPOINTS"]

ENDPOINTS = (
    *ACCOUNT,
    *REVIEW,
    *PEOPLE,
    *FINDING,
    *WORK,
    *SEARCHES,
    *DUPLICATES,
    *RELATIONS,
    *SCREENING,
    *SHARING,
    *FULLTEXTS,
    *EXTRACTION,
    *FORMS,
    *PATIENTS,
    *APPRAISAL,
    *SYNTHESIS,
    *ANSWERS,
    *LIVING,
)
