"""Assembles the commands and is the edge where an ``EngineError`` becomes one line and exit status 1."""

import sys
from collections.abc import Sequence

import typer

from engine.cli.bench import bench
from engine.cli.classify import classify
from engine.cli.compiling import compile_, why
from engine.cli.output import stderr
from engine.cli.profiling import profile
from engine.cli.selfcheck import selfcheck
from engine.cli.socs import socs
from engine.cli.validate import validate
from engine.errors import EngineError

app = typer.Typer(
    name="lens7", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Live object recognition on an emulated TI Jacinto 7.",
)  # fmt: skip
app.command("classify")(classify)
app.command("compile")(compile_)
app.command("validate")(validate)
app.command("bench")(bench)
app.command("profile")(profile)
app.command("selfcheck")(selfcheck)
app.command("socs")(socs)
app.command("why")(why)


def run(
    application: typer.Typer, arguments: Sequence[str], expected: tuple[type[Exception], ...] = (EngineError,)
) -> int:
    """Run ``application`` and return the exit status: 0 done, 1 the work failed, 2 wrong usage.

    ``--debug`` anywhere among the arguments shows the traceback of an expected error.
    """
    debug = "--debug" in arguments
    try:
        application([a for a in arguments if a != "--debug"], prog_name="lens7", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except expected as error:
        if debug:
            raise
        stderr.print(f"lens7: {error}", style="red", markup=False, soft_wrap=True)
        return 1
    return 0


def main() -> int:
    """Run the engine's commands."""
    return run(app, sys.argv[1:])
