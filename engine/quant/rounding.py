"""Rounding weights so that each rounding error is made good by the weights not yet rounded.

The method is that of GPTQ (Frantar et al. 2022, arXiv 2210.17323): with the second moments H of the layer's inputs, the
change of the other weights that best cancels the error of one has a closed form, read off a Cholesky factor of the
inverse of H. Here the bias is one more weight, rounded first on its own coarse grid, and H is that of quantized inputs.
"""

import numpy as np

from engine.quant.integers import Floats, round_half_away

# Weights rounded before their errors are handed on to all later ones at once (speed only).
_BLOCK = 64
# Triangles up to this size are inverted as they are, larger ones by halves (speed only).
_SMALL_TRIANGLE = 64


def inverse_factor(second: Floats, damping: float) -> Floats:
    """Return the upper triangular U with ``inverse(second + damping) = U^T U``, batched [G, K, K].

    ``damping`` is relative to the mean of each matrix's diagonal, which is positive unless all inputs are zero.
    """
    size = second.shape[-1]
    diagonal = np.einsum("gkk->gk", second).mean(axis=1)
    ridge = np.maximum(damping * diagonal, 1e-150)
    damped = second + ridge[:, None, None] * np.eye(size)
    # With rows and columns in reverse order, damped = L L^T; in their own order the inverse of L is U.
    lower = np.linalg.cholesky(damped[:, ::-1, ::-1])
    return np.ascontiguousarray(_inverse_of_lower(lower)[:, ::-1, ::-1])


def _inverse_of_lower(lower: Floats) -> Floats:
    """Return the inverses of lower triangular matrices [G, K, K], in a quarter of the time that a general inverse takes."""
    size = lower.shape[-1]
    if size <= _SMALL_TRIANGLE:
        return np.tril(np.linalg.inv(lower))
    half = size // 2
    inverse = np.zeros_like(lower)
    inverse[:, :half, :half] = _inverse_of_lower(lower[:, :half, :half])
    inverse[:, half:, half:] = _inverse_of_lower(lower[:, half:, half:])
    inverse[:, half:, :half] = -inverse[:, half:, half:] @ (lower[:, half:, :half] @ inverse[:, :half, :half])
    return inverse


def compensated(weight: Floats, factor: Floats, scale: Floats, q_low: int, q_high: int) -> Floats:
    """Return the integers of ``weight`` as float64, every error handed on to the weights behind it.

    Args:
        weight: float64 [G, O, K].
        factor: ``inverse_factor`` of the inputs, [G, K, K].
        scale: integers per real unit, float64 [G, O, K] or a shape that broadcasts to it.
        q_low: smallest integer.
        q_high: largest integer.
    """
    depth = weight.shape[2]
    # All outputs of one input lie side by side, [G, K, O]: an input is a step.
    left = weight.transpose(0, 2, 1).copy()
    scale = np.broadcast_to(scale, weight.shape).transpose(0, 2, 1)
    integers, errors = np.empty_like(left), np.empty_like(left)
    for start in range(0, depth, _BLOCK):
        stop = min(start + _BLOCK, depth)
        for k in range(start, stop):
            integers[:, k] = np.clip(round_half_away(left[:, k] * scale[:, k]), q_low, q_high)
            errors[:, k] = (left[:, k] - integers[:, k] / scale[:, k]) / factor[:, k, k, None]
            left[:, k + 1 : stop] -= factor[:, k, k + 1 : stop, None] * errors[:, k, None]
        left[:, stop:] -= factor[:, start:stop, stop:].transpose(0, 2, 1) @ errors[:, start:stop]
    return integers.transpose(0, 2, 1)
