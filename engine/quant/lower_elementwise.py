"""Element-wise nodes to descriptors: two tensors by SPEC (7) and (16), one tensor by a table, SPEC (13)."""

from collections.abc import Callable

import numpy as np

from engine.errors import UnsupportedError
from engine.ir import ops
from engine.ir.activations import Activation, apply
from engine.ir.graph import Array, Node
from engine.program import descriptors as D
from engine.quant.calibrate import linear_name
from engine.quant.integers import Floats, IntType, round_half_away
from engine.quant.lowering import lower
from engine.quant.network import NetworkBuilder
from engine.quant.requantization import Requantization, Target, make_table, requantization
from engine.quant.scales import multipliers

_ADD_UNIT, _CONCAT_UNIT = 64.0, 128.0
# 16-bit tensors: as fine as int32 accumulators allow for two uint16 inputs, SPEC (8).
_WIDE_ADD_UNIT, _WIDE_CONCAT_UNIT = 8192.0, 16384.0
_LARGEST_COEFFICIENT = 2**15 - 1
Binary = ops.Add | ops.Sub | ops.Mul


@lower.register(ops.Add)
@lower.register(ops.Sub)
@lower.register(ops.Mul)
def _binary(op: Binary, node: Node, network: NetworkBuilder) -> None:
    if any(name in network.graph.constants for name in node.inputs):
        _with_constant(op, node, network)
    elif isinstance(op, ops.Mul):
        _mul(op, node, network)
    else:
        _add(op, node, network)


def _add(op: ops.Add | ops.Sub, node: Node, network: NetworkBuilder) -> None:
    first, second = (network.source(name) for name in node.inputs)
    base = _least_scale(node, network)
    unit = _WIDE_ADD_UNIT if network.rules.tensor_bits(node.output) == 16 else _ADD_UNIT
    a, b = (
        min(int(round_half_away(unit * base / each.scale)), _LARGEST_COEFFICIENT) for each in (first, second)
    )
    signed = isinstance(op, ops.Sub) or not network.non_negative.issuperset(node.inputs)
    result = _requantization(op.activation, node, network, base * unit, signed)
    network.add_output(node.output, result)
    network.emit(
        D.Add(
            node.name, (first.name, second.name), node.output, (a, -b if isinstance(op, ops.Sub) else b),
            int(result.multiplier[0]), int(result.shift[0]), result.qmin, result.qmax, _table(node, result, network),
        )
    )  # fmt: skip


def _least_scale(node: Node, network: NetworkBuilder) -> float:
    """Return the base of SPEC (7). An input that was always zero has scale 1, SPEC (14), and no range to preserve."""
    ranged = [name for name in node.inputs if network.max_abs(name) > 0.0]
    return min(network.source(name).scale for name in ranged or node.inputs)


def _mul(op: ops.Mul, node: Node, network: NetworkBuilder) -> None:
    first, second = (network.source(name) for name in node.inputs)
    signed = not network.non_negative.issuperset(node.inputs)
    result = _requantization(op.activation, node, network, first.scale * second.scale, signed)
    network.add_output(node.output, result)
    network.emit(
        D.Mul(
            node.name, (first.name, second.name), node.output, int(result.multiplier[0]), int(result.shift[0]),
            result.qmin, result.qmax, _table(node, result, network),
        )
    )  # fmt: skip


def _requantization(
    activation: Activation | None, node: Node, network: NetworkBuilder, acc_scale: float, signed: bool
) -> Requantization:
    name = node.output
    split = activation is not None and not activation.is_clip
    target = Target(
        bits=network.rules.tensor_bits(name),
        signed=signed if activation is None else not activation.is_non_negative,
        max_abs=network.max_abs(name),
        linear_max=network.calibration[linear_name(name)].max_abs if split else 0.0,
        activation=activation,
    )
    return requantization(np.array([acc_scale]), target, shift_only=not network.rules.per_channel)


def _table(node: Node, result: Requantization, network: NetworkBuilder) -> str | None:
    return None if result.table is None else network.add_constant(f"{node.name}.table", result.table)


