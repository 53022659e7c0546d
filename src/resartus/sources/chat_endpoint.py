"""Any OpenAI-compatible endpoint, on this machine or elsewhere: one question, one answer."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from resartus.errors import DataError, ParseError, SourceRefused, SourceUnavailable

__all__ = ["ChatEndpoint"]

_LARGEST_ANSWER = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEndpoint:
    """Where to ask and for which model.

    Parameters
    ----------
    url : str
        Up to and with the version: ``"http://127.0.0.1:8080/v1"``.
    model : str
        The model's name as the endpoint knows it.
    key_env : str, optional
        The environment variable that holds the key; a key is never kept in a file.
    timeout_s : float
        How long to wait for an answer.

    Notes
    -----
    One request per call, no retry: a person waits and tries again. What is
    sent leaves the machine unless ``is_local``.
    """

    url: str
    model: str
    key_env: str | None = None
    timeout_s: float = 120.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DataError(f"url {self.url!r} of the endpoint is not http:// or https://")

    @property
    def host(self) -> str:
        """The machine that is asked."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""
        return self.host in ("localhost", "127.0.0.1", "::1")

    def ask(self, messages: list[dict[str, str]]) -> tuple[str, str, str]:
        """Return the model's name and version as the endpoint tells them, and the answer.

        Raises
        ------
        SourceUnavailable
            If nothing answers in time, or the endpoint is overloaded.
        SourceRefused
            If the endpoint says no: key, model, request.
        ParseError
            If the answer has not the endpoint's own form.
        """
        body = json.dumps(
            {"model": self.model, "messages": messages, "temperature": 0, "seed": 0}
        ).encode()
        headers = {"Content-Type": "application/json"}
        if self.key_env is not None:
            key = os.environ.get(self.key_env)
            if not key:
                raise SourceRefused(
                    f"the environment variable {self.key_env!r} holds no key for {self.host}"
                )
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(
            f"{self.url.rstrip('/')}/chat/completions", data=body, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as reply:
                content = reply.read(_LARGEST_ANSWER + 1)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(300).decode("utf-8", errors="replace")
            if error.code == 429 or error.code >= 500:
                raise SourceUnavailable(
                    f"{self.host} answered {error.code} ({said[:120]}); try again later"
                ) from error
            raise SourceRefused(f"{self.host} answered {error.code}: {said[:200]}") from error
        except (OSError, http.client.HTTPException) as error:
            raise SourceUnavailable(
                f"{self.host} does not answer ({error}); is the model's server running?"
            ) from error
        return self._read(content)

    def _read(self, content: bytes) -> tuple[str, str, str]:
        if len(content) > _LARGEST_ANSWER:
            raise ParseError(f"{self.host} answered more than {_LARGEST_ANSWER:,} bytes")
        try:
            told: Any = json.loads(content)
            answer = told["choices"][0]["message"]["content"]
            if not isinstance(answer, str):
                raise TypeError("no text in it")
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ParseError(
                f"{self.host} answered {content[:80]!r}, which is no chat completion ({error})"
            ) from error
        version = told.get("system_fingerprint") or ""
        return str(told.get("model") or self.model), str(version), answer
