"""The table of endpoints, one file per step of a review."""

from resartus.api.endpoints.account import ACCOUNT
from resartus.api.endpoints.answers import ANSWERS
from resartus.api.endpoints.extraction import EXTRACTION
from resartus.api.endpoints.finding import FINDING
from resartus.api.endpoints.people import PEOPLE
from resartus.api.endpoints.review import REVIEW
from resartus.api.endpoints.screening import SCREENING

__all__ = ["ENDPOINTS"]

ENDPOINTS = (*ACCOUNT, *REVIEW, *PEOPLE, *FINDING, *SCREENING, *EXTRACTION, *ANSWERS)
