"""Printing for people (rich, standard error for progress) and for programs (JSON on standard output)."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from engine.cli.edge import printable

PIPED_WIDTH = 200  # columns; a table takes what it needs of them

# Names of files, layers and SoCs are neither markup nor codes of emoji.
stdout = Console(highlight=False, markup=False, emoji=False)
stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_json(document: Any, *, line: bool = False) -> None:
    """Print one JSON document, on one line if ``line``; escaped where the output's encoding is not UTF-8.

    What is NaN or infinite is null: JSON has no such numbers.
    """
    escaped = (getattr(sys.stdout, "encoding", None) or "utf-8").lower() not in ("utf-8", "utf8")
    text = json.dumps(_finite(document), ensure_ascii=escaped, indent=None if line else 1, allow_nan=False)
    print(text, flush=True)


def _finite(value: Any) -> Any:
    """Return ``value`` with None in place of each number that is NaN or infinite."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def print_line(text: str, style: str) -> None:
    """Print one line on standard error, whatever the names in it hold."""
    stderr.print(printable(text), style=style, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *titles: str) -> None:
    """Print a table for people under ``titles``, a line each; numbers are right-aligned.

    Nothing is cut off, and a pipe gets whole lines.
    """
    if not stdout.is_terminal:
        stdout.width = PIPED_WIDTH
    for title in titles:
        stdout.print(printable(title), soft_wrap=True)
    table = Table(header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(rows) and isinstance(rows[0][index], int | float)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for row in rows:
        table.add_row(*map(_cell, row))
    stdout.print(table)


def _cell(value: object) -> Text:
    """Return a cell; names of files and layers may hold what would steer the terminal."""
    if isinstance(value, Text):
        return value
    return Text(f"{value:.2f}" if isinstance(value, float) else printable(str(value)))


@contextmanager
def progress_bar() -> Iterator[Callable[[str, float], None]]:
    """Give a function (stage, fraction) that moves one bar on standard error; silent where that is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, fraction: bar.update(task, description=stage, completed=fraction)
