"""Moves transposes down past element-wise and axis-wise operators until they meet their inverse and vanish.

Importers put a transpose before and behind every operator whose layout is fixed. A tensor that is only a transposed
copy is remembered as (source, permutation) and written out where an operator needs it as it is, not before.
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.passes.rewrite import Rewriter

Perm = tuple[int, ...]

_ELEMENTWISE = ops.Add | ops.Sub | ops.Mul | ops.Unary
_AXISWISE = ops.Concat | ops.Softmax | ops.ArgMax | ops.ReduceMean | ops.ReduceMax | ops.Slice | ops.Pad

# ONNX operators that do the same to each element, so that any layout will do.
_HOST_ELEMENTWISE = frozenset({
    "Abs", "Ceil", "Celu", "Cos", "Erf", "Exp", "Floor", "Log", "Reciprocal", "Round", "Selu", "Sign", "Sin", "Softplus",
    "Softsign", "Sqrt", "ThresholdedRelu",
})  # fmt: skip


def run(graph: Graph) -> Graph:
    """Return ``graph`` with as few transposes as one sweep in topological order leaves."""
    return _Sweep(graph).run()


@dataclass(frozen=True, slots=True)
class _Moved:
    """A tensor that equals ``transpose(source, perm)``: shape[i] = source.shape[perm[i]]."""

    source: str
    perm: Perm


def _inverse(perm: Perm) -> Perm:
    return tuple(perm.index(axis) for axis in range(len(perm)))


def _only_moves_ones(shape: tuple[int, ...], perm: Perm) -> bool:
    """Whether transposing ``shape`` keeps the row-major order: axes longer than 1 stay in sequence."""
    longer = [axis for axis in perm if shape[axis] != 1]
    return longer == sorted(longer)


class _Sweep:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._out = Rewriter(graph)
        self._moved: dict[str, _Moved] = {}
        self._written: dict[str, str] = {}  # tensors of ``_moved`` that exist

    def run(self) -> Graph:
        for node in self._graph.nodes:
            if not self._sink(node):
                inputs = tuple(self._written_out(name) for name in node.inputs)
                self._out.keep(replace(node, inputs=inputs))
        return self._out.finish({name: self._written_out(name) for name in self._graph.outputs})

    def _written_out(self, name: str) -> str:
        """Return a tensor that holds ``name`` as it is, written now if need be."""
        moved = self._moved.get(name)
        if moved is None:
            return name
        if moved.perm == tuple(range(len(moved.perm))):
            return moved.source
        if name not in self._written:
            output = self._out.fresh(f"{name}:transposed")
            self._written[name] = self._transposed(moved.source, moved.perm, name, output)
        return self._written[name]

    def _transposed(self, source: str, perm: Perm, name: str, output: str) -> str:
        shape = self._out.type_of(source).shape
        op: ops.Op = ops.Transpose(perm)
        if _only_moves_ones(shape, perm):
            op = ops.Reshape(tuple(shape[axis] for axis in perm))
        return self._out.emit(self._out.fresh(f"{name}:transpose"), op, [source], output, like=name)

    def _view(self, name: str) -> _Moved | None:
        """Return ``name`` as transposed copy; None if it is none, or its axes are where they were."""
        moved = self._moved.get(name)
        return None if moved is None or moved.perm == tuple(range(len(moved.perm))) else moved

    def _sink(self, node: Node) -> bool:
        """Emit ``node`` before the transposes of its inputs and remember its output as transposed; False if it cannot."""
        match node.op:
            case ops.Transpose(perm):
                source = self._moved.get(node.inputs[0])
                view = source or _Moved(node.inputs[0], tuple(range(len(perm))))
                self._moved[node.output] = _Moved(view.source, tuple(view.perm[axis] for axis in perm))
                self._out.prescribe(view.source, like=node.output)
                return True
            case ops.Reshape(shape):
                return self._sink_reshape(node, shape)
            case ops.Add() | ops.Sub() | ops.Mul() | ops.Unary():
                return self._sink_elementwise(node, node.op)
            case ops.Concat(axis):
                return self._sink_concat(node, axis)
            case ops.Softmax() | ops.ArgMax() | ops.ReduceMean() | ops.ReduceMax() | ops.Slice() | ops.Pad():
                return self._sink_axiswise(node, node.op)
            case ops.OnnxNode(op_type) if op_type in _HOST_ELEMENTWISE and len(node.inputs) == 1:
                return self._sink_host(node)
        return False

    def _sink_host(self, node: Node) -> bool:
        view = self._view(node.inputs[0])
        if view is None:
            return False
        self._moved[node.output] = _Moved(self._out.emit_like(node, view.source), view.perm)
        return True

    def _sink_reshape(self, node: Node, shape: tuple[int, ...]) -> bool:
        view = self._view(node.inputs[0])
        if view is None or not _only_moves_ones(self._out.type_of(view.source).shape, view.perm):
            return False
        self._out.emit(node.name, ops.Reshape(shape), [view.source], node.output)
        return True

    def _sink_axiswise(self, node: Node, op: _AXISWISE) -> bool:
        view = self._view(node.inputs[0])
        if view is None:
            return False
        moved, perm = _in_source_axes(op, view.perm)
        self._emit(node, moved, [view.source], perm)
        return True

    def _sink_concat(self, node: Node, axis: int) -> bool:
        perm = self._common_perm(node)
        if perm is None:
            return False
        inputs = [self._in_source(name, perm) for name in node.inputs]
        self._emit(node, ops.Concat(perm[axis]), inputs, perm)
        return True

    def _sink_elementwise(self, node: Node, op: _ELEMENTWISE) -> bool:
        perm = self._common_perm(node)
        if perm is None:
            return False
        self._emit(node, op, [self._in_source(name, perm) for name in node.inputs], perm)
        return True

    def _emit(self, node: Node, op: ops.Op, inputs: list[str], perm: Perm) -> None:
        """Emit ``op``; its output has the name that the file knows, though in another layout."""
        self._moved[node.output] = _Moved(self._out.emit(node.name, op, inputs, node.output), perm)

    def _common_perm(self, node: Node) -> Perm | None:
        """Return the permutation to sink past ``node``; None where that would leave more transposes than it saves."""
        rank = len(self._graph.tensors[node.output].shape)
        perms = [view.perm for name in node.inputs if (view := self._view(name)) and len(view.perm) == rank]
        if not perms:
            return None
        perm = max(perms, key=perms.count)
        costly = sum(not self._is_free(name, perm) for name in node.inputs)
        return perm if perms.count(perm) > costly else None

    def _is_free(self, name: str, perm: Perm) -> bool:
        """Whether an input reaches the sources' axes without a transpose on the device."""
        view = self._view(name)
        if self._out.constant(name) is not None or (view is not None and view.perm == perm):
            return True
        return view is None and _only_moves_ones(self._wide_shape(name, len(perm)), _inverse(perm))

    def _wide_shape(self, name: str, rank: int) -> tuple[int, ...]:
        shape = self._graph.tensors[name].shape
        return (1,) * (rank - len(shape)) + shape

    def _in_source(self, name: str, perm: Perm) -> str:
        """Return ``name`` in the axes that the sources of ``perm`` have."""
        view = self._view(name)
        if view is not None and view.perm == perm:
            return view.source
        values = self._out.constant(name)
        if values is not None:
            wide = np.asarray(values).reshape((1,) * (len(perm) - values.ndim) + values.shape)
            return self._out.add_constant(f"{name}:moved", wide.transpose(_inverse(perm)))
        tensor, wide_shape = self._written_out(name), self._wide_shape(name, len(perm))
        if _only_moves_ones(wide_shape, _inverse(perm)):
            op = ops.Reshape(tuple(wide_shape[axis] for axis in _inverse(perm)))
            return self._out.emit(
                self._out.fresh(f"{name}:widen"), op, [tensor], self._out.fresh(name), like=name
            )
        if len(self._out.type_of(tensor).shape) < len(perm):
            wide_op = ops.Reshape(wide_shape)
            tensor = self._out.emit(
                self._out.fresh(f"{name}:widen"), wide_op, [tensor], self._out.fresh(name)
            )
        return self._transposed(tensor, _inverse(perm), name, self._out.fresh(f"{name}:moved"))


