"""Lets a convolution, or a pooling that padding cannot win, do the padding that stands before it.

Between the two may stand the transpose that an importer puts behind a layer on the A72: it then goes before the padding.
"""

from dataclasses import dataclass, replace
from operator import lt

import numpy as np

from engine.ir import ops
from engine.ir.graph import Graph, Node
from engine.passes.rewrite import Rewriter

_PADDED = ops.Conv2d | ops.MaxPool
_LOWEST = float(np.finfo(np.float32).min)  # no number is less, so none that a window sees loses to it


@dataclass(frozen=True, slots=True)
class _Padding:
    """A padding of ``source`` as its reader sees it, behind ``transpose`` if that is not None."""

    source: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float
    transpose: Node | None = None


def run(graph: Graph) -> Graph:
    """Return ``graph`` with pads merged into their readers; unread pads are left to remove_dead."""
    out, producers = Rewriter(graph), graph.producers()
    moved: dict[str, str] = {}  # the unpadded twins of transposes
    for node in graph.nodes:
        padding = _padding(node.inputs[0], producers) if isinstance(node.op, _PADDED) else None
        merged = None if padding is None else _merged(node.op, padding)
        if padding is None or merged is None:
            out.keep(node)
            continue
        source = padding.source
        if (turn := padding.transpose) is not None:
            if turn.output not in moved:
                names = out.fresh(f"{turn.name}:unpadded"), out.fresh(f"{turn.output}:unpadded")
                moved[turn.output] = out.emit(names[0], turn.op, [source], names[1])
            source = moved[turn.output]
        out.keep(replace(node, op=merged, inputs=(source, *node.inputs[1:])))
    return out.finish({name: name for name in graph.outputs})


def _padding(name: str, producers: dict[str, Node]) -> _Padding | None:
    """Return the padding that ``name`` comes from, in the order of its own dimensions."""
    node = producers.get(name)
    if node is not None and isinstance(node.op, ops.Transpose):
        inner = producers.get(node.inputs[0])
        if inner is None or not isinstance(inner.op, ops.Pad):
            return None
        pad, perm = inner.op, node.op.perm
        before, after = (tuple(each[axis] for axis in perm) for each in (pad.before, pad.after))
        return _Padding(inner.inputs[0], before, after, pad.value, node)
    if node is not None and isinstance(node.op, ops.Pad):
        return _Padding(node.inputs[0], node.op.before, node.op.after, node.op.value)
    return None


def _merged(op: ops.Op, padding: _Padding) -> ops.Op | None:
    """Return ``op`` with ``padding`` done by itself; None where that would not be the same."""
    assert isinstance(op, _PADDED)
    before, after = padding.before, padding.after
    neutral = padding.value == 0.0 if isinstance(op, ops.Conv2d) else padding.value <= _LOWEST
    if not neutral or before[0] or after[0] or before[3] or after[3]:
        return None
    top, left, bottom, right = op.pads
    pads = (top + before[1], left + before[2], bottom + after[1], right + after[2])
    if isinstance(op, ops.MaxPool) and not all(map(lt, pads, op.kernel * 2)):
        return None  # a window could see nothing but padding
    return replace(op, pads=pads)
