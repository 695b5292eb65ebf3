"""Recipe ``lens7`` for one weighted layer: rounding with compensation, and a bias that restores the outputs' means.

Nothing here changes the integer arithmetic, only which integers a layer's weights and bias become.
"""

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array
from engine.quant.frames import channel_mean
from engine.quant.integers import Floats, int_type, round_half_away
from engine.quant.moments import patch_moments
from engine.quant.network import NetworkBuilder
from engine.quant.rounding import compensated, inverse_factor
from engine.quant.weighted import Solution, WeightedLayer, finish, run_solution, weight_scale, widths_of
from engine.quant.weights import LayerWeights, tensor_bias

# Relative to the mean second moment of the inputs. The second part grows as positions get fewer than weights, where the
# moments say little about other pictures and rounding to nearest is the better guess.
_DAMPING, _SCARCE_DAMPING = 1e-3, 0.02


def solve_compensated(layer: WeightedLayer, network: NetworkBuilder) -> tuple[Solution, list[Array]]:
    """Return a solution for ``layer`` and its integer outputs for every frame.

    The bias is moved, and the weights rounded anew, until the outputs have the float outputs' mean in every channel or
    ``calibration_iterations`` are over; a step that makes the means worse is not taken.
    """
    assert network.frames is not None
    rounder = _Rounder(layer, network)
    wanted = channel_mean(network.frames.real[layer.node.output])
    bias = layer.bias
    solution = finish(layer, rounder.round(bias), network)
    outputs = run_solution(solution, layer, network)
    error = wanted - channel_mean(outputs) / solution.result.scale
    for _ in range(network.rules.iterations):
        bias = bias + error
        tried = finish(layer, rounder.round(bias), network)
        results = run_solution(tried, layer, network)
        found = wanted - channel_mean(results) / tried.result.scale
        if np.square(found).sum() >= np.square(error).sum():
            break
        solution, outputs, error = tried, results, found
    return solution, outputs


class _Rounder:
    """Rounds the weights of one layer for any bias; what does not depend on it is computed once."""

    def __init__(self, layer: WeightedLayer, network: NetworkBuilder) -> None:
        assert network.frames is not None
        op, source = layer.op, network.source(layer.node.inputs[0])
        assert isinstance(op, ops.Conv2d | ops.FullyConnected)
        self._shape, self._per_channel = layer.weight.shape, network.rules.per_channel
        self._widths, self._scale = widths_of(layer, network), weight_scale(layer, network)
        self._in_scale, group = source.scale, op.group if isinstance(op, ops.Conv2d) else 1
        self._weight = layer.weight.reshape(group, self._shape[0] // group, -1)
        kernel = (self._shape[1], self._shape[2]) if len(self._shape) == 4 else (1, 1)
        integers = network.frames.integer[source.name]
        moments = patch_moments(integers, source.scale, op, kernel)
        scarcity = moments.second.shape[1] / moments.positions
        self._factor = inverse_factor(moments.second, _DAMPING + _SCARCE_DAMPING * scarcity)
        # How far the inputs' means are from the float network's (borders left aside), as the layer's outputs see it.
        drift = (
            channel_mean(network.frames.real[layer.node.inputs[0]]) - channel_mean(integers) / source.scale
        )
        taps = np.tile(drift.reshape(group, 1, -1), (1, kernel[0] * kernel[1], 1)).reshape(group, -1)
        self._drift: Floats = np.einsum("gok,gk->go", self._weight, taps).reshape(-1)

    def round(self, bias: Floats) -> LayerWeights:
        """Return the integers of the weights and of ``bias``, float64[O], which is meant for float inputs' means."""
        wanted, scale, grouped = bias + self._drift, self._scale, (self._weight.shape[0], -1, 1)
        if self._per_channel:
            units = round_half_away(wanted * self._in_scale * scale)
        else:
            integers = tensor_bias(wanted, self._in_scale, float(scale[0]), self._widths)
            units = integers.astype(np.float64)
        # The bias is the first column, rounded already: what it misses is handed on to the weights.
        missed = (wanted - units / (self._in_scale * scale)).reshape(grouped)
        start = self._weight - missed * (self._factor[:, None, 0, 1:] / self._factor[:, None, 0, :1])
        kind = int_type(self._widths.weight, signed=True)
        low = -kind.qmax if self._per_channel else kind.qmin
        q = compensated(start, self._factor[:, 1:, 1:], scale.reshape(grouped), low, kind.qmax)
        return LayerWeights(q.reshape(self._shape).astype(kind.name), units.astype(np.int64), scale)
