"""Error of each device tensor against the float network's tensor of the same name: the layer that hurts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Graph
from engine.program import descriptors as D
from engine.program.artifact import Artifact, DeviceSegment

Real = NDArray[np.float32]
_LEAST_ENERGY = 1e-30  # a float tensor of zeros still gives a finite ratio


@dataclass(frozen=True, slots=True)
class ErrorSums:
    """One tensor of one picture, x float and y device: sums in float64 that add up over pictures."""

    tensor: str
    dot: float
    float_energy: float
    device_energy: float
    error_energy: float
    max_abs_error: float


@dataclass(frozen=True, slots=True)
class LayerError:
    """One layer's output against float over the sampled pictures, in program order.

    ``snr_db`` = 10 log10(sum x^2 / sum (x - y)^2), infinite where nothing differs. ``noise`` is its inverse as a ratio of
    energies, and ``noise_added`` what the layer adds to the noisiest of its inputs: large where the layer itself hurts.
    """

    name: str
    op: str
    tensor: str
    cosine: float
    max_abs_error: float
    snr_db: float
    noise: float
    noise_added: float

    def document(self) -> dict[str, object]:
        """Return JSON values; ``snr_db`` is null where it is infinite."""
        return {
            "name": self.name,
            "op": self.op,
            "tensor": self.tensor,
            "cosine": self.cosine,
            "max_abs_error": self.max_abs_error,
            "snr_db": self.snr_db if math.isfinite(self.snr_db) else None,
            "noise_added": self.noise_added,
        }


def float_names(artifact: Artifact, graph: Graph) -> dict[str, str]:
    """Return the float tensor that stands for each device tensor which a descriptor writes, where there is one.

    Device tensors carry the graph's names; only the converted picture stands for the network's input. Tensors whose shape
    or type the compiler changed have no counterpart.
    """
    found: dict[str, str] = {}
    for segment in artifact.segments:
        if not isinstance(segment, DeviceSegment):
            continue
        for descriptor in segment.program.descriptors:
            device = segment.program.tensors[descriptor.output]
            name = descriptor.input if isinstance(descriptor, D.DataConvert) else descriptor.output
            tensor = graph.tensors.get(name)
            if tensor is not None and tensor.shape == device.shape and tensor.dtype == "float32":
                found[descriptor.output] = name
    return found


def error_sums(tensor: str, expected: Real, got: Real) -> ErrorSums:
    """Return the sums for one tensor of one picture; both arrays have the same shape.

    Elements that the float network gives as NaN or infinite count as it saturates them on the device: without error.
    """
    x, y = expected.reshape(-1).astype(np.float64), got.reshape(-1).astype(np.float64)
    x = np.where(np.isfinite(x), x, y)
    error = y - x
    return ErrorSums(
        tensor=tensor,
        dot=_dot(x, y),
        float_energy=_dot(x, x),
        device_energy=_dot(y, y),
        error_energy=_dot(error, error),
        max_abs_error=float(np.abs(error).max()),
    )


def cosine(a: Real, b: Real) -> float:
    """Return the cosine of two tensors of one shape, in float64; 1 if both are zero, 0 if one is."""
    return _cosine(error_sums("", a, b))


def _dot(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(
        np.sum(x * y)
    )  # not x @ y: BLAS splits long sums by its number of threads, and the last bits change


def layer_errors(artifact: Artifact, pictures: Sequence[Sequence[ErrorSums]]) -> tuple[LayerError, ...]:
    """Return the error of each compared layer over ``pictures``, in program order."""
    totals = _total(pictures)
    noise = {name: _ratio(total.error_energy, total.float_energy) for name, total in totals.items()}
    layers: list[LayerError] = []
    for segment in artifact.segments:
        for descriptor in segment.program.descriptors if isinstance(segment, DeviceSegment) else ():
            total = totals.get(descriptor.output)
            if total is not None:
                last = (
                    layers[-1].noise if layers else 0.0
                )  # where an input comes from the A72 or has no counterpart
                before = max((noise.get(name, last) for name in D.inputs_of(descriptor)), default=last)
                layers.append(_layer(descriptor, total, noise[descriptor.output], before))
    return tuple(layers)


def _total(pictures: Sequence[Sequence[ErrorSums]]) -> Mapping[str, ErrorSums]:
    totals: dict[str, ErrorSums] = {}
    for sums in pictures:
        for each in sums:
            so_far = totals.get(each.tensor, ErrorSums(each.tensor, 0.0, 0.0, 0.0, 0.0, 0.0))
            totals[each.tensor] = ErrorSums(
                each.tensor,
                so_far.dot + each.dot,
                so_far.float_energy + each.float_energy,
                so_far.device_energy + each.device_energy,
                so_far.error_energy + each.error_energy,
                max(so_far.max_abs_error, each.max_abs_error),
            )
    return totals


def _layer(descriptor: D.Descriptor, total: ErrorSums, noise: float, before: float) -> LayerError:
    return LayerError(
        name=descriptor.name,
        op=type(descriptor).__name__,
        tensor=descriptor.output,
        cosine=_cosine(total),
        max_abs_error=total.max_abs_error,
        snr_db=-10.0 * math.log10(noise) if noise > 0.0 else math.inf,
        noise=noise,
        noise_added=max(0.0, noise - before),
    )


def _cosine(total: ErrorSums) -> float:
    norm = math.sqrt(total.float_energy * total.device_energy)
    if norm == 0.0:  # a tensor of zeros has no direction: alike if both are zero
        return float(total.float_energy == total.device_energy)
    return total.dot / norm


def _ratio(error: float, signal: float) -> float:
    return error / max(signal, _LEAST_ENERGY)
