"""The device's memories as one arena of bytes, and the tensors in it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.errors import DeviceError
from engine.ir.graph import Array
from engine.program.program import Memory, Program, Tensor

ALIGNMENT_BYTES = 64


def _align(nbytes: int) -> int:
    return -(-nbytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES


class DeviceMemory:
    """L2, MSMC and DDR of one program behind one contiguous, 64-byte aligned buffer; implements ``Operands``.

    Every access is checked against its memory's bounds once, when the tensors are bound, as a bus would.
    """

    def __init__(self, program: Program) -> None:
        bases, total = {}, 0
        for memory in Memory:
            bases[memory] = total
            total += _align(program.arena_bytes.get(memory, 0))
        raw = np.zeros(total + ALIGNMENT_BYTES, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT_BYTES
        self._arena: NDArray[np.uint8] = raw[start : start + total]
        self._constants = program.constants
        self._tensors = {
            name: self._bind(tensor, bases[tensor.memory], program.arena_bytes)
            for name, tensor in program.tensors.items()
        }

    def _bind(self, tensor: Tensor, base: int, arena_bytes: Mapping[Memory, int]) -> Array:
        end = tensor.offset + tensor.nbytes
        if tensor.offset < 0 or end > arena_bytes.get(tensor.memory, 0):
            raise DeviceError(
                f"tensor {tensor.name!r}: bytes {tensor.offset} to {end} lie outside {tensor.memory.name}, "
                f"which has {arena_bytes.get(tensor.memory, 0)} bytes"
            )
        span = self._arena[base + tensor.offset : base + end]
        return span.view(tensor.dtype).reshape(tensor.shape)

    def tensor(self, name: str) -> Array:
        """Return the tensor's view of the arena."""
        return self._tensors[name]

    def constant(self, name: str) -> Array:
        """Return the constant."""
        return self._constants[name]

    @property
    def nbytes(self) -> int:
        """Size of the arena."""
        return self._arena.nbytes
