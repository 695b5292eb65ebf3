"""The edge of every command, where what went wrong becomes one line on standard error and an exit status.

NOTE: light: the window starts through it, and loads nothing of the engine here.
"""

import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

import typer

from engine.cli.interrupt import INTERRUPTED, TERMINATIONS, interrupts_end_the_work
from engine.errors import EngineError

DONE, FAILED, WRONG_USAGE = 0, 1, 2
DEBUG_HELP = "With --debug, any command shows the traceback of an error."
_WRONG_USAGE = typer.BadParameter.__mro__[1]  # click's UsageError, which not every Typer exports


def run(
    application: Callable[..., object],
    arguments: Sequence[str],
    expected: tuple[type[Exception], ...] = (EngineError,),
) -> int:
    """Run ``application`` and return the exit status: 0 done, 1 the work failed, 2 wrong usage, 130 interrupted.

    A SIGTERM or SIGHUP, of which the work ended, is 128 and its number, as shells say it.
    ``--debug`` anywhere among the arguments shows the traceback of an error; the application gets it as ``obj``.
    """
    debug = "--debug" in arguments
    words = [argument for argument in arguments if argument != "--debug"]
    # As of a script whose variable is not set; as a path it would name the current folder.
    if what := _empty(words):
        _say(f"{what} is empty ('lens7 --help' says what is possible)")
        return WRONG_USAGE
    try:
        with interrupts_end_the_work():
            status = application(words, prog_name="lens7", standalone_mode=False, obj=debug)
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except BrokenPipeError:  # whoever read has had enough
        _drop_output()
        return FAILED
    except Exception as error:
        if (status := _interrupted(error)) is not None:
            return status
        if debug and not isinstance(error, _WRONG_USAGE):
            raise
        return _tell(error, expected)
    return status if isinstance(status, int) else DONE


def main(application: Callable[..., object], expected: tuple[type[Exception], ...] = (EngineError,)) -> int:
    """Run ``application`` with this process's arguments, as ``run`` does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # file names may hold what the terminal's encoding has not
            stream.reconfigure(errors="backslashreplace")
    status = run(application, sys.argv[1:], expected)
    if status - 128 in TERMINATIONS:
        signal.raise_signal(status - 128)  # whoever sent it sees that it was obeyed
    return status


def _empty(words: Sequence[str]) -> str:
    """Return what among ``words`` is empty, for people; nothing if none is."""
    for before, word in zip(("", *words), words, strict=False):
        if not word:
            return f"the value of {before}" if before.startswith("--") and before != "--" else "an argument"
        if word.startswith("--") and word.endswith("=") and word.count("=") == 1:
            return f"the value of {word[:-1]}"
    return ""


def _interrupted(error: BaseException) -> int | None:
    """Return the exit status if a signal led to ``error``: what it ends amid an import may raise ImportError."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):
            return INTERRUPTED
        if isinstance(cause, SystemExit) and isinstance(cause.code, int):
            return cause.code
        cause = cause.__cause__ or cause.__context__
    return None


def _tell(error: Exception, expected: tuple[type[Exception], ...]) -> int:
    if isinstance(error, expected):
        _say(str(error))
    elif isinstance(error, _WRONG_USAGE):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "lens7"
        _say(f"{error.format_message()} ('{command} --help' says what is possible)")  # type: ignore[attr-defined]
        return int(error.exit_code)  # type: ignore[attr-defined]
    elif isinstance(error, typer.Abort):
        _say("ended")
    elif isinstance(error, MemoryError):
        _say("not enough memory; close other programs, or raise the limit of this one")
    elif isinstance(error, OSError):
        _drop_output()
        _say(f"{error.filename or 'cannot go on'}: {error.strerror or error}")
    else:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        _say(
            f"unexpected {kind}: {error} ({place.filename}:{place.lineno}); please report it with what --debug shows"
        )
    return FAILED


def _say(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):  # who hears nothing still gets the exit status
            sys.stderr.write(f"lens7: {printable(' '.join(text.split()))}\n")
            sys.stderr.flush()


def printable(text: str) -> str:
    """Return ``text`` with what would steer a terminal escaped: names in files and of files may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _drop_output() -> None:
    """Let the interpreter's last flush of standard output go nowhere: what it could say has been said."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
