"""How one node becomes descriptors: the dispatcher that each ``lower_*`` module adds its operators to."""

from functools import singledispatch

from engine.errors import UnsupportedError
from engine.ir.graph import Node
from engine.quant.network import NetworkBuilder


@singledispatch
def lower(op: object, node: Node, network: NetworkBuilder) -> None:
    """Append the descriptors of ``node``, whose operator is ``op``, to ``network``.

    Raises:
        UnsupportedError: the device has no such operator or form of it.
        CompileError: its integers would overflow.
    """
    raise UnsupportedError(f"node {node.name!r}: the device has no operator {type(op).__name__}")
