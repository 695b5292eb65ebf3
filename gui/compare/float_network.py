"""The network as it was before eight bits, ready to run; used by processes of their own. NOTE: Qt-free."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.compiler.compile import CompileOptions, float_graph
from engine.errors import ModelError
from engine.host.float_session import FloatSession
from engine.host.preprocess import preprocess, to_real
from engine.runtime.model_cache import is_artifact


class FloatNetwork:
    """Runs one frame at a time in float32 on one thread."""

    def __init__(self, model: str, options: CompileOptions) -> None:
        """Read ``model``, a built-in name or a file, as ``options`` describe it.

        Raises:
            EngineError: it cannot be read, takes no picture, or is an artifact folder, which holds no float network.
        """
        if is_artifact(Path(model)):
            raise ModelError(
                f"{model}: an artifact folder holds no float network; choose the model file it was made from"
            )
        graph = float_graph(model, options)
        shape = graph.tensors[graph.inputs[0]].shape
        if graph.input_spec is None or len(shape) != 4:
            raise ModelError(f"{model}: its input {shape} is no picture")
        self._spec = graph.input_spec
        self._input, self._output = graph.inputs[0], graph.outputs[0]
        self._session = FloatSession(graph, threads=1)
        self.input_hw = (shape[1], shape[2])
        self.labels = graph.labels
        self.classes = int(np.prod(graph.tensors[self._output].shape))

    def pixels(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return what the network sees, uint8 [h, w, 3], of an RGB picture of any size."""
        return preprocess(image, self._spec, self.input_hw)

    def logits(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the logits float32 [n] of an input uint8 [h, w, 3]."""
        real = to_real(pixels, self._spec)[None]
        found: NDArray[np.float32] = self._session.run({self._input: real})[self._output].reshape(-1)
        return found.astype(np.float32, copy=False)
