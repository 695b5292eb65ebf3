"""What an operator implementation sees of the device's memory, and what a prepared kernel set offers in return."""

from collections.abc import Callable
from typing import Protocol

from engine.ir.graph import Array
from engine.program.local_response import LocalResponse
from engine.program.program import Program


class Operands(Protocol):
    """Arrays behind the names in a descriptor."""

    def tensor(self, name: str) -> Array:
        """Return a writable, C-contiguous view of the tensor's bytes in device memory, in its shape and dtype."""
        ...

    def constant(self, name: str) -> Array:
        """Return the read-only constant."""
        ...


class Executable(Protocol):
    """A program made ready to run by one kernel set: panels packed, tables built, views bound."""

    def run(self, first: int = 0, last: int | None = None) -> None:
        """Execute descriptors ``first`` to ``last`` (exclusive; None = all) in order, over device memory."""
        ...


class KernelSet(Protocol):
    """A set of operator implementations."""

    name: str

    def prepare(self, program: Program, operands: Operands) -> Executable:
        """Bind ``program`` to device memory. Packing weights and tables happens here, once."""
        ...

    def quantizer(self, x: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = clamp(round(x * scale)) whenever it is called; ``x`` float32, ``out`` of 8 or 16 bits.

        Here and below both arrays are C-contiguous and of one shape.
        """
        ...

    def dequantizer(self, q: Array, scale: float, out: Array) -> Callable[[], object]:
        """Return what does out = q / scale whenever it is called; ``q`` of at most 32 bits, ``out`` float32."""
        ...

    def normaliser(self, x: Array, how: LocalResponse, out: Array) -> Callable[[], object]:
        """Return what does to ``x`` what ``how`` says whenever it is called; both float32 [..., channels]."""
        ...
