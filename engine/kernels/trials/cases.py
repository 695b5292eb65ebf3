"""One random program per operator: shapes, types and constants as odd as the descriptors allow.

Every function takes a seed and returns a program of one descriptor.
"""

from collections.abc import Callable
from math import prod

import numpy as np

from engine.kernels.trials import layers
from engine.kernels.trials.builder import Builder, Dice, Window, random_clamp
from engine.kernels.trials.forms import (
    IN_TYPES,
    OUT_TYPES,
    WIDE_TYPES,
    Shape,
    any_type,
    any_window,
    map_shape,
    start,
)
from engine.program import descriptors as D
from engine.program.program import Program


def _multiplier(dice: Dice, acc_bits: int) -> tuple[int, int]:
    """Return multiplier and shift that bring ``acc_bits`` down to about 8."""
    bits = dice.between(1, 24)
    return dice.between(1 << (bits - 1), (1 << bits) - 1), max(0, bits + acc_bits - 8 + dice.between(-2, 2))


def _pair(b: Builder, dice: Dice) -> tuple[tuple[str, str], Shape]:
    """Add two tensors, one of them perhaps to be broadcast; return their names and the output's shape."""
    shape = map_shape(dice)
    n, _, _, c = shape
    some_ones = tuple(size if dice.chance(0.5) else 1 for size in shape)
    other = dice.pick(shape, shape, shape, (n, 1, 1, c), (n, 1, 1, c), (c,), some_ones)
    types = dice.pick(IN_TYPES, IN_TYPES, WIDE_TYPES, OUT_TYPES)
    first, second = b.tensor(shape, dice.pick(*types)), b.tensor(other, dice.pick(*types))
    return ((second, first) if dice.chance(0.2) else (first, second)), shape


def _table_after(b: Builder, dice: Dice, clamp: tuple[int, int], dtype: str) -> str | None:
    if dice.chance(0.75):
        return None
    return b.constant(dice.whole_range(dtype, clamp[1] - clamp[0] + 1), dtype)


def add(seed: int) -> Program:
    """Return a sum, perhaps with broadcasting."""
    b, dice = start(seed)
    inputs, shape = _pair(b, dice)
    out = dice.pick(*OUT_TYPES)
    y = b.tensor(shape, out)
    bits = 8 * max(np.dtype(b.tensors[name].dtype).itemsize for name in inputs)
    unit = dice.pick(128, 8192) if bits == 16 else 128
    coefficients = (dice.between(-unit, unit), dice.between(-unit, unit))
    multiplier, shift = (1, dice.between(0, bits + 1)) if dice.chance(0.5) else _multiplier(dice, bits + 6)
    clamp = random_clamp(dice, out)
    b.add(
        D.Add(b.name(), inputs, y, coefficients, multiplier, shift, *clamp, _table_after(b, dice, clamp, out))
    )
    return b.build()


def mul(seed: int) -> Program:
    """Return a product, perhaps with broadcasting."""
    b, dice = start(seed)
    inputs, shape = _pair(b, dice)
    out = dice.pick(*OUT_TYPES)
    y = b.tensor(shape, out)
    clamp = random_clamp(dice, out)
    acc_bits = sum(8 * np.dtype(b.tensors[name].dtype).itemsize for name in inputs) - 1
    b.add(D.Mul(b.name(), inputs, y, *_multiplier(dice, acc_bits), *clamp, _table_after(b, dice, clamp, out)))
    return b.build()


def concat(seed: int) -> Program:
    """Return a concatenation along any axis."""
    b, dice = start(seed)
    shape, axis = list(map_shape(dice)), dice.pick(3, 3, 3, 1, 2, 0)
    out = any_type(dice)
    names, multipliers, shifts, total = [], [], [], 0
    for _ in range(dice.between(1, 4)):
        shape[axis] = dice.between(1, 40 if axis == 3 else 4)
        total += shape[axis]
        as_it_is = dice.chance(0.4)
        names.append(b.tensor(shape, out if as_it_is else any_type(dice)))
        multiplier, shift = (1, 0) if as_it_is else _multiplier(dice, 8)
        multipliers.append(multiplier)
        shifts.append(shift)
    y = b.tensor([*shape[:axis], total, *shape[axis + 1 :]], out)
    clamp = random_clamp(dice, out)
    b.add(D.Concat(b.name(), tuple(names), y, axis, tuple(multipliers), tuple(shifts), *clamp))
    return b.build()


