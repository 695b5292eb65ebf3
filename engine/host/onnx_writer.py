"""Collects ONNX nodes and initializers and keeps track of which layout each tensor exists in."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from engine.ir.graph import Array, Graph
from engine.ir.verify import type_of

TO_NCHW, TO_NHWC = (0, 3, 1, 2), (0, 2, 3, 1)


class OnnxWriter:
    """ONNX nodes under construction for one graph."""

    def __init__(self, graph: Graph, opset: int, as_standard: bool) -> None:
        self.graph = graph
        self.opset = opset
        self.as_standard = as_standard
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._names: dict[tuple[str, str], str] = {(name, "nhwc"): name for name in graph.inputs}

    def rank(self, name: str) -> int:
        """Return the number of dimensions of a tensor or constant of the graph."""
        return len(type_of(self.graph, name).shape)

    def is_constant(self, name: str) -> bool:
        """Return whether ``name`` is a constant of the graph."""
        return name in self.graph.constants

    def lives_in_nchw(self, name: str) -> bool:
        """Return whether the tensor was written in NCHW, so that reading it so costs nothing."""
        return (name, "nchw") in self._names

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append a node with one output and return the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def initializer(self, name: str, values: Array) -> str:
        """Add ``values`` under ``name`` unless it is there already, and return the name."""
        if (name, "initializer") not in self._names:
            self.initializers.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
            self._names[name, "initializer"] = name
        return name

    def nhwc(self, name: str) -> str:
        """Return the ONNX name of a tensor or constant in the graph's own layout."""
        if self.is_constant(name):
            return self.initializer(name, self.graph.constants[name])
        if (name, "nhwc") not in self._names:
            source = self._names[name, "nchw"]
            self._names[name, "nhwc"] = self.add("Transpose", [source], name, perm=TO_NHWC)
        return self._names[name, "nhwc"]

    def nchw(self, name: str) -> str:
        """Return the ONNX name of a four-dimensional tensor, or of a constant that broadcasts to one, in NCHW."""
        if self.is_constant(name):
            values = self.graph.constants[name]
            wide = values.reshape((1,) * (4 - values.ndim) + values.shape)
            return self.initializer(f"{name}@nchw", wide.transpose(TO_NCHW))
        if (name, "nchw") not in self._names:
            target = f"{name}@nchw"
            self._names[name, "nchw"] = self.add("Transpose", [self.nhwc(name)], target, perm=TO_NCHW)
        return self._names[name, "nchw"]

    def writes_nhwc(self, name: str) -> str:
        """Declare that the next node writes tensor ``name`` in the graph's layout; return the ONNX name to write."""
        self._names[name, "nhwc"] = name
        return name

    def writes_nchw(self, name: str) -> str:
        """Declare that the next node writes tensor ``name`` in NCHW; return the ONNX name to write."""
        self._names[name, "nchw"] = f"{name}@nchw"
        return f"{name}@nchw"

    def layout_of(self, names: tuple[str, ...], output: str) -> str:
        """Return "nchw" where an element-wise node over ``names`` can work so without a transpose, else "nhwc"."""
        tensors = [name for name in names if not self.is_constant(name)]
        flat = self.rank(output) != 4 or any(self.rank(name) != 4 for name in tensors)
        return "nhwc" if flat or not any(map(self.lives_in_nchw, tensors)) else "nchw"

    def read(self, name: str, layout: str) -> str:
        """Return the ONNX name of ``name`` in ``layout``."""
        return self.nchw(name) if layout == "nchw" else self.nhwc(name)

    def writes(self, name: str, layout: str) -> str:
        """Declare that the next node writes ``name`` in ``layout``; return the ONNX name to write."""
        return self.writes_nchw(name) if layout == "nchw" else self.writes_nhwc(name)
