"""Readers of model files: each returns an ir.Graph or refuses with one clear line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ModelError
from engine.importers.options import ImportOptions, Layout

if TYPE_CHECKING:
    from engine.ir.graph import Graph

BUILT_IN_MODELS = ("efficientnet_lite0",)
_LONGEST_MESSAGE = 600

__all__ = ["BUILT_IN_MODELS", "ImportOptions", "Layout", "files_of", "import_model", "runtime_options"]


def import_model(model: str | Path, options: ImportOptions | None = None) -> Graph:
    """Return the network that ``model`` names as a float graph.

    ``model`` is ``efficientnet_lite0`` (built in), an ``.onnx`` or ``.tflite`` file, TI's ``param.yaml``, or a model-zoo
    folder that holds one. Readers are imported when needed: the packages behind them are slow to load, and the window's
    command line needs the options alone.

    Raises:
        ModelError: it is missing or malformed; the message names file and node.
        UnsupportedError: it is valid but uses what neither device nor host takes.
    """
    options = options or ImportOptions()
    graph = _built_in(options) if str(model) in BUILT_IN_MODELS else _from_file(_path(model), options)
    if options.random_weights is None:
        return graph
    from engine.importers.random_weights import randomize

    return randomize(graph, options.random_weights)


def runtime_options(model: str | Path) -> Mapping[str, int | float | str | bool]:
    """Return TI's runtime options that the description of ``model`` holds; empty where there is no description.

    Raises:
        ModelError: there is one, but it is malformed.
    """
    from engine.importers.param_yaml import find_description, read_description

    if str(model) in BUILT_IN_MODELS:
        return {}
    description = find_description(_path(model))
    return {} if description is None else read_description(description, ImportOptions()).runtime_options


def files_of(model: str | Path, options: ImportOptions) -> tuple[Path, ...]:
    """Return every file that ``import_model`` would read: description, network, weights beside it, labels.

    Raises:
        ModelError: it is missing, or its description is malformed.
    """
    files = [] if options.labels is None else [options.labels]
    if str(model) in BUILT_IN_MODELS:
        return tuple(files)
    path = _path(model)
    if not path.exists():
        raise ModelError(f"{path}: no such file; give a model file or a built-in name")
    try:
        description, path, _ = _described(path, options)
    except ModelError as error:
        raise type(error)(_naming(path, str(error))) from None
    files += [path] if description is None else [description, path]
    if not _starts_as_tflite(path):
        from engine.importers.onnx_file import external_files

        files.extend(external_files(path))
    return tuple(files)


def _path(model: str | Path) -> Path:
    """Return ``model`` as a path that may be asked for, which a name longer than the system's longest may not."""
    path = Path(model)
    try:
        path.exists()
    except OSError as error:
        raise ModelError(_naming(path, f"cannot be read: {error.strerror or error}")) from None
    return path


def _built_in(options: ImportOptions) -> Graph:
    from engine.importers import efficientnet_lite
    from engine.importers.picture import class_labels

    _check_says_itself(options)
    graph = efficientnet_lite.load()
    return replace(graph, labels=class_labels(options, graph.tensors[graph.outputs[0]].shape))


def _check_says_itself(options: ImportOptions) -> None:
    given = {
        "--mean": options.mean, "--scale": options.scale, "--size": options.size, "--resize": options.resize_short,
        "--layout": options.layout,
    }  # fmt: skip
    if names := [name for name, value in given.items() if value is not None]:
        raise ModelError(
            f"{BUILT_IN_MODELS[0]}: the built-in model says itself how pictures are prepared; leave {', '.join(names)} out"
        )


def _from_file(path: Path, options: ImportOptions) -> Graph:
    try:
        return _read(path, options)
    except ModelError as error:
        raise type(error)(_naming(path, str(error))) from None


def _read(path: Path, options: ImportOptions) -> Graph:
    description, path, described = _described(path, options)
    # Exporters call every network "main_graph".
    graph = replace(_read_network(path, described), name=path.name)
    who = f"{description}: crops to" if options.size is None else "--size asks for"
    _check_size(graph, described.size, who)
    return graph


def _described(path: Path, options: ImportOptions) -> tuple[Path | None, Path, ImportOptions]:
    """Return the description that belongs to ``path`` if there is one, the network's file, and the options for it."""
    from engine.importers.param_yaml import find_description, only_model_in, read_description

    description = find_description(path)
    if description is not None:
        described = read_description(description, options)
        return description, described.model, described.options
    return None, only_model_in(path) if path.is_dir() else path, options


def _check_size(graph: Graph, size: tuple[int, int] | None, who: str) -> None:
    """Refuse pictures of another size than the network takes; ``who`` wants them."""
    if graph.input_spec is None or size is None:
        return
    _, *fixed, _ = graph.tensors[graph.inputs[0]].shape
    if list(size) != fixed:
        raise ModelError(f"{who} {size[0]}x{size[1]}, the network takes {fixed[0]}x{fixed[1]}")


def _read_network(path: Path, options: ImportOptions) -> Graph:
    if _starts_as_tflite(path):
        from engine.importers.tflite_import import import_tflite

        return import_tflite(path, options)
    from engine.importers.onnx_import import import_onnx

    return import_onnx(path, options)


def _starts_as_tflite(path: Path) -> bool:
    """Whether the file bears TFLite's mark, or its name where it is too short for one."""
    if not path.is_file():
        return path.suffix == ".tflite"
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3" or path.suffix == ".tflite"


def _naming(path: Path, message: str) -> str:
    """Return ``message`` on one line of bounded length, with the file's name: names in a file may hold anything."""
    line = " ".join(message.split())
    line = line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]} ..."
    return line if line.startswith(str(path)) else f"{path}: {line}"
