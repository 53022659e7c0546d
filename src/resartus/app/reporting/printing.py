"""A report as PDF, by a browser that is on hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from resartus.errors import NotFoundError, StoreError

__all__ = ["print_pdf"]

_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "msedge", "brave-browser",
)  # fmt: skip
_SECONDS = 120


def print_pdf(page: Path, target: Path) -> Path:
    """Print a page to PDF; the page's own style says how large the paper is.

    Raises
    ------
    NotFoundError
        If no browser is on hand.
    StoreError
        If it does not print.
    """
    named = os.environ.get("RESARTUS_BROWSER")
    browser = named or next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise NotFoundError(
            "no browser was found to print with; install Chromium or Chrome, name one in "
            "RESARTUS_BROWSER, or print the page yourself"
        )
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser, "--headless", "--disable-gpu", "--no-pdf-header-footer",
            f"--user-data-dir={profile}", f"--print-to-pdf={target.resolve()}",
            page.resolve().as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # A browser refuses its sandbox to root; the page is our own and has no script.
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StoreError(f"{browser!r} did not print {page.name!r}: {error}") from error
    if done.returncode or not target.exists():
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no word why"]
        raise StoreError(f"{browser!r} did not print {page.name!r}: {said[0]}")
    return target
