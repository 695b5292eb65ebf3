"""Random programs of one layer with weights: convolutions of every kind, and fully connected.

Every function takes a seed and returns a program of one descriptor.
"""

from engine.kernels.trials.builder import Dice, LayerForm, Window
from engine.kernels.trials.forms import IN_TYPES, OUT_TYPES, any_window, map_shape, start
from engine.program.program import Program


def _form(dice: Dice) -> LayerForm:
    return LayerForm(dice.pick(*OUT_TYPES), dice.chance(0.4), dice.chance(0.2))


def conv(seed: int) -> Program:
    """Return a dense convolution, 1x1 or of any window."""
    b, dice = start(seed)
    n, h, w, c = map_shape(dice)
    window = Window(stride=(dice.between(1, 2), 1)) if dice.chance(0.4) else any_window(dice, h, w)
    x = b.tensor((n, h, w, c), dice.pick(*IN_TYPES))
    b.conv2d(x, dice.between(1, 90), window, _form(dice))
    return b.build()


def conv_3x3(seed: int) -> Program:
    """Return a 3x3 convolution to bytes, of so many channels and pixels that sets take it in tiles of outputs; some to 7x7."""
    b, dice = start(seed)
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
    b, dice = start(seed)
    n, h, w, c = map_shape(dice, channels=10)
    in_type, weight_type = dice.pick(("int16", "int8"), ("int8", "int16"), ("uint8", "int16"))
    x = b.tensor((n, h, w, c), in_type)
    window = any_window(dice, h, w)
    depthwise = dice.chance(0.3)
    window = Window(window.kernel, window.stride, window.pads, window.dilation, c if depthwise else 1)
    form = LayerForm(dice.pick(*OUT_TYPES), dice.chance(0.4), False, weight_type)
    b.conv2d(x, c if depthwise else dice.between(1, 60), window, form)
    return b.build()


def conv_64_bit(seed: int) -> Program:
    """Return a convolution or fully connected layer whose operands may make accumulators of more than 32 bit."""
    b, dice = start(seed)
    in_type, weight_type = dice.pick(("int16", "int16"), ("uint16", "int16"), ("uint16", "int8"))
    form = LayerForm(dice.pick(*OUT_TYPES), dice.chance(0.4), False, weight_type)
    if dice.chance(0.3):
        b.fully_connected(
            b.tensor((dice.between(1, 3), dice.between(1, 300)), in_type), dice.between(1, 40), form
        )
        return b.build()
    n, h, w, c = map_shape(dice)
    window = any_window(dice, h, w)
    depthwise = dice.chance(0.3)
    window = Window(window.kernel, window.stride, window.pads, window.dilation, c if depthwise else 1)
    b.conv2d(b.tensor((n, h, w, c), in_type), c if depthwise else dice.between(1, 60), window, form)
    return b.build()


def grouped(seed: int) -> Program:
    """Return a convolution in groups."""
    b, dice = start(seed)
    n, h, w, _ = map_shape(dice)
    groups, inside, outside = dice.between(2, 6), dice.between(2, 19), dice.between(1, 19)
    if dice.chance(0.7):  # narrow, as networks have them
        groups, inside = dice.between(2, 13), dice.pick(4, 8, 16)
        outside = inside if dice.chance(0.7) else dice.pick(1, 2, 4, 8)
    window = any_window(dice, h, w, 3)
    x = b.tensor((n, h, w, groups * inside), dice.pick(*IN_TYPES))
    window = Window(window.kernel, window.stride, window.pads, window.dilation, groups)
    b.conv2d(x, groups * outside, window, _form(dice))
    return b.build()


def depthwise(seed: int) -> Program:
    """Return a depthwise convolution: mostly square kernels with the padding that networks have, or any."""
    b, dice = start(seed)
    n, h, w, c = map_shape(dice, 16, 100)
    c = max(c, 2)
    window = any_window(dice, h, w, 7)
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
    b, dice = start(seed)
    k, s, c = dice.pick(3, 5), dice.between(1, 2), dice.pick(64, 96, 128, 192, dice.between(64, 200))
    pads = (dice.between(0, k // 2), dice.between(0, k // 2), dice.between(0, k), dice.between(0, k))
    x = b.tensor((1, dice.between(k, 12), dice.between(k, 40), c), dice.pick(*IN_TYPES))
    b.conv2d(x, c, Window((k, k), (s, s), pads, (1, 1), c), _form(dice))
    return b.build()


def transposed(seed: int) -> Program:
    """Return a transposed convolution."""
    b, dice = start(seed)
    n, h, w, _ = map_shape(dice, 7)
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
    b, dice = start(seed)
    x = b.tensor((dice.between(1, 3), dice.between(1, 300)), dice.pick(*IN_TYPES))
    b.fully_connected(x, dice.between(1, 200), _form(dice))
    return b.build()
