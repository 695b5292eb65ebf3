"""Options that several commands share, and how they become ``CompileOptions``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from platformdirs import user_cache_path

from engine.importers.options import ImportOptions, Layout

if TYPE_CHECKING:
    from engine.compiler.compile import CompileOptions

DEFAULT_MODEL = "efficientnet_lite0"
DEFAULT_SOC = "tda4vm"


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


_FLOAT_MODEL = (
    "A built-in name (efficientnet_lite0), a .onnx or .tflite file, a model-zoo folder or param.yaml"
)
_MODEL = f"{_FLOAT_MODEL}, or an artifact folder."
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help=_MODEL)]
FloatModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help=f"{_FLOAT_MODEL}.")]
ModelOption = Annotated[str, typer.Option("--model", metavar="MODEL", help=_MODEL)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]
# Without defaults: for an artifact folder, what is not asked for is what it was compiled with; in the window, what the
# settings say.
SocOption = Annotated[
    str | None, typer.Option("--soc", help="tda4vm (default), am68a, am69a, am67a or am62a, or a SoC file.")
]
RecipeOption = Annotated[
    Recipe | None, typer.Option("--recipe", help="lens7 (default, better) or ti (what TIDL does).")
]
KernelsOption = Annotated[
    Kernels | None,
    typer.Option(
        "--kernels", help="What runs the network; auto (default) takes the fastest that is proven here."
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", min=1, max=2, help="Host threads that run the network (default 1)."),
]
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
    typer.Option("--random-weights", metavar="SEED", min=0, help="Replace constant weights by random ones."),
]


def cache_dir() -> Path:
    """Return the folder for compiled networks and kernels."""
    return user_cache_path("lens7")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say that are common to all commands with a model; None where they say nothing."""

    soc: str | None = None
    recipe: Recipe | None = None
    kernels: Kernels | None = None
    threads: int | None = None
    cores: int | None = None
    clock_mhz: float | None = None
    bare: ImportOptions = field(default_factory=ImportOptions)

    @property
    def clock_hz(self) -> float | None:
        """The clock in Hz."""
        return None if self.clock_mhz is None else self.clock_mhz * 1e6

    @property
    def kernel_set(self) -> str:
        """What runs the network."""
        return (self.kernels or Kernels.AUTO).value

    @property
    def host_threads(self) -> int:
        """How many host threads run it."""
        return self.threads or 1

    def compile_options(self, calibration: Path | None = None) -> "CompileOptions":
        """Return what decides a compilation."""
        from engine.compiler.compile import CompileOptions  # here: the window's start does not wait for it

        return CompileOptions(
            soc=self.soc or DEFAULT_SOC,
            recipe=(self.recipe or Recipe.LENS7).value,
            cores=self.cores,
            clock_hz=self.clock_hz,
            model=self.bare,
            calibration=calibration,
        )


NOTHING_ASKED = Asked()  # what ``takes_model`` replaces


def takes_model(command: Callable[..., None]) -> Callable[..., None]:
    """Return ``command`` with the options that are common to all commands with a model in place of ``asked``."""
    common = signature(_asked).parameters
    parameters: list[Parameter] = []
    for each in signature(command, eval_str=True).parameters.values():
        parameters += common.values() if each.name == "asked" else [each]

    @wraps(command)
    def run(**given: Any) -> None:
        command(asked=_asked(**{name: given.pop(name) for name in common}), **given)

    # What Typer reads a command's options from.
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _asked(
    soc: SocOption = None,
    recipe: RecipeOption = None,
    kernels: KernelsOption = None,
    threads: ThreadsOption = None,
    cores: CoresOption = None,
    clock: ClockOption = None,
    mean: MeanOption = None,
    scale: ScaleOption = None,
    size: SizeOption = None,
    resize: ResizeOption = None,
    layout: LayoutOption = None,
    labels: LabelsOption = None,
    random_weights: SeedOption = None,
) -> Asked:
    bare = ImportOptions(
        mean=_rgb(mean, "--mean"), scale=_rgb(scale, "--scale"), size=_size(size), resize_short=resize, layout=layout,
        labels=labels, random_weights=random_weights,
    )  # fmt: skip
    return Asked(soc, recipe, kernels, threads, cores, clock, bare)


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
    try:
        numbers = [int(part) for part in text.lower().split("x")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or min(numbers) < 1:
        raise typer.BadParameter(
            f"{text!r}: HEIGHTxWIDTH in pixels is needed, for example 224x224", param_hint="--size"
        )
    return numbers[0], numbers[-1]
