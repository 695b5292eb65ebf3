"""One random program per operator: shapes, types and constants as odd as the descriptors allow."""

from collections.abc import Callable
from math import prod

import numpy as np

from engine.program import descriptors as D
from engine.program.program import Program
from tests.engine.programs import Builder, conv2d, conv_transpose2d, fully_connected

Rng = np.random.Generator
IN_TYPES = ("uint8", "int8")
OUT_TYPES = ("uint8", "int8", "int16")


def _start(rng: Rng) -> tuple[Builder, int]:
    """Return a builder and the alignment of its tensors."""
    return Builder(rng), int(rng.choice([1, 64]))


def _pick(rng: Rng, *choices: object) -> object:
    return choices[int(rng.integers(len(choices)))]


def _map_shape(rng: Rng, largest: int = 14, channels: int = 70) -> tuple[int, int, int, int]:
    n = 1 if rng.random() < 0.8 else 2
    h, w = (int(v) for v in rng.integers(1, largest, 2))
    return n, h, w, int(rng.integers(1, channels))


def _window(
    rng: Rng, h: int, w: int, largest: int = 5
) -> tuple[tuple[int, int], tuple[int, int, int, int], tuple[int, int]]:
    """Return kernel, pads and dilation that leave at least one output."""
    dilation = tuple(int(v) for v in rng.choice([1, 1, 1, 2, 3], 2))
    kernel = tuple(int(v) for v in rng.integers(1, largest + 1, 2))
    if rng.random() < 0.5:
        kernel = (kernel[0], kernel[0])
    pads = [int(v) for v in rng.integers(0, 3, 4)]
    pads = [min(p, (kernel[i % 2] - 1) * dilation[i % 2]) for i, p in enumerate(pads)]
    for axis, size in enumerate((h, w)):
        missing = (kernel[axis] - 1) * dilation[axis] + 1 - size - pads[axis] - pads[axis + 2]
        pads[axis + 2] += max(0, missing)
    return kernel, tuple(pads), dilation


