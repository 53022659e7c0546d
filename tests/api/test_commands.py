"""Whatever the command line does, the API does too, or it is said here why not."""

import re

import click
import pytest

from resartus.api.endpoints import ENDPOINTS
from resartus.cli.main import cli

_R = "/reviews/{review_id}"
# Command to its endpoints below a review, or a sentence that says why there is none.
COMMANDS: dict[str, tuple[str, ...] | str] = {
    "demo": "It writes an example into a folder of one's own machine.",
    "init": ("POST /reviews",),
    "status": (f"GET {_R}",),
    "search": (f"GET {_R}/searches", f"POST {_R}/searches", f"POST {_R}/queries"),
    "search replay": (f"GET {_R}/runs/{{run}}/replay",),
    "search diff": (f"GET {_R}/runs/{{run}}/drift", f"POST {_R}/runs/{{run}}/drift"),
    "search check": (f"POST {_R}/searches/check",),
    "search prisma-s": (f"GET {_R}/prisma-s",),
    "pubmed": "Gigabytes on the server's disk are its keeper's to load; searches use them.",
    "mesh": "Loaded once for all reviews by the server's keeper.",
    "import": (f"POST {_R}/imports", f"GET {_R}/imports"),
    "dedup": (
        f"POST {_R}/duplicates/find",
        f"GET {_R}/duplicates",
        f"POST {_R}/duplicates",
        f"GET {_R}/duplicates/pair",
        f"GET {_R}/duplicates/merged",
        f"GET {_R}/duplicates/groups",
        f"POST {_R}/duplicates/unlink",
        f"POST {_R}/same-study",
        f"POST {_R}/overlaps",
    ),
    "screen": (
        f"GET {_R}/screening/{{stage}}/next",
        f"POST {_R}/screening/{{stage}}/votes",
        f"GET {_R}/screening/{{stage}}/skipped",
        f"POST {_R}/conflicts",
    ),
    "rank": (f"GET {_R}/screening/{{stage}}/ranking",),
    "fulltext": (
        f"GET {_R}/fulltexts/wanted",
        f"POST {_R}/fulltexts",
        f"POST {_R}/fulltexts/look-up",
        f"POST {_R}/fulltexts/missing",
    ),
    "stop": (f"GET {_R}/screening/{{stage}}/stop",),
    "simulate": (f"POST {_R}/simulations", f"POST {_R}/work"),
    "agreement": (f"GET {_R}/screening/{{stage}}/agreement", f"GET {_R}/screening/{{stage}}/pace"),
    "assign": (
        f"POST {_R}/screening/{{stage}}/shares",
        f"POST {_R}/screening/{{stage}}/assignments",
        f"POST {_R}/screening/{{stage}}/rounds",
    ),
    "extract": (
        f"POST {_R}/studies",
        f"POST {_R}/studies/{{study_id}}/cells",
        f"GET {_R}/studies/{{study_id}}",
        f"POST {_R}/cells",
    ),
    "form": (
        f"GET {_R}/forms",
        f"GET {_R}/forms/{{form_id}}",
        f"POST {_R}/forms",
        f"POST {_R}/forms/plan",
        f"GET {_R}/workbook",
        f"POST {_R}/workbook",
        f"POST {_R}/workbook/look",
    ),
    "patients": (f"POST {_R}/studies/{{study_id}}/patients", f"GET {_R}/patients"),
    "check": (f"GET {_R}/checks",),
    "compare": (
        f"GET {_R}/consensus",
        f"GET {_R}/consensus/agreement",
        f"POST {_R}/consensus",
        f"POST {_R}/consensus/values",
    ),
    "vocabulary": (f"GET {_R}/vocabularies", f"GET {_R}/vocabularies/meaning"),
    "suggest": (
        f"GET {_R}/suggestions",
        f"POST {_R}/studies/{{study_id}}/suggestions",
        f"POST {_R}/suggestions",
    ),
    "digitise": "It makes a page for a person's clicks; a program sends the points to curves.",
    "curve": (f"POST {_R}/studies/{{study_id}}/curves", f"GET {_R}/curves"),
    "appraise": (
        f"GET {_R}/appraisal/tools",
        f"POST {_R}/studies/{{study_id}}/appraisal",
        f"POST {_R}/studies/{{study_id}}/appraisal/settled",
        f"GET {_R}/appraisal/judgements/{{tool}}",
    ),
    "grade": (f"GET {_R}/certainty", f"POST {_R}/certainty"),
    "synthesise": (f"GET {_R}/results", f"GET {_R}/effects", f"POST {_R}/effects"),
    "survival": (f"GET {_R}/survival",),
    "tailor": (f"GET {_R}/factors", f"POST {_R}/patient"),
    "report": (f"POST {_R}/versions", f"GET {_R}/versions/{{version}}/report"),
    "update": (f"POST {_R}/updates",),
    "notices": (f"GET {_R}/notices", f"POST {_R}/notices"),
    "changes": (f"GET {_R}/changes", f"GET {_R}/forecast", f"GET {_R}/by-year"),
    "watch": "It runs beside a server, over all reviews; a program asks each for an update.",
    "serve": "It is what answers the API.",
    "team": "It keeps the server itself; people and rights of a review are at members.",
    "audit": (f"GET {_R}/versions/{{version}}/audit",),
    "backup": "It copies the server's database and folders, which are its keeper's.",
    "restore": "It replaces the server's database and folders, which are its keeper's.",
    "undo": (f"POST {_R}/undo", f"GET {_R}/log"),
    "open": "It begins a folder of one's own machine from an archive.",
    "export": (f"GET {_R}/export", f"GET {_R}/citations"),
}


def every_command() -> list[str]:
    """Return all commands, and those below ``search``, which are acts of a review too."""
    context = click.Context(cli)
    names = []
    for name in cli.list_commands(context):
        names.append(name)
        command = cli.get_command(context, name)
        if isinstance(command, click.Group) and not isinstance(COMMANDS.get(name), str):
            names += [f"{name} {part}" for part in command.list_commands(context)]
    return names


def test_every_command_has_its_endpoints_or_a_reason() -> None:
    commands = every_command()
    assert [name for name in commands if name not in COMMANDS] == []
    assert [name for name in COMMANDS if name not in commands] == []


@pytest.mark.parametrize("name", [n for n, told in COMMANDS.items() if not isinstance(told, str)])
def test_the_endpoints_of_a_command_exist(name: str) -> None:
    known = {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}
    assert [told for told in COMMANDS[name] if told not in known] == []


def test_a_reason_is_a_sentence() -> None:
    for told in COMMANDS.values():
        if isinstance(told, str):
            assert re.fullmatch(r"[A-Z].{20,}\.", told)
