"""Rounding weights so that each rounding error is made good by the weights not yet rounded.

The method is that of GPTQ (Frantar et al. 2022, arXiv 2210.17323): with the second moments H of the layer's inputs, the
change of the other weights that best cancels the error of one has a closed form, read off a Cholesky factor of the
inverse of H. Here the bias is one more weight, rounded first on its own coarse grid, and H is that of quantized inputs.
"""

import numpy as np

from engine.quant.integers import Floats, round_half_away

# Weights rounded before their errors are handed on to all later ones at once (speed only).
_BLOCK = 64


def inverse_factor(second: Floats, damping: float) -> Floats:
    """Return the upper triangular U with ``inverse(second + damping) = U^T U``, batched [G, K, K].

    ``damping`` is relative to the mean of each matrix's diagonal, which is positive unless all inputs are zero.
    """
    size = second.shape[-1]
    diagonal = np.einsum("gkk->gk", second).mean(axis=1)
    ridge = np.maximum(damping * diagonal, 1e-150)
    inverse = np.linalg.inv(second + ridge[:, None, None] * np.eye(size))
    upper = np.linalg.cholesky((inverse + inverse.transpose(0, 2, 1)) / 2.0).transpose(0, 2, 1)
    return np.asarray(upper, np.float64)


def compensated(weight: Floats, factor: Floats, scale: Floats, q_low: int, q_high: int) -> Floats:
    """Return the integers of ``weight`` as float64, every error handed on to the weights behind it.

    Args:
        weight: float64 [G, O, K].
        factor: ``inverse_factor`` of the inputs, [G, K, K].
        scale: integers per real unit, float64 [G, O, K] or a shape that broadcasts to it.
        q_low: smallest integer.
        q_high: largest integer.
    """
    left, depth = weight.copy(), weight.shape[2]
    scale = np.array(np.broadcast_to(scale, weight.shape))
    integers = np.empty_like(left)
    for start in range(0, depth, _BLOCK):
        stop = min(start + _BLOCK, depth)
        errors = np.empty((*weight.shape[:2], stop - start))
        for k in range(start, stop):
            q = np.clip(round_half_away(left[:, :, k] * scale[:, :, k]), q_low, q_high)
            integers[:, :, k] = q
            error = (left[:, :, k] - q / scale[:, :, k]) / factor[:, k, k, None]
            errors[:, :, k - start] = error
            left[:, :, k:stop] -= error[:, :, None] * factor[:, None, k, k:stop]
        left[:, :, stop:] -= errors @ factor[:, start:stop, stop:]
    return integers
