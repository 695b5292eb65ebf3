"""The native kernel set: programs become command lists, and a frame is one call."""

import ctypes
import struct
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.build import Library
from engine.kernels.native.commands import CommandList, NotNativeError
from engine.kernels.native.isa import Isa
from engine.kernels.native.lower import Lowering
from engine.kernels.native.threads import Worker
from engine.program.descriptors import Descriptor
from engine.program.local_response import LocalResponse
from engine.program.operands import Operands
from engine.program.program import Program


class Engine:
    """Executes ranges of command lists on one thread or two."""

    def __init__(self, library: Library, threads: int) -> None:
        self.threads = threads
        self._library = library
        self._worker = Worker(library) if threads == 2 else None

    def run(self, records: int, first: int, last: int) -> None:
        """Execute records ``first`` to ``last`` (exclusive) of the list at address ``records``."""
        if self._worker is not None:
            self._worker.run(records, first, last)
        else:
            self._library.run(records, first, last, 0, 1, 0)


class NativeExecutable:
    """A program bound to device memory. ``not_native`` says which descriptors NumPy executes, and why."""

    def __init__(self, program: Program, operands: Operands, isa: Isa, engine: Engine) -> None:
        self._engine = engine
        self._commands = CommandList(engine.threads)
        self._starts: list[int] = []
        self.not_native: dict[int, str] = {}
        self._numpy_steps: dict[int, Callable[[], None]] = {}
        lowering = Lowering(self._commands, operands, isa)
        for index, d in enumerate(program.descriptors):
            self._starts.append(len(self._commands.records))
            try:
                lowering.lower(d)
            except NotNativeError as reason:
                self.not_native[index] = str(reason)
                self._numpy_steps[index] = _numpy_step(d, operands)
        self._starts.append(len(self._commands.records))
        self._table: NDArray[np.int64] = self._commands.finish()
        self._address = int(self._table.ctypes.data)

    def run(self, first: int = 0, last: int | None = None) -> None:
        """Execute descriptors ``first`` to ``last`` (exclusive) in order."""
        last = len(self._starts) - 1 if last is None else last
        at = first
        for index in sorted(i for i in self._numpy_steps if first <= i < last):
            self._native(at, index)
            self._numpy_steps[index]()
            at = index + 1
        self._native(at, last)

    def _native(self, first: int, last: int) -> None:
        if self._starts[first] < self._starts[last]:
            self._engine.run(self._address, self._starts[first], self._starts[last])


def _numpy_step(d: Descriptor, operands: Operands) -> Callable[[], None]:
    """Return NumPy's execution of ``d``, which is imported only where a program has what is not native."""
    from engine.kernels.numpy_set.dispatch import bind
    from engine.kernels.numpy_set.workspace import Workspace

    return bind(d, operands, Workspace())


class NativeSet:
    """Kernels compiled for this CPU."""

    name = "native"

    def __init__(self, isa: Isa, library: Library, threads: int = 1) -> None:
        """Raise KernelError where two ``threads`` are asked for and cannot have a CPU each."""
        self.isa, self._library, self._engine = isa, library, Engine(library, threads)

    def prepare(self, program: Program, operands: Operands) -> NativeExecutable:
        """Bind ``program`` to device memory."""
        return NativeExecutable(program, operands, self.isa, self._engine)

    def quantize(self, x: Array, scale: float, out: Array) -> None:
        """out = clamp(round(x * scale))."""
        assert x.dtype == np.float32 and x.size == out.size and out.itemsize <= 2
        limits = np.iinfo(out.dtype)
        self._library.quantize(
            _address(x), _address(out), out.size, _bits(scale), limits.min, limits.max, out.itemsize
        )

    def dequantizer(self, q: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = q / scale."""
        assert out.dtype == np.float32 and q.size == out.size and q.itemsize <= 4
        signed = q.dtype.kind == "i"
        arguments = (_address(q), _address(out), out.size, _bits(scale), q.itemsize, signed)
        return partial(self._library.dequantize, *map(ctypes.c_int64, arguments))

    def normalise(self, x: Array, how: LocalResponse, out: Array) -> None:
        """out = x / base ** 0.75."""
        assert x.dtype == out.dtype == np.float32 and x.shape == out.shape
        channels = x.shape[-1]
        numbers = np.array([how.size, how.alpha, how.bias], np.float32)
        self._library.normalise(
            _address(x), _address(out), x.size // channels, channels, how.before, how.size, _address(numbers)
        )


def _address(array: Array) -> int:
    assert array.flags.c_contiguous
    return int(array.__array_interface__["data"][0])


def _bits(value: float) -> int:
    """Return the bits of a float64: entry points take integers only."""
    return int(struct.unpack("=q", struct.pack("=d", value))[0])
