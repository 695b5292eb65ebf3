"""Which nodes the C7x takes and which the A72: alternating subgraphs, with a place and a reason for every node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import prod

from engine.compiler.supported import WEIGHTED, why_not
from engine.errors import CompileError
from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.soc import SocSpec

_ON_DEVICE = "supported by the device"
_DENIED = "named in the deny list"
_REARRANGES = "rearranges data for its neighbours on the A72"
_LEADS_TO_A_ROOT = "leads to a root, logarithm or divisor on the A72, for which integers are too coarse"
_NOT_WORTH_IT = "between layers on the A72, without a convolution that would be worth two transfers"
_TOO_MANY = "its subgraph is the smallest of more than max_num_subgraphs"
# What TI's deny lists, in ONNX's words, call the operators that are named otherwise here.
_ALIASES = {
    "Conv2d": ("Conv",), "ConvTranspose2d": ("ConvTranspose",), "FullyConnected": ("Gemm", "MatMul"),
    "AvgPool": ("AveragePool",), "ReduceMean": ("GlobalAveragePool",), "ReduceMax": ("GlobalMaxPool",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where one node runs ("device" or "host") and why."""

    node: str
    op: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """One subgraph and whether the device runs it."""

    device: bool
    graph: Graph


@dataclass(frozen=True, slots=True)
class Partition:
    """The subgraphs in execution order, and every node's place in the graph's order."""

    segments: tuple[Part, ...]
    places: tuple[Place, ...]


def partition(
    graph: Graph, soc: SocSpec, *, deny_list: Sequence[str] = (), max_num_subgraphs: int = 16
) -> Partition:
    """Return ``graph`` cut into subgraphs that alternate between device and host, and the place of every node.

    ``deny_list`` names nodes, or operators, that must run on the host. At most ``max_num_subgraphs`` subgraphs run on
    the device; the smallest, by multiplications, beyond that go to the host. No two subgraphs wait for each other.

    Raises:
        CompileError: the deny list names what the network does not have, or no subgraph is allowed.
    """
    if max_num_subgraphs < 1:
        raise CompileError(f"max_num_subgraphs is {max_num_subgraphs}, must be at least 1")
    denied = _denied(graph, deny_list)
    reasons = {
        node.name: _DENIED if node.name in denied else why_not(node, graph, soc) for node in graph.nodes
    }
    if any(reasons.values()):
        _feed_roots(graph, reasons)
        _follow_neighbours(graph, reasons)
        _give_up_small_parts(graph, reasons, max_num_subgraphs)
    levels = _levels(graph, reasons)
    segments = [
        Part(level % 2 == 0, _subgraph(graph, levels, level, len(set(levels.values())) > 1))
        for level in sorted(set(levels.values()))
    ]
    places = tuple(
        Place(node.name, operator_name(node), "host", reasons[node.name])
        if reasons[node.name]
        else Place(node.name, operator_name(node), "device", _ON_DEVICE)
        for node in graph.nodes
    )
    return Partition(tuple(segments), places)


def operator_name(node: Node) -> str:
    """Return the operator as users know it: ONNX's name where it is ONNX's."""
    return node.op.op_type if isinstance(node.op, ops.OnnxNode) else type(node.op).__name__


