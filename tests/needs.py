"""What a test needs that a bare machine may lack: skip with a sentence, or fail when all must run.

Set ``RESARTUS_REQUIRE_ALL=1`` to turn every such skip into a failure.
"""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def missing(sentence: str) -> NoReturn:
    """Skip, or fail where everything must be present."""
    if os.environ.get("RESARTUS_REQUIRE_ALL") == "1":
        pytest.fail(f"{sentence} (RESARTUS_REQUIRE_ALL is set)")
    pytest.skip(sentence)


def shared_data() -> Path:
    """Return the folder of public test data, which stands beside the repository."""
    named = os.environ.get("RESARTUS_SHARED_DATA")
    candidates = [Path(named)] if named else [p / "shared" / "data" for p in REPOSITORY.parents]
    for folder in candidates:
        if folder.is_dir():
            return folder
    missing("no shared/data beside the repository; put the public test data there to run this")


def program(*names: str, package: str) -> str:
    """Return the path of the first program found."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing(f"{names[0]} is not installed; install the package {package} to run this")


def module(name: str) -> None:
    """Ask for an optional Python package."""
    if importlib.util.find_spec(name) is None:
        missing(f"the Python package {name} is not installed; pip install {name} to run this")
