"""A file holds one concept: 800 lines and 80 lines a function are the end of patience."""

import ast
from pathlib import Path

SRC = Path(__file__).parents[2] / "src" / "resartus"


def test_no_file_is_over_800_lines() -> None:
    long = {
        str(p.relative_to(SRC)): n
        for p in SRC.rglob("*.py")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 800
    }
    assert not long, long


def test_no_function_is_over_80_lines_without_its_docstring() -> None:
    long = {}
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = node.body[0]
                has_docstring = ast.get_docstring(node, clean=False) is not None
                first = (start.end_lineno or 0) if has_docstring else node.lineno
                if (node.end_lineno or 0) - first > 80:
                    long[f"{path.relative_to(SRC)}:{node.name}"] = (node.end_lineno or 0) - first
    assert not long, long
