"""The command ``lens7``: the window, ``kiosk``, ``demo``, ``doctor``, ``report``, ``replay``, and the engine's commands.

NOTE: imports Qt only inside the commands that open the window; the others run where Qt cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import edge
from engine.cli.interrupt import interrupts_end_at_once
from engine.cli.options import NOTHING_ASKED, Asked, takes_model
from engine.errors import EngineError
from gui.autostart_command import autostart
from gui.core.errors import GuiError
from gui.requirements import window_problem

if TYPE_CHECKING:
    from gui.app import WindowOptions


class Face(StrEnum):
    """Which face the window shows first."""

    SHOW = "show"
    BENCH = "bench"


class Theme(StrEnum):
    """The window's colours."""

    DARK = "dark"
    LIGHT = "light"


_EXPECTED = (EngineError, GuiError)
_SOURCE = (
    "camera, camera:ID, a video, picture or folder, rtsp:// or http:// address, live:VIDEO (drops late frames), "
    "synthetic[:fps], demo."
)
Source = Annotated[str | None, typer.Option("--source", metavar="SOURCE", help=_SOURCE)]
Model = Annotated[str | None, typer.Option("--model", metavar="MODEL", help="A built-in name, or a path.")]
FaceOption = Annotated[Face | None, typer.Option("--face", help="Face shown first.")]
ThemeOption = Annotated[Theme | None, typer.Option("--theme", help="Colours.")]
FullScreen = Annotated[bool, typer.Option("--full-screen", help="Fill the screen.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]


class WindowUnavailableError(GuiError):
    """The window cannot open on this machine."""


@takes_model
def window(
    context: typer.Context,
    source: Source = None,
    model: Model = None,
    asked: Asked = NOTHING_ASKED,
    face: FaceOption = None,
    theme: ThemeOption = None,
    full_screen: FullScreen = False,
) -> None:
    """Open the window, unless a command is named."""
    if context.invoked_subcommand is not None:
        return
    _refuse_without_display()
    with interrupts_end_at_once():
        from gui.app import run

    raise typer.Exit(run(_options(source, model, asked, face, theme, full_screen, context.obj)))


@takes_model
def demo(
    context: typer.Context,
    source: Source = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.5, max=86_400, help="Close after so long.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", readable=False, help="Write the JSON here.")
    ] = None,
    grab: Annotated[
        Path | None, typer.Option("--grab", metavar="PNG", readable=False, help="Picture of the window.")
    ] = None,
    model: Model = None,
    asked: Asked = NOTHING_ASKED,
    face: FaceOption = None,
    theme: ThemeOption = None,
    full_screen: FullScreen = False,
    json: Json = False,
) -> None:
    """Run the real window for a while and report what was measured."""
    _refuse_without_display()
    with interrupts_end_at_once():
        from engine.cli.output import print_json
        from gui.demo import DemoOptions, run_demo

    options = _options(source, model, asked, face, theme, full_screen, context.obj)
    found = run_demo(options, DemoOptions(seconds, report, grab))
    if json:
        print_json(found)


def doctor(json: Json = False) -> None:
    """Check libraries, display, cameras, processor, caches and model files."""
    from engine.cli.output import print_json
    from gui.doctor import examine

    checks = examine()
    if json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        _print_checks([(check.name, check.ok, check.detail, check.fix) for check in checks])
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def kiosk(context: typer.Context) -> None:
    """Fill the screen and stay: the window is started again if it crashes or hangs. Takes the window's options."""
    _refuse_without_display()
    from gui.supervisor import run_kiosk

    raise typer.Exit(run_kiosk([*context.args, *(["--debug"] if context.obj else [])]))


def main() -> int:
    """Run ``lens7``: 0 done, 1 the work failed, 2 wrong usage; ``--debug`` shows tracebacks."""
    return edge.main(_start, _EXPECTED)


def run(arguments: Sequence[str]) -> int:
    """Run ``lens7`` with ``arguments`` and return the exit status."""
    return edge.run(_start, arguments, _EXPECTED)


def _start(arguments: Sequence[str], **how: object) -> object:
    """Build the command that ``arguments`` need, and run it."""
    words = [argument for argument in arguments if argument != "--kiosk"]
    if "--kiosk" in arguments:  # as people write it who think of the window first
        words = ["kiosk", *words]
    return build(with_engine=_needs_engine_commands(words))(words, **how)


def build(with_engine: bool) -> typer.Typer:
    """Return the command, with the engine's commands beside the window's own if ``with_engine``."""
    app = typer.Typer(
        name="lens7",
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Live camera object recognition on an emulated TI Jacinto 7. Without a command: opens the window.",
        epilog=edge.DEBUG_HELP,
    )
    app.callback(invoke_without_command=True)(window)
    app.command()(demo)
    app.command()(doctor)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(autostart)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(kiosk)
    if with_engine:
        from engine.cli.app import app as engine_app
        from gui.replay_command import replay
        from gui.report_command import report

        app.command()(report)
        app.command()(replay)
        app.registered_commands.extend(engine_app.registered_commands)
    return app


def _needs_engine_commands(arguments: Sequence[str]) -> bool:
    """Return False where the window is asked for: its start does not wait for what only the engine's commands use."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    if words:
        return words[0] not in ("demo", "doctor", "kiosk", "autostart")
    return "--help" in arguments


def _refuse_without_display() -> None:
    if problem := window_problem():
        raise WindowUnavailableError(problem)


def _options(
    source: str | None,
    model: str | None,
    asked: Asked,
    face: Face | None,
    theme: Theme | None,
    full_screen: bool,
    debug: bool,
) -> WindowOptions:
    from gui.app import WindowOptions

    return WindowOptions(
        source=source,
        model=model,
        soc=asked.soc,
        recipe=asked.recipe and asked.recipe.value,
        kernels=asked.kernels and asked.kernels.value,
        threads=asked.threads,
        cores=asked.cores,
        clock_mhz=asked.clock_mhz,
        bare=None if asked.bare == NOTHING_ASKED.bare else asked.bare,
        face=face.value if face else None,
        theme=theme.value if theme else None,
        full_screen=full_screen,
        debug=debug,
    )


def _print_checks(rows: Sequence[tuple[str, bool, str, str]]) -> None:
    from rich.text import Text

    from engine.cli.output import print_table

    marks = {True: Text("ok", "green"), False: Text("!!", "red")}
    print_table(
        ("", "check", "found", "what to do"),
        [(marks[ok], name, detail, fix) for name, ok, detail, fix in rows],
    )
