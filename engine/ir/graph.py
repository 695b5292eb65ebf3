"""Graph, node and tensor type: plain frozen data; passes return new graphs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:  # sessions know tensors and pictures, but no float graph
    from engine.ir.ops import Op

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape (all dimensions positive; NHWC for feature maps) and NumPy dtype name of a float-graph tensor."""

    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class Node:
    """One operator application. ``inputs`` name tensors or constants in the order of the operator's docstring."""

    name: str
    op: "Op"
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def output(self) -> str:
        """Name of the only output."""
        (only,) = self.outputs
        return only


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a picture becomes the network's input: ``real = (pixel - mean) * scale`` per channel, after resize and crop.

    ``resize_short`` is the length in pixels to which the picture's short side is brought (bilinear); the crop is central
    and has the network's input size. ``squash`` resizes both sides straight to the input size instead.
    """

    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    resize_short: int = 256
    squash: bool = False
    bgr: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """A float network. ``nodes`` are in topological order; every tensor name is produced once.

    ``tensors`` types every graph input and node output; ``constants`` holds weights (float32, OHWI) and index data.
    ``ranges`` are real (low, high) ranges that the model file itself prescribes (pre-quantized TFLite), SPEC (15).
    ``inputs[0]`` is the picture when ``input_spec`` is given. ``labels`` is empty where the file names no classes.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    tensors: Mapping[str, TensorType]
    constants: Mapping[str, Array]
    input_spec: InputSpec | None = None
    labels: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def consumers(self) -> dict[str, list[Node]]:
        """Return the nodes that read each tensor, in order."""
        readers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.inputs:
                readers.setdefault(name, []).append(node)
        return readers

    def last_uses(self) -> dict[str, int]:
        """Return the index of the last node that reads each tensor; tensors that none reads are absent."""
        return {name: index for index, node in enumerate(self.nodes) for name in node.inputs}

    def producers(self) -> dict[str, Node]:
        """Return the node that writes each tensor."""
        return {name: node for node in self.nodes for name in node.outputs}
