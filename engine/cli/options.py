"""Options that several commands share, and how they become ``CompileOptions``."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from platformdirs import user_cache_path

from engine.compiler.compile import CompileOptions
from engine.importers.options import ImportOptions, Layout

DEFAULT_MODEL = "efficientnet_lite0"
DEFAULT_SOC = "tda4vm"
Bare = ImportOptions
BARE = Bare()  # what ``takes_bare_files`` replaces


class Recipe(StrEnum):
    """How floats become integers."""

    LENS7 = "lens7"
    TI = "ti"


class Kernels(StrEnum):
    """Which kernel set computes."""

    AUTO = "auto"
    NATIVE = "native"
    NUMPY = "numpy"
    REFERENCE = "reference"


_MODEL = "A built-in name (efficientnet_lite0), a .onnx or .tflite file, a model-zoo folder or param.yaml, or an artifact folder."
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help=_MODEL)]
ModelOption = Annotated[str, typer.Option("--model", metavar="MODEL", help=_MODEL)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]
SocOption = Annotated[str, typer.Option("--soc", help="tda4vm, am68a, am69a, am67a or am62a.")]
SocChoice = Annotated[
    str | None,
    typer.Option(
        "--soc", help="tda4vm (default), am68a, am69a, am67a or am62a; an artifact folder has its own."
    ),
]
RecipeOption = Annotated[Recipe, typer.Option("--recipe", help="lens7 (better) or ti (what TIDL does).")]
RecipeChoice = Annotated[
    Recipe | None,
    typer.Option(
        "--recipe", help="lens7 (default, better) or ti (what TIDL does); an artifact folder has its own."
    ),
]
KernelsOption = Annotated[
    Kernels, typer.Option("--kernels", help="Kernel set; auto takes the fastest that is proven here.")
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, max=2, help="Host threads for the kernels.")]
CoresOption = Annotated[
    int | None, typer.Option("--cores", min=1, help="C7x cores that share a frame (modelled time).")
]
ClockOption = Annotated[
    float | None, typer.Option("--clock", metavar="MHZ", help="C7x clock in MHz (modelled time).")
]
MeanOption = Annotated[
    str | None, typer.Option("--mean", metavar="R,G,B", help="Bare files: subtracted from the pixels.")
]
ScaleOption = Annotated[
    str | None, typer.Option("--scale", metavar="R,G,B", help="Bare files: multiplies pixel - mean.")
]
SizeOption = Annotated[
    str | None,
    typer.Option("--size", metavar="HxW", help="Bare files: input size if the file leaves it open."),
]
ResizeOption = Annotated[
    int | None, typer.Option("--resize", metavar="PX", min=1, help="Bare files: short side before the crop.")
]
LayoutOption = Annotated[
    Layout | None, typer.Option("--layout", help="Bare files: order of the input's dimensions.")
]
LabelsOption = Annotated[
    Path | None, typer.Option("--labels", help="Bare files: text file, one class a line.")
]
SeedOption = Annotated[
    int | None,
    typer.Option("--random-weights", metavar="SEED", help="Replace constant weights by random ones."),
]


def cache_dir() -> Path:
    """Return the folder for compiled networks and kernels."""
    return user_cache_path("lens7")


def takes_bare_files(command: Callable[..., None]) -> Callable[..., None]:
    """Return ``command`` with the options that describe a bare file in place of its parameter ``bare``."""
    of_file = signature(import_options).parameters
    parameters: list[Parameter] = []
    for each in signature(command).parameters.values():
        parameters += of_file.values() if each.name == "bare" else [each]

    @wraps(command)
    def run(**given: Any) -> None:
        command(bare=import_options(**{name: given.pop(name) for name in of_file}), **given)

    # What Typer reads a command's options from.
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def import_options(
    mean: MeanOption = None,
    scale: ScaleOption = None,
    size: SizeOption = None,
    resize: ResizeOption = None,
    layout: LayoutOption = None,
    labels: LabelsOption = None,
    random_weights: SeedOption = None,
) -> ImportOptions:
    """Return the options for a bare model file."""
    return ImportOptions(
        mean=_rgb(mean, "--mean"), scale=_rgb(scale, "--scale"), size=_size(size), resize_short=resize, layout=layout,
        labels=labels, random_weights=random_weights,
    )  # fmt: skip


def compile_options(
    soc: str | None,
    recipe: Recipe | None,
    cores: int | None,
    clock_mhz: float | None,
    bare: ImportOptions,
    calibration: Path | None = None,
) -> CompileOptions:
    """Return what decides a compilation."""
    return CompileOptions(
        soc=soc or DEFAULT_SOC,
        recipe=(recipe or Recipe.LENS7).value,
        cores=cores,
        clock_hz=None if clock_mhz is None else clock_mhz * 1e6,
        model=bare,
        calibration=calibration,
    )


def _rgb(text: str | None, option: str) -> tuple[float, float, float] | None:
    if text is None:
        return None
    try:
        values = [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        values = []
    if len(values) not in (1, 3):
        raise typer.BadParameter(
            f"{text!r}: one number or three (red, green, blue) are needed", param_hint=option
        )
    red, green, blue = values * (3 // len(values))
    return red, green, blue


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) not in (1, 2) or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise typer.BadParameter(
            f"{text!r}: HEIGHTxWIDTH in pixels is needed, for example 224x224", param_hint="--size"
        )
    return int(parts[0]), int(parts[-1])
