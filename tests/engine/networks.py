"""Whole networks with random weights, as programs: the layer shapes of EfficientNet-Lite0 and MobileNetV2-1.0."""

import numpy as np

from engine.kernels.trials.builder import Builder, Dice, LayerForm, Window
from engine.program import descriptors as D
from engine.program.program import Program

# (expansion, output channels, repeats, stride, kernel)
EFFICIENTNET_LITE0 = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)  # fmt: skip
MOBILENET_V2 = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3), (6, 96, 3, 1, 3), (6, 160, 3, 2, 3),
    (6, 320, 1, 1, 3),
)  # fmt: skip


def same_pads(size: int, kernel: int, stride: int) -> tuple[int, int, int, int]:
    """Return TensorFlow SAME padding of a square map."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total // 2, total - total // 2, total - total // 2


def inverted_residuals(
    blocks: tuple[tuple[int, int, int, int, int], ...], size: int = 224, shift_only: bool = False, seed: int = 0,
    classes: int = 1000,
) -> Program:  # fmt: skip
    """Return a network of inverted residual blocks: data convert, stem, ``blocks``, head, mean, classifier."""
    b = Builder(Dice(seed))
    unsigned, signed = LayerForm("uint8", shift_only), LayerForm("int8", shift_only)
    pixels, x = b.tensor((1, size, size, 3), "uint8"), b.tensor((1, size, size, 3), "int8")
    table = np.tile(np.clip(np.arange(256) - 127, -128, 127), (3, 1))
    b.add(D.DataConvert(b.name(), pixels, x, b.constant(table, "int8")))
    x = b.conv2d(x, 32, Window((3, 3), (2, 2), same_pads(size, 3, 2)), unsigned)
    size, channels = -(-size // 2), 32
    for expansion, outputs, repeats, first_stride, k in blocks:
        for i in range(repeats):
            stride, hidden = first_stride if i == 0 else 1, channels * expansion
            wide = b.conv2d(x, hidden, Window(), unsigned) if expansion != 1 else x
            window = Window((k, k), (stride, stride), same_pads(size, k, stride), group=hidden)
            y = b.conv2d(b.conv2d(wide, hidden, window, unsigned), outputs, Window(), signed)
            size = -(-size // stride)
            if stride == 1 and channels == outputs:
                total = b.tensor((1, size, size, outputs), "int8")
                y = b.add(D.Add(b.name(), (x, y), total, (64, 60), 1, 7, -128, 127))
            x, channels = y, outputs
    x = b.conv2d(x, 1280, Window(), unsigned)
    mean = b.tensor((1, 1, 1, 1280), "uint8")
    b.add(D.ReduceMean(b.name(), x, mean, (1, 2)))
    b.fully_connected(mean, classes, LayerForm("int16", shift_only))
    return b.build()
