"""``lens7 compile`` and ``lens7 why``: what becomes of a model, and where each node runs."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import options as o
from engine.cli.models import refuse_artifact
from engine.cli.output import print_json, print_line, print_table, progress_bar, stdout
from engine.compiler.compile import compile_model, place_model


@o.takes_model
def compile_(
    model: o.FloatModelArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", readable=False, help="The artifact folder to write.")
    ],
    calibration: Annotated[
        Path | None, typer.Option("--calibration", metavar="DIR", help="Folder of pictures.")
    ] = None,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Calibrate, quantize and compile a model into an artifact folder."""
    refuse_artifact(model, "compiling")
    options = asked.compile_options(calibration)
    with progress_bar() as progress:
        report = compile_model(model, out, options, progress, o.cache_dir())
    for note in report.notes:
        print_line(note, "yellow")
    document = report.document()
    if json:
        print_json(document)
        return
    summary = [(key, value) for key, value in document.items() if key != "on_host"]
    print_table(("what", "value"), summary, f"{model} for {options.soc}")
    if document["on_host"]:
        rows = [(x["node"], x["op"], x["reason"]) for x in document["on_host"]]
        print_table(("on the A72", "operator", "reason"), rows)


@o.takes_model
def why(
    model: o.FloatModelArgument = o.DEFAULT_MODEL,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Say for each node whether the device or the A72 runs it, and why."""
    refuse_artifact(model, "placing its nodes")
    options = asked.compile_options()
    places = place_model(model, options)
    if json:
        print_json(
            {
                "soc": options.soc,
                "nodes": [{"node": p.node, "op": p.op, "place": p.place, "reason": p.reason} for p in places],
            }
        )
        return
    print_table(
        ("node", "operator", "runs on", "reason"), [(p.node, p.op, p.place, p.reason) for p in places]
    )
    stdout.print(f"{sum(p.place == 'device' for p in places)} of {len(places)} nodes on the device")
