"""A tiny classifier compiled by the whole pipeline, pictures for it, and openers that misbehave on purpose."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.compiler.compile import CompileOptions, compile_model, float_graph
from engine.errors import KernelError
from engine.importers.options import ImportOptions
from engine.ir.graph import Graph
from engine.program.artifact import Artifact, read_artifact
from engine.runtime.validation.folder import Classes, LabelledFolder, LabelledPicture, Skipped, read_folder
from engine.runtime.validation.measure import HostTimes, Outcome, Task

NAMES = ("ant", "bee", "cat", "dog", "elk")
SIDE_PX = 16


def write_pictures(folder: Path, count: int = 10) -> None:
    """Write ``count`` pictures of coloured noise, labelled 0, 1, 2 ... in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    for index in range(count):
        colour = rng.integers(0, 256, 3)
        image = np.clip(colour + rng.normal(0, 40, (20, 24, 3)), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{index % len(NAMES):04d}_{index}.png"), image)


def write_model(path: Path) -> None:
    """Write two convolutions and a classifier with random weights."""
    rng = np.random.default_rng(5)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(rng.normal(0, 0.4, shape).astype(np.float32), name)

    nodes = [
        helper.make_node(
            "Conv", ["x", "w0", "b0"], ["a"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
        ),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "w1", "b1"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=8),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("GlobalAveragePool", ["d"], ["e"]),
        helper.make_node("Flatten", ["e"], ["f"]),
        helper.make_node("Gemm", ["f", "w2", "b2"], ["logits"], transB=1),
    ]
    weights = [
        weight("w0", 8, 3, 3, 3), weight("b0", 8), weight("w1", 8, 1, 3, 3), weight("b1", 8),
        weight("w2", len(NAMES), 8), weight("b2", len(NAMES)),
    ]  # fmt: skip
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, SIDE_PX, SIDE_PX])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, len(NAMES)])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def compile_tiny(folder: Path, deny_list: tuple[str, ...] = ()) -> tuple[Graph, Artifact]:
    """Return the tiny network in float and compiled for TDA4VM, nodes of ``deny_list`` for the A72; files go to ``folder``."""
    write_pictures(folder / "calibration", 4)
    write_model(folder / "tiny.onnx")
    (folder / "names.txt").write_text("\n".join(NAMES), encoding="utf-8")
    options = CompileOptions(
        recipe="ti",
        calibration=folder / "calibration",
        deny_list=deny_list,
        model=ImportOptions(labels=folder / "names.txt", resize_short=SIDE_PX),
    )
    compile_model(folder / "tiny.onnx", folder / "artifact", options)
    return float_graph(folder / "tiny.onnx", options), read_artifact(folder / "artifact")


def found_in(tiny: tuple[Graph, Artifact], folder: Path, limit: int | None = None) -> LabelledFolder:
    """Return the folder's pictures as the tiny network's classes."""
    return read_folder(folder, Classes.of(tiny[0]), limit)


def tasks_named(*files: str) -> list[Task]:
    """Return tasks for pictures that need not exist."""
    return [Task(LabelledPicture(Path(file), file, 0), layers=False) for file in files]


def outcome(file: str, label: int, float_top: int, device_top: int, device_ms: float = 1.0) -> Outcome:
    """Return what a meter would say, with five different answers a network."""
    tops = [(top, *(i for i in range(5) if i != top)) for top in (float_top, device_top)]
    times = HostTimes(1_000_000, 500_000, 2_000_000, int(device_ms * 1e6), 0)
    return Outcome(file, label, tops[0], tops[1], 0.9, times, 1 << 20, "numpy")


@dataclass(frozen=True)
class FakeOpener:
    """Opens a meter that obeys the picture's name: "dies...", "dies_once...", "slow..." or any other, which is named.

    ``how`` "refuses" or "dies" concerns the opening itself. Deaths are real: the process ends at once.
    """

    folder: Path
    how: str = "opens"

    def open(self, cache_dir: Path | None) -> "FakeMeter":
        if self.how == "refuses":
            raise KernelError("the kernels cannot run here")
        if self.how == "dies":
            os._exit(7)
        return FakeMeter(self.folder)


class FakeMeter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def measure(self, task: Task, data: np.ndarray | None = None) -> Outcome | Skipped:
        file = task.picture.file
        marker = self._folder / f"{file}.seen"
        if file.startswith("dies") and not (file.startswith("dies_once") and marker.exists()):
            marker.touch()
            os._exit(9)
        return outcome(file, 0, 0, 0)

    def close(self) -> None:
        (self._folder / f"closed.{os.getpid()}.{time.monotonic_ns()}").touch()
