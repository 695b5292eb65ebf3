"""Activation functions, as data (fused into convolutions) and as float64 formulas (tables are made from them)."""

import math
from dataclasses import dataclass
from enum import Enum
from math import inf

import numpy as np
from numpy.typing import NDArray


class Fn(Enum):
    """Which function; the comment gives its formula with the fields of ``Activation``."""

    CLIP = "clip"  # min(max(x, low), high): ReLU is (0, inf), ReLU6 is (0, 6)
    LEAKY_RELU = "leaky_relu"  # x if x >= 0 else alpha * x
    SIGMOID = "sigmoid"  # 1 / (1 + exp(-x))
    TANH = "tanh"
    HARD_SIGMOID = "hard_sigmoid"  # min(max(alpha * x + beta, 0), 1)
    HARD_SWISH = "hard_swish"  # x * min(max(x / 6 + 0.5, 0), 1)
    SILU = "silu"  # x * sigmoid(x)
    ELU = "elu"  # x if x >= 0 else alpha * (exp(x) - 1)
    GELU = "gelu"  # x * (1 + erf(x / sqrt(2))) / 2
    GELU_TANH = "gelu_tanh"  # x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2
    MISH = "mish"  # x * tanh(log(1 + exp(x)))


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation with its parameters; unused parameters keep their defaults."""

    fn: Fn
    low: float = -inf
    high: float = inf
    alpha: float = 0.0
    beta: float = 0.0

    @property
    def is_clip(self) -> bool:
        """Whether saturation alone computes it on the device (ReLU family with low = 0, SPEC (6))."""
        return self.fn is Fn.CLIP and self.low == 0.0

    @property
    def is_non_negative(self) -> bool:
        """Whether its range is non-negative by construction, SPEC (10)."""
        if self.fn is Fn.CLIP:
            return self.low >= 0.0
        return self.fn in (Fn.SIGMOID, Fn.HARD_SIGMOID)


GELU_TANH_FACTORS = (math.sqrt(2.0 / math.pi), math.sqrt(2.0 / math.pi) * 0.044715)
RELU = Activation(Fn.CLIP, low=0.0)
RELU6 = Activation(Fn.CLIP, low=0.0, high=6.0)


def apply(activation: Activation, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``activation(x)`` in float64, same shape."""
    a = activation
    with np.errstate(over="ignore"):
        match a.fn:
            case Fn.CLIP:
                return np.clip(x, a.low, a.high)
            case Fn.LEAKY_RELU:
                return np.where(x >= 0, x, a.alpha * x)
            case Fn.ELU:
                return np.where(x >= 0, x, a.alpha * np.expm1(np.minimum(x, 0.0)))
            case Fn.TANH:
                return np.tanh(x)
            case Fn.SIGMOID | Fn.HARD_SIGMOID:
                return _gate(a.fn, a.alpha, a.beta, x)
        return x * _gate(a.fn, 1.0 / 6.0, 0.5, x)


def _gate(fn: Fn, alpha: float, beta: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what ``fn`` itself is, or multiplies ``x`` by."""
    match fn:
        case Fn.HARD_SIGMOID | Fn.HARD_SWISH:
            return np.clip(alpha * x + beta, 0.0, 1.0)
        case Fn.GELU:
            error = np.vectorize(math.erf, otypes=[np.float64])
            return 0.5 * (1.0 + error(x / math.sqrt(2.0)))  # type: ignore[no-any-return]
        case Fn.GELU_TANH:
            linear, cubic = GELU_TANH_FACTORS
            return 0.5 * (1.0 + np.tanh(x * (linear + cubic * x * x)))
        case Fn.MISH:
            return np.tanh(np.logaddexp(0.0, x))
    return 1.0 / (1.0 + np.exp(-x))
