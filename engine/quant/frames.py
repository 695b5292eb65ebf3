"""Calibration frames carried through the network twice in step: in float, and in the integers found so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from engine.host.float_session import FloatSession
from engine.ir.graph import Array, Graph, Node
from engine.program.descriptors import Descriptor, inputs_of
from engine.program.operands import KernelSet
from engine.program.program import Program, Tensor

# Of all frames' values together; one frame is always carried.
MOST_BYTES = 2 << 30
_BYTES_PER_VALUE = 4 + 2  # float32 and an integer of at most 16 bit


def most_frames(graph: Graph) -> int:
    """Return how many frames ``Frames`` can carry through ``graph`` in ``MOST_BYTES``, at least 1."""
    last_use = graph.last_uses()
    live = {name: prod(graph.tensors[name].shape) for name in graph.inputs}
    most = sum(live.values())
    for index, node in enumerate(graph.nodes):
        live |= {name: prod(graph.tensors[name].shape) for name in node.outputs if name}
        most = max(most, sum(live.values()))
        live = {name: size for name, size in live.items() if last_use.get(name, -1) > index}
    return max(1, MOST_BYTES // max(1, most * _BYTES_PER_VALUE))


class Arrays:
    """Plain arrays as device memory."""

    def __init__(self, tensors: Mapping[str, Array], constants: Mapping[str, Array]) -> None:
        self._tensors, self._constants = tensors, constants

    def tensor(self, name: str) -> Array:
        """Return the tensor."""
        return self._tensors[name]

    def constant(self, name: str) -> Array:
        """Return the constant."""
        return self._constants[name]


class Frames:
    """Values of the live tensors for every frame; ``real`` and ``integer`` hold one array per frame, ``kernels`` run layers."""

    def __init__(self, graph: Graph, count: int, kernels: KernelSet) -> None:
        self._graph, self._kernels = graph, kernels
        self.count = count
        self.real: dict[str, list[Array]] = {}
        self.integer: dict[str, list[Array]] = {}

    def run_real(self, node: Node) -> list[Array]:
        """Return the float output of ``node``, one array per frame, computed from ``real``."""
        graph, names = self._graph, [name for name in node.inputs if name not in self._graph.constants]
        inputs = tuple(dict.fromkeys(names))
        tensors = {name: graph.tensors[name] for name in (*inputs, *node.outputs)}
        constants = {name: graph.constants[name] for name in node.inputs if name in graph.constants}
        alone = replace(
            graph, inputs=inputs, outputs=node.outputs, nodes=(node,), tensors=tensors, constants=constants
        )
        session = FloatSession(alone)
        return [
            session.run({name: self.real[name][i] for name in inputs})[node.output] for i in range(self.count)
        ]

    def run_device(
        self,
        descriptor: Descriptor,
        tensors: Mapping[str, Tensor],
        constants: Mapping[str, Array],
        step: int = 1,
    ) -> list[Array]:
        """Return the integer output of ``descriptor`` for every ``step``-th frame, computed from ``integer``."""
        sources = tuple(dict.fromkeys(inputs_of(descriptor)))
        used = {name: tensors[name] for name in (*sources, descriptor.output)}
        arrays = {name: np.zeros(each.shape, each.dtype) for name, each in used.items()}
        program = Program("", (descriptor,), used, constants, sources, (descriptor.output,))
        executable = self._kernels.prepare(program, Arrays(arrays, constants))
        results = []
        for i in range(0, self.count, step):
            for name in sources:
                np.copyto(arrays[name], self.integer[name][i])
            executable.run()
            results.append(arrays[descriptor.output].copy())
        return results

    def forget(self, names: Iterable[str]) -> None:
        """Drop the values of tensors that nothing reads any more."""
        for name in names:
            self.real.pop(name, None)
            self.integer.pop(name, None)


def channel_mean(values: Sequence[Array]) -> Array:
    """Return the mean over frames and all axes but the last, float64[C]."""
    total = sum(value.reshape(-1, value.shape[-1]).sum(axis=0, dtype=np.float64) for value in values)
    rows = sum(value.size // value.shape[-1] for value in values)
    mean: Array = np.asarray(total) / rows
    return mean