def conv(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, c = _map_shape(rng)
    kernel, pads, dilation = ((1, 1), (0, 0, 0, 0), (1, 1)) if rng.random() < 0.4 else _window(rng, h, w)
    wide = rng.random() < 0.06
    in_type = str(rng.choice(IN_TYPES))
    if wide:  # mixed precision
        return _conv_16_bit(rng, b, (n, h, w, min(c, 30)), kernel, pads, dilation, align)
    x = b.tensor((n, h, w, c), in_type, align)
    stride = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
    conv2d(
        b, x, int(rng.integers(1, 90)), kernel, stride, pads, dilation, 1, str(rng.choice(OUT_TYPES)),
        bool(rng.random() < 0.4), bool(rng.random() < 0.2), align,
    )  # fmt: skip
    return b.build()


def _conv_16_bit(rng: Rng, b: Builder, shape, kernel, pads, dilation, align: int) -> Program:  # type: ignore[no-untyped-def]
    """Return a convolution with 16-bit inputs, weights or both; small enough for 32-bit accumulators."""
    in_type, weight_type = (("int16", "int8"), ("int8", "int16"), ("uint8", "int16"))[int(rng.integers(3))]
    x = b.tensor(shape, in_type, align)
    outputs, stride = int(rng.integers(1, 60)), (int(rng.integers(1, 3)), 1)
    group = shape[3] if rng.random() < 0.3 else 1
    conv2d(
        b, x, outputs if group == 1 else group, kernel, stride, pads, dilation, group, str(rng.choice(OUT_TYPES)),
        bool(rng.random() < 0.4), False, align, weight_type,
    )  # fmt: skip
    return b.build()


def grouped(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, _ = _map_shape(rng)
    groups, inside, outside = int(rng.integers(2, 7)), int(rng.integers(2, 20)), int(rng.integers(1, 20))
    kernel, pads, dilation = _window(rng, h, w, 3)
    x = b.tensor((n, h, w, groups * inside), str(rng.choice(IN_TYPES)), align)
    stride = (int(rng.integers(1, 3)),) * 2
    conv2d(
        b, x, groups * outside, kernel, stride, pads, dilation, groups, str(rng.choice(OUT_TYPES)),
        bool(rng.random() < 0.4), bool(rng.random() < 0.2), align,
    )  # fmt: skip
    return b.build()


def depthwise(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, c = _map_shape(rng, 16, 100)
    c = max(c, 2)
    kernel, pads, dilation = _window(rng, h, w, 7)
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    if rng.random() < 0.7:  # what networks have
        k, s = int(_pick(rng, 3, 5, 7)), int(rng.integers(1, 3))
        kernel, dilation, stride = (k, k), (1, 1), (s, s)
        pads = (k // 2,) * 4 if rng.random() < 0.5 else ((k - s) // 2, (k - s) // 2, k // 2, k // 2)
        h, w = max(h, k), max(w, k)
    x = b.tensor((n, h, w, c), str(rng.choice(IN_TYPES)), align)
    multiple = 1 if rng.random() < 0.8 else int(rng.integers(2, 4))
    conv2d(
        b, x, c * multiple, kernel, stride, pads, dilation, c, str(rng.choice(OUT_TYPES)),
        bool(rng.random() < 0.4), bool(rng.random() < 0.15), align,
    )  # fmt: skip
    return b.build()


def transposed(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, _ = _map_shape(rng, 8)
    groups = int(_pick(rng, 1, 1, 3))
    x = b.tensor((n, h, w, groups * int(rng.integers(1, 20))), str(rng.choice(IN_TYPES)), align)
    kernel = (int(rng.integers(1, 5)), int(rng.integers(1, 5)))
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    dilation = (int(rng.integers(1, 3)), 1)
    pads = tuple(int(rng.integers(0, max(1, min(3, (k + 1) // 2)))) for k in (*kernel, *kernel))
    output_pads = (int(rng.integers(0, stride[0])), int(rng.integers(0, stride[1])))
    spans = [
        (size - 1) * s + d * (k - 1) + 1
        for size, s, d, k in zip((h, w), stride, dilation, kernel, strict=True)
    ]
    pads = tuple(p if spans[i % 2] > pads[i % 2] + pads[i % 2 + 2] else 0 for i, p in enumerate(pads))
    outputs = groups * int(rng.integers(1, 20))
    conv_transpose2d(
        b, x, outputs, kernel, stride, pads, dilation, output_pads, groups, str(rng.choice(OUT_TYPES)),
        bool(rng.random() < 0.2), align,
    )  # fmt: skip
    return b.build()


def dense(rng: Rng) -> Program:
    b, align = _start(rng)
    x = b.tensor((int(rng.integers(1, 4)), int(rng.integers(1, 300))), str(rng.choice(IN_TYPES)), align)
    fully_connected(
        b,
        x,
        int(rng.integers(1, 200)),
        str(rng.choice(OUT_TYPES)),
        bool(rng.random() < 0.4),
        bool(rng.random() < 0.2),
        align,
    )
    return b.build()


def _clamp(rng: Rng, dtype: str) -> tuple[int, int]:
    info = np.iinfo(dtype)
    if rng.random() < 0.4:
        return max(0, int(info.min)), int(info.max * rng.uniform(0.4, 1))
    return int(info.min), int(info.max)


def _table(rng: Rng, b: Builder, clamp: tuple[int, int], dtype: str) -> str | None:
    if rng.random() < 0.75:
        return None
    info = np.iinfo(dtype)
    return b.constant(rng.integers(info.min, int(info.max) + 1, clamp[1] - clamp[0] + 1), dtype)


def _broadcast(rng: Rng, shape: tuple[int, ...]) -> tuple[int, ...]:
    kind = rng.random()
    if kind < 0.5:
        return shape
    if kind < 0.75:
        return (shape[0], 1, 1, shape[3])
    if kind < 0.85:
        return shape[3:]
    return tuple(size if rng.random() < 0.5 else 1 for size in shape)


def add(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    shapes = [shape, _broadcast(rng, shape)]
    if rng.random() < 0.2:
        shapes.reverse()
    out = str(rng.choice(OUT_TYPES))
    inputs = tuple(b.tensor(s, str(rng.choice(IN_TYPES)), align) for s in shapes)
    y = b.tensor(shape, out, align)
    coefficients = (int(rng.integers(-128, 129)), int(rng.integers(-128, 129)))
    multiplier, shift = (1, int(rng.integers(0, 10))) if rng.random() < 0.5 else _multiplier(rng, 14)
    clamp = _clamp(rng, out)
    b.add(D.Add(b.name(), inputs, y, coefficients, multiplier, shift, *clamp, _table(rng, b, clamp, out)))
    return b.build()


def _multiplier(rng: Rng, acc_bits: int) -> tuple[int, int]:
    bits = int(rng.integers(1, 25))
    return int(rng.integers(1 << (bits - 1), 1 << bits)), max(
        0, bits + acc_bits - 8 + int(rng.integers(-2, 3))
    )


def mul(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    shapes = [shape, _broadcast(rng, shape)]
    if rng.random() < 0.2:
        shapes.reverse()
    out = str(rng.choice(OUT_TYPES))
    inputs = tuple(b.tensor(s, str(rng.choice(IN_TYPES)), align) for s in shapes)
    y = b.tensor(shape, out, align)
    clamp = _clamp(rng, out)
    b.add(D.Mul(b.name(), inputs, y, *_multiplier(rng, 15), *clamp, _table(rng, b, clamp, out)))
    return b.build()


def concat(rng: Rng) -> Program:
    b, align = _start(rng)
    shape, axis = list(_map_shape(rng)), int(rng.choice([3, 3, 3, 1, 2, 0]))
    out = str(rng.choice(OUT_TYPES[:2]))
    names, scalings, total = [], [], 0
    for _ in range(int(rng.integers(1, 5))):
        shape[axis] = int(rng.integers(1, 40 if axis == 3 else 4))
        total += shape[axis]
        same = rng.random() < 0.4
        names.append(b.tensor(tuple(shape), out if same else str(rng.choice(IN_TYPES)), align))
        scalings.append((1, 0) if same else _multiplier(rng, 8))
    y = b.tensor((*shape[:axis], total, *shape[axis + 1 :]), out, align)
    multipliers, shifts = zip(*scalings, strict=True)
    b.add(D.Concat(b.name(), tuple(names), y, axis, multipliers, shifts, *_clamp(rng, out)))
    return b.build()


def max_pool(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, c = _map_shape(rng)
    kernel, pads, dilation = _window(rng, h, w)
    return _pool(
        rng, b, align, (n, h, w, c), kernel, pads, dilation, str(rng.choice([*IN_TYPES, "int16"])), "max"
    )


def avg_pool(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, c = _map_shape(rng)
    kernel, pads, _ = _window(rng, h, w)
    pads = tuple(min(p, kernel[i % 2] - 1) for i, p in enumerate(pads))
    h, w = max(h, kernel[0]), max(w, kernel[1])
    return _pool(
        rng, b, align, (n, h, w, c), kernel, pads, (1, 1), str(rng.choice([*IN_TYPES, "int16"])), "avg"
    )


def _pool(rng, b, align, shape, kernel, pads, dilation, dtype, kind) -> Program:  # noqa: ANN001
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    n, h, w, c = shape
    ho = (h + pads[0] + pads[2] - (kernel[0] - 1) * dilation[0] - 1) // stride[0] + 1
    wo = (w + pads[1] + pads[3] - (kernel[1] - 1) * dilation[1] - 1) // stride[1] + 1
    x, y = b.tensor(shape, dtype, align), b.tensor((n, ho, wo, c), dtype, align)
    if kind == "max":
        b.add(D.MaxPool(b.name(), x, y, kernel, stride, pads, dilation))
    else:
        b.add(D.AvgPool(b.name(), x, y, kernel, stride, pads, bool(rng.random() < 0.3)))
    return b.build()


def reduce_mean(rng: Rng) -> Program:
    return _reduce(rng, D.ReduceMean)


def reduce_max(rng: Rng) -> Program:
    return _reduce(rng, D.ReduceMax)


def _reduce(rng: Rng, kind: type[D.ReduceMean] | type[D.ReduceMax]) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    axes = (
        (1, 2)
        if rng.random() < 0.6
        else tuple(sorted(int(a) for a in rng.choice(4, int(rng.integers(1, 5)), False)))
    )
    dtype = str(rng.choice([*IN_TYPES, "int16"]))
    keep = rng.random() < 0.6
    out = tuple(1 if a in axes else s for a, s in enumerate(shape) if keep or a not in axes)
    x, y = b.tensor(shape, dtype, align), b.tensor(out, dtype, align)
    b.add(kind(b.name(), x, y, axes))
    return b.build()


def table(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    dtype, out = str(rng.choice([*IN_TYPES, "int16"], p=[0.45, 0.45, 0.1])), str(rng.choice(OUT_TYPES))
    x, y = b.tensor(shape, dtype, align), b.tensor(shape, out, align)
    info, n = np.iinfo(out), 65536 if dtype == "int16" else 256
    sizes = (shape[3], n) if rng.random() < 0.4 else (n,)
    b.add(D.Table(b.name(), x, y, b.constant(rng.integers(info.min, int(info.max) + 1, sizes), out)))
    return b.build()


def data_convert(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = (*_map_shape(rng)[:3], int(_pick(rng, 3, 3, 3, 1, 4, 7)))
    out = str(rng.choice(IN_TYPES))
    x, y = b.tensor(shape, "uint8", align), b.tensor(shape, out, align)
    info = np.iinfo(out)
    b.add(
        D.DataConvert(
            b.name(), x, y, b.constant(rng.integers(info.min, int(info.max) + 1, (shape[3], 256)), out)
        )
    )
    return b.build()


def resize(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, c = _map_shape(rng)
    ho, wo = (int(v) for v in rng.integers(1, 20, 2))
    dtype = str(rng.choice([*IN_TYPES, "int16"]))
    x, y = b.tensor((n, h, w, c), dtype, align), b.tensor((n, ho, wo, c), dtype, align)
    nearest = rng.random() < 0.4
    tables = []
    for size, out in ((h, ho), (w, wo)):
        first = rng.integers(0, size, out)
        second = np.minimum(first + 1, size - 1)
        weight = np.zeros(out, int) if nearest else rng.integers(0, 129, out)
        tables.append(b.constant(np.stack([first, second, weight], 1), "int32"))
    b.add(D.Resize(b.name(), x, y, *tables))
    return b.build()


def pad(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    dtype = str(rng.choice([*IN_TYPES, "int16"]))
    before, after = (tuple(int(v) for v in rng.integers(0, 3, 4)) for _ in range(2))
    x = b.tensor(shape, dtype, align)
    y = b.tensor(tuple(s + p + q for s, p, q in zip(shape, before, after, strict=True)), dtype, align)
    b.add(D.Pad(b.name(), x, y, before, after, int(rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max))))
    return b.build()


def slice_(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    dtype = str(rng.choice([*IN_TYPES, "int16"]))
    begins = tuple(int(rng.integers(0, s)) for s in shape)
    ends = tuple(int(rng.integers(b0 + 1, s + 1)) for b0, s in zip(begins, shape, strict=True))
    steps = tuple(int(v) for v in rng.choice([1, 1, 2, 3], 4))
    x = b.tensor(shape, dtype, align)
    y = b.tensor(tuple(-(-(e - f) // s) for f, e, s in zip(begins, ends, steps, strict=True)), dtype, align)
    b.add(D.Slice(b.name(), x, y, begins, ends, steps))
    return b.build()


def transpose(rng: Rng) -> Program:
    b, align = _start(rng)
    n, h, w, c = _map_shape(rng)
    groups = int(_pick(rng, 1, 2, 4))
    dtype = str(rng.choice([*IN_TYPES, "int16"]))
    x = b.tensor((n, h, w, c * groups), dtype, align)
    if rng.random() < 0.5:  # channel shuffle
        y = b.tensor((n, h, w, c * groups), dtype, align)
        b.add(D.Transpose(b.name(), x, y, (n, h, w, groups, c), (0, 1, 2, 4, 3)))
    else:
        perm = tuple(int(v) for v in rng.permutation(4))
        shape = (n, h, w, c * groups)
        y = b.tensor(tuple(shape[p] for p in perm), dtype, align)
        b.add(D.Transpose(b.name(), x, y, shape, perm))
    return b.build()


def reshape(rng: Rng) -> Program:
    b, align = _start(rng)
    shape = _map_shape(rng)
    dtype = str(rng.choice([*IN_TYPES, "int16"]))
    x, y = b.tensor(shape, dtype, align), b.tensor((prod(shape),), dtype, align)
    b.add(D.Reshape(b.name(), x, y))
    return b.build()


def softmax(rng: Rng) -> Program:
    b, align = _start(rng)
    shape, axis = _map_shape(rng), int(rng.choice([3, 3, 1]))
    x, y = b.tensor(shape, str(rng.choice(IN_TYPES)), align), b.tensor(shape, "uint8", align)
    e = np.rint(2**15 * np.exp(-np.arange(256) / rng.uniform(3, 60)))
    b.add(D.Softmax(b.name(), x, y, axis, b.constant(e, "int32")))
    return b.build()


def arg_max(rng: Rng) -> Program:
    b, align = _start(rng)
    shape, axis = _map_shape(rng), int(rng.choice([3, 3, 1]))
    x = b.tensor(shape, str(rng.choice([*IN_TYPES, "int16"])), align)
    y = b.tensor(tuple(1 if a == axis else s for a, s in enumerate(shape)), "int32", align)
    b.add(D.ArgMax(b.name(), x, y, axis))
    return b.build()


CASES: dict[str, Callable[[Rng], Program]] = {
    f.__name__.rstrip("_"): f
    for f in (
        conv, grouped, depthwise, transposed, dense, add, mul, concat, max_pool, avg_pool, reduce_mean, reduce_max, table,
        data_convert, resize, pad, slice_, transpose, reshape, softmax, arg_max,
    )
}  # fmt: skip
