"""OpenID Connect: the authorization code flow with PKCE, by one provider that the owner chose.

The ID token comes from the provider itself, over TLS, in answer to our own
request; so its sender is known and its signature need not be checked (OpenID
Connect Core 1.0, 3.1.3.7, step 6). For that the issuer must be ``https``; only
a provider on this machine may do without.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from resartus.domain.vouching import Vouched
from resartus.errors import DataError, PermissionDenied, SourceUnavailable

__all__ = ["OpenIdProvider"]

_TIMEOUT_SECONDS = 10.0
_MOST_BYTES = 2**20
_SLACK_SECONDS = 60
_HERE = ("localhost", "127.0.0.1", "::1")


def _require_safe(address: str, *, what: str) -> str:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise DataError(f"{what} {address!r} of the sign-in service is not https", field=what)
    return address


class OpenIdProvider:
    """One provider, found by its issuer.

    Parameters
    ----------
    issuer : str
        As the provider calls itself; its settings are looked for below it.
    client_id, client_secret : str
        What the provider gave for this server.
    label : str
        What people call it.
    """

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        client_secret: str,
        label: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = _require_safe(issuer, what="issuer")
        self.label = label
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._settings: Mapping[str, Any] | None = None

    def _fetch(self, request: urllib.request.Request) -> Mapping[str, Any]:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
                found = json.loads(answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                raise PermissionDenied(
                    f"the sign-in service refused ({error.code}); begin again"
                ) from error
        except (OSError, ValueError) as error:
            raise SourceUnavailable(
                f"the sign-in service at {self.issuer} gives no answer that can be read; try again"
            ) from error
        if not isinstance(found, dict):
            raise SourceUnavailable(f"the sign-in service at {self.issuer} answers with no object")
        return found

    def _setting(self, name: str) -> str:
        if self._settings is None:
            place = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = self._fetch(urllib.request.Request(place))
            if found.get("issuer") != self.issuer:
                raise DataError(
                    f"the sign-in service calls itself {found.get('issuer')!r} and not "
                    f"{self.issuer!r}; set the issuer as it is written there",
                    field="issuer",
                )
            self._settings = found
        return _require_safe(str(self._settings.get(name, "")), what=name)

    def fetch_address(self, *, state: str, nonce: str, verifier: str, back: str) -> str:
        """Return where to send a browser; ``state``, ``nonce``, ``verifier`` are made anew."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": back,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        place = self._setting("authorization_endpoint")
        return place + ("&" if "?" in place else "?") + urllib.parse.urlencode(asked)

    def fetch_person(self, code: str, *, nonce: str, verifier: str, back: str) -> Vouched:
        """Return whom the provider vouches for.

        Raises
        ------
        PermissionDenied
            If the token is for somebody else, too old, or names no verified address.
        """
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        request = urllib.request.Request(
            self._setting("token_endpoint"),
            data=urllib.parse.urlencode(given).encode(),
            headers={"accept": "application/json"},
        )
        claims = _claims(str(self._fetch(request).get("id_token", "")))
        self._require_ours(claims, nonce=nonce)
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise PermissionDenied(
                "the sign-in service has not verified an e-mail address of yours; do so there"
            )
        name = claims.get("name")
        return Vouched(email=email, name=name if isinstance(name, str) and name else email)

    def _require_ours(self, claims: Mapping[str, Any], *, nonce: str) -> None:
        audience = claims.get("aud")
        for_whom = audience if isinstance(audience, list) else [audience]
        expires = claims.get("exp")
        fits = (
            claims.get("iss") == self.issuer
            and self._client_id in for_whom
            and (len(for_whom) == 1 or claims.get("azp") == self._client_id)
            and claims.get("nonce") == nonce
            and isinstance(expires, int | float)
            and expires > self._clock() - _SLACK_SECONDS
        )
        if not fits:
            raise PermissionDenied("what the sign-in service said is not for this sign-in; again")


def _claims(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    try:
        body = parts[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError) as error:
        raise PermissionDenied("the sign-in service sent no ID token; begin again") from error
    if not isinstance(claims, dict):
        raise PermissionDenied("the sign-in service sent no ID token; begin again")
    return claims