def max_pool(seed: int) -> Program:
    """Return a maximum pooling."""
    b, dice = start(seed)
    n, h, w, c = map_shape(dice)
    window, dtype = any_window(dice, h, w), any_type(dice)
    window = Window(window.kernel, (dice.between(1, 3), dice.between(1, 3)), window.pads, window.dilation)
    x, y = b.tensor((n, h, w, c), dtype), b.tensor((n, *window.output_hw(h, w), c), dtype)
    b.add(D.MaxPool(b.name(), x, y, window.kernel, window.stride, window.pads, window.dilation))
    return b.build()


def avg_pool(seed: int) -> Program:
    """Return an average pooling whose windows all touch the map."""
    b, dice = start(seed)
    n, h, w, c = map_shape(dice)
    kernel, dtype = (dice.between(1, 5), dice.between(1, 5)), any_type(dice)
    h, w = max(h, kernel[0]), max(w, kernel[1])
    top, left, bottom, right = (dice.between(0, min(2, kernel[i % 2] - 1)) for i in range(4))
    window = Window(kernel, (dice.between(1, 3), dice.between(1, 3)), (top, left, bottom, right))
    x, y = b.tensor((n, h, w, c), dtype), b.tensor((n, *window.output_hw(h, w), c), dtype)
    b.add(D.AvgPool(b.name(), x, y, kernel, window.stride, window.pads, dice.chance(0.3)))
    return b.build()


def _reduce(seed: int, kind: type[D.ReduceMean] | type[D.ReduceMax]) -> Program:
    b, dice = start(seed)
    shape, dtype = map_shape(dice), any_type(dice)
    some = tuple(sorted(int(a) for a in dice.rng.choice(4, dice.between(1, 4), replace=False)))
    axes = dice.pick((1, 2), (1, 2), some)
    keep = dice.chance(0.6)
    out = tuple(1 if a in axes else s for a, s in enumerate(shape) if keep or a not in axes)
    x, y = b.tensor(shape, dtype), b.tensor(out, dtype)
    b.add(kind(b.name(), x, y, axes))
    return b.build()


def reduce_mean(seed: int) -> Program:
    """Return a mean over axes."""
    return _reduce(seed, D.ReduceMean)


def reduce_max(seed: int) -> Program:
    """Return a maximum over axes."""
    return _reduce(seed, D.ReduceMax)


def table(seed: int) -> Program:
    """Return a table look-up, one table or one per channel."""
    b, dice = start(seed)
    shape, dtype, out = map_shape(dice), any_type(dice), dice.pick(*OUT_TYPES)
    x, y = b.tensor(shape, dtype), b.tensor(shape, out)
    n = 256 if dtype in IN_TYPES else 65536
    sizes = (shape[3], n) if dice.chance(0.4) and n == 256 else (n,)
    b.add(D.Table(b.name(), x, y, b.constant(dice.whole_range(out, sizes), out)))
    return b.build()


def data_convert(seed: int) -> Program:
    """Return a data convert."""
    b, dice = start(seed)
    shape, out = (*map_shape(dice, 20)[:3], dice.pick(3, 3, 3, 1, 4, 7)), dice.pick(*IN_TYPES)
    x, y = b.tensor(shape, "uint8"), b.tensor(shape, out)
    tables = dice.whole_range(out, (shape[3], 256))
    if dice.chance(0.2):
        tables[1:] = tables[0]
    b.add(D.DataConvert(b.name(), x, y, b.constant(tables, out)))
    return b.build()


