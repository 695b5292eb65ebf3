"""The command ``lens7 autostart``."""

from __future__ import annotations

from typing import Annotated

import typer

from gui.autostart import Places, install, remove


def autostart(
    context: typer.Context,
    write: Annotated[bool, typer.Option("--install/--remove", help="Start with the desktop, or no more.")],
) -> None:
    """Start the kiosk with the desktop (--install) or no more (--remove). Takes the kiosk's options for --install."""
    places = Places.of_user()
    if write:
        _refuse_what_the_window_would(context.args)
        for path in install(places, tuple(context.args)):
            typer.echo(f"written: {path}")
        return
    there = remove(places)
    for path in there:
        typer.echo(f"removed: {path}")
    if not there:
        typer.echo("nothing was installed")


def _refuse_what_the_window_would(arguments: list[str]) -> None:
    """Read ``arguments`` as the window will: a slip is said now, not by a stand that does not start tomorrow.

    Raises:
        typer.BadParameter: or another wrong usage.
    """
    from gui.cli import window  # which imports this module

    reader = typer.Typer(add_completion=False)
    reader.command()(window)
    typer.main.get_command(reader).make_context("lens7 kiosk", list(arguments))
