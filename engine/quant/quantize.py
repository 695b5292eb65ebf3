"""From a float graph and its calibration to integer descriptors: floats stop here."""

from collections.abc import Callable, Mapping

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.errors import CalibrationError
from engine.ir.graph import Array, Graph, InputSpec
from engine.kernels.numpy_set.dispatch import NumpySet
from engine.program import descriptors as D
from engine.program.operands import KernelSet
from engine.program.program import Tensor
from engine.quant import lower_elementwise, lower_movement, lower_weighted
from engine.quant.bias_iterations import Corrections, iterated_corrections
from engine.quant.calibration import Calibration
from engine.quant.frames import Frames
from engine.quant.integers import INT8, UINT8, Floats, IntType, int_type
from engine.quant.integers import quantize as to_integers
from engine.quant.lowering import lower
from engine.quant.network import NetworkBuilder, QuantizedNetwork
from engine.quant.options import QuantOptions, Recipe
from engine.quant.rules import Rules, rules_for
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
    kernels: KernelSet | None = None,
) -> QuantizedNetwork:
    """Return ``graph`` (optimized, all of it for the device) in the integers of ``soc``.

    ``calibration`` must hold the statistics of all its tensors; where it has frames, biases are corrected with them: in
    recipe ``lens7`` they are carried through the network layer by layer, so that each layer is corrected behind already
    corrected ones; in recipe ``ti`` the whole network runs over them again and again. ``kernels`` (None: NumPy) run it;
    the integers do not depend on them. ``progress`` is told the fraction done.

    Raises:
        CompileError: an option does not fit the SoC or the network, or an accumulator might overflow.
        CalibrationError: the calibration is of another model.
        UnsupportedError: the graph has a node that the device does not take.
    """
    rules = rules_for(graph, soc, options)
    # One BLAS thread: the matrices are small, and two threads waiting for each other took 8 times as long on a busy machine.
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        if calibration.frames and rules.correct_bias and rules.recipe is Recipe.TI:
            network = _iterated(graph, calibration, rules, kernels or NumpySet(), progress)
        else:
            network = _layer_by_layer(graph, calibration, rules, kernels or NumpySet(), progress)
    _note_degenerate(network)
    return network.finish()


def _layer_by_layer(
    graph: Graph, calibration: Calibration, rules: Rules, kernels: KernelSet, progress: Progress
) -> NetworkBuilder:
    """Return the network in one sweep; where there are frames, each bias is corrected behind corrected ones."""
    frames = None
    if calibration.frames and rules.correct_bias:
        frames = Frames(graph, len(calibration.frames), kernels)
        for name in graph.inputs:
            frames.real[name] = [_value(frame, name) for frame in calibration.frames]
    network = NetworkBuilder(graph, calibration, rules, frames)
    if rules.correct_bias and frames is None:
        network.note(
            "biases are corrected from the calibration table's means; with images they would be exact"
        )
    _lower_all(network, progress)
    return network


def _iterated(
    graph: Graph, calibration: Calibration, rules: Rules, kernels: KernelSet, progress: Progress
) -> NetworkBuilder:
    """Return the network with TI's iterated biases."""

    def build(corrections: Corrections) -> NetworkBuilder:
        network = NetworkBuilder(graph, calibration, rules, None, corrections)
        _lower_all(network, lambda fraction: None)
        return network

    def inputs(network: QuantizedNetwork) -> list[dict[str, Array]]:
        return [
            {name: _to_device(_value(frame, name), network.tensors[name], graph) for name in graph.inputs}
            for frame in calibration.frames
        ]

    steps = rules.iterations + 1
    corrections = iterated_corrections(
        graph, calibration, lambda found: build(found).finish(), inputs, rules.iterations, kernels,
        lambda fraction: progress(fraction * rules.iterations / steps),
    )  # fmt: skip
    network = build(corrections)
    progress(1.0)
    return network


