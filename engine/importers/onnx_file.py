"""Reads and checks an ONNX file: protobuf, opset, local functions, tensors inside and beside the file."""

from collections.abc import Iterable, Iterator
from math import prod
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from onnx import inliner, numpy_helper

from engine.errors import ModelError, UnsupportedError
from engine.importers.limits import MAX_NODES, check_shape, read_bytes
from engine.ir.graph import Array

OLDEST_OPSET = 9
NEWEST_OPSET = onnx.defs.onnx_opset_version()
DOMAINS = ("", "ai.onnx")
_DTYPES: dict[int, str] = {
    onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.FLOAT16: "float16", onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.INT8: "int8", onnx.TensorProto.INT16: "int16", onnx.TensorProto.INT32: "int32",
    onnx.TensorProto.INT64: "int64", onnx.TensorProto.UINT8: "uint8", onnx.TensorProto.UINT16: "uint16",
    onnx.TensorProto.UINT32: "uint32", onnx.TensorProto.UINT64: "uint64", onnx.TensorProto.BOOL: "bool",
}  # fmt: skip


def read_model(path: Path) -> onnx.ModelProto:
    """Return the parsed file, its local functions inlined.

    Raises:
        ModelError: the file is unreadable, truncated or no ONNX model.
        UnsupportedError: its opset or one of its domains is not taken.
    """
    model = onnx.ModelProto()
    try:
        model.ParseFromString(read_bytes(path))
    except (DecodeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "malformed"
        raise ModelError(f"{path}: not an ONNX model, or truncated ({reason})") from None
    if _has_broken_text(model):
        raise ModelError(f"{path}: not an ONNX model, or damaged: a name in it is no UTF-8 text")
    if not model.HasField("graph") or not (model.graph.node or model.graph.output):
        raise ModelError(f"{path}: not an ONNX model: it holds no graph")
    _check_opset(path, opset_of(model))
    if model.graph.sparse_initializer:
        raise UnsupportedError(f"{path}: sparse initializers are not supported; store dense ones")
    if len(model.graph.node) > MAX_NODES:
        raise UnsupportedError(f"{path}: {len(model.graph.node)} nodes, at most {MAX_NODES} are allowed")
    return _inline_functions(path, model)


def _has_broken_text(message: Message) -> bool:
    """Whether any text field is no UTF-8: protobuf then gives bytes where everybody expects text."""
    for field, value in message.ListFields():
        if field.type not in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE):
            continue
        values = (value,) if isinstance(value, (str, bytes, Message)) else value
        if field.type == FieldDescriptor.TYPE_STRING and any(isinstance(each, bytes) for each in values):
            return True
        if field.type == FieldDescriptor.TYPE_MESSAGE and any(_has_broken_text(each) for each in values):
            return True
    return False


def opset_of(model: onnx.ModelProto) -> int:
    """Return the version of the ONNX operator set that ``model`` uses; 0 if it names none."""
    return max((each.version for each in model.opset_import if each.domain in DOMAINS), default=0)


def _check_opset(path: Path, opset: int) -> None:
    if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        raise UnsupportedError(
            f"{path}: uses ONNX opset {opset or 'unknown'}; {OLDEST_OPSET} to {NEWEST_OPSET} are supported: "
            "export the model again with one of these"
        )


def _inline_functions(path: Path, model: onnx.ModelProto) -> onnx.ModelProto:
    if not model.functions:
        return model
    _refuse_recursion(path, model.functions)
    try:
        return inliner.inline_local_functions(model)
    except (RuntimeError, ValueError, onnx.checker.ValidationError) as error:
        raise ModelError(
            f"{path}: its local functions cannot be inlined: {str(error).splitlines()[0]}"
        ) from None


def _refuse_recursion(path: Path, functions: Iterable[onnx.FunctionProto]) -> None:
    """Inlining a function that calls itself would not end."""
    calls = {(f.domain, f.name): {(node.domain, node.op_type) for node in f.node} for f in functions}
    while calls:
        leaves = [name for name, called in calls.items() if not called & calls.keys()]
        if not leaves:
            domain, name = next(iter(calls))
            raise ModelError(f"{path}: local function {domain}::{name} calls itself")
        for leaf in leaves:
            del calls[leaf]


