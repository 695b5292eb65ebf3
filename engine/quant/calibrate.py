"""Runs the float network over calibration frames and records ranges and means."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from engine.errors import CalibrationError
from engine.host.float_session import FloatSession
from engine.ir import ops
from engine.ir.graph import Array, Graph, Node
from engine.quant.calibration import Calibration, TensorStatistics
from engine.quant.frames import most_frames
from engine.quant.options import QuantOptions

Progress = Callable[[float], None]
_ACTIVATED = ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected | ops.Add | ops.Sub | ops.Mul
_TAIL = 1e-4
_TAIL_SAMPLES = 20_000  # values per tensor and frame that the tail is estimated from


def linear_name(name: str) -> str:
    """Return the statistics' name of tensor ``name`` before its fused activation."""
    return f"{name}@linear"


def calibrate(
    graph: Graph,
    inputs: Iterable[Array],
    options: QuantOptions,
    progress: Progress = lambda fraction: None,
    keep: Sequence[str] = (),
    threads: int = 1,
) -> Calibration:
    """Return the statistics of every tensor of ``graph`` over the first ``calibration_frames`` of ``inputs``.

    Of networks with very large maps fewer frames are kept than measured (``most_frames``).

    Args:
        graph: an optimized float graph with one input.
        inputs: float32 arrays of the input's shape, already preprocessed and normalised.
        options: ``calibration_frames`` is used.
        progress: told the fraction done after each frame.
        keep: tensors besides the graph's input whose values each frame keeps (inputs of later segments).
        threads: threads of this machine for the float network.

    Raises:
        CalibrationError: no frames, a frame of the wrong shape, or values that are not finite.
    """
    if len(graph.inputs) != 1:
        raise CalibrationError(
            f"graph {graph.name!r} has {len(graph.inputs)} inputs; calibration frames feed one"
        )
    (source,) = graph.inputs
    exposed = expose_linear(graph)
    names = [source, *(name for node in exposed.nodes for name in node.outputs if name)]
    session = FloatSession(exposed, names, threads)
    observers = {name: _Observer() for name in names}
    frames: list[dict[str, Array]] = []
    count, most = 0, most_frames(graph)
    for x in inputs:
        if count == options.calibration_frames:
            break
        if x.shape != graph.tensors[source].shape:
            raise CalibrationError(
                f"calibration frame {count} has shape {list(x.shape)}, must be {list(graph.tensors[source].shape)}"
            )
        values = session.run({source: np.ascontiguousarray(x, np.float32)})
        for name, value in values.items():
            observers[name].add(name, value)
        if count < most:
            frames.append({name: values[name] for name in (source, *keep)})
        count += 1
        progress(count / options.calibration_frames)
    if not frames:
        raise CalibrationError("there are no calibration images; give a folder with at least one")
    statistics = {name: observer.result() for name, observer in observers.items()}
    return Calibration(statistics, count, tuple(frames))


def expose_linear(graph: Graph) -> Graph:
    """Return ``graph`` with fused activations that are not clips split off, so that their inputs have names."""
    nodes: list[Node] = []
    tensors = dict(graph.tensors)
    for node in graph.nodes:
        op = node.op
        if not isinstance(op, _ACTIVATED) or op.activation is None or op.activation.is_clip:
            nodes.append(node)
            continue
        inner = linear_name(node.output)
        tensors[inner] = tensors[node.output]
        nodes.append(replace(node, op=replace(op, activation=None), outputs=(inner,)))
        nodes.append(Node(f"{node.name}@activation", ops.Unary(op.activation), (inner,), node.outputs))
    return replace(graph, nodes=tuple(nodes), tensors=tensors)


class _Observer:
    """Accumulates the statistics of one tensor."""

    def __init__(self) -> None:
        self._low: Array | None = None
        self._high: Array | None = None
        self._sum: Array | None = None
        self._rows = 0
        self._tails: list[float] = []

    def add(self, name: str, value: Array) -> None:
        if value.size == 0:  # a foreign operator found nothing in this frame
            return
        if value.dtype == np.bool_:  # a foreign comparison
            value = value.view(np.uint8)
        flat = value.reshape(-1, value.shape[-1] if value.ndim else 1)
        low, high = flat.min(axis=0), flat.max(axis=0)
        if value.dtype.kind == "f" and not (np.isfinite(low).all() and np.isfinite(high).all()):
            raise CalibrationError(
                f"the float network computes values that are NaN or infinite in tensor {name!r}"
            )
        total = flat.sum(axis=0, dtype=np.float64)
        if self._low is None or self._high is None or self._sum is None:
            self._low, self._high, self._sum = low, high, total
        else:
            self._low, self._high = np.minimum(self._low, low), np.maximum(self._high, high)
            self._sum = self._sum + total
        self._rows += flat.shape[0]
        step = max(1, flat.size // _TAIL_SAMPLES) | 1  # odd: does not fall in step with the channels
        samples = np.abs(flat.reshape(-1)[::step])
        self._tails.append(float(np.quantile(samples, 1.0 - _TAIL, method="higher")))

    def result(self) -> TensorStatistics:
        if self._low is None or self._high is None or self._sum is None:
            zero = np.zeros(1)
            return TensorStatistics(zero, zero, zero, 0.0)
        low, high = self._low.astype(np.float64), self._high.astype(np.float64)
        return TensorStatistics(low, high, self._sum / self._rows, float(np.mean(self._tails)))
