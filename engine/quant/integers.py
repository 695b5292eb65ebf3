"""The integer types of activations and weights, and rounding."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernels.numpy_set import conversion

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IntType:
    """An integer type with its range."""

    name: str

    @property
    def qmin(self) -> int:
        """Smallest value."""
        return int(np.iinfo(self.name).min)

    @property
    def qmax(self) -> int:
        """Largest value."""
        return int(np.iinfo(self.name).max)

    @property
    def bits(self) -> int:
        """Width."""
        return int(np.iinfo(self.name).bits)

    @property
    def signed(self) -> bool:
        """Whether negative values exist."""
        return self.qmin < 0


INT8, UINT8, INT16, UINT16 = IntType("int8"), IntType("uint8"), IntType("int16"), IntType("uint16")


def int_type(bits: int, signed: bool) -> IntType:
    """Return the activation type of ``bits`` (8 or 16), SPEC (1) and (8)."""
    return IntType(f"{'' if signed else 'u'}int{bits}")


def round_half_away(x: NDArray[Any] | float) -> Floats:
    """Return ``x`` rounded to integers, halves away from zero, as float64: the SPEC's ``round``."""
    value = np.asarray(x, np.float64)
    return np.copysign(np.floor(np.abs(value) + 0.5), value)


def quantize(x: NDArray[Any] | float, scale: float, kind: IntType) -> NDArray[Any]:
    """Return ``clamp(round(x * scale))`` in the type ``kind``, same shape."""
    real = np.ascontiguousarray(x)
    result = np.empty(np.shape(x), kind.name)
    conversion.quantize(real, scale, result)
    return result
