"""What the passes that recognise arithmetic ask of a graph: which numbers, sums and products a tensor is made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.ir import ops
from engine.ir.activations import Activation
from engine.ir.graph import Graph, Node

_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Matcher:
    """A graph and who writes its tensors; ``producers`` may grow while the graph is rewritten."""

    graph: Graph
    producers: dict[str, Node]

    def number(self, name: str) -> float | None:
        """Return a constant that is one number; None for anything else."""
        values = self.graph.constants.get(name)
        if values is None or values.size != 1:
            return None
        return float(np.asarray(values).reshape(()))

    def is_number(self, name: str, wanted: float) -> bool:
        """Whether ``name`` is a constant that is ``wanted``, as nearly as exporters write it."""
        value = self.number(name)
        return value is not None and abs(value - wanted) < _TOLERANCE

    def operands(self, name: str, kind: type[ops.Add | ops.Mul]) -> Iterator[tuple[str, str]]:
        """Yield the two tensors of which ``name`` is the plain sum or product, in both orders."""
        node = self.producers.get(name)
        if node is not None and isinstance(node.op, kind) and node.op.activation is None:
            first, second = node.inputs
            yield first, second
            yield second, first

    def activated(self, name: str, activation: Activation) -> str | None:
        """Return x if ``name`` is ``activation(x)``."""
        node = self.producers.get(name)
        return node.inputs[0] if node is not None and node.op == ops.Unary(activation) else None

    def onnx(self, name: str, op_type: str) -> tuple[str, ...] | None:
        """Return what the ONNX operator ``op_type`` reads that writes ``name``; None if it is none."""
        node = self.producers.get(name)
        if node is None or not isinstance(node.op, ops.OnnxNode) or node.op.op_type != op_type:
            return None
        return node.inputs
