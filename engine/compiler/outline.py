"""A program's outline: descriptors and shapes without calibration, scales or values; enough to know time and memory."""

import numpy as np

from engine.compiler.assemble import assemble
from engine.ir import ops
from engine.ir.graph import Array, Graph, Node
from engine.program import descriptors as D
from engine.program.program import Program, Tensor
from engine.soc import SocSpec


def outline(graph: Graph, soc: SocSpec) -> Program:
    """Return ``graph``, optimized and wholly for the device, as a program that can be priced but not run.

    All tensors are 8 bit with scale 1; constants have shapes and no memory behind them.

    Raises:
        CompileError: it does not fit the SoC's memories.
        TypeError: an operator has no outline (the A72 runs it).
    """
    builder = _Outline(graph)
    for node in graph.nodes:
        builder.add(node)
    return assemble(graph, builder.descriptors, builder.tensors, builder.constants, soc)


class _Outline:
    """Collects descriptors; device tensors carry the graph's names, save the converted picture."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._renamed: dict[str, str] = {}
        self.descriptors: list[D.Descriptor] = []
        self.tensors: dict[str, Tensor] = {}
        self.constants: dict[str, Array] = {}
        for name in graph.inputs:
            self._tensor(name)
        picture = graph.inputs[0]
        if graph.input_spec is not None and len(graph.tensors[picture].shape) == 4:
            self._convert(picture)

    def add(self, node: Node) -> None:
        """Emit the descriptor of ``node``."""
        self._tensor(node.output)
        sources = [name for name in node.inputs if name not in self._graph.constants]
        match node.op:
            case ops.Conv2d() | ops.ConvTranspose2d() | ops.FullyConnected():
                self._weighted(node, node.op)
            case ops.Add() | ops.Sub() | ops.Mul() | ops.Concat() if len(sources) > 1:
                self._joining(node, node.op, tuple(self._device_name(name) for name in sources))
            case _:
                self.descriptors.append(_single(node, self._device_name(sources[0])))

    def _device_name(self, name: str) -> str:
        return self._renamed.get(name, name)

    def _tensor(self, name: str) -> None:
        dtype = "int32" if self._graph.tensors[name].dtype == "int64" else "int8"
        self.tensors[name] = Tensor(name, self._graph.tensors[name].shape, dtype, 1.0)

    def _convert(self, picture: str) -> None:
        converted = f"{picture}.converted"
        shape = self._graph.tensors[picture].shape
        self.tensors[converted] = Tensor(converted, shape, "int8", 1.0)
        self._renamed[picture] = converted
        table = self._constant(f"{converted}.table", (shape[-1], 256))
        self.descriptors.append(D.DataConvert("convert", picture, converted, table))

    def _constant(self, name: str, shape: tuple[int, ...]) -> str:
        self.constants[name] = np.broadcast_to(np.int8(0), shape)
        return name

    def _weighted(self, node: Node, op: ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected) -> None:
        weight = self._constant(f"{node.name}.weight", self._graph.constants[node.inputs[1]].shape)
        direct = op.activation is None or op.activation.is_clip
        table = None if direct else self._constant(f"{node.name}.table", (256,))
        source = self._device_name(node.inputs[0])
        if isinstance(op, ops.FullyConnected):
            layer = D.FullyConnected(node.name, source, node.output, weight, *_NO_QUANTIZATION, table=table)
            self.descriptors.append(layer)
            return
        kind = D.Conv2d if isinstance(op, ops.Conv2d) else D.ConvTranspose2d
        window = (op.stride, op.dilation, op.pads, op.group)
        self.descriptors.append(
            kind(node.name, source, node.output, weight, *_NO_QUANTIZATION, *window, table)
        )

    def _joining(self, node: Node, op: ops.Op, sources: tuple[str, ...]) -> None:
        match op:
            case ops.Concat():
                ones = (1,) * len(sources)
                layer: D.Descriptor = D.Concat(
                    node.name, sources, node.output, op.axis, ones, ones, -128, 127
                )
            case ops.Mul():
                layer = D.Mul(node.name, (sources[0], sources[1]), node.output, 1, 0, -128, 127)
            case _:
                layer = D.Add(node.name, (sources[0], sources[1]), node.output, (1, 1), 1, 0, -128, 127)
        self.descriptors.append(layer)


_NO_QUANTIZATION = ("", "", "", -128, 127, 0)  # bias, multiplier, shift, qmin, qmax, acc_bound
_TABLES = (
    ops.Unary,
    ops.Prelu,
    ops.BatchNorm,
    ops.Add,
    ops.Sub,
    ops.Mul,
)  # with a constant, or of one tensor


def _single(node: Node, source: str) -> D.Descriptor:
    """Return the descriptor of a node that reads one tensor."""
    op, ends = node.op, (node.name, source, node.output)
    if isinstance(op, _TABLES):
        return D.Table(*ends, "")
    if isinstance(
        op, ops.Transpose | ops.ChannelShuffle | ops.Concat
    ):  # a concatenation with constants, or of one
        return D.Transpose(*ends, (), ())
    if isinstance(op, ops.MaxPool | ops.AvgPool | ops.ReduceMean | ops.ReduceMax | ops.Softmax | ops.ArgMax):
        return _pooling(op, ends)
    match op:
        case ops.Slice():
            return D.Slice(*ends, op.begins, op.ends, op.steps)
        case ops.Pad():
            return D.Pad(*ends, op.before, op.after, 0)
        case ops.Reshape():
            return D.Reshape(*ends)
        case ops.Resize():
            return D.Resize(*ends, "", "")
    raise TypeError(f"node {node.name!r}: operator {type(op).__name__} has no outline")


def _pooling(
    op: ops.MaxPool | ops.AvgPool | ops.ReduceMean | ops.ReduceMax | ops.Softmax | ops.ArgMax,
    ends: tuple[str, str, str],
) -> D.Descriptor:
    match op:
        case ops.MaxPool():
            return D.MaxPool(*ends, op.kernel, op.stride, op.pads, op.dilation)
        case ops.AvgPool():
            return D.AvgPool(*ends, op.kernel, op.stride, op.pads, op.count_include_pad)
        case ops.ReduceMean():
            return D.ReduceMean(*ends, op.axes)
        case ops.ReduceMax():
            return D.ReduceMax(*ends, op.axes)
        case ops.Softmax():
            return D.Softmax(*ends, op.axis, "")
        case ops.ArgMax():
            return D.ArgMax(*ends, op.axis)
