"""Assembles the commands."""

import typer

from engine.cli import edge
from engine.cli.bench import bench
from engine.cli.classify import classify
from engine.cli.compiling import compile_, why
from engine.cli.profiling import profile
from engine.cli.selfcheck import selfcheck
from engine.cli.socs import socs
from engine.cli.validate import validate

app = typer.Typer(
    name="lens7", add_completion=False, pretty_exceptions_enable=False,
    help="Live object recognition on an emulated TI Jacinto 7.", epilog=edge.DEBUG_HELP,
)  # fmt: skip
app.command("classify")(classify)
app.command("compile")(compile_)
app.command("validate")(validate)
app.command("bench")(bench)
app.command("profile")(profile)
app.command("selfcheck")(selfcheck)
app.command("socs")(socs)
app.command("why")(why)


def main() -> int:
    """Run the engine's commands."""
    return edge.main(app)
