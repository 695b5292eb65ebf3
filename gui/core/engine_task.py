"""An engine choice as the JSON that the processes beside the window are told. NOTE: Qt-free.

The engine is imported when it is needed: the picture is on the screen before it is in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gui.core.state import EngineChoice

if TYPE_CHECKING:
    from engine.compiler.compile import CompileOptions
    from engine.importers.options import ImportOptions

_TUPLES = ("mean", "scale", "size")


def task_of(choice: EngineChoice) -> dict[str, Any]:
    """Return what decides the network that ``choice`` asks for."""
    return {
        "model": choice.model,
        "soc": choice.soc,
        "recipe": choice.recipe,
        "cores": choice.cores,
        "clock_mhz": choice.clock_mhz,
        "bare": None if choice.bare is None else _written(choice.bare),
    }


def compile_options(task: Mapping[str, Any]) -> CompileOptions:
    """Return what the engine is to compile ``task``'s model with."""
    from engine.compiler.compile import CompileOptions
    from engine.importers.options import ImportOptions

    clock_mhz, bare = task["clock_mhz"], task["bare"]
    return CompileOptions(
        soc=task["soc"],
        recipe=task["recipe"],
        cores=task["cores"],
        clock_hz=None if clock_mhz is None else clock_mhz * 1e6,
        model=ImportOptions() if bare is None else _read(bare),
    )


def _written(bare: ImportOptions) -> dict[str, Any]:
    layout, labels = bare.layout, bare.labels
    return asdict(bare) | {
        "layout": None if layout is None else layout.value,
        "labels": None if labels is None else str(labels),
    }


def _read(bare: Mapping[str, Any]) -> ImportOptions:
    from engine.importers.options import ImportOptions, Layout

    layout, labels = bare["layout"], bare["labels"]
    given: dict[str, Any] = {
        name: tuple(value) if name in _TUPLES and value is not None else value for name, value in bare.items()
    }
    given["layout"] = None if layout is None else Layout(layout)
    given["labels"] = None if labels is None else Path(labels)
    return ImportOptions(**given)
