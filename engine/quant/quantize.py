"""From a float graph and its calibration to integer descriptors: floats stop here."""

from collections.abc import Callable, Mapping

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.errors import CalibrationError
from engine.ir.graph import Array, Graph, InputSpec
from engine.program import descriptors as D
from engine.quant import lower_elementwise, lower_movement, lower_weighted
from engine.quant.calibration import Calibration
from engine.quant.frames import Frames
from engine.quant.integers import INT8, UINT8, Floats, IntType, int_type
from engine.quant.integers import quantize as to_integers
from engine.quant.lowering import lower
from engine.quant.network import NetworkBuilder, QuantizedNetwork
from engine.quant.options import QuantOptions
from engine.quant.rules import rules_for
from engine.quant.scales import full_range_scale, power_of_two_below
from engine.soc.spec import SocSpec

Progress = Callable[[float], None]
LOWERINGS = (lower_elementwise, lower_movement, lower_weighted)  # importing them registers their operators


def quantize(
    graph: Graph,
    calibration: Calibration,
    soc: SocSpec,
    options: QuantOptions,
    progress: Progress = lambda fraction: None,
) -> QuantizedNetwork:
    """Return ``graph`` (optimized, all of it for the device) in the integers of ``soc``.

    ``calibration`` must hold the statistics of all its tensors; where it has frames, they are carried through the
    network layer by layer, so that each layer is corrected behind already corrected ones. ``progress`` is told the
    fraction done.

    Raises:
        CompileError: an option does not fit the SoC or the network, or an accumulator might overflow.
        CalibrationError: the calibration is of another model.
        UnsupportedError: the graph has a node that the device does not take.
    """
    rules = rules_for(graph, soc, options)
    frames = None
    if calibration.frames and rules.correct_bias:
        frames = Frames(graph, len(calibration.frames))
        for name in graph.inputs:
            frames.real[name] = [_value(frame, name) for frame in calibration.frames]
    network = NetworkBuilder(graph, calibration, rules, frames)
    if rules.correct_bias and frames is None:
        network.note(
            "biases are corrected from the calibration table's means; with images they would be exact"
        )
    inputs = tuple(_lower_input(name, network) for name in graph.inputs)
    # One BLAS thread: the matrices are small, and two threads waiting for each other took 8 times as long on a busy machine.
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        _lower_nodes(network, progress)
    _note_degenerate(network)
    outputs = tuple(map(network.device_name, graph.outputs))
    return QuantizedNetwork(
        tuple(network.descriptors),
        network.tensors,
        network.constants,
        inputs,
        outputs,
        tuple(network.notes),
    )


def _value(frame: Mapping[str, Array], name: str) -> Array:
    if name not in frame:
        raise CalibrationError(
            f"the calibration frames hold no values of {name!r}; calibrate again and keep it"
        )
    return frame[name]


def _lower_nodes(network: NetworkBuilder, progress: Progress) -> None:
    """Lower every node, in order, and drop each frame's tensors after their last use."""
    graph, frames = network.graph, network.frames
    last_use = {name: index for index, node in enumerate(graph.nodes) for name in node.inputs}
    for index, node in enumerate(graph.nodes):
        if frames is not None:
            frames.real[node.output] = frames.run_real(node)
        lower(node.op, node, network)
        if frames is not None:
            done = [name for name in (*node.inputs, *node.outputs) if last_use.get(name, -1) <= index]
            frames.forget([*done, *map(network.device_name, done)])
        progress((index + 1) / len(graph.nodes))


def _lower_input(name: str, network: NetworkBuilder) -> str:
    """Declare graph input ``name`` on the device and return the device tensor's name."""
    graph = network.graph
    if graph.input_spec is not None and name == graph.inputs[0] and len(graph.tensors[name].shape) == 4:
        _lower_picture(name, graph.input_spec, network)
        return name
    kind = int_type(network.rules.bits, signed=True)
    scale = full_range_scale(network.max_abs(name), kind.qmax)
    scale = power_of_two_below(scale) if network.rules.power_of_two else scale
    network.add_tensor(name, kind, scale)
    if network.frames is not None:
        real = network.frames.real[name]
        network.frames.integer[name] = [to_integers(value, scale, kind) for value in real]
    return name


def _lower_picture(name: str, spec: InputSpec, network: NetworkBuilder) -> None:
    """Emit the data convert from uint8 pixels to the network's scale, SPEC (9)."""
    mean, factor = np.array(spec.mean)[:, None], np.array(spec.scale)[:, None]
    reals: Floats = (np.arange(256.0)[None, :] - mean) * factor
    kind: IntType = INT8 if (reals < 0.0).any() else UINT8
    top = float(np.abs(reals).max())
    scale = (-kind.qmin if kind.signed else kind.qmax) / top if top > 0.0 else 1.0
    scale = power_of_two_below(scale) if network.rules.power_of_two else scale
    converted = f"{name}.converted"
    network.rename(name, converted)
    network.add_tensor(name, UINT8, 1.0)
    network.add_tensor(converted, kind, scale, network.graph.tensors[name].shape)
    if not kind.signed:
        network.non_negative.add(name)
    table = network.add_constant(f"{converted}.table", to_integers(reals, scale, kind))
    if network.frames is not None:
        pixels = (np.rint(real / factor.T + mean.T) for real in network.frames.real[name])
        network.frames.integer[name] = [np.clip(each, 0, 255).astype(np.uint8) for each in pixels]
    network.emit(D.DataConvert("convert", name, converted, table))
    if network.frames is not None:
        del network.frames.integer[name]


def _note_degenerate(network: NetworkBuilder) -> None:
    """List tensors that were constant over calibration, SPEC (14)."""
    for node in network.graph.nodes:
        for name in node.outputs:
            low, high = network.calibration[name].range
            if low == high:
                network.note(f"tensor {name!r} is always {low:g} over the calibration images")
