"""Cross-layer equalization of linear tensors: channels rescaled so that per-tensor weight scales fit them better.

After Nagel et al. 2019 (arXiv 1906.04721). Scaling channel c of a tensor by g[c], in the rows of the weights that write it
and by 1/g[c] in the columns of those that read it, changes nothing in the float network. Only tensors between linear
outputs are touched (of MobileNet-like blocks: what projections and shortcuts add up): behind a ReLU6 the clip of a rescaled
channel would no longer be at 6, and trusting calibration that a channel never reaches its clip cost more than it gained
(EXPERIMENTS.md). Gains are powers of two, so that not even the float rounding changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from engine.ir import ops
from engine.ir.graph import Array, Graph, Node
from engine.quant.calibration import Calibration
from engine.quant.integers import Floats

Weighted = ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected
_SWEEPS = 2
# log2 of the largest gain; more would only move noise into the activations of the tensor's other channels.
_LARGEST = 6
_TINY = 1e-300


def equalize(graph: Graph, calibration: Calibration) -> tuple[Graph, Calibration, dict[str, Floats]]:
    """Return the rescaled network, its statistics, and the gain of every channel of each rescaled tensor.

    A rescaled tensor holds ``gain[c]`` times what it holds in ``graph``. The network's inputs and outputs, and tensors
    whose range the model file prescribes, are left alone.
    """
    gains: dict[str, Floats] = {}
    groups = [each for each in _tied_tensors(graph) if _can_scale(graph, each)]
    for _ in range(_SWEEPS):
        rescaled = rescale(graph, gains)
        for group in groups:
            step = _gain(rescaled, group)
            gains.update({name: gains.get(name, np.ones_like(step)) * step for name in group})
            rescaled = rescale(graph, gains)
    tensors = dict(calibration.tensors)
    for name, gain in gains.items():
        old = tensors[name]
        tensors[name] = replace(old, low=old.low * gain, high=old.high * gain, mean=old.mean * gain)
    return rescale(graph, gains), replace(calibration, tensors=tensors), gains


def rescale(graph: Graph, gains: Mapping[str, Array]) -> Graph:
    """Return ``graph`` with each named tensor's channels multiplied by its gains, everything else unchanged."""
    constants = dict(graph.constants)
    nodes = []
    for node in graph.nodes:
        written, read = gains.get(node.outputs[0]), gains.get(node.inputs[0])
        if not isinstance(node.op, Weighted) or (written is None and read is None):
            nodes.append(node)
            continue
        weight = graph.constants[node.inputs[1]].astype(np.float64)
        if read is not None:
            weight = _scale_columns(weight, 1.0 / np.asarray(read), getattr(node.op, "group", 1))
        names = [node.inputs[0], f"{node.name}.rescaled_weight"]
        if written is not None:
            weight = weight * np.asarray(written).reshape((-1,) + (1,) * (weight.ndim - 1))
        constants[names[1]] = weight.astype(np.float32)
        if len(node.inputs) == 3:
            bias = graph.constants[node.inputs[2]]
            names.append(f"{node.name}.rescaled_bias")
            constants[names[2]] = bias if written is None else (bias * np.asarray(written)).astype(np.float32)
        nodes.append(replace(node, inputs=tuple(names)))
    return replace(graph, nodes=tuple(nodes), constants=constants)


def _tied_tensors(graph: Graph) -> list[tuple[str, ...]]:
    """Return sets of tensors whose channels must have one gain: an addition ties its inputs and its output."""
    leader = {name: name for name in graph.tensors}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for node in graph.nodes:
        if _passes_gain(node, graph):
            for name in node.inputs:
                leader[find(name)] = find(node.output)
    groups: dict[str, list[str]] = {}
    for name in graph.tensors:
        groups.setdefault(find(name), []).append(name)
    return [tuple(group) for group in groups.values()]


def _passes_gain(node: Node, graph: Graph) -> bool:
    """Return whether the gains of all inputs of ``node`` simply appear at its output."""
    if isinstance(node.op, ops.Add | ops.Sub):
        shapes = {graph.tensors[name].shape for name in node.inputs if name in graph.tensors}
        return (
            node.op.activation is None and len(shapes) == 1 and graph.constants.keys().isdisjoint(node.inputs)
        )
    return isinstance(node.op, ops.MaxPool | ops.AvgPool | ops.Resize)


def _can_scale(graph: Graph, group: Iterable[str]) -> bool:
    """Return whether ``group`` is written only by linear weighted nodes, read only by weighted ones, and not prescribed."""
    names = set(group)
    if names & {*graph.inputs, *graph.outputs, *graph.ranges}:
        return False
    writers = [node for node in graph.nodes if names.intersection(node.outputs)]
    readers = [node for node in graph.nodes if names.intersection(node.inputs)]
    linear = all(
        isinstance(node.op, Weighted) and node.op.activation is None
        for node in writers
        if not _inside(node, names)
    )
    return linear and all(isinstance(node.op, Weighted) for node in readers if not _inside(node, names))


def _inside(node: Node, names: set[str]) -> bool:
    return not isinstance(node.op, Weighted) and names.issuperset((*node.inputs, *node.outputs))


def _gain(graph: Graph, group: tuple[str, ...]) -> Floats:
    """Return the gain that gives a channel the same share of its writers' and its readers' weight ranges."""
    names = set(group)
    rows = [
        _rows(graph, node) for node in graph.nodes if isinstance(node.op, Weighted) and node.output in names
    ]
    columns = [
        _columns(graph, node)
        for node in graph.nodes
        if isinstance(node.op, Weighted) and node.inputs[0] in names
    ]
    channels = graph.tensors[group[0]].shape[-1]
    gain = np.ones(channels)
    if not rows or not columns:
        return gain
    written, read = np.max(rows, axis=0), np.max(columns, axis=0)
    live = (written > 0.0) & (read > 0.0)
    wanted = np.log2(read[live] / written[live]) / 2.0
    gain[live] = 2.0 ** np.clip(np.round(wanted - wanted.mean()), -_LARGEST, _LARGEST) if live.any() else 1.0
    return gain


def _rows(graph: Graph, node: Node) -> Floats:
    """Return the largest weight of each output channel as a share of the node's largest."""
    weight = np.abs(graph.constants[node.inputs[1]]).astype(np.float64)
    top = weight.reshape(weight.shape[0], -1).max(axis=1)
    share: Floats = top / max(float(top.max()), _TINY)
    return share


def _columns(graph: Graph, node: Node) -> Floats:
    """Return the largest weight that each input channel meets as a share of the node's largest."""
    weight = np.abs(graph.constants[node.inputs[1]]).astype(np.float64)
    group = getattr(node.op, "group", 1)
    top = weight.reshape(group, -1, weight.shape[-1]).max(axis=1).reshape(-1)
    share: Floats = top / max(float(top.max()), _TINY)
    return share


def _scale_columns(weight: Floats, factor: Floats, group: int) -> Floats:
    """Return weights [O,...,C/group] with each input channel's column multiplied by ``factor`` [C]."""
    grouped = weight.reshape(group, -1, weight.shape[-1]) * factor.reshape(group, 1, -1)
    scaled: Floats = grouped.reshape(weight.shape)
    return scaled
