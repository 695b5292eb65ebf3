"""Two small programs whose every integer is known: together they use each descriptor once or more."""

from collections.abc import Sequence
from math import prod

import numpy as np

from engine.ir.graph import Array
from engine.program import descriptors as D
from engine.program.program import Memory, Program, Tensor

_ALIGNMENT_BYTES = 64


def scattered(shape: Sequence[int], low: int, high: int, seed: int, dtype: str) -> Array:
    """Return integers in [low, high), the same on every machine and NumPy version: Knuth's multiplicative hash."""
    index = np.arange(prod(shape), dtype=np.uint64) + np.uint64(seed * 7919)
    mixed = (index * np.uint64(2654435761) % np.uint64(2**32)) >> np.uint64(8)
    return (low + (mixed % np.uint64(high - low)).astype(np.int64)).astype(dtype).reshape(shape)


class _Writer:
    """Collects one program; every tensor has its own bytes of DDR."""

    def __init__(self) -> None:
        self._tensors: dict[str, Tensor] = {}
        self._constants: dict[str, Array] = {}
        self._descriptors: list[D.Descriptor] = []
        self._end = 0

    def tensor(self, name: str, shape: tuple[int, ...], dtype: str = "int8") -> str:
        self._tensors[name] = Tensor(name, shape, dtype, 1.0, Memory.DDR, self._end)
        self._end += -(-self._tensors[name].nbytes // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
        return name

    def constant(self, name: str, array: Array) -> str:
        self._constants[name] = array
        return name

    def weights(self, name: str, shape: tuple[int, ...], per_channel: bool) -> tuple[str, str, str, str]:
        """Add weight, bias, multiplier and shift of a layer; shift-only unless ``per_channel``."""
        channels, depth = shape[0], prod(shape[1:])
        seed = len(self._constants)
        shift = 6 + int(depth).bit_length() // 2
        multipliers = (
            scattered((channels,), 2**18, 2**20, seed, "int32")
            if per_channel
            else np.ones(channels, np.int32)
        )
        shifts = np.full(channels, shift + (19 if per_channel else 0), np.int32)
        return (
            self.constant(f"{name}.weight", scattered(shape, -128, 128, seed, "int8")),
            self.constant(f"{name}.bias", scattered((channels,), -3000, 3000, seed, "int32")),
            self.constant(f"{name}.multiplier", multipliers),
            self.constant(f"{name}.shift", shifts),
        )

    def add(self, descriptor: D.Descriptor, shape: tuple[int, ...], dtype: str = "int8") -> None:
        """Add a layer, and the tensor of this shape that it writes."""
        self.tensor(descriptor.output, shape, dtype)
        self._descriptors.append(descriptor)

    def program(self, source: str, output: str) -> Program:
        return Program(
            "golden",
            tuple(self._descriptors),
            self._tensors,
            self._constants,
            (source,),
            (output,),
            {Memory.DDR: self._end},
        )


def _bound(depth: int) -> int:
    return 255 * 128 * depth + 3000


def classifier() -> Program:
    """A tiny network: convert, dense, depthwise and pointwise convolutions, residual add, pools, fully connected."""
    w = _Writer()
    w.tensor("pixels", (1, 17, 15, 3), "uint8")
    convert = w.constant("convert", scattered((3, 256), -128, 128, 1, "int8"))
    w.add(D.DataConvert("convert", "pixels", "input", convert), (1, 17, 15, 3))
    stem = w.weights("stem", (20, 3, 3, 3), False)
    window = (2, 2), (1, 1), (1, 1, 1, 1)
    w.add(D.Conv2d("stem", "input", "stem", *stem, 0, 201, _bound(27), *window), (1, 9, 8, 20), "uint8")
    expand = w.weights("expand", (36, 1, 1, 20), True)
    w.add(D.Conv2d("expand", "stem", "expand", *expand, 0, 255, _bound(20)), (1, 9, 8, 36), "uint8")
    depthwise = *w.weights("depthwise", (36, 5, 5, 1), True), 0, 255, _bound(25)
    window = (1, 1), (1, 1), (2, 2, 2, 2)
    w.add(D.Conv2d("depthwise", "expand", "depthwise", *depthwise, *window, 36), (1, 9, 8, 36), "uint8")
    project = w.weights("project", (20, 1, 1, 36), False)
    w.add(D.Conv2d("project", "depthwise", "project", *project, -128, 127, _bound(36)), (1, 9, 8, 20))
    w.add(D.Add("sum", ("stem", "project"), "sum", (31, 64), 1, 6, -128, 127), (1, 9, 8, 20))
    swish = w.constant("swish", scattered((256,), -128, 128, 9, "int8"))
    grouped = *w.weights("grouped", (24, 3, 3, 10), True), -128, 127, _bound(90)
    window = (2, 2), (2, 1), (2, 1, 1, 0)
    w.add(D.Conv2d("grouped", "sum", "grouped", *grouped, *window, 2, swish), (1, 4, 4, 24))
    w.add(D.MaxPool("pooled", "grouped", "pooled", (3, 3), (2, 2), (1, 1, 0, 0)), (1, 2, 2, 24))
    w.add(D.ReduceMean("mean", "pooled", "mean", (1, 2)), (1, 1, 1, 24))
    logits = *w.weights("logits", (10, 24), False), -32768, 32767, _bound(24)
    w.add(D.FullyConnected("logits", "mean", "logits", *logits), (1, 10), "int16")
    return w.program("pixels", "logits")


def operators() -> Program:
    """Every other operator, one after the other."""
    w = _Writer()
    w.tensor("source", (1, 6, 7, 8), "uint8")
    per_channel = w.constant("per_channel", scattered((8, 256), -128, 128, 3, "int8"))
    w.add(D.Table("table", "source", "table", per_channel), (1, 6, 7, 8))
    up = *w.weights("up", (6, 3, 3, 8), True), -128, 127, _bound(72)
    w.add(D.ConvTranspose2d("up", "table", "up", *up, (2, 2), (1, 1), (1, 1, 0, 1)), (1, 12, 13, 6))
    w.add(D.AvgPool("average", "up", "average", (3, 3), (2, 2), (1, 1, 0, 1)), (1, 6, 7, 6))
    w.add(D.Resize("resized", "average", "resized", *_blend(w)), (1, 9, 5, 6))
    w.add(D.Pad("padded", "resized", "padded", (0, 0, 1, 0), (0, 1, 1, 0), -5), (1, 10, 7, 6))
    cut = (0, 0, 0, 1), (1, 10, 7, 5), (1, 2, 1, 1)
    w.add(D.Slice("sliced", "padded", "sliced", *cut), (1, 5, 7, 4))
    w.add(D.Transpose("shuffled", "sliced", "shuffled", (1, 5, 7, 2, 2), (0, 1, 2, 4, 3)), (1, 5, 7, 4))
    both = ("sliced", "shuffled")
    w.add(D.Concat("joined", both, "joined", 3, (97, 128), (7, 7), -128, 127), (1, 5, 7, 8))
    w.add(D.ReduceMax("highest", "joined", "highest", (1, 2)), (1, 1, 1, 8))
    w.add(D.Mul("scaled", ("joined", "highest"), "scaled", 3, 5, -128, 127), (1, 5, 7, 8))
    w.add(D.Reshape("flat", "scaled", "flat"), (5, 56))
    exponentials = np.round(2.0**15 * 0.97 ** np.arange(256)).astype(np.int32)
    softmax = D.Softmax("soft", "flat", "soft", 1, w.constant("exponentials", exponentials))
    w.add(softmax, (5, 56), "uint8")
    w.add(D.ArgMax("best", "soft", "best", 1), (5, 1), "int32")
    return w.program("source", "best")


def _blend(w: _Writer) -> tuple[str, str]:
    """Add what a resize from 6 by 7 to 9 by 5 pixels takes: two rows or columns and the share of the second."""
    first = np.arange(9) * 5 // 9
    rows = np.stack([first, np.minimum(first + 1, 5), scattered((9,), 0, 129, 4, "int64")], 1)
    columns = np.stack([np.arange(5), np.arange(5) + 1, scattered((5,), 0, 129, 5, "int64")], 1)
    return w.constant("rows", rows.astype(np.int32)), w.constant("columns", columns.astype(np.int32))


def golden_programs() -> dict[str, Program]:
    """Return the golden programs by name."""
    return {"classifier": classifier(), "operators": operators()}


def golden_input(program: Program) -> Array:
    """Return the input that belongs to a golden program."""
    tensor = program.tensors[program.inputs[0]]
    return scattered(tensor.shape, 0, 256, 42, tensor.dtype)
