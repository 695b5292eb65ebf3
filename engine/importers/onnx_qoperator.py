"""Takes operators on quantized tensors apart: dequantize, the operator on real numbers, quantize.

Quantizing tools write networks in either form; the other one, QDQ, is what the importer reads. QLinearConv and QLinearMatMul are
ONNX's own, the others are ONNX Runtime's. Operators that only move integers (MaxPool, Reshape ...) move real numbers then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
from onnx import helper

from engine.importers.onnx_context import input_name
from engine.importers.onnx_file import DOMAINS

_CONTRIB = "com.microsoft"
# Inputs (x, scale, zero point), then the output's scale and zero point.
_OF_ONE = {
    "QLinearAveragePool": "AveragePool", "QLinearGlobalAveragePool": "GlobalAveragePool", "QLinearLeakyRelu": "LeakyRelu",
    "QLinearReduceMean": "ReduceMean", "QLinearSigmoid": "Sigmoid", "QLinearSoftmax": "Softmax",
}  # fmt: skip
# Inputs (a, scale, zero point), (b, scale, zero point), then the output's scale and zero point.
_OF_TWO = {"QLinearAdd": "Add", "QLinearMul": "Mul", "QLinearMatMul": "MatMul", "QLinearConv": "Conv"}
_MOVING = frozenset({
    "DepthToSpace", "Flatten", "Gather", "Identity", "MaxPool", "Reshape", "Slice", "SpaceToDepth", "Split", "Squeeze",
    "Transpose", "Unsqueeze",
})  # fmt: skip
_ATTRIBUTES_OF_THEIR_OWN = ("channels_last", "opset")


@dataclass(frozen=True, slots=True)
class _Quantized:
    """The names of an integer tensor, of its scale and of its zero point; the last may be empty."""

    tensor: str
    scale: str
    zero_point: str


def expand(model: onnx.ModelProto) -> None:
    """Change ``model`` in place; what has no form on real numbers stays."""
    expander = _Expander({each.name: len(each.dims) for each in model.graph.initializer})
    for node in model.graph.node:
        expander.add(node)
    del model.graph.node[:]
    model.graph.node.extend(expander.nodes)


class _Expander:
    def __init__(self, ranks: Mapping[str, int]) -> None:
        """``ranks`` are the numbers of dimensions of the stored weights."""
        self.nodes: list[onnx.NodeProto] = []
        self._ranks = ranks
        self._quantized: dict[str, _Quantized] = {}

    def add(self, node: onnx.NodeProto) -> None:
        """Append ``node``, or what it consists of."""
        kind, reads = node.op_type, list(node.input)
        if not node.output or _flag(node, "channels_last"):
            self.nodes.append(node)
        elif kind == "QuantizeLinear" and len(reads) >= 2:
            self._quantize(node)
        elif kind in _OF_ONE and len(reads) >= 4:
            self._compute(node, _OF_ONE[kind], [self._real(_at(node, 0))], reads[3:5])
        elif kind in _OF_TWO and len(reads) >= 7:
            self._compute(node, _OF_TWO[kind], self._operands(node), reads[6:8])
        elif kind == "QGemm" and len(reads) >= 8:
            self._compute(node, "Gemm", self._operands(node), reads[7:9])
        elif kind == "QLinearConcat" and len(reads) % 3 == 2:
            parts = [self._real(_at(node, i)) for i in range(2, len(reads), 3)]
            self._compute(node, "Concat", parts, reads[:2])
        elif kind in _MOVING and node.domain in DOMAINS and reads and reads[0] in self._quantized:
            self._move(node, self._quantized[reads[0]])
        else:
            self._keep(node)

    def _keep(self, node: onnx.NodeProto) -> None:
        if node.domain == _CONTRIB and node.op_type == "DequantizeLinear":  # ONNX's own in all but the name
            node.domain = ""
        self.nodes.append(node)

    def _quantize(self, node: onnx.NodeProto) -> None:
        if node.domain == _CONTRIB:
            node.domain = ""
        self.nodes.append(node)
        self._quantized[node.output[0]] = _Quantized(node.output[0], node.input[1], input_name(node, 2))

    def _operands(self, node: onnx.NodeProto) -> list[str]:
        """Return the real operands of a node that reads two tensors, and its bias if it has one."""
        x, other = _at(node, 0), _at(node, 3)
        if node.op_type in ("QLinearAdd", "QLinearMul") or other.tensor in self._quantized:
            return [self._real(x), self._real(other)]
        if node.op_type == "QLinearConv":
            view = [-1] + [1] * (self._ranks.get(other.tensor, 4) - 1)
        else:
            view = [-1, 1] if _flag(node, "transB") else [1, -1]
        operands = [self._real(x), self._weights(other, view, node)]
        bias = input_name(node, {"QLinearConv": 8, "QGemm": 6}.get(node.op_type, len(node.input)))
        if not bias:
            return operands
        step = self._emit("Mul", [x.scale, other.scale], f"{bias}:{node.output[0]}:step")
        real = self._emit("Cast", [bias], f"{bias}:{node.output[0]}:float", to=onnx.TensorProto.FLOAT)
        return [*operands, self._emit("Mul", [real, step], f"{bias}:{node.output[0]}:real")]

    def _weights(self, weights: _Quantized, view: Sequence[int], node: onnx.NodeProto) -> str:
        """Return real weights; ``view`` brings one scale and zero point per channel to their shape."""
        label = f"{weights.tensor}:{node.output[0]}"
        shape = helper.make_tensor("value", onnx.TensorProto.INT64, [len(view)], list(view))
        self.nodes.append(helper.make_node("Constant", [], [f"{label}:view"], value=shape))

        def spread(name: str, what: str) -> str:
            real = self._emit("Cast", [name], f"{label}:{what}:float", to=onnx.TensorProto.FLOAT)
            return self._emit("Reshape", [real, f"{label}:view"], f"{label}:{what}:view")

        real = self._emit("Cast", [weights.tensor], f"{label}:float", to=onnx.TensorProto.FLOAT)
        if weights.zero_point:
            real = self._emit("Sub", [real, spread(weights.zero_point, "zero")], f"{label}:centred")
        return self._emit("Mul", [real, spread(weights.scale, "scale")], f"{label}:real")

    def _real(self, quantized: _Quantized) -> str:
        """Return the real tensor behind ``quantized``, one for each of its readers."""
        reads = [each for each in (quantized.tensor, quantized.scale, quantized.zero_point) if each]
        return self._emit("DequantizeLinear", reads, f"{quantized.tensor}:real:{len(self.nodes)}")

    def _compute(self, node: onnx.NodeProto, kind: str, operands: list[str], result: Sequence[str]) -> None:
        made = helper.make_node(kind, operands, [], name=node.name)
        made.attribute.extend(each for each in node.attribute if each.name not in _ATTRIBUTES_OF_THEIR_OWN)
        self.nodes.append(made)
        if not any(result):  # QGemm may give real numbers
            made.output.append(node.output[0])
            return
        made.output.append(f"{node.output[0]}:real")
        self._quantize(
            helper.make_node("QuantizeLinear", [made.output[0], *filter(None, result)], [node.output[0]])
        )

    def _move(self, node: onnx.NodeProto, source: _Quantized) -> None:
        made = onnx.NodeProto()
        made.CopyFrom(node)
        made.input[0] = self._real(source)
        self.nodes.append(made)
        for i, name in enumerate(node.output):
            if name:
                made.output[i] = f"{name}:real"
                reads = [made.output[i], source.scale, *filter(None, [source.zero_point])]
                self._quantize(helper.make_node("QuantizeLinear", reads, [name]))

    def _emit(self, kind: str, reads: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, reads, [output], **attributes))
        return output


def _flag(node: onnx.NodeProto, name: str) -> bool:
    return any(each.name == name and each.i for each in node.attribute)


def _at(node: onnx.NodeProto, position: int) -> _Quantized:
    return _Quantized(*(input_name(node, position + i) for i in range(3)))
