"""Local response normalisation, the A72's: float32, each operation rounded by itself, so that it has one result everywhere."""

import numpy as np

from engine.ir.graph import Array
from engine.program.local_response import LocalResponse


def normalise(x: Array, how: LocalResponse, out: Array) -> None:
    """out = x / base ** 0.75, both float32 [..., channels]; squares are added from the first channel to the last."""
    channels = x.shape[-1]
    squares = np.zeros((*x.shape[:-1], channels + how.size - 1), np.float32)
    squares[..., how.before : how.before + channels] = x * x
    total = np.zeros_like(x)
    for first in range(how.size):
        total += squares[..., first : first + channels]
    base = total / np.float32(how.size) * np.float32(how.alpha) + np.float32(how.bias)
    root = np.sqrt(base)
    out[...] = x / (root * np.sqrt(root))
