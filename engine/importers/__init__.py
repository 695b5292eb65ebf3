"""Readers of model files: each returns an ir.Graph or refuses with one clear line."""

from pathlib import Path

from engine.errors import ModelError
from engine.importers import efficientnet_lite
from engine.importers.onnx_import import import_onnx
from engine.importers.options import ImportOptions, Layout
from engine.importers.random_weights import randomize
from engine.ir.graph import Graph

__all__ = ["ImportOptions", "Layout", "import_model"]


def import_model(model: str | Path, options: ImportOptions | None = None) -> Graph:
    """Return the network that ``model`` names as a float graph.

    ``model`` is ``efficientnet_lite0`` (built in), an ``.onnx`` or ``.tflite`` file, TI's ``param.yaml``, or a model-zoo
    folder that holds one.

    Raises:
        ModelError: it is missing or malformed; the message names file and node.
        UnsupportedError: it is valid but uses what neither device nor host takes.
    """
    options = options or ImportOptions()
    if str(model) == efficientnet_lite.NAME:
        return efficientnet_lite.load()
    path = Path(model)
    try:
        graph = import_onnx(path, options)
    except ModelError as error:
        raise type(error)(_naming(path, str(error))) from None
    return graph if options.random_weights is None else randomize(graph, options.random_weights)


def _naming(path: Path, message: str) -> str:
    return message if str(path) in message else f"{path}: {message}"
