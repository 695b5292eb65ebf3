"""A program: descriptors over tensors with addresses in the device's memories, and their constants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import prod

import numpy as np

from engine.ir.graph import Array
from engine.program.descriptors import Descriptor


class Memory(Enum):
    """Where a tensor lives on the chip."""

    L2 = "l2"
    MSMC = "msmc"
    DDR = "ddr"


@dataclass(frozen=True, slots=True)
class Tensor:
    """An integer tensor on the device: ``real = q / scale``. ``offset`` is in bytes from the start of its memory's arena."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    memory: Memory = Memory.DDR
    offset: int = -1

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, slots=True)
class Tile:
    """How the C7x cuts one layer: rows of output per pass and output channels per weight load; sizes in bytes.

    ``weights_stay``: the weights of ``channels`` stay in L2 while all rows pass; else the rows stay and weights pass.
    Sizes are those of all buffers together, of which there are two where one loads while the other is in use.
    ``columns`` cuts rows too wide for L2; 0 takes them whole. A reduction reads what one output needs in ``bands`` of
    rows, one after the other, where even one channel of it is too large for L2.
    """

    rows: int
    channels: int
    input_bytes: int
    weight_bytes: int
    output_bytes: int
    weights_stay: bool
    columns: int = 0
    bands: int = 1


@dataclass(frozen=True, slots=True)
class Program:
    """One subgraph for the C7x, in execution order.

    ``arena_bytes`` is the size of each memory's activation arena. ``tiles`` is keyed by descriptor name and has no entry
    for descriptors that are not tiled.
    """

    soc: str
    descriptors: tuple[Descriptor, ...]
    tensors: Mapping[str, Tensor]
    constants: Mapping[str, Array]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    arena_bytes: Mapping[Memory, int] = field(default_factory=dict)
    tiles: Mapping[str, Tile] = field(default_factory=dict)
