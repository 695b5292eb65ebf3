"""The command list under construction: records, the arrays they point to, and the scratch memory they share."""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.records import FIELDS, RECORD_WORDS, Opcode, encode

ALIGNMENT_BYTES = 64
# Kernels may read or write up to a vector past the end of scratch memory.
SLACK_BYTES = 256


class NotNativeError(Exception):
    """A descriptor has a shape or type that the native kernels do not cover; the message says which."""


class Area(Enum):
    """Scratch memory by purpose; commands of one frame use it one after another."""

    MAP = "map"  # a bordered feature map
    PATCHES = "patches"  # gathered patches or interleaved rows, one per thread
    BOUNCE = "bounce"  # results that are not whole vectors yet, one per thread
    ACCUMULATORS = "accumulators"  # of the tile unit, one per thread
    ZEROS = "zeros"  # zero bytes, never written


PER_THREAD = (Area.PATCHES, Area.BOUNCE, Area.ACCUMULATORS)


def aligned_bytes(nbytes: int) -> NDArray[np.uint8]:
    """Return zeroed memory that starts at a multiple of ``ALIGNMENT_BYTES``."""
    raw = np.zeros(nbytes + ALIGNMENT_BYTES, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT_BYTES
    return raw[start : start + nbytes]


@dataclass
class CommandList:
    """Records in execution order. Fields that point into scratch memory are fixed up by ``finish``.

    ``by_channels``: names of tensors of which each of two threads has written half of the channels, not half of the rows. What
    a thread has written itself it reads much faster.
    """

    threads: int
    records: list[list[int]] = field(default_factory=list)
    by_channels: set[str] = field(default_factory=set)
    _kept: list[Array] = field(default_factory=list)
    _sizes: dict[Area, int] = field(default_factory=dict)
    _fixups: list[tuple[int, str, Area]] = field(default_factory=list)

    def address(self, array: Array) -> int:
        """Return where ``array`` (C-contiguous) lies, and keep it alive."""
        assert array.flags.c_contiguous
        self._kept.append(array)
        return int(array.__array_interface__["data"][0])

    def blob(self, array: Array) -> int:
        """Return the address of a 64-byte aligned copy of ``array``."""
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        copy = aligned_bytes(flat.nbytes + SLACK_BYTES)
        copy[: flat.nbytes] = flat
        return self.address(copy)

    def add(self, opcode: Opcode, areas: dict[str, tuple[Area, int]] | None = None, **fields: int) -> None:
        """Append a record. ``areas``: fields that are to point to scratch memory of at least so many bytes."""
        for name, (area, nbytes) in (areas or {}).items():
            self._sizes[area] = max(self._sizes.get(area, 0), nbytes + SLACK_BYTES)
            self._fixups.append((len(self.records), name, area))
        self.records.append(encode(opcode, **fields))

    def finish(self) -> NDArray[np.int64]:
        """Return the command list [records, RECORD_WORDS] with every address in place."""
        table = np.array(self.records, np.int64).reshape(-1, RECORD_WORDS)
        per_thread = sum(self._round(area) for area in PER_THREAD)
        starts, patches = {}, 0
        for area in PER_THREAD:
            starts[area], patches = patches, patches + self._round(area)
        base = self.address(aligned_bytes(per_thread * self.threads))
        addresses = {area: base + start for area, start in starts.items()}
        for area in (Area.MAP, Area.ZEROS):
            addresses[area] = self.address(aligned_bytes(self._round(area)))
        for row, name, area in self._fixups:
            opcode = Opcode(int(table[row, 0]))
            _set(table[row], opcode, name, addresses[area])
            if area in PER_THREAD:
                _set(table[row], opcode, "scratch_stride", per_thread)
        return table

    def _round(self, area: Area) -> int:
        # Not a multiple of 4096: the areas of two threads must not fall on the same cache sets.
        return -(-self._sizes.get(area, 0) // 4096) * 4096 + 192


def _set(record: NDArray[np.int64], opcode: Opcode, name: str, value: int) -> None:
    record[1 + FIELDS[opcode].index(name)] = value