def _denied(graph: Graph, deny_list: Sequence[str]) -> set[str]:
    """Return the names of the nodes that ``deny_list`` names or whose operator it names."""
    by_key: dict[str, set[str]] = {}
    for node in graph.nodes:
        by_key.setdefault(node.name, set()).add(node.name)
        by_key.setdefault(operator_name(node), set()).add(node.name)
        for alias in _ALIASES.get(operator_name(node), ()):
            by_key.setdefault(alias, set()).add(node.name)
    for entry in deny_list:
        if entry not in by_key:
            close = get_close_matches(entry, by_key, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else "; `lens7 why` lists nodes and operators"
            raise CompileError(
                f"the deny list names {entry!r}, which network {graph.name!r} does not have{hint}"
            )
    return set().union(*(by_key[entry] for entry in deny_list))


def _feed_roots(graph: Graph, reasons: dict[str, str]) -> None:
    """Send what leads to a root, a logarithm or a divisor on the host there too, back to the layers with weights.

    Exporters write LayerNorm as x / sqrt(mean(x * x) + 1e-6): in eight bits that small number is none, and 0 / 0 follows.
    """
    readers, steep = graph.consumers(), set[str]()
    for node in reversed(graph.nodes):
        steep.update(_steep_inputs(node, graph))
        if not steep.intersection(node.outputs) or isinstance(node.op, WEIGHTED):
            continue
        inner = not set(node.outputs).intersection(graph.outputs)
        if inner and all(reasons[each.name] for name in node.outputs for each in readers.get(name, [])):
            reasons[node.name] = reasons[node.name] or _LEADS_TO_A_ROOT
        if reasons[node.name]:
            steep.update(node.inputs)


def _steep_inputs(node: Node, graph: Graph) -> tuple[str, ...]:
    """Return the inputs of a host node near whose zero its result changes without bound."""
    match operator_name(node):
        case "Sqrt" | "Log" | "Reciprocal":
            return node.inputs
        case "Div":
            return node.inputs[1:]
        case "Pow":
            exponent = graph.constants.get(node.inputs[1])
            return node.inputs[:1] if exponent is not None and (exponent < 1).all() else ()
    return ()


def _follow_neighbours(graph: Graph, reasons: dict[str, str]) -> None:
    """Send transposes and reshapes beside host nodes to the host too: importers put them there for the host's layout."""
    producers, readers, changed = graph.producers(), graph.consumers(), True
    while changed:
        changed = False
        for node in graph.nodes:
            if reasons[node.name] or not isinstance(node.op, ops.Transpose | ops.Reshape):
                continue
            producer = producers.get(node.inputs[0])
            after = producer is not None and bool(reasons[producer.name])
            reading = readers.get(node.output, [])
            before = bool(reading) and node.output not in graph.outputs
            if after or (before and all(reasons[each.name] for each in reading)):
                reasons[node.name], changed = _REARRANGES, True


def _give_up_small_parts(graph: Graph, reasons: dict[str, str], max_num_subgraphs: int) -> None:
    """Send device subgraphs without a matrix product, and the smallest of too many, to the host."""
    while parts := _device_parts(graph, reasons):
        idle = [part for part in parts if not any(isinstance(node.op, WEIGHTED) for node in part)]
        if idle:
            reasons.update({node.name: _NOT_WORTH_IT for part in idle for node in part})
        elif len(parts) > max_num_subgraphs:
            smallest = min(parts, key=lambda part: _multiplications(graph, part))
            reasons.update({node.name: _TOO_MANY for node in smallest})
        else:
            return


def _device_parts(graph: Graph, reasons: dict[str, str]) -> list[list[Node]]:
    levels = _levels(graph, reasons)
    parts: dict[int, list[Node]] = {}
    for node in graph.nodes:
        if not reasons[node.name]:
            parts.setdefault(levels[node.name], []).append(node)
    return list(parts.values())


def _levels(graph: Graph, reasons: dict[str, str]) -> dict[str, int]:
    """Return each node's subgraph: even on the device, odd on the host, never below that of a node it reads from.

    Edges only lead to the same or a higher number, so no two subgraphs can wait for each other.
    """
    of_tensor: dict[str, int] = {}
    levels: dict[str, int] = {}
    for node in graph.nodes:
        level = max((of_tensor.get(name, 0) for name in node.inputs), default=0)
        level += (level % 2 == 0) == bool(reasons[node.name])
        levels[node.name] = level
        of_tensor.update(dict.fromkeys(node.outputs, level))
    return levels


def _multiplications(graph: Graph, nodes: Iterable[Node]) -> int:
    total = 0
    for node in nodes:
        if isinstance(node.op, WEIGHTED):
            total += prod(graph.tensors[node.output].shape) * prod(graph.constants[node.inputs[1]].shape[1:])
    return total


def _subgraph(graph: Graph, levels: dict[str, int], level: int, several: bool) -> Graph:
    """Return the nodes of one level as a graph whose inputs and outputs are what crosses its border."""
    nodes = tuple(node for node in graph.nodes if levels[node.name] == level)
    written = {name for node in nodes for name in node.outputs}
    read = dict.fromkeys(name for node in nodes for name in node.inputs if name)
    outside = {name for node in graph.nodes if levels[node.name] != level for name in node.inputs}
    wanted = outside | set(graph.outputs)
    inputs = [name for name in read if name not in written and name not in graph.constants]
    inputs.sort(key=lambda name: graph.inputs.index(name) if name in graph.inputs else len(graph.inputs))
    has_picture = bool(inputs) and inputs[0] == graph.inputs[0]
    known = written | set(inputs)
    return replace(
        graph,
        name=f"{graph.name}.{level}" if several else graph.name,
        inputs=tuple(inputs),
        outputs=tuple(name for node in nodes for name in node.outputs if name in wanted),
        nodes=nodes,
        tensors={name: tensor for name, tensor in graph.tensors.items() if name in known},
        constants={name: values for name, values in graph.constants.items() if name in read},
        input_spec=graph.input_spec if has_picture else None,
        ranges={name: limits for name, limits in graph.ranges.items() if name in known},
    )
