"""The native kernel set: programs become command lists, and a frame is one call."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernels.native.build import Library
from engine.kernels.native.commands import CommandList, NotNativeError
from engine.kernels.native.isa import Isa
from engine.kernels.native.lower import Lowering
from engine.kernels.numpy_set.dispatch import Step, bind
from engine.kernels.numpy_set.workspace import Workspace
from engine.program.operands import Operands
from engine.program.program import Program


class NativeExecutable:
    """A program bound to device memory."""

    def __init__(
        self, program: Program, operands: Operands, isa: Isa, library: Library, threads: int
    ) -> None:
        self._library = library
        self._commands = CommandList(threads)
        self._workspace = Workspace()
        lowering = Lowering(self._commands, operands, isa)
        self._starts: list[int] = []
        self.not_native: dict[int, str] = {}
        self._fallbacks: dict[int, Step] = {}
        for index, d in enumerate(program.descriptors):
            self._starts.append(len(self._commands.records))
            try:
                lowering.lower(d)
            except NotNativeError as reason:
                self.not_native[index] = str(reason)
                self._fallbacks[index] = bind(d, operands, self._workspace)
        self._starts.append(len(self._commands.records))
        self._table: NDArray[np.int64] = self._commands.finish()
        self._address = self._table.__array_interface__["data"][0]

    def run(self, first: int = 0, last: int | None = None) -> None:
        """Execute descriptors ``first`` to ``last`` (exclusive) in order."""
        last = len(self._starts) - 1 if last is None else last
        at = first
        for index in range(first, last):
            if index in self._fallbacks:
                self._native(at, index)
                self._fallbacks[index]()
                at = index + 1
        self._native(at, last)

    def _native(self, first: int, last: int) -> None:
        if self._starts[first] < self._starts[last]:
            self._library.run(self._address, self._starts[first], self._starts[last], 0, 1)


class NativeSet:
    """Kernels compiled for this CPU."""

    name = "native"

    def __init__(self, isa: Isa, library: Any, threads: int = 1) -> None:
        self.isa, self._library, self._threads = isa, library, threads

    def prepare(self, program: Program, operands: Operands) -> NativeExecutable:
        """Bind ``program`` to device memory."""
        return NativeExecutable(program, operands, self.isa, self._library, self._threads)