def _in_source_axes(op: _AXISWISE, perm: Perm) -> tuple[ops.Op, Perm]:
    """Return ``op`` for the source of a tensor transposed by ``perm``, and the permutation that its output then has."""
    match op:
        case ops.Softmax(axis):
            return ops.Softmax(perm[axis]), perm
        case ops.Slice(begins, ends, steps):
            back = _inverse(perm)
            begins, ends, steps = (tuple(each[axis] for axis in back) for each in (begins, ends, steps))
            return ops.Slice(begins, ends, steps), perm
        case ops.Pad(before, after, value):
            back = _inverse(perm)
            return ops.Pad(
                tuple(before[axis] for axis in back), tuple(after[axis] for axis in back), value
            ), perm
        case ops.ArgMax(axis, keepdims):
            return ops.ArgMax(perm[axis], keepdims), _left_over(perm, (axis,), keepdims)
        case ops.ReduceMean(axes, keepdims) | ops.ReduceMax(axes, keepdims):
            moved = replace(op, axes=tuple(sorted(perm[axis] for axis in axes)))
            return moved, _left_over(perm, axes, keepdims)
    raise AssertionError(f"{op} is not axis-wise")


def _left_over(perm: Perm, axes: tuple[int, ...], keepdims: bool) -> Perm:
    """Return the permutation of the axes that a reduction leaves."""
    if keepdims:
        return perm
    kept = [source for axis, source in enumerate(perm) if axis not in axes]
    order = sorted(kept)
    return tuple(order.index(source) for source in kept)
