"""``lens7 compile`` and ``lens7 why``: what becomes of a model, and where each node runs."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import options as o
from engine.cli.models import refuse_artifact
from engine.cli.output import print_json, print_table, progress_bar, stdout
from engine.compiler.compile import compile_model, place_model


@o.takes_bare_files
def compile_(
    model: o.ModelArgument,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The artifact folder to write.")],
    calibration: Annotated[
        Path | None, typer.Option("--calibration", metavar="DIR", help="Folder of pictures.")
    ] = None,
    soc: o.SocOption = o.DEFAULT_SOC,
    recipe: o.RecipeOption = o.Recipe.LENS7,
    cores: o.CoresOption = None,
    clock: o.ClockOption = None,
    bare: o.Bare = o.BARE,
    json: o.Json = False,
) -> None:
    """Calibrate, quantize and compile a model into an artifact folder."""
    refuse_artifact(model, "compiling")
    with progress_bar() as progress:
        report = compile_model(
            model, out, o.compile_options(soc, recipe, cores, clock, bare, calibration), progress
        )
    document = report.document()
    if json:
        print_json(document)
        return
    summary = [(key, value) for key, value in document.items() if key != "on_host"]
    print_table(("what", "value"), summary, f"{model} for {soc}")
    if document["on_host"]:
        rows = [(x["node"], x["op"], x["reason"]) for x in document["on_host"]]
        print_table(("on the A72", "operator", "reason"), rows)


@o.takes_bare_files
def why(
    model: o.ModelArgument = o.DEFAULT_MODEL,
    soc: o.SocOption = o.DEFAULT_SOC,
    bare: o.Bare = o.BARE,
    json: o.Json = False,
) -> None:
    """Say for each node whether the device or the A72 runs it, and why."""
    refuse_artifact(model, "placing its nodes")
    places = place_model(model, o.compile_options(soc, o.Recipe.LENS7, None, None, bare))
    if json:
        print_json(
            {
                "soc": soc,
                "nodes": [{"node": p.node, "op": p.op, "place": p.place, "reason": p.reason} for p in places],
            }
        )
        return
    print_table(
        ("node", "operator", "runs on", "reason"), [(p.node, p.op, p.place, p.reason) for p in places]
    )
    stdout.print(f"{sum(p.place == 'device' for p in places)} of {len(places)} nodes on the device")
