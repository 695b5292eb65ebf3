"""Recipe ``lens7`` for one weighted layer: compensated rounding, and the weight scale whose outputs err least.

Nothing here changes the integer arithmetic: only which integers a layer's weights and bias become, and its scales.
"""

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array
from engine.quant.frames import channel_mean
from engine.quant.integers import Floats, int_type, round_half_away
from engine.quant.moments import patch_moments
from engine.quant.network import NetworkBuilder
from engine.quant.rounding import compensated, inverse_factor
from engine.quant.scales import smallest_shift
from engine.quant.weighted import Solution, WeightedLayer, finish, run_solution
from engine.quant.weights import LayerWeights, channel_scales, tensor_bias, tensor_scale

# Relative to the mean second moment of the inputs. The second grows as positions get fewer than weights, where the
# moments say little about other pictures and rounding to nearest is the better guess.
_DAMPING, _SCARCE_DAMPING = 1e-3, 0.02
_JUDGED_FRAMES = 6


def search(layer: WeightedLayer, network: NetworkBuilder) -> tuple[Solution, list[Array]]:
    """Return the best solution found for ``layer`` and its integer outputs for every frame."""
    assert network.frames is not None
    rounder = _Rounder(layer, network)
    best: tuple[float, Solution, Floats] | None = None
    scales = rounder.scales()
    for scale in scales:
        solution = finish(layer, rounder.round(layer.bias, scale), network)
        loss = _loss(solution, layer, network) if len(scales) > 1 else 0.0
        if best is None or loss < best[0]:
            best = loss, solution, scale
    assert best is not None
    _, solution, scale = best
    return _correct(solution, scale, layer, rounder, network)


def _correct(
    solution: Solution, scale: Floats, layer: WeightedLayer, rounder: "_Rounder", network: NetworkBuilder
) -> tuple[Solution, list[Array]]:
    """Move the bias until the outputs have the float outputs' mean in every channel; keep the best of the steps."""
    assert network.frames is not None
    wanted = channel_mean(network.frames.real[layer.node.output])
    outputs = run_solution(solution, layer, network)
    error = wanted - channel_mean(outputs) / solution.result.scale
    bias = layer.bias
    for _ in range(network.rules.iterations):
        bias = bias + error
        tried = finish(layer, rounder.round(bias, scale), network)
        results = run_solution(tried, layer, network)
        found = wanted - channel_mean(results) / tried.result.scale
        if np.square(found).sum() >= np.square(error).sum():
            break
        solution, outputs, error = tried, results, found
    return solution, outputs


def _loss(solution: Solution, layer: WeightedLayer, network: NetworkBuilder) -> float:
    """Return the mean squared error of the layer's real outputs over a few frames."""
    assert network.frames is not None
    step = max(1, network.frames.count // _JUDGED_FRAMES)
    outputs = run_solution(solution, layer, network, step)
    wanted = network.frames.real[layer.node.output][::step]
    errors = [
        np.square(q / solution.result.scale - real).mean() for q, real in zip(outputs, wanted, strict=True)
    ]
    return float(np.mean(errors))


class _Rounder:
    """Rounds the weights of one layer for any bias and scale; what does not depend on them is computed once."""

    def __init__(self, layer: WeightedLayer, network: NetworkBuilder) -> None:
        assert network.frames is not None
        self._layer, self._network = layer, network
        op, source = layer.op, network.source(layer.node.inputs[0])
        assert isinstance(op, ops.Conv2d | ops.FullyConnected)
        self._group = op.group if isinstance(op, ops.Conv2d) else 1
        kernel = (layer.weight.shape[1], layer.weight.shape[2]) if layer.weight.ndim == 4 else (1, 1)
        moments = patch_moments(network.frames.integer[source.name], source.scale, op, kernel)
        depth = moments.second.shape[1]
        damping = _DAMPING + _SCARCE_DAMPING * depth / moments.positions
        self._factor = inverse_factor(moments.second, damping)
        self._in_scale = source.scale
        self._weight = layer.weight.reshape(self._group, layer.weight.shape[0] // self._group, -1)
        # How far the layer's means have drifted from the float network's, borders left aside.
        drift = channel_mean(network.frames.real[layer.node.inputs[0]])
        drift -= channel_mean(network.frames.integer[source.name]) / source.scale
        taps = np.tile(drift.reshape(self._group, 1, -1), (1, kernel[0] * kernel[1], 1))
        self._drift = np.einsum("gok,gk->go", self._weight, taps.reshape(self._group, -1)).reshape(-1)

    def scales(self) -> list[Floats]:
        """Return the weight scales worth trying, float64[O] each."""
        layer, rules = self._layer, self._network.rules
        bits = rules.weight_bits(layer.node)
        if rules.per_channel:
            return [channel_scales(layer.weight, layer.bias, self._in_scale, bits)]
        finest = tensor_scale(layer.weight, layer.bias, self._in_scale, bits, rules.power_of_two)
        count = layer.bias.size
        if rules.power_of_two or layer.target.needs_table:
            return [np.full(count, finest)]
        q_max = int_type(layer.target.bits, layer.target.signed).qmax
        max_abs = layer.target.max_abs
        shift = smallest_shift(self._in_scale * finest, max_abs or q_max, q_max)
        used = max_abs * self._in_scale * finest / 2.0**shift / q_max
        if shift == 0 or used == 0.0 or used > 0.95 or q_max > 255:
            return [np.full(count, finest)]
        full = finest / used * (1.0 - 1e-9)
        return [np.full(count, scale) for scale in (finest, full, full / 2.0)]

    def round(self, bias: Floats, scale: Floats) -> LayerWeights:
        """Return the integers for ``scale`` [O] and a bias that meets float inputs' means."""
        rules, layer = self._network.rules, self._layer
        bits = rules.weight_bits(layer.node)
        wanted = bias + self._drift
        if rules.per_channel:
            units = round_half_away(wanted * self._in_scale * scale)
        else:
            units = tensor_bias(wanted, self._in_scale, bits, float(scale[0])).astype(np.float64)
        kind = int_type(bits, signed=True)
        grouped = (self._group, -1, 1)
        # The bias is rounded already: what it misses is handed to the weights as the first column's error.
        missed = (wanted - units / (self._in_scale * scale)).reshape(grouped)
        start = self._weight + missed * -self._factor[:, None, 0, 1:] / self._factor[:, 0, 0, None, None]
        low = -kind.qmax if rules.per_channel else kind.qmin
        q = compensated(start, self._factor[:, 1:, 1:], scale.reshape(grouped), low, kind.qmax)
        integers = q.reshape(layer.weight.shape).astype(kind.name)
        return LayerWeights(integers, units.astype(np.int64), scale)
