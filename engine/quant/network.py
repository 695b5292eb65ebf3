"""The quantized network under construction and finished."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.ir.graph import Array, Graph
from engine.program.descriptors import Descriptor
from engine.program.program import Tensor
from engine.quant.calibration import Calibration
from engine.quant.frames import Frames
from engine.quant.integers import Floats, IntType
from engine.quant.requantization import Requantization
from engine.quant.rules import Rules


@dataclass(frozen=True, slots=True)
class QuantizedNetwork:
    """Descriptors in execution order; ``tensors`` have no addresses yet. ``notes`` are lines for the report."""

    descriptors: tuple[Descriptor, ...]
    tensors: Mapping[str, Tensor]
    constants: Mapping[str, Array]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...]


class NetworkBuilder:
    """Collects what lowering emits. Device tensors carry the graph's names, save the converted picture."""

    def __init__(
        self,
        graph: Graph,
        calibration: Calibration,
        rules: Rules,
        frames: Frames | None,
        corrections: Mapping[str, Floats] | None = None,
    ) -> None:
        """``corrections``, where known already, are added to the real biases: float64[O] by node name."""
        self.graph, self.calibration, self.rules, self.frames = graph, calibration, rules, frames
        self.corrections = corrections
        self.tensors: dict[str, Tensor] = {}
        self.constants: dict[str, Array] = {}
        self.descriptors: list[Descriptor] = []
        self.notes: list[str] = []
        self.non_negative: set[str] = set()
        self._renamed: dict[str, str] = {}

    def rename(self, name: str, device_name: str) -> None:
        """Let graph tensor ``name`` be device tensor ``device_name``."""
        self._renamed[name] = device_name

    def device_name(self, name: str) -> str:
        """Return the device tensor's name of graph tensor ``name``."""
        return self._renamed.get(name, name)

    def source(self, name: str) -> Tensor:
        """Return the device tensor of graph tensor ``name``."""
        return self.tensors[self.device_name(name)]

    def kind(self, name: str) -> IntType:
        """Return the integer type of graph tensor ``name``."""
        return IntType(self.source(name).dtype)

    def max_abs(self, name: str) -> float:
        """Return the largest real magnitude that the output ``name`` must represent.

        A range that the model file prescribes wins over the measured one (SPEC (15)).
        """
        if name in self.graph.ranges:
            low, high = self.graph.ranges[name]
            return max(-low, high)
        statistics = self.calibration[name]
        return min(statistics.tail, statistics.max_abs) if self.rules.clip_activations else statistics.max_abs

    def add_tensor(
        self, name: str, kind: IntType, scale: float, shape: tuple[int, ...] | None = None
    ) -> Tensor:
        """Declare the device tensor ``name``; its shape is the graph tensor's unless given."""
        tensor = Tensor(name, self.graph.tensors[name].shape if shape is None else shape, kind.name, scale)
        self.tensors[name] = tensor
        return tensor

    def add_output(self, name: str, result: Requantization) -> Tensor:
        """Declare the output of a requantizing node."""
        if not result.kind.signed:
            self.non_negative.add(name)
        return self.add_tensor(name, result.kind, result.scale)

    def add_constant(self, name: str, values: Array) -> str:
        """Add a constant, C-contiguous, and return its name."""
        self.constants[name] = np.ascontiguousarray(values)
        return name

    def finish(self) -> QuantizedNetwork:
        """Return what was collected."""
        return QuantizedNetwork(
            tuple(self.descriptors),
            self.tensors,
            self.constants,
            tuple(self.graph.inputs),
            tuple(map(self.device_name, self.graph.outputs)),
            tuple(self.notes),
        )

    def emit(self, descriptor: Descriptor, outputs: list[Array] | None = None) -> None:
        """Append ``descriptor`` and run it over the frames, unless its ``outputs`` are known already."""
        self.descriptors.append(descriptor)
        if self.frames is not None:
            if outputs is None:
                outputs = self.frames.run_device(descriptor, self.tensors, self.constants)
            self.frames.integer[descriptor.output] = outputs

    def note(self, text: str) -> None:
        """Add a line to the report."""
        self.notes.append(text)