def external_files(path: Path) -> tuple[Path, ...]:
    """Return the files beside the model file ``path`` that hold its weights; those that are missing are left out.

    Raises:
        ModelError: the file is unreadable.
    """
    model = onnx.ModelProto()
    try:
        model.ParseFromString(read_bytes(path))
    except (DecodeError, ValueError, RuntimeError):
        return ()
    locations = {
        entry.value
        for tensor in _tensors(model)
        for entry in tensor.external_data
        if entry.key == "location" and tensor.data_location == onnx.TensorProto.EXTERNAL
    }
    found = set()
    for location in locations:
        try:
            found.add(_inside(path.parent, location, ""))
        except ModelError:  # the reader says what is wrong with it
            continue
    return tuple(sorted(found))


def _tensors(message: Message) -> Iterator[onnx.TensorProto]:
    """Yield every tensor in ``message``, whether an initializer or an attribute."""
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for each in (value,) if isinstance(value, Message) else value:
                if isinstance(each, onnx.TensorProto):
                    yield each
                else:
                    yield from _tensors(each)


def tensor_values(tensor: onnx.TensorProto, folder: Path, owner: str) -> Array:
    """Return the values of ``tensor``; external data is read from inside ``folder`` only. float16 becomes float32.

    Raises:
        ModelError: the data is missing, outside the folder, of another size than the shape says, or NaN.
        UnsupportedError: the element type or the size is not taken.
    """
    if min(tensor.dims, default=0) < 0:
        raise ModelError(f"{owner}: has shape {list(tensor.dims)}")
    if prod(tensor.dims):
        check_shape(tensor.dims, owner)
    dtype = numpy_dtype(tensor.data_type, owner)
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return _checked(_external_values(tensor, dtype, folder, owner), owner)
    try:
        values = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise ModelError(f"{owner}: its data does not fit shape {list(tensor.dims)}: {error}") from None
    return _checked(values, owner)


def numpy_dtype(elem_type: int, owner: str) -> np.dtype[np.generic]:
    """Return the NumPy type of an ONNX element type.

    Raises:
        UnsupportedError: the engine has no such type (bfloat16, float8, int4, strings ...).
    """
    if elem_type not in _DTYPES:
        known = elem_type in onnx.TensorProto.DataType.values()
        name = onnx.TensorProto.DataType.Name(elem_type) if known else str(elem_type)
        raise UnsupportedError(f"{owner}: element type {name} is not supported; use float32")
    return np.dtype(_DTYPES[elem_type])


def _checked(values: Array, owner: str) -> Array:
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise ModelError(f"{owner}: holds NaN; all weights must be numbers")
    return values


def _external_values(
    tensor: onnx.TensorProto, dtype: np.dtype[np.generic], folder: Path, owner: str
) -> Array:
    entries = {each.key: each.value for each in tensor.external_data}
    path = _inside(folder, entries.get("location", ""), owner)
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
    except ValueError:
        raise ModelError(f"{owner}: external data has an offset or length that is no number") from None
    count = prod(tensor.dims)
    size = path.stat().st_size
    if offset < 0 or length not in (-1, count * dtype.itemsize) or offset + count * dtype.itemsize > size:
        raise ModelError(
            f"{owner}: needs {count * dtype.itemsize} bytes at {offset} of {path.name}, which has {size}; "
            "the file is truncated or belongs to another model"
        )
    with path.open("rb") as file:
        file.seek(offset)
        values = np.fromfile(file, dtype.newbyteorder("<"), count)
    return values.astype(dtype, copy=False).reshape(tuple(tensor.dims))


def _inside(folder: Path, location: str, owner: str) -> Path:
    """Return the file ``location`` names; symbolic links are followed before it is judged to be inside ``folder``."""
    root = folder.resolve()
    try:
        path = (root / location).resolve()
        is_file = path.is_file()
    except (OSError, ValueError, RuntimeError, TypeError):  # protobuf gives broken UTF-8 as bytes
        raise ModelError(f"{owner}: external data location {location!r} is no file name") from None
    if not location or not path.is_relative_to(root):
        raise ModelError(f"{owner}: external data location {location!r} is outside the model's folder")
    if not is_file:
        raise ModelError(f"{owner}: external data file {location!r} is missing beside the model")
    return path
