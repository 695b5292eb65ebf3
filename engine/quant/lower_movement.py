"""Pooling, movement, resizing, softmax and arg-max to descriptors, SPEC (11), (17)-(19), (21)."""

import numpy as np
from numpy.typing import NDArray

from engine.ir import ops
from engine.ir.graph import Node
from engine.program import descriptors as D
from engine.program.program import Tensor
from engine.quant.integers import UINT8, IntType, quantize, round_half_away
from engine.quant.lowering import lower
from engine.quant.network import NetworkBuilder

_BLEND_UNIT = 128.0
_EXP_UNIT = 2.0**15
_INT32 = IntType("int32")


def _pass(node: Node, network: NetworkBuilder) -> Tensor:
    """Declare an output with type and scale of the input; return the input."""
    x = network.source(node.inputs[0])
    if node.inputs[0] in network.non_negative:
        network.non_negative.add(node.output)
    network.add_tensor(node.output, IntType(x.dtype), x.scale)
    return x


@lower.register
def _max_pool(op: ops.MaxPool, node: Node, network: NetworkBuilder) -> None:
    x = _pass(node, network)
    network.emit(D.MaxPool(node.name, x.name, node.output, op.kernel, op.stride, op.pads, op.dilation))


@lower.register
def _avg_pool(op: ops.AvgPool, node: Node, network: NetworkBuilder) -> None:
    x = _pass(node, network)
    network.emit(
        D.AvgPool(node.name, x.name, node.output, op.kernel, op.stride, op.pads, op.count_include_pad)
    )


@lower.register
def _reduce_mean(op: ops.ReduceMean, node: Node, network: NetworkBuilder) -> None:
    network.emit(D.ReduceMean(node.name, _pass(node, network).name, node.output, op.axes))


@lower.register
def _reduce_max(op: ops.ReduceMax, node: Node, network: NetworkBuilder) -> None:
    network.emit(D.ReduceMax(node.name, _pass(node, network).name, node.output, op.axes))


@lower.register
def _slice(op: ops.Slice, node: Node, network: NetworkBuilder) -> None:
    network.emit(D.Slice(node.name, _pass(node, network).name, node.output, op.begins, op.ends, op.steps))


@lower.register
def _pad(op: ops.Pad, node: Node, network: NetworkBuilder) -> None:
    x = _pass(node, network)
    value = int(quantize(np.array(op.value), x.scale, IntType(x.dtype)))
    if abs(value - op.value * x.scale) > 1.0:
        network.note(f"pad {node.name!r}: its value {op.value:g} saturates at {value / x.scale:g}")
    network.emit(D.Pad(node.name, x.name, node.output, op.before, op.after, value))


@lower.register
def _transpose(op: ops.Transpose, node: Node, network: NetworkBuilder) -> None:
    x = _pass(node, network)
    network.emit(D.Transpose(node.name, x.name, node.output, x.shape, op.perm))


@lower.register
def _channel_shuffle(op: ops.ChannelShuffle, node: Node, network: NetworkBuilder) -> None:
    x = _pass(node, network)
    rank = len(x.shape)
    view = (*x.shape[:-1], op.group, x.shape[-1] // op.group)
    network.emit(D.Transpose(node.name, x.name, node.output, view, (*range(rank - 1), rank, rank - 1)))


@lower.register
def _reshape(op: ops.Reshape, node: Node, network: NetworkBuilder) -> None:
    network.emit(D.Reshape(node.name, _pass(node, network).name, node.output))


@lower.register
def _resize(op: ops.Resize, node: Node, network: NetworkBuilder) -> None:
    x = _pass(node, network)
    axes = []
    for axis, key in enumerate(("rows", "columns")):
        picks = resize_picks(x.shape[1 + axis], op.size[axis], op)
        axes.append(network.add_constant(f"{node.name}.{key}", picks))
    network.emit(D.Resize(node.name, x.name, node.output, *axes))


def resize_picks(source: int, target: int, op: ops.Resize) -> NDArray[np.int32]:
    """Return int32[target,3] along one axis: first index, second index, weight of the second in 1/128, SPEC (17)."""
    i = np.arange(target, dtype=np.float64)
    match op.coordinates:
        case ops.Coordinates.HALF_PIXEL:
            at = (i + 0.5) * source / target - 0.5
        case ops.Coordinates.ASYMMETRIC:
            at = i * source / target
        case ops.Coordinates.ALIGN_CORNERS:
            at = i * (source - 1) / max(target - 1, 1)
    at = np.clip(at, 0.0, source - 1)
    if op.mode is ops.ResizeMode.BILINEAR:
        first = np.floor(at)
        weight = round_half_away(_BLEND_UNIT * (at - first))
    else:
        first, weight = _nearest(at, op.rounding), np.zeros(target)
    second = np.minimum(first + 1, source - 1)
    return np.stack([first, second, weight], axis=1).astype(np.int32)


def _nearest(at: NDArray[np.float64], rounding: ops.NearestRounding) -> NDArray[np.float64]:
    match rounding:
        case ops.NearestRounding.FLOOR:
            return np.floor(at)
        case ops.NearestRounding.CEIL:
            return np.ceil(at)
        case ops.NearestRounding.ROUND_PREFER_FLOOR:
            return np.ceil(at - 0.5)
        case ops.NearestRounding.ROUND_PREFER_CEIL:
            return np.floor(at + 0.5)


@lower.register
def _softmax(op: ops.Softmax, node: Node, network: NetworkBuilder) -> None:
    x = network.source(node.inputs[0])
    kind = IntType(x.dtype)
    distance = np.arange(kind.qmax - kind.qmin + 1, dtype=np.float64)
    table = round_half_away(_EXP_UNIT * np.exp(-distance / x.scale)).astype(np.int32)
    network.non_negative.add(node.output)
    network.add_tensor(node.output, UINT8, 255.0)
    network.emit(
        D.Softmax(node.name, x.name, node.output, op.axis, network.add_constant(f"{node.name}.table", table))
    )


@lower.register
def _arg_max(op: ops.ArgMax, node: Node, network: NetworkBuilder) -> None:
    network.add_tensor(node.output, _INT32, 1.0)
    network.emit(D.ArgMax(node.name, network.source(node.inputs[0]).name, node.output, op.axis))
