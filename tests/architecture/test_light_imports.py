"""The command starts without what only some commands need."""

import subprocess
import sys

HEAVY = ("numpy", "scipy", "matplotlib", "docx", "lxml", "sklearn")


def test_help_does_not_load_what_only_a_report_needs() -> None:
    code = (
        "import sys; from resartus.cli.main import main; main(['--help']); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"