@lower.register
def _concat(op: ops.Concat, node: Node, network: NetworkBuilder) -> None:
    sources = [network.source(name) for name in node.inputs]
    base = _least_scale(node, network)
    signed = not network.non_negative.issuperset(node.inputs)
    unit = _WIDE_CONCAT_UNIT if network.rules.tensor_bits(node.output) == 16 else _CONCAT_UNIT
    result = _requantization(None, node, network, base * unit, signed)
    if network.rules.per_channel:
        # Only an input that was always zero, scale 1, SPEC (14), may be far coarser than the result.
        ratios = result.scale / np.array([each.scale for each in sources])
        m, s = multipliers(np.minimum(ratios, _LARGEST_COEFFICIENT))
    else:
        m = round_half_away(unit * base / np.array([each.scale for each in sources])).astype(np.int64)
        m = np.minimum(m, _LARGEST_COEFFICIENT)
        s = np.full_like(m, result.shift[0])
    lost = [each.name for each, factor in zip(sources, m, strict=True) if factor == 0]
    if lost:
        network.note(f"concat {node.name!r}: {lost} vanish beside inputs of a far larger range")
    network.add_output(node.output, result)
    names = tuple(each.name for each in sources)
    network.emit(
        D.Concat(
            node.name,
            names,
            node.output,
            op.axis,
            tuple(m.tolist()),
            tuple(s.tolist()),
            result.qmin,
            result.qmax,
        )
    )


@lower.register
def _unary(op: ops.Unary, node: Node, network: NetworkBuilder) -> None:
    _emit_table(lambda x: apply(op.activation, x), node, network)


@lower.register
def _batch_norm(op: ops.BatchNorm, node: Node, network: NetworkBuilder) -> None:
    gamma, beta, mean, variance = (
        network.graph.constants[name].astype(np.float64)[:, None] for name in node.inputs[1:]
    )
    factor = gamma / np.sqrt(variance + op.epsilon)
    _emit_table(lambda x: factor * (x - mean) + beta, node, network)


@lower.register
def _prelu(op: ops.Prelu, node: Node, network: NetworkBuilder) -> None:
    slope = network.graph.constants[node.inputs[1]].astype(np.float64)[:, None]
    _emit_table(lambda x: np.where(x >= 0.0, x, slope * x), node, network)


def _with_constant(op: Binary, node: Node, network: NetworkBuilder) -> None:
    """Lower ``tensor op constant`` where the constant is one number, or one per channel."""
    first, second = node.inputs
    constant_first = first in network.graph.constants
    constant, source = (first, second) if constant_first else (second, first)
    value = _per_channel(network.graph.constants[constant], node, source, network)
    formulas: dict[type, Callable[[Floats], Floats]] = {
        ops.Add: lambda x: x + value,
        ops.Mul: lambda x: x * value,
        ops.Sub: lambda x: value - x if constant_first else x - value,
    }
    formula, activation = formulas[type(op)], op.activation
    _emit_table(
        formula if activation is None else lambda x: apply(activation, formula(x)), node, network, source
    )


def _per_channel(constant: Array, node: Node, source: str, network: NetworkBuilder) -> Floats:
    shape = network.graph.tensors[source].shape
    value = constant.astype(np.float64).reshape(-1)
    single = constant.size == 1
    channelwise = bool(shape) and constant.size == shape[-1] and constant.shape[-1:] == shape[-1:]
    if network.graph.tensors[node.output].shape != shape or not (single or channelwise):
        raise UnsupportedError(
            f"node {node.name!r} ({type(node.op).__name__}): constant {list(constant.shape)} is neither one number nor "
            f"one per channel of {list(shape)}; only the A72 takes it"
        )
    return value if single else value[:, None]


def _emit_table(
    function: Callable[[Floats], Floats], node: Node, network: NetworkBuilder, source: str | None = None
) -> None:
    name = node.output
    x = network.source(node.inputs[0] if source is None else source)
    kind, scale, table = make_table(
        IntType(x.dtype), x.scale, function, network.max_abs(name), network.rules.tensor_bits(name)
    )
    if not kind.signed:
        network.non_negative.add(name)
    network.add_tensor(name, kind, scale)
    network.emit(D.Table(node.name, x.name, name, network.add_constant(f"{node.name}.table", table)))
