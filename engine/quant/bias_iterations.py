"""Recipe ``ti`` for the biases: the whole integer network runs over the frames, then every layer's bias moves a little.

TI's option ``bias_calibration``, ``calibration_iterations`` times: to each bias 0.05 of the difference between the means
of the float and the integer output is added (``lr_calib`` of edgeai-modeloptimization; ``biasCalibrationFactor`` of TI's
import tool), all layers at once. In the first and in the last tenth of the iterations it is a tenth of that.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.ir.graph import Array, Graph, Node
from engine.program.operands import KernelSet
from engine.program.program import Program
from engine.quant.calibration import Calibration
from engine.quant.frames import Arrays
from engine.quant.integers import Floats
from engine.quant.network import QuantizedNetwork
from engine.quant.weighted import Weighted

_SHARE, _CAREFUL = 0.05, 0.1

# What is added to the real bias of each weighted layer, float64[O] by node name.
Corrections = Mapping[str, Floats]


def iterated_corrections(
    graph: Graph,
    calibration: Calibration,
    build: Callable[[Corrections], QuantizedNetwork],
    inputs: Callable[[QuantizedNetwork], Sequence[Mapping[str, Array]]],
    iterations: int,
    kernels: KernelSet,
    progress: Callable[[float], None],
) -> Corrections:
    """Return the corrections after ``iterations`` steps.

    The result is the same with every kernel set: the means are sums of integers, which float64 holds exactly.

    Args:
        graph: the float network.
        calibration: holds the float means of every tensor of ``graph`` over the frames.
        build: quantizes ``graph`` with corrected biases.
        inputs: the device's inputs, integers by name, for each frame.
        iterations: how often the network runs over all frames.
        kernels: what runs it.
        progress: told the fraction done after each iteration.
    """
    layers = [node for node in graph.nodes if isinstance(node.op, Weighted)]
    corrections: Corrections = {node.name: np.zeros(1) for node in layers}
    frames: Sequence[Mapping[str, Array]] = ()
    for index in range(iterations if layers else 0):
        network = build(corrections)
        frames = frames or inputs(network)  # biases change no input's scale
        means = _device_means(network, layers, frames, kernels)
        share = share_of(index, iterations)
        corrections = {
            node.name: corrections[node.name] + share * (calibration[node.output].mean - means[node.output])
            for node in layers
        }
        progress((index + 1) / iterations)
    return corrections


def share_of(index: int, iterations: int) -> float:
    """Return the share of the mean error that iteration ``index`` of ``iterations`` adds to the biases."""
    careful = iterations // 10
    return _SHARE if careful <= index < iterations - careful else _SHARE * _CAREFUL


def _device_means(
    network: QuantizedNetwork,
    layers: Sequence[Node],
    frames: Sequence[Mapping[str, Array]],
    kernels: KernelSet,
) -> dict[str, Floats]:
    """Return the mean of each layer's output over ``frames`` and all axes but the last, in real units, float64[O]."""
    # No two tensors share bytes, as they would in the device's memory: all are there still when a frame is through.
    arrays = {name: np.zeros(each.shape, each.dtype) for name, each in network.tensors.items()}
    program = Program(
        "", network.descriptors, network.tensors, network.constants, network.inputs, network.outputs
    )
    executable = kernels.prepare(program, Arrays(arrays, network.constants))
    rows = {node.output: arrays[node.output].reshape(-1, arrays[node.output].shape[-1]) for node in layers}
    sums = {name: np.zeros(each.shape[1]) for name, each in rows.items()}
    for frame in frames:
        for name, value in frame.items():
            arrays[name][...] = value
        executable.run()
        for name, values in rows.items():
            sums[name] += values.sum(axis=0, dtype=np.float64)
    return {
        name: total / (rows[name].shape[0] * len(frames) * network.tensors[name].scale)
        for name, total in sums.items()
    }
