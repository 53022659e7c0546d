"""The command ``resartus``: options common to all, errors as one sentence, the nearest command."""

from __future__ import annotations

import difflib
import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from resartus import __version__
from resartus.app.failures import error_shape, exit_code
from resartus.cli.output import Output
from resartus.errors import ResartusError

__all__ = ["main"]

# Commands live in files of their own and are loaded when called: 'resartus --help' stays quick.
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("resartus.cli.demo", "Build the worked example, from search to report, offline."),
    "init": ("resartus.cli.init", "Begin a review in a folder."),
    "status": ("resartus.cli.status", "Show where the review stands and what comes next."),
    "search": ("resartus.cli.search.command", "Run, replay, compare and check the searches."),
    "pubmed": ("resartus.cli.pubmed", "Keep a local PubMed and search it offline."),
    "mesh": ("resartus.cli.mesh", "Load NLM's headings of any year."),
    "import": ("resartus.cli.importing", "Bring citations from a file."),
    "dedup": ("resartus.cli.dedup", "Find duplicates; judge the doubtful pairs."),
    "screen": ("resartus.cli.screen", "Judge titles and abstracts, then full texts."),
    "rank": ("resartus.cli.rank", "Show the order in which records come up, and why."),
    "fulltext": ("resartus.cli.fulltext", "Attach full texts, look for them, mark missing ones."),
    "stop": ("resartus.cli.stop", "Say whether the team may stop, and what that guarantees."),
    "simulate": ("resartus.cli.simulate", "Replay a labelled review to measure rankings."),
    "agreement": ("resartus.cli.agreement", "Show how far reviewers agree, and their pace."),
    "assign": ("resartus.cli.assign", "Share records out, hand them on, start a pilot round."),
    "extract": ("resartus.cli.extract", "Enter or list what the papers say."),
    "form": ("resartus.cli.form", "Look at extraction forms, adopt one, send it out and back."),
    "patients": ("resartus.cli.patients", "Bring a table of patients, or tell who is usable."),
    "check": ("resartus.cli.check", "Check anchors, derivations and sums of what was entered."),
    "compare": ("resartus.cli.compare", "Compare two people's entries and settle what differs."),
    "vocabulary": ("resartus.cli.vocabulary", "Look words up in the clinical vocabularies."),
    "suggest": ("resartus.cli.suggest", "Let rules or a model propose values; off by default."),
    "digitise": ("resartus.cli.digitise", "Make a page to click the points of a figure in."),
    "curve": ("resartus.cli.curve", "Reconstruct patients from a published survival curve."),
    "appraise": ("resartus.cli.appraise", "Judge how far each study can be trusted."),
    "grade": ("resartus.cli.grade", "Rate the certainty of an outcome (GRADE)."),
    "synthesise": ("resartus.cli.synthesise", "Compute what it adds up to."),
    "survival": ("resartus.cli.survival", "Survival over patients, curves and published figures."),
    "tailor": ("resartus.cli.tailor", "Show the evidence for one patient."),
    "report": ("resartus.cli.report", "Write the report as HTML and Word."),
    "audit": ("resartus.cli.audit", "Hold the report against the standards, and its files."),
    "update": ("resartus.cli.update", "Search again from where each search stood."),
    "notices": ("resartus.cli.notices", "Retractions and corrections of included reports."),
    "changes": ("resartus.cli.changes", "Say what changed, and whether a conclusion did."),
    "watch": ("resartus.cli.watch", "Keep many reviews up to date, with a feed and mail."),
    "serve": ("resartus.cli.serve", "Do the review in the browser."),
    "team": ("resartus.cli.team", "Keep a team's reviews on one server."),
    "backup": ("resartus.cli.backup", "Copy a review or a team's server into one file."),
    "restore": ("resartus.cli.restore", "Put a backup back, where nothing stands."),
    "undo": ("resartus.cli.undo", "Take back an event; nothing is deleted."),
    "open": ("resartus.cli.open", "Open an archive of a review, checked by hash."),
    "export": ("resartus.cli.export", "Pack the review, or save what a damaged one still gives."),
}


class _Commands(click.Group):
    """The commands, loaded when called; an unknown one is met with the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else "'resartus --help' lists them"
            raise click.UsageError(f"no command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 2 wrong use, 3 data, 4 not found, 5 conflict, 6 not allowed, "
    "7 the review's files, 8 a source, 9 no estimate possible.",
)
@click.option(
    "--review",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    help="The review's folder; the current one if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value for machines.")
@click.option("--as", "person", default=None, help="Who acts, written on every event.")
@click.version_option(__version__, prog_name="resartus")
@click.pass_context
def cli(ctx: click.Context, folder: Path, as_json: bool, person: str | None) -> None:
    """Living evidence reviews for rare clinical questions, from search to one patient."""
    ctx.obj = {"folder": folder, "person": person, "output": Output(as_json=as_json)}


def _report(error: ResartusError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(error_shape(error), ensure_ascii=False), file=sys.stderr)
    else:
        print(f"resartus: {error.message}", file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code. The one place where every error is met."""
    given = sys.argv[1:] if arguments is None else arguments
    # "--json" may stand anywhere, since people add it at the end.
    ordered = ["--json", *(a for a in given if a != "--json")] if "--json" in given else given
    try:
        cli.main(args=ordered, prog_name="resartus", standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        print("resartus: stopped; what was saved stays", file=sys.stderr)
        code = 130
    except ResartusError as error:
        _report(error, as_json="--json" in given)
        code = exit_code(error)
    except BrokenPipeError:
        # The reader of a pipe has gone; there is nobody left to tell.
        sys.stderr.close()
        code = 0
    else:
        code = 0
    if arguments is None:
        sys.exit(code)
    return code
