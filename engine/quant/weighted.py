"""A convolution, transposed convolution or fully connected layer: the real one, its integers, its descriptor."""

from dataclasses import dataclass

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array, Node
from engine.program import descriptors as D
from engine.program.program import Tensor
from engine.quant.calibrate import linear_name
from engine.quant.integers import Floats
from engine.quant.network import NetworkBuilder
from engine.quant.requantization import Requantization, Target, requantization
from engine.quant.weights import (
    LayerWeights,
    Widths,
    accumulator_bound,
    channel_scales,
    check_bias,
    check_bound,
    clipped,
    per_channel,
    per_tensor,
    tensor_scale,
)

Weighted = ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected


@dataclass(frozen=True, slots=True)
class WeightedLayer:
    """The real layer: weight float64 [O,...], bias float64 [O], and what its integers must serve."""

    node: Node
    op: Weighted
    weight: Floats
    bias: Floats
    target: Target


@dataclass(frozen=True, slots=True)
class Solution:
    """The layer's integers and the descriptor over them; ``constants`` and ``output`` are not in the network yet."""

    descriptor: D.Conv2d | D.ConvTranspose2d | D.FullyConnected
    constants: dict[str, Array]
    result: Requantization
    weights: LayerWeights


def read_layer(op: Weighted, node: Node, network: NetworkBuilder) -> WeightedLayer:
    """Return the real layer behind ``node``."""
    graph = network.graph
    weight = graph.constants[node.inputs[1]].astype(np.float64)
    bias = (
        graph.constants[node.inputs[2]].astype(np.float64)
        if len(node.inputs) == 3
        else np.zeros(weight.shape[0])
    )
    activation = op.activation
    split = activation is not None and not activation.is_clip
    target = Target(
        bits=network.rules.tensor_bits(node.output),
        signed=activation is None or not activation.is_non_negative,
        max_abs=network.max_abs(node.output),
        linear_max=network.calibration[linear_name(node.output)].max_abs if split else 0.0,
        activation=activation,
    )
    return WeightedLayer(node, op, weight, bias, target)


def solve(layer: WeightedLayer, network: NetworkBuilder) -> Solution:
    """Return the integers of ``layer`` by the SoC's rules.

    Raises:
        CompileError: the accumulator might overflow.
    """
    x, rules = network.source(layer.node.inputs[0]), network.rules
    widths, scale = widths_of(layer, network), weight_scale(layer, network)
    if rules.per_channel:
        weights = per_channel(layer.weight, layer.bias, x.scale, scale, widths)
    else:
        weights = per_tensor(layer.weight, layer.bias, x.scale, float(scale[0]), widths)
    return finish(layer, weights, network)


def widths_of(layer: WeightedLayer, network: NetworkBuilder) -> Widths:
    """Return the widths of the integers: a 16-bit input or 16-bit weights double the bias, SPEC (8)."""
    weight = network.rules.weight_bits(layer.node)
    return Widths(weight, max(weight, network.kind(layer.node.inputs[0]).bits))


def weight_scale(layer: WeightedLayer, network: NetworkBuilder) -> Floats:
    """Return the weights' scale by the SoC's rules, float64[O]; all equal on MMA v1."""
    rules, in_scale = network.rules, network.source(layer.node.inputs[0]).scale
    widths, weight = widths_of(layer, network), layer.weight
    if rules.clip_weights and widths.weight == 8:  # 16 bit resolve the small weights beside the largest
        weight = clipped(weight)
    if rules.per_channel:
        return channel_scales(weight, layer.bias, in_scale, widths)
    scale = tensor_scale(weight, layer.bias, in_scale, widths, rules.power_of_two)
    return np.full(layer.bias.shape, scale)


def finish(layer: WeightedLayer, weights: LayerWeights, network: NetworkBuilder) -> Solution:
    """Return the descriptor for ``weights``.

    Raises:
        CompileError: the accumulator might overflow, or the bias does.
    """
    x, name = network.source(layer.node.inputs[0]), layer.node.name
    bound = accumulator_bound(weights, network.kind(layer.node.inputs[0]))
    acc_scale, shift_only = x.scale * weights.scale, not network.rules.per_channel
    result = requantization(acc_scale, layer.target, shift_only, bound)
    check_bias(name, weights.bias)
    wide = widths_of(layer, network).bias == 16
    check_bound(name, bound, int(result.shift.max()) if shift_only else 0, wide)
    constants: dict[str, Array] = {
        f"{name}.weight": np.ascontiguousarray(weights.weight),
        f"{name}.bias": weights.bias.astype(np.int32),
        f"{name}.multiplier": result.multiplier.astype(np.int32),
        f"{name}.shift": result.shift.astype(np.int32),
    }
    if result.table is not None:
        constants[f"{name}.table"] = result.table
    return Solution(_descriptor(layer, x, result, bound), constants, result, weights)


def _descriptor(
    layer: WeightedLayer, x: Tensor, result: Requantization, bound: int
) -> D.Conv2d | D.ConvTranspose2d | D.FullyConnected:
    name, op = layer.node.name, layer.op
    common = D.FullyConnected(
        name=name, input=x.name, output=layer.node.output,
        weight=f"{name}.weight", bias=f"{name}.bias", multiplier=f"{name}.multiplier", shift=f"{name}.shift",
        qmin=result.qmin, qmax=result.qmax, acc_bound=bound,
        table=None if result.table is None else f"{name}.table",
    )  # fmt: skip
    if isinstance(op, ops.FullyConnected):
        return common
    kind = D.Conv2d if isinstance(op, ops.Conv2d) else D.ConvTranspose2d
    return kind(
        name, x.name, layer.node.output, common.weight, common.bias, common.multiplier, common.shift,
        result.qmin, result.qmax, bound, op.stride, op.dilation, op.pads, op.group, common.table,
    )  # fmt: skip


def run_solution(
    solution: Solution, layer: WeightedLayer, network: NetworkBuilder, step: int = 1
) -> list[Array]:
    """Return the integer outputs of ``solution`` for every frame, or every ``step``-th."""
    assert network.frames is not None
    output = layer.node.output
    tensor = Tensor(
        output, network.graph.tensors[output].shape, solution.result.kind.name, solution.result.scale
    )
    tensors = {**network.tensors, output: tensor}
    constants = {**network.constants, **solution.constants}
    return network.frames.run_device(solution.descriptor, tensors, constants, step)
