"""What the device takes: one rule per function, whose docstring is what the user reads when a node stays on the A72."""

from collections.abc import Callable
from math import isfinite, prod

import numpy as np

from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.ir.verify import type_of
from engine.soc import SocSpec

Rule = Callable[[Node, Graph, SocSpec], bool]

WEIGHTED = ops.Conv2d | ops.ConvTranspose2d | ops.FullyConnected
_BINARY = ops.Add | ops.Sub | ops.Mul
_ACC_MAX = 2**31 - 1
_PRODUCT_MAX = 255 * 128  # uint8 activation times int8 weight
_BIAS_MAX = 32768  # SPEC (3)


def has_a_device_operator(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """The device has no such operator, or not in this form."""
    return not isinstance(node.op, ops.OnnxNode)


def reads_real_numbers(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """The device computes with quantized float32 tensors only, not with other element types."""
    data = [name for name in node.inputs if name and name not in graph.constants]
    return all(graph.tensors[name].dtype == "float32" for name in data)


def integers_leave_the_network(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """Integers that the device computes are results of the network; no other node can read them."""
    return not isinstance(node.op, ops.ArgMax) or not any(node.output in each.inputs for each in graph.nodes)


def has_dimensions(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """The device computes tensors of at least one dimension, not single numbers."""
    data = [name for name in (*node.inputs, *node.outputs) if name and name not in graph.constants]
    return all(graph.tensors[name].shape for name in data)


def reads_a_tensor(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """The device needs tensors as data; constants are taken as weights, or as the operand of add, sub and mul."""
    if isinstance(node.op, _BINARY):
        return any(name not in graph.constants for name in node.inputs)
    data = node.inputs if isinstance(node.op, ops.Concat) else node.inputs[:1]
    return not any(name in graph.constants for name in data)


def constant_operand_is_per_channel(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """A constant operand of add, sub and mul must be one number, or one per channel."""
    if not isinstance(node.op, _BINARY):
        return True
    constants = [graph.constants[name] for name in node.inputs if name in graph.constants]
    shape = graph.tensors[node.output].shape
    same = all(graph.tensors[name].shape == shape for name in node.inputs if name not in graph.constants)
    for values in constants:
        per_channel = bool(shape) and values.size == shape[-1] and values.shape[-1:] == shape[-1:]
        if not same or not (values.size == 1 or per_channel):
            return False
    return True


def pad_value_is_finite(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """The value to pad with must be a finite number."""
    return not isinstance(node.op, ops.Pad) or isfinite(node.op.value)


def accumulator_cannot_overflow(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """The sum of one output's products must fit the 32 bit accumulator whatever the picture shows."""
    if not isinstance(node.op, WEIGHTED):
        return True
    weight = graph.constants[node.inputs[1]]
    depth = prod(weight.shape[1:])
    if depth * _PRODUCT_MAX + _BIAS_MAX <= _ACC_MAX:
        return True
    sums = np.abs(weight.reshape(weight.shape[0], -1)).sum(axis=1, dtype=np.float64)
    largest = np.abs(weight).max()
    steps = 128 * sums.max() / largest + depth / 2 if largest else 0.0  # every weight may round up by a half
    return bool(steps * 255 + _BIAS_MAX <= _ACC_MAX)


def window_fits_l2(node: Node, graph: Graph, soc: SocSpec) -> bool:
    """What one output pixel reads must fit the L2 memory twice (double buffering), beside one panel of weights."""
    if not isinstance(node.op, WEIGHTED):
        return True
    weight = graph.constants[node.inputs[1]]
    window_bytes = prod(weight.shape[1:-1]) * type_of(graph, node.inputs[0]).shape[-1]
    return 2 * window_bytes + 2 * soc.panel * soc.panel <= soc.l2_bytes


RULES: tuple[Rule, ...] = (
    has_a_device_operator,
    reads_real_numbers,
    integers_leave_the_network,
    has_dimensions,
    reads_a_tensor,
    constant_operand_is_per_channel,
    pad_value_is_finite,
    accumulator_cannot_overflow,
    window_fits_l2,
)


def why_not(node: Node, graph: Graph, soc: SocSpec) -> str:
    """Return why ``node`` must stay on the A72 as one sentence; empty if the device takes it."""
    if isinstance(node.op, ops.OnnxNode) and node.op.reason:
        return f"{node.op.op_type}: {node.op.reason}"
    broken = next((rule for rule in RULES if not rule(node, graph, soc)), None)
    return (broken.__doc__ or broken.__name__).strip() if broken else ""
