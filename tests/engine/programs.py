"""Small random programs for tests: a builder, and device memory with canaries between the tensors."""

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from engine.program.descriptors import Conv2d, ConvTranspose2d, Descriptor, FullyConnected, inputs_of
from engine.program.program import Memory, Program, Tensor

CANARY = 0xA5
GAP_BYTES = 192


@dataclass
class Builder:
    """Collects tensors, constants and descriptors; ``rng`` fills what is not given."""

    rng: np.random.Generator
    tensors: dict[str, Tensor] = field(default_factory=dict)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    descriptors: list[Descriptor] = field(default_factory=list)
    end: int = GAP_BYTES

    def tensor(self, shape: tuple[int, ...], dtype: str, align: int = 64) -> str:
        """Add a tensor behind a gap; ``align`` 1 puts it at an odd address where its type allows."""
        name = f"t{len(self.tensors)}"
        align = max(align, np.dtype(dtype).itemsize)
        offset = -(-self.end // align) * align
        self.tensors[name] = Tensor(name, tuple(shape), dtype, 1.0, Memory.DDR, offset)
        self.end = (
            offset
            + self.tensors[name].nbytes
            + GAP_BYTES
            + int(self.rng.integers(0, 64) if align < 64 else 0)
        )
        return name

    def constant(self, array: Any, dtype: str | None = None) -> str:
        name = f"c{len(self.constants)}"
        value = np.ascontiguousarray(array, dtype)
        value.flags.writeable = False
        self.constants[name] = value
        return name

    def add(self, descriptor: Descriptor) -> str:
        self.descriptors.append(descriptor)
        return descriptor.output

    def name(self) -> str:
        return f"d{len(self.descriptors)}"

    def build(self) -> Program:
        written = {d.output for d in self.descriptors}
        read = {name for d in self.descriptors for name in inputs_of(d)}
        return Program(
            soc="test",
            descriptors=tuple(self.descriptors),
            tensors=self.tensors,
            constants=self.constants,
            inputs=tuple(n for n in self.tensors if n in read - written),
            outputs=tuple(n for n in self.tensors if n in written - read),
            arena_bytes={Memory.DDR: self.end},
        )


class GuardedMemory:
    """Operands over one arena whose gaps hold a canary; inputs are random, the rest starts as canary."""

    def __init__(self, program: Program, seed: int, extreme: bool = False) -> None:
        raw = np.full(program.arena_bytes[Memory.DDR] + 64, CANARY, np.uint8)
        start = -raw.ctypes.data % 64
        self.arena = raw[start : start + program.arena_bytes[Memory.DDR]]
        self._program = program
        self._views = {}
        for name, t in program.tensors.items():
            self._views[name] = self.arena[t.offset : t.offset + t.nbytes].view(t.dtype).reshape(t.shape)
        rng = np.random.default_rng(seed)
        for name in program.inputs:
            view = self._views[name]
            info = np.iinfo(view.dtype)
            values = rng.integers(info.min, int(info.max) + 1, view.shape)
            if extreme:
                values = rng.choice([int(info.min), int(info.max), 0], view.shape, p=[0.45, 0.45, 0.1])
            view[...] = values

    def tensor(self, name: str) -> np.ndarray:
        return self._views[name]

    def constant(self, name: str) -> np.ndarray:
        return self._program.constants[name]

    def canaries_live(self) -> bool:
        """Whether every byte outside the tensors is untouched."""
        free = np.ones(self.arena.size, bool)
        for t in self._program.tensors.values():
            free[t.offset : t.offset + t.nbytes] = False
        return bool((self.arena[free] == CANARY).all())


def acc_bound(weight: np.ndarray, bias: np.ndarray, dtype: str) -> int:
    """Return the maximum of |acc| over all inputs of ``dtype``, bias included."""
    info = np.iinfo(dtype)
    w = weight.reshape(len(weight), -1).astype(np.int64)
    positive, negative = np.maximum(w, 0).sum(1), np.minimum(w, 0).sum(1)
    high = bias + positive * int(info.max) + negative * int(info.min)
    low = bias + positive * int(info.min) + negative * int(info.max)
    return int(max(np.abs(high).max(), np.abs(low).max()))


@dataclass(frozen=True)
class Requant:
    """Random requantizer constants of one layer, and its output type."""

    bias: np.ndarray
    multiplier: np.ndarray
    shift: np.ndarray
    qmin: int
    qmax: int
    dtype: str


def random_requant(
    rng: np.random.Generator, weight: np.ndarray, in_dtype: str, out_dtype: str, shift_only: bool
) -> Requant:
    """Return constants that spread the accumulators of random inputs over the output's range, more or less."""
    depth = prod(weight.shape[1:])
    spread = 3.0 * np.sqrt(depth) * 0.4 * np.iinfo(in_dtype).max * max(1.0, float(weight.astype(float).std()))
    out = np.iinfo(out_dtype)
    target = float(out.max) * rng.uniform(0.3, 3.0)
    channels = len(weight)
    bias = np.rint(rng.normal(0, 0.3 * spread, channels)).clip(-(2**30), 2**30).astype(np.int64)
    if shift_only:
        shift = np.full(channels, max(0, round(np.log2(spread / target))))
        multiplier = np.ones(channels, np.int64)
    else:
        bits = int(rng.integers(1, 25))
        multiplier = rng.integers(1 << (bits - 1), 1 << bits, channels)
        shift = np.maximum(0, np.rint(np.log2(multiplier * spread / target)).astype(np.int64))
        shift = np.minimum(shift, 45)
    qmin, qmax = int(out.min), int(out.max)
    if rng.random() < 0.3:  # ReLU and ReLU6
        qmin, qmax = max(qmin, 0), int(qmax * rng.uniform(0.3, 1.0))
    return Requant(bias, multiplier, shift, qmin, qmax, out_dtype)


def random_weight(rng: np.random.Generator, shape: tuple[int, ...], dtype: str = "int8") -> np.ndarray:
    info = np.iinfo(dtype)
    if rng.random() < 0.15:
        return rng.choice([info.min, info.max], shape).astype(dtype)
    return np.clip(np.rint(rng.normal(0, rng.uniform(2, 60), shape)), info.min, info.max).astype(dtype)


def layer_constants(b: Builder, weight: np.ndarray, r: Requant, in_dtype: str, table: bool) -> dict[str, Any]:
    """Add a layer's constants to ``b`` and return the descriptor fields that name them."""
    fields = {
        "weight": b.constant(weight),
        "bias": b.constant(r.bias, "int32"),
        "multiplier": b.constant(r.multiplier, "int32"),
        "shift": b.constant(r.shift, "int32"),
        "qmin": r.qmin,
        "qmax": r.qmax,
        "acc_bound": acc_bound(weight, r.bias, in_dtype),
        "table": None,
    }
    if table:
        info = np.iinfo(r.dtype)
        fields["table"] = b.constant(
            b.rng.integers(info.min, int(info.max) + 1, r.qmax - r.qmin + 1), r.dtype
        )
    return fields


def conv2d(
    b: Builder,
    x: str,
    out_channels: int,
    kernel: tuple[int, int] = (1, 1),
    stride: tuple[int, int] = (1, 1),
    pads: tuple[int, int, int, int] = (0, 0, 0, 0),
    dilation: tuple[int, int] = (1, 1),
    group: int = 1,
    out_dtype: str = "uint8",
    shift_only: bool = False,
    table: bool = False,
    align: int = 64,
    weight_dtype: str = "int8",
) -> str:
    """Add a convolution with random constants; returns its output's name."""
    t = b.tensors[x]
    n, h, w, c = t.shape
    ho = (h + pads[0] + pads[2] - (kernel[0] - 1) * dilation[0] - 1) // stride[0] + 1
    wo = (w + pads[1] + pads[3] - (kernel[1] - 1) * dilation[1] - 1) // stride[1] + 1
    weight = random_weight(b.rng, (out_channels, *kernel, c // group), weight_dtype)
    r = random_requant(b.rng, weight, t.dtype, out_dtype, shift_only)
    y = b.tensor((n, ho, wo, out_channels), out_dtype, align)
    fields = layer_constants(b, weight, r, t.dtype, table)
    return b.add(Conv2d(b.name(), x, y, stride=stride, pads=pads, dilation=dilation, group=group, **fields))


def conv_transpose2d(
    b: Builder, x: str, out_channels: int, kernel: tuple[int, int], stride: tuple[int, int],
    pads: tuple[int, int, int, int], dilation: tuple[int, int], output_pads: tuple[int, int], group: int = 1,
    out_dtype: str = "uint8", table: bool = False, align: int = 64,
) -> str:  # fmt: skip
    """Add a transposed convolution with random constants; returns its output's name."""
    t = b.tensors[x]
    n, h, w, c = t.shape
    ho = (h - 1) * stride[0] - pads[0] - pads[2] + dilation[0] * (kernel[0] - 1) + 1 + output_pads[0]
    wo = (w - 1) * stride[1] - pads[1] - pads[3] + dilation[1] * (kernel[1] - 1) + 1 + output_pads[1]
    weight = random_weight(b.rng, (out_channels, *kernel, c // group))
    r = random_requant(b.rng, weight, t.dtype, out_dtype, False)
    y = b.tensor((n, ho, wo, out_channels), out_dtype, align)
    fields = layer_constants(b, weight, r, t.dtype, table)
    return b.add(
        ConvTranspose2d(b.name(), x, y, stride=stride, pads=pads, dilation=dilation, group=group, **fields)
    )


def fully_connected(
    b: Builder, x: str, out_channels: int, out_dtype: str = "int8", shift_only: bool = False, table: bool = False,
    align: int = 64,
) -> str:  # fmt: skip
    """Add a fully connected layer over all elements of each image; returns its output's name."""
    t = b.tensors[x]
    weight = random_weight(b.rng, (out_channels, prod(t.shape[1:])))
    r = random_requant(b.rng, weight, t.dtype, out_dtype, shift_only)
    y = b.tensor((t.shape[0], out_channels), out_dtype, align)
    return b.add(FullyConnected(b.name(), x, y, **layer_constants(b, weight, r, t.dtype, table)))
