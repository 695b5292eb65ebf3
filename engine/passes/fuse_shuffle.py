"""Recognises a channel shuffle in the reshape, transpose, reshape that exporters write."""

from math import prod

from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.passes.rewrite import Rewriter


def run(graph: Graph) -> Graph:
    """Return ``graph`` with channel shuffles as one operator; the channels are moved last and back around it."""
    out, producers, readers = Rewriter(graph), graph.producers(), graph.consumers()
    for node in graph.nodes:
        chain = _chain(node, producers, readers)
        found = _shuffle(chain, graph) if chain else None
        if chain is None or found is None:
            out.keep(node)
        else:
            _emit(out, node, chain[0].inputs[0], *found)
    return out.finish({name: name for name in graph.outputs})


def _chain(
    node: Node, producers: dict[str, Node], readers: dict[str, list[Node]]
) -> tuple[Node, Node, Node] | None:
    """Return the reshape, transpose, reshape that ends in ``node`` if nothing else reads what is between them."""
    if not isinstance(node.op, ops.Reshape):
        return None
    swap = producers.get(node.inputs[0])
    if swap is None or not isinstance(swap.op, ops.Transpose) or len(readers[swap.output]) != 1:
        return None
    split = producers.get(swap.inputs[0])
    if split is None or not isinstance(split.op, ops.Reshape) or len(readers[split.output]) != 1:
        return None
    return split, swap, node


def _shuffle(chain: tuple[Node, Node, Node], graph: Graph) -> tuple[int, int] | None:
    """Return (axis, group) if the chain shuffles one axis: it is cut in two and the halves change places."""
    split, swap, last = chain
    shape = graph.tensors[last.output].shape
    source = graph.constants.get(split.inputs[0])
    if (source.shape if source is not None else graph.tensors[split.inputs[0]].shape) != shape:
        return None
    assert isinstance(split.op, ops.Reshape)
    assert isinstance(swap.op, ops.Transpose)
    view, perm = split.op.shape, swap.op.perm
    moved = [axis for axis, from_axis in enumerate(perm) if axis != from_axis]
    if len(moved) != 2 or moved[1] != moved[0] + 1:
        return None
    first = moved[0]
    before, channels = prod(view[:first]), view[first] * view[first + 1]
    for axis, size in enumerate(shape):
        if size == channels and prod(shape[:axis]) == before:
            return axis, view[first]
    return None


def _emit(out: Rewriter, node: Node, source: str, axis: int, group: int) -> None:
    rank = len(out.type_of(source).shape)
    forth = (*range(axis), *range(axis + 1, rank), axis)
    back = tuple(forth.index(each) for each in range(rank))
    last = out.emit(
        out.fresh(f"{node.name}:last"), ops.Transpose(forth), [source], out.fresh(f"{node.output}:last")
    )
    shuffled = out.emit(
        node.name, ops.ChannelShuffle(group), [last], out.fresh(f"{node.output}:shuffled"), like=node.output
    )
    out.emit(out.fresh(f"{node.name}:back"), ops.Transpose(back), [shuffled], node.output)
