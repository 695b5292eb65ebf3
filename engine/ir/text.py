"""Printable form of a graph: one line per node."""

from dataclasses import fields

from engine.ir.activations import Activation, Fn
from engine.ir.graph import Graph, Node
from engine.ir.ops import OnnxNode
from engine.ir.verify import type_of


def format_graph(graph: Graph) -> str:
    """Return ``graph`` as text: inputs, one line per node with its attributes and types, outputs."""
    lines = [f"graph {graph.name}"]
    lines += [f"  input {_typed(graph, name)}" for name in graph.inputs]
    lines += [f"  {format_node(graph, node)}" for node in graph.nodes]
    lines += [f"  output {name}" for name in graph.outputs]
    return "\n".join(lines) + "\n"


def format_node(graph: Graph, node: Node) -> str:
    """Return ``node`` as one line: ``outputs = Operator(inputs) attributes``; attributes at their defaults are left out."""
    outputs = ", ".join(_typed(graph, name) for name in node.outputs)
    inputs = ", ".join(_typed(graph, name) if name in graph.constants else name for name in node.inputs)
    return f"{outputs} = {type(node.op).__name__}({inputs}){_attributes(node)}"


def format_activation(activation: Activation) -> str:
    """Return a short name: ``relu``, ``relu6``, ``clip(-1,1)``, ``silu`` ..."""
    if activation.fn is Fn.CLIP:
        if activation.low == 0.0:
            return "relu" if activation.high == float("inf") else f"relu{activation.high:g}"
        return f"clip({activation.low:g},{activation.high:g})"
    if activation.fn is Fn.LEAKY_RELU:
        return f"leaky_relu({activation.alpha:g})"
    if activation.fn is Fn.HARD_SIGMOID:
        return f"hard_sigmoid({activation.alpha:g},{activation.beta:g})"
    return str(activation.fn.value)


def _typed(graph: Graph, name: str) -> str:
    tensor = type_of(graph, name)
    return f"{name}:{tensor.dtype}{list(tensor.shape)}".replace(" ", "")


def _attributes(node: Node) -> str:
    if isinstance(node.op, OnnxNode):
        return f" {node.op.domain or 'onnx'}::{node.op.op_type}-{node.op.opset}"
    shown = []
    for field in fields(node.op):
        value = getattr(node.op, field.name)
        if value == field.default:
            continue
        text = (
            format_activation(value) if isinstance(value, Activation) else str(getattr(value, "value", value))
        )
        shown.append(f" {field.name}={text}".replace(", ", ","))
    return "".join(shown)
