"""Values as JSON, the same whether answered at once or later."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["encoded"]


def _plain(value: Any) -> Any:
    """Help with what the encoder does not know: read-only mappings, numbers of other libraries."""
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "items"):
        return dict(value.items())
    raise NotImplementedError(type(value).__name__)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)


def encoded(value: Any) -> bytes:
    """Return a value as JSON."""
    return _ENCODER.encode(value)
