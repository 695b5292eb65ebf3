"""``lens7 validate``: the device against the float network over labelled pictures."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import options as o
from engine.cli.models import open_artifact, refuse_artifact
from engine.cli.output import print_json, print_table, progress_bar, stderr
from engine.compiler.compile import float_graph
from engine.runtime.validate import labelled_pictures, validate_pictures


def validate(
    model: o.ModelArgument = o.DEFAULT_MODEL,
    images: Annotated[Path | None, typer.Option("--images", metavar="DIR", help="Labelled pictures.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N pictures.")] = None,
    soc: o.SocOption = "tda4vm",
    recipe: o.RecipeOption = o.Recipe.LENS7,
    kernels: o.KernelsOption = o.Kernels.AUTO,
    threads: o.ThreadsOption = 1,
    cores: o.CoresOption = None,
    clock: o.ClockOption = None,
    mean: o.MeanOption = None,
    scale: o.ScaleOption = None,
    size: o.SizeOption = None,
    resize: o.ResizeOption = None,
    layout: o.LayoutOption = None,
    labels: o.LabelsOption = None,
    random_weights: o.SeedOption = None,
    json: o.Json = False,
) -> None:
    """Compare device and float over a folder: label = leading digits of the file name, or sub-folder = class."""
    if images is None:
        raise typer.BadParameter("a folder of labelled pictures is needed", param_hint="--images")
    refuse_artifact(model, "validation")
    bare = o.import_options(mean, scale, size, resize, layout, labels, random_weights)
    options = o.compile_options(soc, recipe, cores, clock, bare)
    pictures = labelled_pictures(images, limit)
    artifact = open_artifact(model, options)
    with progress_bar() as progress:
        report = validate_pictures(
            float_graph(model, options), artifact, pictures, kernels.value, threads, o.cache_dir(), progress
        )
    for error in report.unreadable:
        stderr.print(error, style="red", markup=False)
    if json:
        print_json(report.document())
    else:
        print_table(
            ("figure", "value"),
            report.rows(),
            f"{model} on {soc}, recipe {recipe.value}, {report.images} pictures",
        )
    if report.unreadable:
        raise typer.Exit(1)
