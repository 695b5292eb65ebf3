"""``lens7 report``: what a session was like, from the recorded history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.output import print_json, print_table
from gui.monitor.history_file import default_path
from gui.monitor.history_reader import HistoryReader
from gui.monitor.report import make_report, session_rows
from gui.monitor.report_files import write_csv, write_html

_HISTORY = "A history that the window has kept; without it, the one that it keeps on this computer."


def report(
    history: Annotated[Path | None, typer.Argument(metavar="HISTORY", help=_HISTORY)] = None,
    session: Annotated[
        int | None, typer.Option("--session", metavar="N", help="Which session; without it the last one.")
    ] = None,
    sessions: Annotated[bool, typer.Option("--sessions", help="List the sessions instead.")] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", readable=False, help="Write a web page with plots."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", readable=False, help="Write one line per frame.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")
    ] = False,
) -> None:
    """Sum up a session of the recorded history: frames, latency, labels, alarms and other events."""
    with HistoryReader(history or default_path()) as reader:
        if sessions:
            _print_sessions(session_rows(reader.sessions()), json)
            return
        made = make_report(reader, session)
        if html is not None:
            write_html(made, html)
        if csv is not None:
            write_csv(reader, made, csv)
    if json:
        print_json(made.document())
    else:
        print_table(("figure", "value"), made.rows(), made.history)


def _print_sessions(rows: list[dict[str, object]], json: bool) -> None:
    if json:
        print_json({"sessions": rows})
    else:
        columns = ("session", "start", "end", "frames", "version")
        print_table(columns, [[row[column] for column in columns] for row in rows])
