"""Which function prepares which descriptor, and the NumPy set as a kernel set."""

from collections.abc import Callable
from functools import partial
from typing import Any

from threadpoolctl import ThreadpoolController

from engine.ir.graph import Array
from engine.kernels.numpy_set import (
    concat,
    conv2d,
    conv_transpose2d,
    conversion,
    elementwise,
    fully_connected,
    movement,
    pooling,
    resize,
    softmax,
    tables,
)  # fmt: skip
from engine.kernels.numpy_set.workspace import Workspace
from engine.program import descriptors as D
from engine.program.local_response import LocalResponse
from engine.program.operands import Operands
from engine.program.program import Program
from engine.reference import local_response

Step = Callable[[], None]
# Any: each function takes its own descriptor type, and a mapping cannot say that key and value belong together.
BINDERS: dict[type[D.Descriptor], Callable[[Any, Operands, Workspace], Step]] = {
    D.DataConvert: tables.bind_data_convert,
    D.Conv2d: conv2d.bind,
    D.ConvTranspose2d: conv_transpose2d.bind,
    D.FullyConnected: fully_connected.bind,
    D.Add: elementwise.bind_add,
    D.Mul: elementwise.bind_mul,
    D.Concat: concat.bind,
    D.MaxPool: pooling.bind_max_pool,
    D.AvgPool: pooling.bind_avg_pool,
    D.ReduceMean: pooling.bind_reduce_mean,
    D.ReduceMax: pooling.bind_reduce_max,
    D.Table: tables.bind_table,
    D.Resize: resize.bind,
    D.Pad: movement.bind_pad,
    D.Slice: movement.bind_slice,
    D.Transpose: movement.bind_transpose,
    D.Reshape: movement.bind_reshape,
    D.Softmax: softmax.bind_softmax,
    D.ArgMax: softmax.bind_arg_max,
}


def bind(descriptor: D.Descriptor, operands: Operands, workspace: Workspace) -> Step:
    """Return a function that executes ``descriptor`` over ``operands``."""
    return BINDERS[type(descriptor)](descriptor, operands, workspace)


class NumpyExecutable:
    """A program bound to device memory, one prepared step per descriptor."""

    def __init__(
        self, program: Program, operands: Operands, blas: ThreadpoolController, threads: int
    ) -> None:
        workspace = Workspace()
        self._steps = [bind(descriptor, operands, workspace) for descriptor in program.descriptors]
        self._blas, self._threads = blas, threads

    def run(self, first: int = 0, last: int | None = None) -> None:
        """Execute descriptors ``first`` to ``last`` (exclusive) in order."""
        with self._blas.limit(limits=self._threads, user_api="blas"):  # 5 µs: BLAS takes every core otherwise
            for step in self._steps[first:last]:
                step()


class NumpySet:
    """Vectorized NumPy; ``threads`` are those of the matrix multiply."""

    name = "numpy"

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._blas = ThreadpoolController()

    def prepare(self, program: Program, operands: Operands) -> NumpyExecutable:
        """Bind ``program`` to device memory."""
        return NumpyExecutable(program, operands, self._blas, self._threads)

    def quantizer(self, x: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = clamp(round(x * scale))."""
        return partial(conversion.quantize, x, scale, out)

    def dequantizer(self, q: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = q / scale."""
        return conversion.dequantizer(q, scale, out)

    def normaliser(self, x: Array, how: LocalResponse, out: Array) -> Callable[[], object]:
        """Return what does out = x / base ** 0.75; rarely met, so it is the reference's."""
        return partial(local_response.normalise, x, how, out)
