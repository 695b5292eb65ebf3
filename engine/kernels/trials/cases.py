"""One random program per operator: shapes, types and constants as odd as the descriptors allow.

Every function takes a seed and returns a program of one descriptor.
"""

from collections.abc import Callable
from math import prod

import numpy as np

from engine.kernels.trials.builder import Builder, Dice, LayerForm, Window, random_clamp
from engine.program import descriptors as D
from engine.program.program import Program

IN_TYPES = ("uint8", "int8")
WIDE_TYPES = ("int16", "uint16")
OUT_TYPES = (*IN_TYPES, *WIDE_TYPES)
Shape = tuple[int, int, int, int]


def _start(seed: int) -> tuple[Builder, Dice]:
    dice = Dice(seed)
    return Builder(dice, dice.pick(1, 64)), dice


def _map_shape(dice: Dice, largest: int = 13, channels: int = 70) -> Shape:
    n = 1 if dice.chance(0.8) else 2
    return n, dice.between(1, largest), dice.between(1, largest), dice.between(1, channels)


def _form(dice: Dice) -> LayerForm:
    return LayerForm(dice.pick(*OUT_TYPES), dice.chance(0.4), dice.chance(0.2))


def _window(dice: Dice, h: int, w: int, largest: int = 5) -> Window:
    """Return a window with any padding that leaves at least one output."""
    dilation = (dice.pick(1, 1, 1, 2, 3), dice.pick(1, 1, 1, 2, 3))
    kernel = (dice.between(1, largest), dice.between(1, largest))
    if dice.chance(0.5):
        kernel = (kernel[0], kernel[0])
    pads = [min(dice.between(0, 2), (kernel[i % 2] - 1) * dilation[i % 2]) for i in range(4)]
    for axis, size in enumerate((h, w)):
        missing = (kernel[axis] - 1) * dilation[axis] + 1 - size - pads[axis] - pads[axis + 2]
        pads[axis + 2] += max(0, missing)
    stride = (dice.between(1, 2), dice.between(1, 2))
    return Window(kernel, stride, (pads[0], pads[1], pads[2], pads[3]), dilation)


def conv(seed: int) -> Program:
    """Return a dense convolution, 1x1 or of any window."""
    b, dice = _start(seed)
    n, h, w, c = _map_shape(dice)
    window = Window(stride=(dice.between(1, 2), 1)) if dice.chance(0.4) else _window(dice, h, w)
    x = b.tensor((n, h, w, c), dice.pick(*IN_TYPES))
    b.conv2d(x, dice.between(1, 90), window, _form(dice))
    return b.build()


def conv_3x3(seed: int) -> Program:
    """Return a 3x3 convolution to bytes, of so many channels and pixels that sets take it in tiles of outputs; some to 7x7."""
    b, dice = _start(seed)
    h, w, c = dice.between(10, 22), dice.between(10, 22), dice.pick(32, 64, 96)
    pads = (dice.between(0, 2), dice.between(0, 2), dice.between(0, 2), dice.between(0, 2))
    if seed % 6 == 3:
        h, w = (7 + 2 - pads[i] - pads[i + 2] for i in (0, 1))
    x = b.tensor((1, h, w, c), dice.pick(*IN_TYPES))
    form = LayerForm(dice.pick(*IN_TYPES), dice.chance(0.4), dice.chance(0.2))
    b.conv2d(x, dice.pick(32, 64, dice.between(20, 90)), Window((3, 3), pads=pads), form)
    return b.build()


def conv_16_bit(seed: int) -> Program:
    """Return a convolution with 16-bit inputs or weights; few enough terms for 32-bit accumulators."""
    b, dice = _start(seed)
    n, h, w, c = _map_shape(dice, channels=10)
    in_type, weight_type = dice.pick(("int16", "int8"), ("int8", "int16"), ("uint8", "int16"))
    x = b.tensor((n, h, w, c), in_type)
    window = _window(dice, h, w)
    depthwise = dice.chance(0.3)
    window = Window(window.kernel, window.stride, window.pads, window.dilation, c if depthwise else 1)
    form = LayerForm(dice.pick(*OUT_TYPES), dice.chance(0.4), False, weight_type)
    b.conv2d(x, c if depthwise else dice.between(1, 60), window, form)
    return b.build()


