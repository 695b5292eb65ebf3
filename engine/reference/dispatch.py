"""Which reference function executes which descriptor, and the reference as a kernel set."""

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.ir.graph import Array
from engine.program import descriptors as D
from engine.program.local_response import LocalResponse
from engine.program.operands import Operands
from engine.program.program import Program
from engine.reference import (
    concat,
    conv2d,
    conv_transpose2d,
    conversion,
    elementwise,
    fully_connected,
    local_response,
    movement,
    pooling,
    resize,
    softmax,
    tables,
)  # fmt: skip

# Any: each function takes its own descriptor type, and a mapping cannot say that key and value belong together.
FUNCTIONS: dict[type[D.Descriptor], Callable[[Any, Operands], None]] = {
    D.DataConvert: tables.run_data_convert,
    D.Conv2d: conv2d.run,
    D.ConvTranspose2d: conv_transpose2d.run,
    D.FullyConnected: fully_connected.run,
    D.Add: elementwise.run_add,
    D.Mul: elementwise.run_mul,
    D.Concat: concat.run,
    D.MaxPool: pooling.run_max_pool,
    D.AvgPool: pooling.run_avg_pool,
    D.ReduceMean: pooling.run_reduce_mean,
    D.ReduceMax: pooling.run_reduce_max,
    D.Table: tables.run_table,
    D.Resize: resize.run,
    D.Pad: movement.run_pad,
    D.Slice: movement.run_slice,
    D.Transpose: movement.run_transpose,
    D.Reshape: movement.run_reshape,
    D.Softmax: softmax.run_softmax,
    D.ArgMax: softmax.run_arg_max,
}


def run(descriptor: D.Descriptor, operands: Operands) -> None:
    """Execute one descriptor over ``operands``."""
    FUNCTIONS[type(descriptor)](descriptor, operands)


class ReferenceExecutable:
    """A program bound to device memory, executed by the law."""

    def __init__(self, program: Program, operands: Operands) -> None:
        self._descriptors = program.descriptors
        self._operands = operands

    def run(self, first: int = 0, last: int | None = None) -> None:
        """Execute descriptors ``first`` to ``last`` (exclusive) in order."""
        for descriptor in self._descriptors[first:last]:
            run(descriptor, self._operands)


class ReferenceSet:
    """The slow kernel set every other one is compared with."""

    name = "reference"

    def prepare(self, program: Program, operands: Operands) -> ReferenceExecutable:
        """Bind ``program`` to device memory."""
        return ReferenceExecutable(program, operands)

    def quantizer(self, x: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = clamp(round(x * scale))."""
        return partial(conversion.quantize, x, scale, out)

    def dequantizer(self, q: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = q / scale."""
        return partial(conversion.dequantize, q, scale, out)

    def normaliser(self, x: Array, how: LocalResponse, out: Array) -> Callable[[], object]:
        """Return what does out = x / base ** 0.75."""
        return partial(local_response.normalise, x, how, out)
