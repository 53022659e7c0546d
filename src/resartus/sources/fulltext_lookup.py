"""Find a free PDF of an article: PubMed Central's open access list, then Unpaywall.

Rate: one request at a time. Licence: PubMed Central's open access subset is free
to read under each article's licence; Unpaywall's data are CC0 and ask for an
e-mail address with each request.
"""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from resartus.errors import NotFoundError, ParseError, SourceRefused, SourceUnavailable
from resartus.sources.pdf import LARGEST_PDF_MB

__all__ = ["FullTextSources", "fetch_fulltext"]

_PMC_LINK = re.compile(rb'format="pdf"[^>]*href="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class FullTextSources:
    """Where to ask. ``email`` is sent to Unpaywall, which asks for one; without it it is not asked.

    The settings come from ``RESARTUS_PMC_OA_URL``, ``RESARTUS_UNPAYWALL_URL`` and
    ``RESARTUS_EMAIL``.
    """

    pmc_url: str = "https://www.ncbi.nlm.nih.gov/pmc/utils/oa/oa.fcgi"
    unpaywall_url: str = "https://api.unpaywall.org/v2/"
    email: str | None = None
    timeout_s: float = 30.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> FullTextSources:
        """Return the sources that the environment names, or the usual ones."""
        given = os.environ if environment is None else environment
        return cls(
            pmc_url=given.get("RESARTUS_PMC_OA_URL") or cls().pmc_url,
            unpaywall_url=given.get("RESARTUS_UNPAYWALL_URL") or cls().unpaywall_url,
            email=given.get("RESARTUS_EMAIL") or None,
        )


def _get(url: str, *, timeout_s: float) -> bytes:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise SourceRefused(f"{url!r} is no web address; attach the file by hand")
    request = urllib.request.Request(url, headers={"User-Agent": "resartus (evidence reviews)"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as reply:
            content: bytes = reply.read(LARGEST_PDF_MB * 1_000_000 + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (404, 410, 422):
            raise NotFoundError(f"{url} answers {error.code}: not there") from error
        if error.code in (429, 500, 502, 503, 504):
            raise SourceUnavailable(f"{url} answers {error.code}; try again later") from error
        raise SourceRefused(f"{url} answers {error.code}; attach the file by hand") from error
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise SourceUnavailable(
            f"{urllib.parse.urlsplit(url).hostname} cannot be reached ({error}); "
            "try again online, or attach files by hand"
        ) from error
    if len(content) > LARGEST_PDF_MB * 1_000_000:
        raise SourceRefused(f"{url} sends more than {LARGEST_PDF_MB} MB; attach the file by hand")
    return content


def _pmc_link(pmcid: str, sources: FullTextSources) -> str | None:
    query = urllib.parse.urlencode({"id": pmcid, "format": "pdf"})
    found = _PMC_LINK.search(_get(f"{sources.pmc_url}?{query}", timeout_s=sources.timeout_s))
    if found is None:
        return None
    # The list names files by FTP; the same server gives them by HTTPS.
    return found.group(1).decode().replace("ftp://", "https://", 1)


def _unpaywall_link(doi: str, sources: FullTextSources) -> str | None:
    address = sources.unpaywall_url + urllib.parse.quote(doi, safe="/")
    query = urllib.parse.urlencode({"email": sources.email or ""})
    try:
        reply = json.loads(_get(f"{address}?{query}", timeout_s=sources.timeout_s))
        places = [reply.get("best_oa_location"), *(reply.get("oa_locations") or ())]
        links = [place.get("url_for_pdf") for place in places if place]
    except NotFoundError:
        return None
    except (json.JSONDecodeError, AttributeError, TypeError) as error:
        raise ParseError(f"Unpaywall's answer on {doi!r} cannot be read: {error}") from error
    return next((link for link in links if isinstance(link, str)), None)


def fetch_fulltext(
    *, doi: str | None, pmcid: str | None, sources: FullTextSources | None = None
) -> tuple[bytes, str]:
    """Return a free PDF and its address.

    Raises
    ------
    NotFoundError
        If neither source has one.
    SourceUnavailable
        If a source does not answer.
    """
    asked = sources or FullTextSources.from_environment()
    if pmcid:
        link = _pmc_link(pmcid, asked)
        if link is not None:
            return _get(link, timeout_s=asked.timeout_s), link
    if doi and asked.email:
        link = _unpaywall_link(doi, asked)
        if link is not None:
            return _get(link, timeout_s=asked.timeout_s), link
    hint = "" if asked.email else "; set RESARTUS_EMAIL to ask Unpaywall too"
    raise NotFoundError(f"no free PDF of {doi or pmcid or 'a record without DOI'} was found{hint}")
