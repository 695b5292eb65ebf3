"""Padding that continues a tensor with its own elements: single slices of it, joined to it."""

from collections.abc import Sequence
from enum import Enum

from engine.importers.builder import GraphBuilder
from engine.ir.ops import Concat, slice_of

MOST_ELEMENTS = 8  # per side of an axis; each is a layer on the device


class Border(Enum):
    """Which element of an axis of n stands k elements before its first and behind its last; values as ONNX calls them."""

    REFLECT = "reflect"  # k and n - 1 - k
    SYMMETRIC = "symmetric"  # k - 1 and n - k
    EDGE = "edge"  # 0 and n - 1


def why_not(shape: Sequence[int], before: Sequence[int], after: Sequence[int], border: Border) -> str:
    """Return why the device cannot pad so, as the end of a sentence; empty if it can."""
    widths = [max(pair) for pair in zip(before, after, strict=True)]
    if min(*before, *after) < 0:
        return "it both cuts and continues the picture"
    if max(widths) > MOST_ELEMENTS:
        return f"it adds {max(widths)} elements in mode {border.value}, the device at most {MOST_ELEMENTS}"
    spare = 1 if border is Border.REFLECT else 0
    if border is not Border.EDGE and any(w > size - spare for w, size in zip(widths, shape, strict=True)):
        return "it adds more elements than there are"
    return ""


def emit_border(
    builder: GraphBuilder, tensor: str, before: Sequence[int], after: Sequence[int], border: Border, name: str
) -> str:
    """Return ``tensor`` with ``before`` and ``after`` elements added per axis."""
    for axis, (low, high) in enumerate(zip(before, after, strict=True)):
        if low or high:
            shape = builder.type_of(tensor).shape
            size = shape[axis]
            wanted = [_nearer(k, border) for k in range(low, 0, -1)]
            behind = [size - 1 - _nearer(k, border) for k in range(1, high + 1)]
            pieces = {
                at: builder.emit(slice_of(shape, axis, at, at + 1), [tensor], f"{name}:border")
                for at in dict.fromkeys((*wanted, *behind))
            }
            parts = [*(pieces[at] for at in wanted), tensor, *(pieces[at] for at in behind)]
            tensor = builder.emit(Concat(axis), parts, name)
    return tensor


def _nearer(k: int, border: Border) -> int:
    """Return how far from the end of the axis the element is that stands ``k`` behind it."""
    return {Border.REFLECT: k, Border.SYMMETRIC: k - 1, Border.EDGE: 0}[border]
