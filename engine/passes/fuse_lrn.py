"""Recognises local response normalisation in the arithmetic that PyTorch exports it as.

x / (k + alpha * average of x * x over neighbouring channels) ** beta becomes one LRN operator, so that the whole of it
is computed in float on the A72 instead of its pieces on both sides.
"""

from dataclasses import replace

import onnx
from onnx import helper

from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.passes.match import Matcher

_REASON = "local response normalisation is computed in float on the A72"


def run(graph: Graph) -> Graph:
    """Return ``graph`` with decomposed LRNs as one ``OnnxNode``; unread nodes are left to remove_dead."""
    match = _LrnMatcher(graph, graph.producers())
    return replace(graph, nodes=tuple(match.fused(node) for node in graph.nodes))


class _LrnMatcher(Matcher):
    def fused(self, node: Node) -> Node:
        """Return ``node``, or the LRN that it is the last step of."""
        if not self._is_onnx(node, "Div"):
            return node
        assert isinstance(node.op, ops.OnnxNode)
        x, divisor = node.inputs
        power = self.producers.get(divisor)
        if power is None or not self._is_onnx(power, "Pow"):
            return node
        beta = self.number(power.inputs[1])
        base, bias = self._by_number(power.inputs[0], ops.Add)
        mean, alpha = self._by_number(base, ops.Mul)
        size = self._window(mean, x)
        if beta is None or bias is None or alpha is None or size is None:
            return node
        proto = helper.make_node(
            "LRN", [x], list(node.outputs), node.name, alpha=alpha, beta=beta, bias=bias, size=size
        )
        op = ops.OnnxNode("LRN", proto.SerializeToString(), node.op.opset, reason=_REASON)
        return replace(node, op=op, inputs=(x,))

    def _is_onnx(self, node: Node | None, op_type: str) -> bool:
        return node is not None and isinstance(node.op, ops.OnnxNode) and node.op.op_type == op_type

    def _by_number(self, name: str, kind: type[ops.Add | ops.Mul]) -> tuple[str, float | None]:
        """Return (tensor, number) if ``name`` is their sum or product."""
        for tensor, number in self.operands(name, kind):
            if (value := self.number(number)) is not None:
                return tensor, value
        return "", None

    def _source(self, name: str, kind: type[ops.Reshape | ops.Pad]) -> Node | None:
        node = self.producers.get(name)
        return node if node is not None and isinstance(node.op, kind) else None

    def _window(self, mean: str, x: str) -> int | None:
        """Return the odd number of channels over which ``mean`` averages x * x, centred, zeros outside; else None.

        ONNX Runtime has no LRN over an even number.
        """
        if not (back := self._source(mean, ops.Reshape)):
            return None
        average = self.producers.get(back.inputs[0])
        if average is None or not self._is_onnx(average, "AveragePool"):
            return None
        size = self._channels(average)
        if not (pad := self._source(average.inputs[0], ops.Pad)) or size is None or size % 2 == 0:
            return None
        if not (forth := self._source(pad.inputs[0], ops.Reshape)):
            return None
        square = self.producers.get(forth.inputs[0])
        if square is None or not isinstance(square.op, ops.Mul) or square.inputs != (x, x):
            return None
        n, *rest = self.graph.tensors[x].shape
        views = self.graph.tensors[forth.output].shape == (n, 1, *rest)
        widths = ops.Pad((0, 0, size // 2, 0, 0), (0, 0, size // 2, 0, 0), 0.0)
        return size if views and pad.op == widths else None

    def _channels(self, average: Node) -> int | None:
        """Return n of an average pooling with kernel (n, 1, 1) and no frills."""
        assert isinstance(average.op, ops.OnnxNode)
        proto = onnx.NodeProto.FromString(average.op.proto)
        found = {each.name: helper.get_attribute_value(each) for each in proto.attribute}
        kernel = list(found.get("kernel_shape", ()))
        plain = all(each == 1 for each in found.get("strides", ())) and not any(found.get("pads", ()))
        return int(kernel[0]) if len(kernel) == 3 and kernel[1:] == [1, 1] and plain else None
