"""Builds small random programs, and device memory with canaries between the tensors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.program.descriptors import (
    Conv2d,
    ConvTranspose2d,
    Descriptor,
    FullyConnected,
    Pads,
    Pair,
    inputs_of,
)
from engine.program.program import Memory, Program, Tensor

CANARY = 0xA5
GAP_BYTES = 192
Choice = TypeVar("Choice")


class Dice:
    """Seeded random choices."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def between(self, low: int, high: int) -> int:
        """Return an integer in [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        """Return True with ``probability``."""
        return bool(self.rng.random() < probability)

    def pick(self, *options: Choice) -> Choice:
        """Return one of ``options``."""
        return options[self.between(0, len(options) - 1)]

    def whole_range(self, dtype: str, shape: Sequence[int] | int) -> Array:
        """Return an array of any values of ``dtype``."""
        info = np.iinfo(dtype)
        return self.rng.integers(int(info.min), int(info.max) + 1, shape).astype(dtype)


@dataclass(frozen=True, slots=True)
class LayerForm:
    """What is the same in all layers with weights: output type, kind of requantizer, whether a table follows."""

    dtype: str = "uint8"
    shift_only: bool = False
    table: bool = False
    weights: str = "int8"


@dataclass(frozen=True, slots=True)
class Window:
    """Kernel geometry of a convolution."""

    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    pads: Pads = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    group: int = 1

    def output_hw(self, h: int, w: int) -> Pair:
        """Return the size of the map that a map of ``h`` x ``w`` becomes."""
        ho, wo = (
            (size + self.pads[i] + self.pads[i + 2] - (self.kernel[i] - 1) * self.dilation[i] - 1)
            // self.stride[i]
            + 1
            for i, size in enumerate((h, w))
        )
        return ho, wo


@dataclass
class Builder:
    """Collects tensors, constants and descriptors. Tensors lie ``alignment`` bytes aligned, with gaps between."""

    dice: Dice
    alignment: int = 64
    tensors: dict[str, Tensor] = field(default_factory=dict)
    constants: dict[str, Array] = field(default_factory=dict)
    descriptors: list[Descriptor] = field(default_factory=list)
    _end: int = GAP_BYTES

    def tensor(self, shape: Sequence[int], dtype: str) -> str:
        """Add a tensor and return its name."""
        name = f"t{len(self.tensors)}"
        alignment = max(self.alignment, np.dtype(dtype).itemsize)
        offset = -(-self._end // alignment) * alignment
        self.tensors[name] = Tensor(name, tuple(shape), dtype, 1.0, Memory.DDR, offset)
        self._end = offset + self.tensors[name].nbytes + GAP_BYTES + self.dice.between(0, 63)
        return name

    def constant(self, values: Array | Sequence[int], dtype: str) -> str:
        """Add a constant and return its name."""
        name = f"c{len(self.constants)}"
        self.constants[name] = np.array(values).astype(dtype)
        return name

    def add(self, descriptor: Descriptor) -> str:
        """Append a descriptor and return its output's name."""
        self.descriptors.append(descriptor)
        return descriptor.output

    def name(self) -> str:
        """Return a name for the next descriptor."""
        return f"d{len(self.descriptors)}"

    def build(self) -> Program:
        """Return the program; what is read and never written is its input."""
        written = {d.output for d in self.descriptors}
        read = {name for d in self.descriptors for name in inputs_of(d)}
        return Program(
            soc="trial",
            descriptors=tuple(self.descriptors),
            tensors=self.tensors,
            constants=self.constants,
            inputs=tuple(n for n in self.tensors if n in read - written),
            outputs=tuple(n for n in self.tensors if n in written - read),
            arena_bytes={Memory.DDR: self._end},
        )

    # --- layers with weights -------------------------------------------------------------------------------------------

    def conv2d(self, x: str, outputs: int, window: Window, form: LayerForm) -> str:
        """Append a convolution with random constants."""
        n, h, w, c = self.tensors[x].shape
        weight = self._weight((outputs, *window.kernel, c // window.group), form.weights)
        y = self.tensor((n, *window.output_hw(h, w), outputs), form.dtype)
        numbers = self._numbers(weight, self.tensors[x].dtype, form)
        return self.add(
            Conv2d(
                self.name(), x, y, *numbers.names, *numbers.clamp, numbers.acc_bound, window.stride, window.dilation,
                window.pads, window.group, numbers.table,
            )
        )  # fmt: skip

    def conv_transpose2d(
        self, x: str, outputs: int, window: Window, output_pads: Pair, form: LayerForm
    ) -> str:
        """Append a transposed convolution with random constants."""
        n, h, w, c = self.tensors[x].shape
        ho, wo = (
            (size - 1) * window.stride[i] - window.pads[i] - window.pads[i + 2] + window.dilation[i] * (window.kernel[i] - 1)
            + 1 + output_pads[i]
            for i, size in enumerate((h, w))
        )  # fmt: skip
        weight = self._weight((outputs, *window.kernel, c // window.group), form.weights)
        y = self.tensor((n, ho, wo, outputs), form.dtype)
        numbers = self._numbers(weight, self.tensors[x].dtype, form)
        return self.add(
            ConvTranspose2d(
                self.name(), x, y, *numbers.names, *numbers.clamp, numbers.acc_bound, window.stride, window.dilation,
                window.pads, window.group, numbers.table,
            )
        )  # fmt: skip

    def fully_connected(self, x: str, outputs: int, form: LayerForm) -> str:
        """Append a fully connected layer over all elements of each row of ``x``."""
        rows, *rest = self.tensors[x].shape
        weight = self._weight((outputs, prod(rest)), form.weights)
        y = self.tensor((rows, outputs), form.dtype)
        numbers = self._numbers(weight, self.tensors[x].dtype, form)
        return self.add(
            FullyConnected(
                self.name(), x, y, *numbers.names, *numbers.clamp, numbers.acc_bound, numbers.table
            )
        )

    def _weight(self, shape: tuple[int, ...], dtype: str) -> Array:
        info, rng = np.iinfo(dtype), self.dice.rng
        if self.dice.chance(0.15):
            return rng.choice([int(info.min), int(info.max)], shape).astype(dtype)
        return np.clip(np.rint(rng.normal(0, rng.uniform(2, 60), shape)), info.min, info.max).astype(dtype)

    def _numbers(self, weight: Array, in_dtype: str, form: LayerForm) -> "LayerNumbers":
        """Add constants that spread the accumulators of random inputs over the output's range, more or less."""
        dice, channels, out = self.dice, len(weight), np.iinfo(form.dtype)
        deviation = max(1.0, float(weight.astype(np.float64).std()))
        spread = 1.2 * np.sqrt(prod(weight.shape[1:])) * np.iinfo(in_dtype).max * deviation
        target = float(out.max) * dice.rng.uniform(0.3, 3.0)
        bias = np.rint(dice.rng.normal(0, 0.3 * spread, channels)).clip(-(2**29), 2**29).astype(np.int64)
        if form.shift_only:
            multiplier = np.ones(channels, np.int64)
            shift = np.full(channels, max(0, round(np.log2(spread / target))))
        else:
            # The product with an accumulator of 16-bit operands must fit int64 too.
            bits = dice.between(1, min(24, 62 - acc_bound(weight, bias, in_dtype).bit_length()))
            multiplier = dice.rng.integers(1 << (bits - 1), 1 << bits, channels)
            shift = np.clip(np.rint(np.log2(multiplier * spread / target)), 0, 60).astype(np.int64)
        if dice.chance(0.15):  # a channel without weights: its bias may be anything
            weight[dice.between(0, channels - 1)] = 0
            bias[~weight.reshape(channels, -1).any(axis=1)] = dice.pick(-(2**30), 2**30)
        clamp = random_clamp(dice, form.dtype)
        table = None
        if form.table:
            table = self.constant(dice.whole_range(form.dtype, clamp[1] - clamp[0] + 1), form.dtype)
        names = (
            self.constant(weight, form.weights), self.constant(bias, "int32"), self.constant(multiplier, "int32"),
            self.constant(shift, "int32"),
        )  # fmt: skip
        return LayerNumbers(names, clamp, acc_bound(weight, bias, in_dtype), table)


@dataclass(frozen=True, slots=True)
class LayerNumbers:
    """Names of weight, bias, multiplier and shift, and the other numbers of a layer."""

    names: tuple[str, str, str, str]
    clamp: Pair
    acc_bound: int
    table: str | None


def random_clamp(dice: Dice, dtype: str) -> Pair:
    """Return qmin and qmax: the type's, or those of a ReLU or ReLU6."""
    info = np.iinfo(dtype)
    if dice.chance(0.3):
        return max(0, int(info.min)), int(int(info.max) * dice.rng.uniform(0.3, 1.0))
    return int(info.min), int(info.max)


def acc_bound(weight: Array, bias: NDArray[np.int64], dtype: str) -> int:
    """Return the maximum of |acc| over all inputs of ``dtype``, bias included."""
    info = np.iinfo(dtype)
    flat = weight.reshape(len(weight), -1).astype(np.int64)
    positive, negative = np.maximum(flat, 0).sum(1), np.minimum(flat, 0).sum(1)
    high = bias + positive * int(info.max) + negative * int(info.min)
    low = bias + positive * int(info.min) + negative * int(info.max)
    return int(max(np.abs(high).max(), np.abs(low).max()))


class GuardedMemory:
    """Operands over one arena whose gaps hold a canary; inputs are random, everything else starts as canary."""

    def __init__(self, program: Program, seed: int, extreme: bool = False) -> None:
        nbytes = program.arena_bytes[Memory.DDR]
        raw = np.full(nbytes + 64, CANARY, np.uint8)
        start = -raw.ctypes.data % 64
        self._arena = raw[start : start + nbytes]
        self._program = program
        self._views: dict[str, Array] = {}
        for name, t in program.tensors.items():
            self._views[name] = self._arena[t.offset : t.offset + t.nbytes].view(t.dtype).reshape(t.shape)
        dice = Dice(seed)
        for name in program.inputs:
            view = self._views[name]
            info = np.iinfo(view.dtype)
            if extreme:
                view[...] = dice.rng.choice(
                    [int(info.min), int(info.max), 0], view.shape, p=[0.45, 0.45, 0.1]
                )
            else:
                view[...] = dice.whole_range(str(view.dtype), view.shape)

    def tensor(self, name: str) -> Array:
        """Return the tensor's view of the arena."""
        return self._views[name]

    def constant(self, name: str) -> Array:
        """Return the constant."""
        return self._program.constants[name]

    def canaries_live(self) -> bool:
        """Return whether every byte outside the tensors is untouched."""
        free = np.ones(self._arena.size, bool)
        for t in self._program.tensors.values():
            free[t.offset : t.offset + t.nbytes] = False
        return bool((self._arena[free] == CANARY).all())
