"""One small graph for every operator that the device takes, with its data."""

from collections.abc import Mapping

import numpy as np

from engine.ir import ops
from engine.ir.activations import RELU, RELU6, Activation, Fn
from engine.ir.graph import Array, Graph
from tests.engine.passes.small_graphs import graph

_X = (1, 6, 8, 4)
_SILU, _HARD_SWISH = Activation(Fn.SILU), Activation(Fn.HARD_SWISH)


def _values(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _one(
    op: ops.Op,
    constants: Mapping[str, Array] | None = None,
    reads: tuple[str, ...] = ("x",),
    shape: tuple[int, ...] = _X,
) -> Graph:
    """Return a graph of ``op`` over the input x, constants, and y = tanh(x)."""
    first = [("y", ops.Unary(Activation(Fn.TANH)), ("x",))] if "y" in reads else []
    return graph({"x": shape}, dict(constants or {}), [*first, ("z", op, reads)], ["z"])


def _weights(*shape: int) -> dict[str, Array]:
    return {"w": _values(*shape) * 0.3, "b": _values(shape[0], seed=1)}


_CONV = ("x", "w", "b")
_NORM = {
    name: np.abs(_values(4, seed=i)) + 0.5 for i, name in enumerate(("gamma", "beta", "mean", "variance"))
}
_PER_CHANNEL = {"c": _values(4, seed=3)}

DEVICE_GRAPHS: dict[str, Graph] = {
    "conv": _one(ops.Conv2d(pads=(0, 0, 1, 1), stride=(2, 2), activation=RELU6), _weights(8, 3, 3, 4), _CONV),
    "conv_no_bias": _one(ops.Conv2d(pads=(1, 1, 1, 1)), {"w": _values(5, 3, 3, 4)}, ("x", "w")),
    "conv_group": _one(ops.Conv2d(group=2, dilation=(2, 1), activation=RELU), _weights(6, 3, 3, 2), _CONV),
    "conv_depthwise": _one(ops.Conv2d(group=4, pads=(2, 2, 2, 2)), _weights(4, 5, 5, 1), _CONV),
    "conv_silu": _one(ops.Conv2d(activation=_SILU), _weights(8, 1, 1, 4), _CONV),
    "conv_gelu": _one(ops.Conv2d(activation=Activation(Fn.GELU)), _weights(8, 1, 1, 4), _CONV),
    "conv_leaky": _one(
        ops.Conv2d(activation=Activation(Fn.LEAKY_RELU, alpha=0.1)), _weights(8, 1, 1, 4), _CONV
    ),
    "conv_transpose": _one(
        ops.ConvTranspose2d(stride=(2, 2), pads=(1, 1, 0, 0), output_pads=(1, 0), group=2),
        _weights(6, 3, 3, 2),
        _CONV,
    ),
    "fully_connected": _one(ops.FullyConnected(), _weights(7, 4), _CONV, (3, 4)),
    "batch_norm": _one(ops.BatchNorm(1e-3), _NORM, ("x", *_NORM)),
    "add": _one(ops.Add(activation=RELU), reads=("x", "y")),
    "add_twice": _one(ops.Add(), reads=("x", "x")),
    "add_constant": _one(ops.Add(), _PER_CHANNEL, ("x", "c")),
    "add_number_to_one_channel": _one(ops.Add(), {"c": np.array(0.7, np.float32)}, ("x", "c"), (1, 6, 8, 1)),
    "sub": _one(ops.Sub(), reads=("x", "y")),
    "sub_from_constant": _one(ops.Sub(activation=RELU6), {"c": np.array(0.7, np.float32)}, ("c", "x")),
    "mul": _one(ops.Mul(activation=_HARD_SWISH), reads=("x", "y")),
    "mul_constant": _one(ops.Mul(), _PER_CHANNEL, ("c", "x")),
    "unary_clip": _one(ops.Unary(Activation(Fn.CLIP, low=-0.5, high=0.5))),
    "unary_sigmoid": _one(ops.Unary(Activation(Fn.SIGMOID))),
    "unary_tanh": _one(ops.Unary(Activation(Fn.TANH))),
    "unary_elu": _one(ops.Unary(Activation(Fn.ELU, alpha=1.0))),
    "unary_mish": _one(ops.Unary(Activation(Fn.MISH))),
    "unary_hard_sigmoid": _one(ops.Unary(Activation(Fn.HARD_SIGMOID, alpha=0.2, beta=0.5))),
    "prelu": _one(ops.Prelu(), _PER_CHANNEL, ("x", "c")),
    "max_pool": _one(ops.MaxPool((3, 3), (2, 2), (0, 0, 1, 1))),
    "avg_pool": _one(ops.AvgPool((3, 3), (1, 1), (1, 1, 1, 1))),
    "avg_pool_padded": _one(ops.AvgPool((2, 2), (2, 2), (1, 1, 1, 1), count_include_pad=True)),
    "reduce_mean": _one(ops.ReduceMean((1, 2), keepdims=False)),
    "reduce_max": _one(ops.ReduceMax((1, 2))),
    "concat": _one(ops.Concat(3), reads=("x", "y", "x")),
    "slice": _one(ops.Slice((0, 1, 0, 0), (1, 6, 8, 4), (1, 2, 3, 1))),
    "pad": _one(ops.Pad((0, 1, 0, 0), (0, 0, 2, 0), value=0.25)),
    "transpose": _one(ops.Transpose((0, 3, 1, 2))),
    "reshape": _one(ops.Reshape((1, 48, 4))),
    "channel_shuffle": _one(ops.ChannelShuffle(2)),
    "resize_nearest": _one(ops.Resize((9, 5))),
    "resize_bilinear": _one(ops.Resize((12, 16), ops.ResizeMode.BILINEAR)),
    "resize_corners": _one(ops.Resize((11, 3), ops.ResizeMode.BILINEAR, ops.Coordinates.ALIGN_CORNERS)),
    "softmax": _one(ops.Softmax(3)),
    "arg_max": _one(ops.ArgMax(3, keepdims=False)),
}


def frames(given: Graph, count: int = 4, seed: int = 5) -> list[dict[str, Array]]:
    """Return ``count`` random values for the inputs of ``given``."""
    dice = np.random.default_rng(seed)
    return [
        {name: dice.normal(size=given.tensors[name].shape).astype(np.float32) for name in given.inputs}
        for _ in range(count)
    ]
