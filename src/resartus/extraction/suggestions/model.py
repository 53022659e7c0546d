"""A language model as a proposer: what it is asked, and how its answer is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resartus.errors import ParseError
from resartus.extraction.suggestions.proposal import Proposal

__all__ = ["PROMPT_VERSION", "ModelProposer", "prompt", "read_answer"]

PROMPT_VERSION = "1"
_RULES = """You help a systematic reviewer find values in a medical text. A person checks each one.
Answer with one JSON object: {"values": [{"field": "...", "value": "...", "words": "...", "patient": null, "derivation": null}]}.
Rules:
- Use only the fields listed. Leave out a field whose value the text does not give. Never guess.
- "words" is copied letter by letter from the text, as short as shows the value, and contains it.
- A value that must be computed has a "derivation" such as "37 % of 52 = 19", and "words" holds its figures.
- What the text denies is not a finding: "no deaths" is 0 deaths; "no recurrence" is no recurrence.
- For single patients give "patient", a label from the text or "1". Otherwise null."""  # noqa: E501


def prompt(text: str, fields: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the messages: what to do, then the fields with what they mean, then the text."""
    listed = "\n".join(f"- {name}: {label}" for name, label in fields.items())
    return [
        {"role": "system", "content": _RULES},
        {"role": "user", "content": f"Fields:\n{listed}\n\nText:\n{text}"},
    ]


def read_answer(content: str) -> list[Proposal]:
    """Return the proposals in a model's answer.

    Raises
    ------
    ParseError
        If it is not the JSON that was asked for.
    """
    start, end = content.find("{"), content.rfind("}")
    try:
        values = json.loads(content[start : end + 1])["values"]
        if not isinstance(values, list):
            raise TypeError("values is no list")
        return [_proposal(row) for row in values]
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(
            f"the model answered {content[:80]!r}, not the JSON it was asked for ({error}); "
            "try again or use another model"
        ) from error


def _proposal(row: Any) -> Proposal:
    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value in (None, "") else str(value)

    return Proposal(
        field=str(row["field"]),
        value=str(row["value"]),
        words=str(row.get("words") or ""),
        patient=text("patient"),
        derivation=text("derivation"),
    )


@dataclass(slots=True)
class ModelProposer:
    """Proposals of a model behind a function that sends messages and returns name and answer.

    ``ask`` is given by whoever knows the network; nothing here does.
    """

    ask: Callable[[list[dict[str, str]]], tuple[str, str, str]]
    labels: Mapping[str, str]
    model: str
    model_version: str = "not told"

    @property
    def name(self) -> str:
        """The model's own name, as the endpoint gave it."""
        return self.model

    @property
    def version(self) -> str:
        """The model's version and the version of what it is asked."""
        digest = hashlib.sha256(_RULES.encode()).hexdigest()[:8]
        return f"{self.model_version}; prompt {PROMPT_VERSION} ({digest})"

    def propose(self, text: str, fields: Sequence[str]) -> list[Proposal]:
        """Ask the model, and keep its name and version as it answers.

        Raises
        ------
        ParseError
            If the answer is not what was asked for.
        """
        wanted = {name: self.labels.get(name, name) for name in fields}
        self.model, told, content = self.ask(prompt(text, wanted))
        self.model_version = told or self.model_version
        return [p for p in read_answer(content) if p.field in wanted]
