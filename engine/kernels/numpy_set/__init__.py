"""The vectorized NumPy kernel set: float BLAS on integers, exact because the compiler bounds every accumulator."""

from engine.kernels.numpy_set.dispatch import NumpySet

__all__ = ["NumpySet"]
