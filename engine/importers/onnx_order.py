"""Brings nodes into an order in which every tensor is written before it is read."""

from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heappush

import onnx

from engine.errors import ModelError


def in_order(nodes: Iterable[onnx.NodeProto], known: Collection[str]) -> list[onnx.NodeProto]:
    """Return ``nodes`` sorted by what they read, the file's order kept where it is free; ``known`` exists already.

    Raises:
        ModelError: two nodes write one tensor, a tensor is read that nothing writes, or nodes wait for each other.
    """
    waiting = list(nodes)
    writer: dict[str, int] = {}
    for i, node in enumerate(waiting):
        for name in node.output:
            if name and name in writer:
                raise ModelError(
                    f"{_name(node)}: writes {name!r}, which {_name(waiting[writer[name]])} writes too"
                )
            writer[name] = i
    needs = [_needed(node, writer, known) for node in waiting]
    readers: list[list[int]] = [[] for _ in waiting]
    for i, needed in enumerate(needs):
        for j in needed:
            readers[j].append(i)
    ready = [i for i, needed in enumerate(needs) if not needed]
    heapify(ready)
    order: list[onnx.NodeProto] = []
    while ready:
        i = heappop(ready)
        order.append(waiting[i])
        for j in readers[i]:
            needs[j].discard(i)
            if not needs[j]:
                heappush(ready, j)
    if len(order) != len(waiting):
        stuck = next(node for node, needed in zip(waiting, needs, strict=True) if needed)
        raise ModelError(f"{_name(stuck)}: the graph has a cycle through it")
    return order


def _needed(node: onnx.NodeProto, writer: dict[str, int], known: Collection[str]) -> set[int]:
    needed = set()
    for name in [*node.input, *_outer_names(node)]:
        if name in writer:
            needed.add(writer[name])
        elif name and name not in known and name in node.input:
            raise ModelError(f"{_name(node)}: reads {name!r}, which nothing writes")
    return needed


def _outer_names(node: onnx.NodeProto) -> Iterable[str]:
    """Yield the names that a node's branches read; some of them may be written inside."""
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            for inner in graph.node:
                yield from inner.input
                yield from _outer_names(inner)
            yield from (value.name for value in graph.output)


def _name(node: onnx.NodeProto) -> str:
    return f"node {node.name or next(iter(node.output), '?')!r} ({node.op_type})"
