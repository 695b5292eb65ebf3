"""SPEC (5), (6), (13) vectorized: the cheapest arithmetic that is still exact for a layer's bounds.

With ``limit`` >= |any partial sum of acc| and half = (1 << s) >> 1 there are three ways to compute
``sat((acc * m + half) >> s)``, all equal to the law because every number in them is represented exactly:

- FOLDED: |acc * m| + half fits the significand of acc's own float type; m * 2^-s is multiplied into the weights
  beforehand and only ``floor(acc + (bias * m + half) * 2^-s)`` is left to do.
- SCALED: acc is float32 or float64, and |acc * m| + half fits float64: ``floor(acc * (m * 2^-s) + ...)`` in float64.
- INTEGER: anything else, in int64.
"""

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.numpy_set.workspace import Workspace

FLOAT32_EXACT = 1 << 24
FLOAT64_EXACT = 1 << 53
# Parameter vectors are repeated up to about this length: NumPy's inner loops are slow on short rows.
ROW_ELEMENTS = 512

Floats = NDArray[np.floating[Any]]
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


class Mode(Enum):
    """How acc becomes q; see the module's docstring."""

    FOLDED = "folded"
    SCALED = "scaled"
    INTEGER = "integer"


class Requantizer:
    """Turns accumulators [P, N] without bias into the output's integers.

    ``acc_dtype`` is the float type the accumulators must be computed in; the weights (or element-wise coefficients) must
    be multiplied by ``weight_scale`` [N] first.
    """

    def __init__(
        self,
        parameters: tuple[Array, Array, Array],
        clamp: tuple[int, int],
        limit: int,
        table: Array | None,
        workspace: Workspace,
        foldable: bool = True,
    ) -> None:
        """Choose the mode. ``parameters`` = bias, multiplier, shift (each [N]); ``clamp`` = qmin, qmax."""
        bias, m, s = (np.asarray(p).astype(np.int64).reshape(-1) for p in parameters)
        self._qmin, self._qmax = clamp
        self._table, self._workspace = table, workspace
        half = (np.int64(1) << s) >> np.int64(1)
        # Python integers: the product may pass 2^63.
        product_limit = max(limit * abs(int(mi)) + int(hi) for mi, hi in zip(m, half, strict=True))
        self.acc_dtype: np.dtype[Any] = FLOAT32 if limit <= FLOAT32_EXACT else FLOAT64
        self.mode = _choose_mode(self.acc_dtype, product_limit, foldable)
        self._bias, self._m, self._s, self._half = bias, m, s, half
        scale = np.ldexp(m.astype(np.float64), -s)
        self.weight_scale = scale if self.mode is Mode.FOLDED else np.ones_like(scale)
        self._repeat = max(1, ROW_ELEMENTS // bias.size)
        if self.mode is not Mode.INTEGER:
            kind = self.acc_dtype if self.mode is Mode.FOLDED else FLOAT64
            self._addend = np.tile(np.ldexp((bias * m + half).astype(np.float64), -s), self._repeat).astype(
                kind
            )
            self._scale = np.tile(scale, self._repeat)

    def accumulators(self, rows: int) -> Floats:
        """Return scratch [rows rounded up, N] for ``finish``; the rows beyond ``rows`` are zero."""
        whole = -(-rows // self._repeat) * self._repeat
        acc: Floats = self._workspace.array("accumulators", (whole, self._bias.size), self.acc_dtype)
        acc[rows:] = 0
        return acc

    def finish(self, acc: Floats, out: Array) -> None:
        """Requantize ``acc`` (from ``accumulators``; destroyed) into ``out`` [P, N], C-contiguous."""
        q = self._integers(acc)[: out.shape[0]]
        if self._table is None:
            np.copyto(out, q, casting="unsafe")
        else:
            out[...] = self._table[q.astype(np.intp) - self._qmin]

    def _integers(self, acc: Floats) -> Array:
        if self.mode is Mode.INTEGER:
            wide = ((acc.astype(np.int64) + self._bias) * self._m + self._half) >> self._s
            return np.clip(wide, self._qmin, self._qmax, out=wide)
        y = acc.reshape(-1, self._addend.size)
        if self.mode is Mode.SCALED:
            y = np.multiply(y, self._scale, out=self._workspace.array("scaled", y.shape, np.float64))
        np.add(y, self._addend, out=y)
        if self._qmin < 0:  # where qmin >= 0 the conversion to integer is the floor
            np.floor(y, out=y)
        np.clip(y, self._qmin, self._qmax, out=y)
        return y.reshape(acc.shape)


def _choose_mode(acc_dtype: np.dtype[Any], product_limit: int, foldable: bool) -> Mode:
    if foldable and (
        product_limit <= FLOAT32_EXACT or (acc_dtype == FLOAT64 and product_limit < FLOAT64_EXACT)
    ):
        return Mode.FOLDED
    return Mode.SCALED if product_limit < FLOAT64_EXACT else Mode.INTEGER
