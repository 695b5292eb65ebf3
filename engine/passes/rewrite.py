"""Builds the graph that a pass returns: nodes are taken over or emitted, names stay unique, outputs keep theirs."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from engine.ir.graph import Array, Graph, Node, TensorType
from engine.ir.ops import Op, Reshape
from engine.ir.shapes import output_types
from engine.ir.verify import type_of


def unused(name: str, taken: Set[str]) -> str:
    """Return ``name``, or ``name:1``, ``name:2`` ... where it is taken."""
    unique, number = name, 0
    while unique in taken:
        number += 1
        unique = f"{name}:{number}"
    return unique


class Rewriter:
    """The new graph under construction. Inputs, constants and the tensors of kept nodes are those of the old graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: list[Node] = []
        self._tensors = {name: graph.tensors[name] for name in graph.inputs}
        self._constants = dict(graph.constants)
        self._ranges = dict(graph.ranges)
        self._taken = {*graph.tensors, *graph.constants, *(node.name for node in graph.nodes)}

    def fresh(self, name: str) -> str:
        """Return a name for a new node or tensor: ``name``, or ``name:1``, ``name:2`` ... where it is taken."""
        unique = unused(name, self._taken)
        self._taken.add(unique)
        return unique

    def constant(self, name: str) -> Array | None:
        """Return the values of a constant; None for a tensor."""
        return self._constants.get(name)

    def add_constant(self, name: str, values: Array) -> str:
        """Store ``values`` and return the unique name they got."""
        unique = self.fresh(name)
        self._constants[unique] = values
        return unique

    def type_of(self, name: str) -> TensorType:
        """Return the type of a tensor or constant that exists so far."""
        if name in self._constants:
            return TensorType(self._constants[name].shape, self._constants[name].dtype.name)
        return self._tensors[name]

    def prescribe(self, name: str, like: str) -> None:
        """Let the range prescribed for the old tensor ``like``, if there is one, hold for ``name``, which has the same values."""
        if like in self._ranges:
            self._ranges.setdefault(name, self._ranges[like])

    def keep(self, node: Node) -> None:
        """Take over ``node``; its inputs exist, its outputs keep their types."""
        self._nodes.append(node)
        self._tensors.update({name: type_of(self._graph, name) for name in node.outputs if name})

    def emit(self, name: str, op: Op, inputs: Sequence[str], output: str, like: str | None = None) -> str:
        """Append a node with one output and return the output; names must be fresh or those of a node that is replaced.

        ``like`` is the old tensor whose prescribed range, if it has one, holds for the output too.
        """
        types = output_types(op, [self.type_of(each) for each in inputs])
        assert types is not None, "passes emit operators that have a shape rule"
        (self._tensors[output],) = types
        self._nodes.append(Node(name, op, tuple(inputs), (output,)))
        if like is not None and like in self._ranges:
            self._ranges[output] = self._ranges[like]
        return output

    def emit_like(self, node: Node, source: str) -> str:
        """Append the one-input host operator of ``node``, which keeps shape and type, reading ``source``."""
        self._tensors[node.output] = self.type_of(source)
        self._nodes.append(replace(node, inputs=(source, *node.inputs[1:])))
        return node.output

    def finish(self, outputs: Mapping[str, str]) -> Graph:
        """Return the new graph; ``outputs`` gives for each output of the old graph the tensor that holds it now."""
        renamed: dict[str, str] = {}
        for wanted, tensor in outputs.items():
            own = tensor
            if own != wanted and (own in renamed or own in self._constants or own in self._graph.inputs):
                shape = self.type_of(own).shape
                own = self.emit(self.fresh(f"{wanted}:copy"), Reshape(shape), [own], self.fresh(wanted))
            renamed[own] = wanted
        for name in set(outputs) & self._tensors.keys() - renamed.keys():
            renamed[name] = self.fresh(f"{name}:inner")
        nodes = tuple(_renamed(node, renamed) for node in self._nodes)
        tensors = {renamed.get(name, name): tensor for name, tensor in self._tensors.items()}
        ranges = {renamed.get(name, name): limits for name, limits in self._ranges.items()}
        return replace(
            self._graph,
            nodes=nodes,
            tensors=tensors,
            constants=self._constants,
            ranges={name: limits for name, limits in ranges.items() if name in tensors},
        )


def _renamed(node: Node, renamed: Mapping[str, str]) -> Node:
    return replace(
        node,
        inputs=tuple(renamed.get(each, each) for each in node.inputs),
        outputs=tuple(renamed.get(each, each) for each in node.outputs),
    )