def resize(seed: int) -> Program:
    """Return a nearest or bilinear resize."""
    b, dice = start(seed)
    (n, h, w, c), dtype = map_shape(dice), any_type(dice)
    ho, wo = dice.between(1, 19), dice.between(1, 19)
    x, y = b.tensor((n, h, w, c), dtype), b.tensor((n, ho, wo, c), dtype)
    nearest = dice.chance(0.4)
    tables = []
    for size, out in ((h, ho), (w, wo)):
        first = dice.rng.integers(0, size, out)
        weight = np.zeros(out, np.int64) if nearest else dice.rng.integers(0, 129, out)
        tables.append(b.constant(np.stack([first, np.minimum(first + 1, size - 1), weight], 1), "int32"))
    b.add(D.Resize(b.name(), x, y, tables[0], tables[1]))
    return b.build()


def pad(seed: int) -> Program:
    """Return a constant padding of any axes."""
    b, dice = start(seed)
    shape, dtype = map_shape(dice), any_type(dice)
    before, after = (tuple(dice.between(0, 2) for _ in range(4)) for _ in range(2))
    x = b.tensor(shape, dtype)
    y = b.tensor([s + p + q for s, p, q in zip(shape, before, after, strict=True)], dtype)
    b.add(D.Pad(b.name(), x, y, before, after, int(dice.whole_range(dtype, 1)[0])))
    return b.build()


def cut(seed: int) -> Program:
    """Return a slice with steps."""
    b, dice = start(seed)
    shape, dtype = map_shape(dice), any_type(dice)
    begins = tuple(dice.between(0, s - 1) for s in shape)
    ends = tuple(dice.between(first + 1, s) for first, s in zip(begins, shape, strict=True))
    steps = tuple(dice.pick(1, 1, 2, 3) for _ in shape)
    x = b.tensor(shape, dtype)
    y = b.tensor([-(-(e - first) // s) for first, e, s in zip(begins, ends, steps, strict=True)], dtype)
    b.add(D.Slice(b.name(), x, y, begins, ends, steps))
    return b.build()


def transpose(seed: int) -> Program:
    """Return a channel shuffle or any permutation of axes."""
    b, dice = start(seed)
    (n, h, w, c), dtype, groups = map_shape(dice), any_type(dice), dice.pick(1, 2, 4)
    shape = (n, h, w, c * groups)
    x = b.tensor(shape, dtype)
    if dice.chance(0.5):
        b.add(D.Transpose(b.name(), x, b.tensor(shape, dtype), (n, h, w, groups, c), (0, 1, 2, 4, 3)))
    else:
        perm = tuple(int(v) for v in dice.rng.permutation(4))
        b.add(D.Transpose(b.name(), x, b.tensor([shape[p] for p in perm], dtype), shape, perm))
    return b.build()


def reshape(seed: int) -> Program:
    """Return a reshape."""
    b, dice = start(seed)
    shape, dtype = map_shape(dice), any_type(dice)
    b.add(D.Reshape(b.name(), b.tensor(shape, dtype), b.tensor((prod(shape),), dtype)))
    return b.build()


def softmax(seed: int) -> Program:
    """Return a softmax."""
    b, dice = start(seed)
    shape, axis = map_shape(dice), dice.pick(3, 3, 1)
    x, y = b.tensor(shape, any_type(dice)), b.tensor(shape, "uint8")
    entries = 256 if b.tensors[x].dtype in IN_TYPES else 65536
    powers = np.rint(2**15 * np.exp(-np.arange(entries) / dice.rng.uniform(3, 60)))
    b.add(D.Softmax(b.name(), x, y, axis, b.constant(powers, "int32")))
    return b.build()


def arg_max(seed: int) -> Program:
    """Return an arg-max."""
    b, dice = start(seed)
    shape, axis = map_shape(dice), dice.pick(3, 3, 1)
    x = b.tensor(shape, any_type(dice))
    y = b.tensor([1 if a == axis else s for a, s in enumerate(shape)], "int32")
    b.add(D.ArgMax(b.name(), x, y, axis))
    return b.build()


CASES: dict[str, Callable[[int], Program]] = {
    case.__name__: case
    for case in (
        layers.conv, layers.conv_3x3, layers.conv_16_bit, layers.conv_64_bit, layers.grouped, layers.depthwise,
        layers.depthwise_wide, layers.transposed, layers.dense, add, mul, concat, max_pool, avg_pool, reduce_mean, reduce_max,
        table, data_convert, resize, pad, cut, transpose, reshape, softmax, arg_max,
    )
}  # fmt: skip
