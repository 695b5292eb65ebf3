"""``lens7 validate``: the device against the float network over labelled pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import options as o
from engine.cli.models import open_artifact, refuse_artifact
from engine.cli.output import print_json, print_line, print_table, progress_bar, stdout
from engine.compiler.compile import float_graph
from engine.errors import ValidationError
from engine.files import write_whole
from engine.runtime.validation.folder import Classes, Skipped, read_folder
from engine.runtime.validation.page import page
from engine.runtime.validation.report import ValidationReport
from engine.runtime.validation.run import ValidateOptions
from engine.runtime.validation.run import validate as compare


@o.takes_model
def validate(
    model: o.FloatModelArgument = o.DEFAULT_MODEL,
    images: Annotated[Path | None, typer.Option("--images", metavar="DIR", help="Labelled pictures.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N pictures.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes of this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Dask cluster, e.g. tcp://host:8786.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", readable=False, help="Write a self-contained report."),
    ] = None,
    asked: o.Asked = o.NOTHING_ASKED,
    json: o.Json = False,
) -> None:
    """Compare device and float over a folder: label = leading digits of the file name, or sub-folder = class."""
    if images is None:
        raise typer.BadParameter("a folder of labelled pictures is needed", param_hint="--images")
    if scheduler is not None and workers > 1:
        raise typer.BadParameter(
            "the scheduler's workers measure; leave --workers out", param_hint="--workers"
        )
    refuse_artifact(model, "validation")
    options = asked.compile_options()
    how = ValidateOptions(asked.kernel_set, asked.host_threads, o.cache_dir(), workers, scheduler)
    if html is not None and (html.is_dir() or not html.parent.is_dir()):
        reason = "it is a folder" if html.is_dir() else f"there is no folder {html.parent}"
        raise ValidationError(f"cannot write the report {html}: {reason}; choose another --html")
    graph = float_graph(model, options)
    found = read_folder(images, Classes.of(graph), limit)
    artifact = open_artifact(model, options)
    with progress_bar() as progress:
        report = compare(graph, artifact, found, how, progress)
    for line in skipped_lines(report.skipped):
        print_line(line, "red")
    for note in report.notes:
        print_line(note, "yellow")
    if json:
        print_json(report.document())
    else:
        _print(report, f"{model} on {options.soc}, recipe {options.recipe}")
    if html is not None:
        _write(html, page(report))
    if report.skipped:
        raise typer.Exit(1)


def skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    """Return a line for each reason: with the picture's name, or with how many pictures share it."""
    files: dict[str, list[str]] = {}
    for each in skipped:
        files.setdefault(each.reason, []).append(each.file)
    return [
        f"{names[0]}: {reason}"
        if len(names) == 1
        else f"{len(names)} pictures from {names[0]} to {names[-1]}: {reason}"
        for reason, names in files.items()
    ]


def _write(file: Path, text: str) -> None:
    try:
        write_whole(file, text)
    except OSError as error:
        raise ValidationError(
            f"cannot write the report {file}: {error.strerror or error}; choose another --html"
        ) from error


def _print(report: ValidationReport, title: str) -> None:
    print_table(
        ("figure", "value"), report.rows(), f"{title}, {len(report.outcomes)} pictures, {report.where}"
    )
    for heading, pictures in (("lost", report.lost), ("won", report.won)):
        if pictures:
            rows = [
                (x.file, *(report.classes.name(i) for i in (x.class_index, x.float_top[0], x.device_top[0])))
                for x in pictures
            ]
            print_table((heading, "label", "float says", "device says"), rows)
    if report.layers:
        rows = [
            (x.name, x.op, f"{x.snr_db:.1f}", f"{x.cosine:.4f}", f"{x.noise_added:.2%}")
            for x in report.worst_layers()
        ]
        print_table(("layers that hurt most", "operator", "SNR (dB)", "cosine", "noise added"), rows)
    stdout.print(
        f"error of {len(report.layers)} layers over {report.layer_images} pictures; --json or --html gives all"
    )