def conv_64_bit(seed: int) -> Program:
    """Return a convolution or fully connected layer whose operands may make accumulators of more than 32 bit."""
    b, dice = _start(seed)
    in_type, weight_type = dice.pick(("int16", "int16"), ("uint16", "int16"), ("uint16", "int8"))
    form = LayerForm(dice.pick(*OUT_TYPES), dice.chance(0.4), False, weight_type)
    if dice.chance(0.3):
        b.fully_connected(
            b.tensor((dice.between(1, 3), dice.between(1, 300)), in_type), dice.between(1, 40), form
        )
        return b.build()
    n, h, w, c = _map_shape(dice)
    window = _window(dice, h, w)
    depthwise = dice.chance(0.3)
    window = Window(window.kernel, window.stride, window.pads, window.dilation, c if depthwise else 1)
    b.conv2d(b.tensor((n, h, w, c), in_type), c if depthwise else dice.between(1, 60), window, form)
    return b.build()


def grouped(seed: int) -> Program:
    """Return a convolution in groups."""
    b, dice = _start(seed)
    n, h, w, _ = _map_shape(dice)
    groups, inside, outside = dice.between(2, 6), dice.between(2, 19), dice.between(1, 19)
    if dice.chance(0.7):  # narrow, as networks have them
        groups, inside = dice.between(2, 13), dice.pick(4, 8, 16)
        outside = inside if dice.chance(0.7) else dice.pick(1, 2, 4, 8)
    window = _window(dice, h, w, 3)
    x = b.tensor((n, h, w, groups * inside), dice.pick(*IN_TYPES))
    window = Window(window.kernel, window.stride, window.pads, window.dilation, groups)
    b.conv2d(x, groups * outside, window, _form(dice))
    return b.build()


