"""Convolution, transposed convolution and fully connected nodes to descriptors, with bias correction."""

from dataclasses import replace

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array, Node
from engine.quant.compensate import solve_compensated
from engine.quant.frames import channel_mean
from engine.quant.integers import Floats
from engine.quant.lowering import lower
from engine.quant.network import NetworkBuilder
from engine.quant.weighted import Solution, Weighted, WeightedLayer, read_layer, run_solution, solve

# Weights per output channel: time grows with its cube, and VGG16's 25,088 would need 5 GB a matrix. Layers beyond it
# have so many terms that rounding errors average out; their biases are corrected like every other layer's.
_DEEPEST_COMPENSATED = 2304


@lower.register(ops.Conv2d)
@lower.register(ops.ConvTranspose2d)
@lower.register(ops.FullyConnected)
def _weighted(op: Weighted, node: Node, network: NetworkBuilder) -> None:
    layer = read_layer(op, node, network)
    dead = int(np.count_nonzero(~layer.weight.reshape(layer.weight.shape[0], -1).any(axis=1)))
    if dead:
        count = layer.weight.shape[0]
        network.note(f"layer {node.name!r}: {dead} of {count} output channels have only zero weights")
    solution, outputs = _solved(layer, network)
    network.constants.update(solution.constants)
    network.add_output(node.output, solution.result)
    network.emit(solution.descriptor, outputs)


def _solved(layer: WeightedLayer, network: NetworkBuilder) -> tuple[Solution, list[Array] | None]:
    rules = network.rules
    if not rules.correct_bias:
        return solve(layer, network), None
    if network.corrections is not None:
        return solve(replace(layer, bias=layer.bias + network.corrections[layer.node.name]), network), None
    if network.frames is None:
        return solve(replace(layer, bias=layer.bias + _expected_error(layer, network)), network), None
    if _is_compensable(layer):
        return solve_compensated(layer, network)
    return _with_corrected_bias(layer, network)


def _is_compensable(layer: WeightedLayer) -> bool:
    """Whether compensated rounding is known for the operator and its matrices stay affordable."""
    return not isinstance(layer.op, ops.ConvTranspose2d) and layer.weight[0].size <= _DEEPEST_COMPENSATED


def _with_corrected_bias(layer: WeightedLayer, network: NetworkBuilder) -> tuple[Solution, list[Array]]:
    """Return a solution whose outputs have, channel by channel, the mean of the float outputs."""
    assert network.frames is not None
    wanted = channel_mean(network.frames.real[layer.node.output])
    for _ in range(network.rules.iterations):
        solution = solve(layer, network)
        outputs = run_solution(solution, layer, network)
        error = wanted - channel_mean(outputs) / solution.result.scale
        layer = replace(layer, bias=layer.bias + error)
    solution = solve(layer, network)
    return solution, run_solution(solution, layer, network)


def _expected_error(layer: WeightedLayer, network: NetworkBuilder) -> Floats:
    """Return the mean error of the rounded weights over the input's means: what is known without frames."""
    weights = solve(layer, network).weights
    count, group = layer.weight.shape[0], getattr(layer.op, "group", 1)
    real = weights.weight / weights.scale.reshape((-1,) + (1,) * (layer.weight.ndim - 1))
    error = (layer.weight - real).reshape(count, -1, layer.weight.shape[-1]).sum(axis=1)
    mean = network.calibration[layer.node.inputs[0]].mean.reshape(group, -1)
    shift: Floats = np.einsum("goc,gc->go", error.reshape(group, count // group, -1), mean).reshape(-1)
    return shift
