"""The native kernel set: programs become command lists, and a frame is one call."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.build import Library
from engine.kernels.native.commands import CommandList, NotNativeError
from engine.kernels.native.isa import Isa
from engine.kernels.native.lower import Lowering
from engine.kernels.native.records import Opcode
from engine.kernels.native.threads import Worker
from engine.program.descriptors import Descriptor
from engine.program.local_response import LocalResponse
from engine.program.operands import Operands
from engine.program.program import Program

# Elements from which on a map is converted faster by two threads than a second one is called for it.
_WORTH_TWO_THREADS = 1 << 14


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
            self.run_alone(records, first, last)

    def run_alone(self, records: int, first: int, last: int) -> None:
        """Do the same on the calling thread only."""
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
        self.isa, self._engine = isa, Engine(library, threads)

    def prepare(self, program: Program, operands: Operands) -> NativeExecutable:
        """Bind ``program`` to device memory."""
        return NativeExecutable(program, operands, self.isa, self._engine)

    def quantizer(self, x: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = clamp(round(x * scale))."""
        assert x.dtype == np.float32 and x.size == out.size and out.itemsize <= 2
        limits = np.iinfo(out.dtype)
        return _Command(
            self._engine, Opcode.QUANTIZE, x, out, count=x.size, scale=_bits(np.float64(scale)),
            qmin=limits.min, qmax=limits.max, element_bytes=out.itemsize,
        )  # fmt: skip

    def dequantizer(self, q: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = q / scale."""
        assert out.dtype == np.float32 and q.size == out.size and q.itemsize <= 4
        return _Command(
            self._engine, Opcode.DEQUANTIZE, q, out, count=q.size, scale=_bits(np.float64(scale)),
            element_bytes=q.itemsize, signed=q.dtype.kind == "i",
        )  # fmt: skip

    def normaliser(self, x: Array, how: LocalResponse, out: Array) -> Callable[[], object]:
        """Return what does out = x / base ** 0.75."""
        assert x.dtype == out.dtype == np.float32 and x.shape == out.shape
        channels = x.shape[-1]
        return _Command(
            self._engine, Opcode.NORMALISE, x, out, pixels=x.size // channels, channels=channels, before=how.before,
            size=how.size, alpha=_bits(np.float32(how.alpha)), bias=_bits(np.float32(how.bias)),
        )  # fmt: skip


class _Command:
    """One command that no program has, between two arrays of one size."""

    def __init__(self, engine: Engine, opcode: Opcode, source: Array, out: Array, **fields: int) -> None:
        self._run = engine.run if source.size >= _WORTH_TWO_THREADS else engine.run_alone
        self._commands = CommandList(engine.threads)
        address = self._commands.address
        self._commands.add(opcode, None, source=address(source), out=address(out), **fields)
        self._table = self._commands.finish()
        self._address = int(self._table.ctypes.data)

    def __call__(self) -> None:
        self._run(self._address, 0, 1)


def _bits(value: np.float32 | np.float64) -> int:
    """Return a float's bits as an integer: records hold nothing else."""
    return int(value.view(np.int32 if value.itemsize == 4 else np.int64))
