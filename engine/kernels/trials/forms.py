"""What random programs are made of: types, shapes and windows as odd as the descriptors allow."""

from engine.kernels.trials.builder import Builder, Dice, Window

IN_TYPES = ("uint8", "int8")
WIDE_TYPES = ("int16", "uint16")
OUT_TYPES = (*IN_TYPES, *WIDE_TYPES)
Shape = tuple[int, int, int, int]


def start(seed: int) -> tuple[Builder, Dice]:
    """Return a builder whose tensors lie as a seed will have it, and the seed's dice."""
    dice = Dice(seed)
    return Builder(dice, dice.pick(1, 64)), dice


def map_shape(dice: Dice, largest: int = 13, channels: int = 70) -> Shape:
    """Return [n, h, w, c] of at most ``largest`` pixels a side and ``channels`` channels."""
    n = 1 if dice.chance(0.8) else 2
    return n, dice.between(1, largest), dice.between(1, largest), dice.between(1, channels)


def any_type(dice: Dice) -> str:
    """Return a type, more often one of 8 bit."""
    return dice.pick(*IN_TYPES, *IN_TYPES, *WIDE_TYPES)


def any_window(dice: Dice, h: int, w: int, largest: int = 5) -> Window:
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
