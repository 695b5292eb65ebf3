"""TI's model descriptions (``param.yaml``, the model zoo's ``*_config.yaml``): which file, which preprocessing, which options."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from engine.errors import ModelError, UnsupportedError
from engine.importers.limits import read_bytes
from engine.importers.options import ImportOptions, Layout
from engine.importers.picture import MAX_MAGNITUDE, MAX_SHORT_PX

MAX_YAML_BYTES = 256 << 10
SUFFIXES = (".yaml", ".yml")
_MODEL_SUFFIXES = (".onnx", ".tflite")
Scalar = int | float | str | bool


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What a description says. ``model`` is the network's file; ``runtime_options`` are TI's, names as in the file."""

    model: Path
    options: ImportOptions
    runtime_options: Mapping[str, Scalar] = field(default_factory=dict)


def find_description(path: Path) -> Path | None:
    """Return the description that belongs to ``path``: itself, the one in the folder, or the one beside a model file.

    Raises:
        ModelError: a folder holds several and none is called ``param.yaml``.
    """
    if path.suffix in SUFFIXES:
        return path
    folder = path if path.is_dir() else path.parent
    candidates = [folder / "param.yaml"]
    if not path.is_dir():
        candidates += [folder / f"{path.stem}_config.yaml", folder / f"{path.stem}_model_config.yaml"]
        # os.path: a name made longer than the model's, and longer than names can be, is no file but no error either.
        files = (each for each in candidates if os.path.isfile(each))  # noqa: PTH113
        return next((each for each in files if _is_about(each, path)), None)
    if candidates[0].is_file():
        return candidates[0]
    found = sorted(folder.glob("*_config.yaml"))
    if len(found) > 1:
        names = ", ".join(each.name for each in found[:4])
        raise ModelError(f"{path}: holds several model descriptions ({names}); name one of them")
    return found[0] if found else None


def only_model_in(folder: Path) -> Path:
    """Return the only network file of a folder without description.

    Raises:
        ModelError: there is none, or more than one.
    """
    found = sorted(each for each in folder.iterdir() if each.suffix in _MODEL_SUFFIXES)
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.name for each in found[:4]) or "none"
    raise ModelError(f"{folder}: needs a param.yaml or exactly one .onnx or .tflite file, found {names}")


def read_description(path: Path, given: ImportOptions) -> ModelDescription:
    """Return what the description ``path`` says; what ``given`` chooses goes before it.

    Raises:
        ModelError: it is unreadable, no such description, or names a model that is missing or outside its folder.
        UnsupportedError: it asks for preprocessing that pictures do not get here.
    """
    document = _load(path)
    preprocess, session = _section(document, "preprocess", path), _section(document, "session", path)
    if preprocess.get("resize_with_pad"):
        raise UnsupportedError(f"{path}: preprocess.resize_with_pad is not supported; resize and crop are")
    resize = _sizes(preprocess, "resize", path)
    crop = _sizes(preprocess, "crop", path)
    squash = isinstance(preprocess.get("resize"), list) and resize is not None and (crop in (None, resize))
    layout = session.get("input_data_layout") or preprocess.get("data_layout")
    offset = _section(document, "metric", path).get("label_offset_pred")
    options = replace(
        given,
        mean=given.mean or _rgb(session, "input_mean", path),
        scale=given.scale or _rgb(session, "input_scale", path),
        size=given.size or crop or (resize if squash else None),
        resize_short=given.resize_short or (min(resize) if resize and not squash else None),
        squash=given.squash or (squash and given.resize_short is None),
        bgr=given.bgr or bool(preprocess.get("reverse_channels")),
        layout=given.layout or (_layout(layout, path) if layout else None),
        label_offset=offset if given.label_offset is None and isinstance(offset, int) else given.label_offset,
    )
    runtime = _section(session, "runtime_options", path)
    flat = {str(key): value for key, value in runtime.items() if isinstance(value, Scalar)}
    return ModelDescription(_model_path(session.get("model_path"), path), options, flat)


def _load(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(read_bytes(path, MAX_YAML_BYTES).decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ModelError(f"{path}: is not valid YAML: {reason}") from None
    if not isinstance(document, dict) or not isinstance(document.get("session"), dict):
        raise ModelError(f"{path}: is no model description: it has no section 'session'")
    return document


def _is_about(description: Path, model: Path) -> bool:
    """Whether a description beside a model file names that file."""
    named = _load(description)["session"].get("model_path")
    named = named[0] if isinstance(named, list) and named else named
    return isinstance(named, str) and Path(named).name == model.name


def _section(document: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    found = document.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ModelError(f"{path}: {name} must be a section, found {_shown(found)}")
    return found


def _sizes(section: Mapping[str, Any], name: str, path: Path) -> tuple[int, int] | None:
    """Return (height, width); one number stands for both."""
    found = section.get(name)
    if found is None:
        return None
    values: list[Any] = found if isinstance(found, list) else [found, found]
    if len(values) != 2 or any(not isinstance(each, int) or not 1 <= each <= MAX_SHORT_PX for each in values):
        raise ModelError(
            f"{path}: preprocess.{name} must be one or two sizes in pixels, found {_shown(found)}"
        )
    return values[0], values[1]


def _rgb(session: Mapping[str, Any], name: str, path: Path) -> tuple[float, float, float] | None:
    found = session.get(name)
    if found is None:
        return None
    values = found if isinstance(found, list) else [found]
    if len(values) not in (1, 3) or any(
        isinstance(each, bool) or not isinstance(each, int | float) or not abs(each) <= MAX_MAGNITUDE
        for each in values
    ):
        raise ModelError(
            f"{path}: session.{name} must be one or three numbers up to a million, found {_shown(found)}"
        )
    if name == "input_scale" and not all(values):
        raise ModelError(f"{path}: session.{name} must not be zero, found {_shown(found)}")
    red, green, blue = values * (3 // len(values))
    return float(red), float(green), float(blue)


def _layout(found: Any, path: Path) -> Layout:
    if found not in Layout.__members__:
        raise ModelError(f"{path}: the data layout must be NCHW or NHWC, found {_shown(found)}")
    return Layout[found]


def _model_path(found: Any, path: Path) -> Path:
    """Return the network's file, in the description's folder or its sub-folder ``model``."""
    named = found[0] if isinstance(found, list) and found else found
    if not isinstance(named, str) or not named:
        raise ModelError(f"{path}: session.model_path must name the network's file, found {_shown(found)}")
    root = path.parent.resolve()
    try:
        candidates = [(root / named).resolve(), (root / "model" / named).resolve()]
        inside = candidates[0].is_relative_to(root)
        existing = [each for each in candidates if each.is_relative_to(root) and each.is_file()]
    except (OSError, ValueError, RuntimeError):
        raise ModelError(f"{path}: session.model_path {_shown(named)} is no file name") from None
    if not inside:
        raise ModelError(f"{path}: session.model_path {_shown(named)} is outside the description's folder")
    if not existing:
        raise ModelError(f"{path}: session.model_path {_shown(named)} is missing in {path.parent}")
    if existing[0].suffix not in _MODEL_SUFFIXES:
        raise ModelError(f"{path}: session.model_path {_shown(named)} is neither .onnx nor .tflite")
    return existing[0]


def _shown(found: Any) -> str:
    return f"{found!r:.60}"
