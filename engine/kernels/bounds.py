"""How large accumulators really get, channel by channel: what lets kernels compute in narrower arithmetic."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LayerNumbers:
    """Bias, multiplier and shift of a layer (int64 [O]) and a bound of |acc| over all inputs."""

    bias: Integers
    multiplier: Integers
    shift: Integers
    acc_bound: int


def layer_numbers(
    weight: Array, constants: tuple[Array, Array, Array], clamp: tuple[int, int], acc_bound: int
) -> LayerNumbers:
    """Return ``constants`` = bias, multiplier, shift of weights [O,...], or numbers that give the same outputs.

    A channel without weights may carry any bias, and its output does not depend on the input. Its accumulator is replaced
    by that output: q = (q * 1) >> 0.
    """
    bias, m, s = (np.asarray(c).astype(np.int64).reshape(-1) for c in constants)
    alive = weight.reshape(len(weight), -1).any(axis=1)
    if not alive.all():
        q = np.clip((bias * m + ((np.int64(1) << s) >> 1)) >> s, *clamp)
        bias, m, s = (np.where(alive, a, b) for a, b in ((bias, q), (m, 1), (s, 0)))
    return LayerNumbers(bias, m, s, acc_bound)


def tightened(numbers: LayerNumbers, weight: Array, dtype: np.dtype[np.integer[Any]]) -> LayerNumbers:
    """Return ``numbers`` with the least bound for inputs of ``dtype``: the compiler's covers channels without weights too."""
    flat = weight.reshape(len(weight), -1)
    total = flat.sum(axis=1, dtype=np.int64)
    magnitude = np.abs(flat, dtype=np.int32).sum(axis=1, dtype=np.int64)
    positive, negative = (magnitude + total) // 2, (total - magnitude) // 2
    info = np.iinfo(dtype)
    most = numbers.bias + positive * int(info.max) + negative * int(info.min)
    least = numbers.bias + positive * int(info.min) + negative * int(info.max)
    return replace(numbers, acc_bound=int(max(np.abs(most).max(), np.abs(least).max())))