def depthwise(seed: int) -> Program:
    """Return a depthwise convolution: mostly square kernels with the padding that networks have, or any."""
    b, dice = _start(seed)
    n, h, w, c = _map_shape(dice, 16, 100)
    c = max(c, 2)
    window = _window(dice, h, w, 7)
    if dice.chance(0.7):
        k, s = dice.pick(3, 5, 7), dice.between(1, 2)
        before = k // 2 if dice.chance(0.5) else (k - s) // 2
        window = Window((k, k), (s, s), (before, before, k // 2, k // 2))
        h, w = max(h, k), max(w, k)
    x = b.tensor((n, h, w, c), dice.pick(*IN_TYPES))
    multiple = 1 if dice.chance(0.8) else dice.between(2, 3)
    stride = window.stride if dice.chance(0.8) else (dice.between(1, 3), dice.between(1, 3))
    b.conv2d(x, c * multiple, Window(window.kernel, stride, window.pads, window.dilation, c), _form(dice))
    return b.build()


def depthwise_wide(seed: int) -> Program:
    """Return a depthwise convolution of so many channels that sets take them in blocks, which rarely divide their number."""
    b, dice = _start(seed)
    k, s, c = dice.pick(3, 5), dice.between(1, 2), dice.pick(64, 96, 128, 192, dice.between(64, 200))
    pads = (dice.between(0, k // 2), dice.between(0, k // 2), dice.between(0, k), dice.between(0, k))
    x = b.tensor((1, dice.between(k, 12), dice.between(k, 40), c), dice.pick(*IN_TYPES))
    b.conv2d(x, c, Window((k, k), (s, s), pads, (1, 1), c), _form(dice))
    return b.build()


def transposed(seed: int) -> Program:
    """Return a transposed convolution."""
    b, dice = _start(seed)
    n, h, w, _ = _map_shape(dice, 7)
    groups = dice.pick(1, 1, 3)
    x = b.tensor((n, h, w, groups * dice.between(1, 19)), dice.pick(*IN_TYPES))
    kernel, stride = (dice.between(1, 4), dice.between(1, 4)), (dice.between(1, 3), dice.between(1, 3))
    dilation = (dice.between(1, 2), 1)
    spans = [(size - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 for i, size in enumerate((h, w))]
    top, left, bottom, right = (
        dice.between(0, max(0, min(2, (kernel[i % 2] - 1) // 2, (spans[i % 2] - 1) // 2))) for i in range(4)
    )
    output_pads = (dice.between(0, stride[0] - 1), dice.between(0, stride[1] - 1))
    window = Window(kernel, stride, (top, left, bottom, right), dilation, groups)
    b.conv_transpose2d(x, groups * dice.between(1, 19), window, output_pads, _form(dice))
    return b.build()


def dense(seed: int) -> Program:
    """Return a fully connected layer."""
    b, dice = _start(seed)
    x = b.tensor((dice.between(1, 3), dice.between(1, 300)), dice.pick(*IN_TYPES))
    b.fully_connected(x, dice.between(1, 200), _form(dice))
    return b.build()


def _multiplier(dice: Dice, acc_bits: int) -> tuple[int, int]:
    """Return multiplier and shift that bring ``acc_bits`` down to about 8."""
    bits = dice.between(1, 24)
    return dice.between(1 << (bits - 1), (1 << bits) - 1), max(0, bits + acc_bits - 8 + dice.between(-2, 2))


def _pair(b: Builder, dice: Dice) -> tuple[tuple[str, str], Shape]:
    """Add two tensors, one of them perhaps to be broadcast; return their names and the output's shape."""
    shape = _map_shape(dice)
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
    b, dice = _start(seed)
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
    b, dice = _start(seed)
    inputs, shape = _pair(b, dice)
    out = dice.pick(*OUT_TYPES)
    y = b.tensor(shape, out)
    clamp = random_clamp(dice, out)
    acc_bits = sum(8 * np.dtype(b.tensors[name].dtype).itemsize for name in inputs) - 1
    b.add(D.Mul(b.name(), inputs, y, *_multiplier(dice, acc_bits), *clamp, _table_after(b, dice, clamp, out)))
    return b.build()


def concat(seed: int) -> Program:
    """Return a concatenation along any axis."""
    b, dice = _start(seed)
    shape, axis = list(_map_shape(dice)), dice.pick(3, 3, 3, 1, 2, 0)
    out = _any_type(dice)
    names, multipliers, shifts, total = [], [], [], 0
    for _ in range(dice.between(1, 4)):
        shape[axis] = dice.between(1, 40 if axis == 3 else 4)
        total += shape[axis]
        as_it_is = dice.chance(0.4)
        names.append(b.tensor(shape, out if as_it_is else _any_type(dice)))
        multiplier, shift = (1, 0) if as_it_is else _multiplier(dice, 8)
        multipliers.append(multiplier)
        shifts.append(shift)
    y = b.tensor([*shape[:axis], total, *shape[axis + 1 :]], out)
    clamp = random_clamp(dice, out)
    b.add(D.Concat(b.name(), tuple(names), y, axis, tuple(multipliers), tuple(shifts), *clamp))
    return b.build()


def _any_type(dice: Dice) -> str:
    return dice.pick(*IN_TYPES, *IN_TYPES, *WIDE_TYPES)


def max_pool(seed: int) -> Program:
    """Return a maximum pooling."""
    b, dice = _start(seed)
    n, h, w, c = _map_shape(dice)
    window, dtype = _window(dice, h, w), _any_type(dice)
    window = Window(window.kernel, (dice.between(1, 3), dice.between(1, 3)), window.pads, window.dilation)
    x, y = b.tensor((n, h, w, c), dtype), b.tensor((n, *window.output_hw(h, w), c), dtype)
    b.add(D.MaxPool(b.name(), x, y, window.kernel, window.stride, window.pads, window.dilation))
    return b.build()


def avg_pool(seed: int) -> Program:
    """Return an average pooling whose windows all touch the map."""
    b, dice = _start(seed)
    n, h, w, c = _map_shape(dice)
    kernel, dtype = (dice.between(1, 5), dice.between(1, 5)), _any_type(dice)
    h, w = max(h, kernel[0]), max(w, kernel[1])
    top, left, bottom, right = (dice.between(0, min(2, kernel[i % 2] - 1)) for i in range(4))
    window = Window(kernel, (dice.between(1, 3), dice.between(1, 3)), (top, left, bottom, right))
    x, y = b.tensor((n, h, w, c), dtype), b.tensor((n, *window.output_hw(h, w), c), dtype)
    b.add(D.AvgPool(b.name(), x, y, kernel, window.stride, window.pads, dice.chance(0.3)))
    return b.build()


def _reduce(seed: int, kind: type[D.ReduceMean] | type[D.ReduceMax]) -> Program:
    b, dice = _start(seed)
    shape, dtype = _map_shape(dice), _any_type(dice)
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
    b, dice = _start(seed)
    shape, dtype, out = _map_shape(dice), _any_type(dice), dice.pick(*OUT_TYPES)
    x, y = b.tensor(shape, dtype), b.tensor(shape, out)
    n = 256 if dtype in IN_TYPES else 65536
    sizes = (shape[3], n) if dice.chance(0.4) and n == 256 else (n,)
    b.add(D.Table(b.name(), x, y, b.constant(dice.whole_range(out, sizes), out)))
    return b.build()


def data_convert(seed: int) -> Program:
    """Return a data convert."""
    b, dice = _start(seed)
    shape, out = (*_map_shape(dice, 20)[:3], dice.pick(3, 3, 3, 1, 4, 7)), dice.pick(*IN_TYPES)
    x, y = b.tensor(shape, "uint8"), b.tensor(shape, out)
    tables = dice.whole_range(out, (shape[3], 256))
    if dice.chance(0.2):
        tables[1:] = tables[0]
    b.add(D.DataConvert(b.name(), x, y, b.constant(tables, out)))
    return b.build()


def resize(seed: int) -> Program:
    """Return a nearest or bilinear resize."""
    b, dice = _start(seed)
    (n, h, w, c), dtype = _map_shape(dice), _any_type(dice)
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
    b, dice = _start(seed)
    shape, dtype = _map_shape(dice), _any_type(dice)
    before, after = (tuple(dice.between(0, 2) for _ in range(4)) for _ in range(2))
    x = b.tensor(shape, dtype)
    y = b.tensor([s + p + q for s, p, q in zip(shape, before, after, strict=True)], dtype)
    b.add(D.Pad(b.name(), x, y, before, after, int(dice.whole_range(dtype, 1)[0])))
    return b.build()


def cut(seed: int) -> Program:
    """Return a slice with steps."""
    b, dice = _start(seed)
    shape, dtype = _map_shape(dice), _any_type(dice)
    begins = tuple(dice.between(0, s - 1) for s in shape)
    ends = tuple(dice.between(first + 1, s) for first, s in zip(begins, shape, strict=True))
    steps = tuple(dice.pick(1, 1, 2, 3) for _ in shape)
    x = b.tensor(shape, dtype)
    y = b.tensor([-(-(e - first) // s) for first, e, s in zip(begins, ends, steps, strict=True)], dtype)
    b.add(D.Slice(b.name(), x, y, begins, ends, steps))
    return b.build()


def transpose(seed: int) -> Program:
    """Return a channel shuffle or any permutation of axes."""
    b, dice = _start(seed)
    (n, h, w, c), dtype, groups = _map_shape(dice), _any_type(dice), dice.pick(1, 2, 4)
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
    b, dice = _start(seed)
    shape, dtype = _map_shape(dice), _any_type(dice)
    b.add(D.Reshape(b.name(), b.tensor(shape, dtype), b.tensor((prod(shape),), dtype)))
    return b.build()


def softmax(seed: int) -> Program:
    """Return a softmax."""
    b, dice = _start(seed)
    shape, axis = _map_shape(dice), dice.pick(3, 3, 1)
    x, y = b.tensor(shape, _any_type(dice)), b.tensor(shape, "uint8")
    entries = 256 if b.tensors[x].dtype in IN_TYPES else 65536
    powers = np.rint(2**15 * np.exp(-np.arange(entries) / dice.rng.uniform(3, 60)))
    b.add(D.Softmax(b.name(), x, y, axis, b.constant(powers, "int32")))
    return b.build()


def arg_max(seed: int) -> Program:
    """Return an arg-max."""
    b, dice = _start(seed)
    shape, axis = _map_shape(dice), dice.pick(3, 3, 1)
    x = b.tensor(shape, _any_type(dice))
    y = b.tensor([1 if a == axis else s for a, s in enumerate(shape)], "int32")
    b.add(D.ArgMax(b.name(), x, y, axis))
    return b.build()


CASES: dict[str, Callable[[int], Program]] = {
    case.__name__: case
    for case in (
        conv, conv_3x3, conv_16_bit, conv_64_bit, grouped, depthwise, depthwise_wide, transposed, dense, add, mul, concat,
        max_pool, avg_pool, reduce_mean, reduce_max, table, data_convert, resize, pad, cut, transpose, reshape, softmax,
        arg_max,
    )
}  # fmt: skip
