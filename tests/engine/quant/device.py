"""A quantized network on the law's own arithmetic, in real numbers at both ends."""

from collections.abc import Mapping

import numpy as np

from engine.ir.graph import Array
from engine.program.program import Program
from engine.quant.integers import IntType, quantize
from engine.quant.network import QuantizedNetwork
from engine.reference.dispatch import run


class Memory:
    """Plain arrays as device memory."""

    def __init__(self, network: QuantizedNetwork) -> None:
        self.arrays = {name: np.zeros(t.shape, t.dtype) for name, t in network.tensors.items()}
        self.constants = network.constants

    def tensor(self, name: str) -> Array:
        return self.arrays[name]

    def constant(self, name: str) -> Array:
        return self.constants[name]


def as_program(network: QuantizedNetwork) -> Program:
    """Return the network as a program without addresses."""
    return Program(
        "", network.descriptors, network.tensors, network.constants, network.inputs, network.outputs
    )


def run_integers(network: QuantizedNetwork, values: Mapping[str, Array]) -> Memory:
    """Execute ``network`` on integer inputs and return its memory."""
    memory = Memory(network)
    for name, value in values.items():
        memory.arrays[name][...] = value
    for descriptor in network.descriptors:
        run(descriptor, memory)
    return memory


def run_real(network: QuantizedNetwork, values: Mapping[str, Array]) -> Array:
    """Return the only output in real numbers, float64, for real inputs."""
    tensors = network.tensors
    integers = {n: quantize(v, tensors[n].scale, IntType(tensors[n].dtype)) for n, v in values.items()}
    (output,) = network.outputs
    result = run_integers(network, integers).arrays[output]
    real: Array = result.astype(np.float64) / tensors[output].scale
    return real
