"""A page that digitises one figure: everything in one file, nothing leaves the machine."""

from __future__ import annotations

import base64
import html
import json
from importlib import resources

from resartus.errors import DataError

__all__ = ["digitising_page", "image_type"]

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"BM", "image/bmp"),
)


def image_type(content: bytes, *, name: str) -> str:
    """Return the media type of an image by its first bytes.

    Raises
    ------
    DataError
        If it is none that a browser shows.
    """
    for start, kind in _SIGNATURES:
        if content.startswith(start):
            return kind
    raise DataError(
        f"{name} is not a PNG, JPEG, GIF, WebP or BMP image; "
        "save the figure as PNG (from a PDF: a screenshot will do)",
        where=name,
    )


def digitising_page(image: bytes, *, name: str) -> str:
    """Return the page as HTML, with the image inside.

    Raises
    ------
    DataError
        If the image is none that a browser shows.
    """
    kind = image_type(image, name=name)
    template = resources.files(__package__).joinpath("digitise.html").read_text(encoding="utf-8")
    source = f"data:{kind};base64,{base64.b64encode(image).decode('ascii')}"
    return (
        template.replace("{{title}}", html.escape(name))
        .replace("{{name}}", json.dumps(name).replace("<", "\\u003c"))
        .replace("{{image}}", source)
    )
