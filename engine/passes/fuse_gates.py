"""Recognises the activations that exporters write as arithmetic: hard-sigmoid, and x times a gate of x."""

from collections.abc import Iterator
from dataclasses import replace

from engine.ir import ops
from engine.ir.activations import RELU6, Activation, Fn
from engine.ir.graph import Graph, Node
from engine.passes.match import Matcher

_HARD_SIGMOID = Activation(Fn.HARD_SIGMOID, alpha=1.0 / 6.0, beta=0.5)
_TANH = Activation(Fn.TANH)
_TOLERANCE = 1e-4


def run(graph: Graph) -> Graph:
    """Return ``graph`` with the activations as one node each; unread nodes are left to remove_dead."""
    nodes: list[Node] = []
    match = Matcher(graph, {})
    for node in graph.nodes:
        fused = _fused(node, match)
        nodes.append(fused)
        match.producers.update(dict.fromkeys(fused.outputs, fused))
    return replace(graph, nodes=tuple(nodes))


def _fused(node: Node, match: Matcher) -> Node:
    """Return ``node``, or the activation that it completes."""
    tensors = match.graph.tensors
    for source, activation in (*_product(node, match), *_maximum(node, match)):
        if tensors[node.outputs[0]] == tensors.get(source):
            return replace(node, op=ops.Unary(activation), inputs=(source,))
    return node


def _product(node: Node, match: Matcher) -> Iterator[tuple[str, Activation]]:
    """Yield each (x, f) for which ``node`` is a product that is f(x)."""
    if not isinstance(node.op, ops.Mul) or node.op.activation is not None:
        return
    for a, b in (node.inputs, node.inputs[::-1]):
        if match.is_number(b, 1.0 / 6.0) and (clipped := _clipped(a, match)) is not None:
            yield clipped, _HARD_SIGMOID
        gate = _gate(b, a, match)
        if gate is not None:
            yield a, Activation(gate)
        # x, its gate and the gate's factor: two of them are multiplied first.
        for c, d in match.operands(a, ops.Mul):
            for x, inner, factor in ((c, d, b), (c, b, d), (b, c, d)):
                if match.is_number(factor, 1.0 / 6.0) and _clipped(inner, match) == x:
                    yield x, Activation(Fn.HARD_SWISH)
                if match.is_number(factor, 0.5) and (fn := _one_plus(inner, x, match)) is not None:
                    yield x, Activation(fn)


def _maximum(node: Node, match: Matcher) -> Iterator[tuple[str, Activation]]:
    """Yield (x, leaky ReLU) if ``node`` is the larger of x and a part of x."""
    if not isinstance(node.op, ops.OnnxNode) or node.op.op_type != "Max" or len(node.inputs) != 2:
        return
    for x, part in (node.inputs, node.inputs[::-1]):
        for y, factor in match.operands(part, ops.Mul):
            alpha = match.number(factor)
            if y == x and alpha is not None and 0.0 <= alpha <= 1.0:
                yield x, Activation(Fn.LEAKY_RELU, alpha=alpha)


def _gate(name: str, x: str, match: Matcher) -> Fn | None:
    """Return the activation that x * ``name`` is if ``name`` is a gate of x."""
    node = match.producers.get(name)
    if node is None or not isinstance(node.op, ops.Unary):
        return None
    gate, source = node.op.activation, node.inputs[0]
    if gate == _TANH:
        return Fn.MISH if match.onnx(source, "Softplus") == (x,) else None
    if source != x:
        return None
    if gate.fn is Fn.SIGMOID:
        return Fn.SILU
    is_sixth = abs(gate.alpha - 1.0 / 6.0) < _TOLERANCE and gate.beta == 0.5
    return Fn.HARD_SWISH if gate.fn is Fn.HARD_SIGMOID and is_sixth else None


def _clipped(name: str, match: Matcher) -> str | None:
    """Return x if ``name`` is clip(x + 3, 0, 6)."""
    total = match.activated(name, RELU6)
    if total is None:
        return None
    return next((x for x, three in match.operands(total, ops.Add) if match.is_number(three, 3.0)), None)


def _one_plus(name: str, x: str, match: Matcher) -> Fn | None:
    """Return which GELU x * ``name`` / 2 is if ``name`` is 1 + erf(x / sqrt(2)), or its approximation by tanh."""
    for step, one in match.operands(name, ops.Add):
        if not match.is_number(one, 1.0):
            continue
        (scaled,) = match.onnx(step, "Erf") or ("",)
        if any(match.is_number(factor, 0.5**0.5) for y, factor in match.operands(scaled, ops.Mul) if y == x):
            return Fn.GELU
        bent = match.activated(step, _TANH)
        if bent is not None and _is_bent(bent, x, match):
            return Fn.GELU_TANH
    return None


def _is_bent(name: str, x: str, match: Matcher) -> bool:
    """Whether ``name`` is sqrt(2 / pi) * (x + 0.044715 * x^3)."""
    for total, factor in match.operands(name, ops.Mul):
        if match.is_number(factor, 0.7978846):
            for y, term in match.operands(total, ops.Add):
                cubes = [
                    cube for cube, small in match.operands(term, ops.Mul) if match.is_number(small, 0.044715)
                ]
                if y == x and any(_is_cube(cube, x, match) for cube in cubes):
                    return True
    return False


def _is_cube(name: str, x: str, match: Matcher) -> bool:
    base, exponent = match.onnx(name, "Pow") or ("", "")
    if base == x and match.is_number(exponent, 3.0):
        return True
    squares = [square for square, y in match.operands(name, ops.Mul) if y == x]
    return any((x, x) in match.operands(square, ops.Mul) for square in squares)
