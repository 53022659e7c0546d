"""A PostgreSQL of the tests' own, started from what is installed and gone with them."""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests import needs
from tests.journeys.browser import free_port

__all__ = ["server_url"]


def _programs() -> Path | None:
    """Return the folder of ``initdb``; Debian keeps it off the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = shutil.which("initdb")
    beside = [Path(found).resolve()] if found else []
    return next((p.parent for p in [*versions, *beside] if p.exists()), None)


def _as_other() -> tuple[list[str], str | None]:
    """Return how to leave root behind, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return [], None
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    return ["setpriv", f"--reuid={name}", f"--regid={_group(name)}", "--clear-groups"], name


def _group(name: str) -> str:
    return str(pwd.getpwnam(name).pw_gid)


@cache
def server_url(*, is_durable: bool = False) -> str:
    """Return ``RESARTUS_TEST_DATABASE``, or the address of a server started for this run.

    What a test writes need not survive a power cut; what is measured does.
    """
    named = os.environ.get("RESARTUS_TEST_DATABASE")
    if named:
        return named
    programs = _programs()
    if programs is None:
        needs.missing(
            "PostgreSQL is not installed; install the package postgresql, or set "
            "RESARTUS_TEST_DATABASE to the address of one"
        )
    before, name = _as_other()
    folder = Path(tempfile.mkdtemp(prefix="resartus-pg-"))
    if name:
        shutil.chown(folder, name)
    data, port = folder / "data", free_port()

    def call(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*before, str(programs / program), *arguments],
            capture_output=True,
            text=True,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)},
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def stop() -> None:
        call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    call("initdb", "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "-N")
    fsync = "on" if is_durable else "off"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={fsync}"
    call("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    atexit.register(stop)
    return f"postgresql://tester@127.0.0.1:{port}/postgres"
