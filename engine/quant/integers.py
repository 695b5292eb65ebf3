"""The integer types of activations and weights, and rounding."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_BLOCK = 1 << 15


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


def quantize(x: NDArray[Any], scale: float, kind: IntType, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return ``clamp(round(x * scale))`` in the type ``kind``, same shape; in ``out`` if that is given."""
    flat = np.ascontiguousarray(x).reshape(-1)
    result = np.empty(np.shape(x), kind.name) if out is None else out
    target = result.reshape(flat.size)
    # In blocks that stay in the cache: whole maps go this way for every frame, between A72 and C7x.
    size = min(_BLOCK, flat.size)
    products, integers = np.empty(size), np.empty(size, np.int32)
    for start in range(0, flat.size, _BLOCK):
        part = flat[start : start + _BLOCK]
        scaled, whole = products[: part.size], integers[: part.size]
        np.multiply(part, scale, out=scaled, dtype=np.float64)
        # What is negative becomes 0 in an unsigned type, whichever way its half is rounded.
        scaled += np.copysign(0.5, scaled) if kind.signed else 0.5
        # The conversion drops the fraction: behind the half added, this is ``round_half_away``.
        np.copyto(whole, np.clip(scaled, kind.qmin, kind.qmax, out=scaled), casting="unsafe")
        target[start : start + _BLOCK] = whole
    return result
