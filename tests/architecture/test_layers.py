"""Imports go one way only, and each kind of work stays in its room."""

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "resartus"
CAPABILITIES = {
    "search",
    "dedup",
    "screening",
    "extraction",
    "appraisal",
    "synthesis",
    "tailoring",
    "reporting",
}
FACES = {"cli", "web", "api"}
MAY_IMPORT = {
    "errors": set(),
    "domain": {"errors"},
    "stores": {"domain", "errors"},
    "sources": {"domain", "errors"},
    **{room: {"domain", "errors"} for room in CAPABILITIES},
    "app": {"domain", "errors", "stores", "sources", "example", *CAPABILITIES},
    "example": {"domain", "errors"},
    **{room: {"domain", "errors", "app"} for room in FACES},
    # "resartus serve" starts the other two faces.
    "cli": {"domain", "errors", "app", "web", "api"},
}
ONLY_IN = {
    "sqlite3": {"stores"},
    "psycopg": {"stores"},
    "pg8000": {"stores"},
    "sqlalchemy": {"stores"},
    "socket": {"sources", "search", "cli", "web", "api"},
    "urllib.request": {"sources", "search"},
    "httpx": {"sources", "search"},
    "numpy": CAPABILITIES,
    "scipy": CAPABILITIES,
    "matplotlib": {"reporting"},
    "docx": {"reporting"},
    "click": {"cli"},
    "starlette": {"web", "api", "cli"},
    "msgspec": {"api"},
    "uvicorn": {"web", "api", "cli"},
}
MODULES = sorted(SRC.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_room_imports_only_what_stands_below_it(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports_of(path):
        if name == "resartus" or not name.startswith("resartus."):
            continue
        target = name.split(".")[1]
        assert target == room or target in MAY_IMPORT[room], f"{path}: {room} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_each_kind_of_work_stays_in_its_rooms(path: Path) -> None:
    for name in imports_of(path):
        for package, rooms in ONLY_IN.items():
            if name == package or name.startswith(package + "."):
                assert room_of(path) in rooms, f"{path} imports {name}; only {rooms} may"


def test_the_domain_needs_the_standard_library_alone() -> None:
    import sys

    for path in (SRC / "domain").glob("*.py"):
        for name in imports_of(path):
            top = name.split(".")[0]
            assert top == "resartus" or top in sys.stdlib_module_names, f"{path} imports {name}"