def _value(frame: Mapping[str, Array], name: str) -> Array:
    if name not in frame:
        raise CalibrationError(
            f"the calibration frames hold no values of {name!r}; calibrate again and keep it"
        )
    return frame[name]


def _lower_all(network: NetworkBuilder, progress: Progress) -> None:
    """Lower the inputs and every node, in order, and drop each frame's tensors after their last use."""
    graph, frames = network.graph, network.frames
    for name in graph.inputs:
        _lower_input(name, network)
    last_use = graph.last_uses()
    for index, node in enumerate(graph.nodes):
        if frames is not None:
            frames.real[node.output] = frames.run_real(node)
        lower(node.op, node, network)
        if frames is not None:
            done = [name for name in (*node.inputs, *node.outputs) if last_use.get(name, -1) <= index]
            frames.forget([*done, *map(network.device_name, done)])
        progress((index + 1) / len(graph.nodes))


def _lower_input(name: str, network: NetworkBuilder) -> None:
    """Declare graph input ``name`` on the device."""
    spec, frames = _picture_spec(name, network.graph), network.frames
    if spec is not None:
        _lower_picture(name, spec, network)
        return
    kind = int_type(network.rules.bits, signed=True)
    scale = full_range_scale(network.max_abs(name), kind.qmax)
    scale = power_of_two_below(scale) if network.rules.power_of_two else scale
    tensor = network.add_tensor(name, kind, scale)
    if frames is not None:
        frames.integer[name] = [_to_device(value, tensor, network.graph) for value in frames.real[name]]


def _picture_spec(name: str, graph: Graph) -> InputSpec | None:
    """Return how pixels become the real input ``name``; None where that takes no picture."""
    takes_picture = name == graph.inputs[0] and len(graph.tensors[name].shape) == 4
    return graph.input_spec if takes_picture else None


def _to_device(real: Array, tensor: Tensor, graph: Graph) -> Array:
    """Return the real values of the graph input behind ``tensor`` as its integers: pixels where it takes a picture."""
    spec = _picture_spec(tensor.name, graph)
    if spec is None:
        return to_integers(real, tensor.scale, IntType(tensor.dtype))
    pixels: Array = np.rint(real / np.array(spec.scale) + np.array(spec.mean))
    return pixels.clip(0, 255).astype(np.uint8)


def _lower_picture(name: str, spec: InputSpec, network: NetworkBuilder) -> None:
    """Emit the data convert from uint8 pixels to the network's scale, SPEC (9)."""
    graph, frames = network.graph, network.frames
    mean, factor = np.array(spec.mean)[:, None], np.array(spec.scale)[:, None]
    reals: Floats = (np.arange(256.0)[None, :] - mean) * factor
    kind: IntType = INT8 if (reals < 0.0).any() else UINT8
    top = float(np.abs(reals).max())
    scale = (-kind.qmin if kind.signed else kind.qmax) / top if top > 0.0 else 1.0
    scale = power_of_two_below(scale) if network.rules.power_of_two else scale
    converted = f"{name}.converted"
    network.rename(name, converted)
    pixels = network.add_tensor(name, UINT8, 1.0)
    network.add_tensor(converted, kind, scale, graph.tensors[name].shape)
    if not kind.signed:
        network.non_negative.add(name)
    table = network.add_constant(f"{converted}.table", to_integers(reals, scale, kind))
    if frames is not None:
        frames.integer[name] = [_to_device(real, pixels, graph) for real in frames.real[name]]
    network.emit(D.DataConvert("convert", name, converted, table))
    if frames is not None:
        del frames.integer[name]


def _note_degenerate(network: NetworkBuilder) -> None:
    """List tensors that were constant over calibration, SPEC (14)."""
    for node in network.graph.nodes:
        for name in node.outputs:
            low, high = network.calibration[name].range
            if low == high:
                network.note(f"tensor {name!r} is always {low:g} over the calibration images")
