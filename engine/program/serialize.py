"""Programs to JSON and back: dataclasses by field name and type, constants as spans of one binary blob."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from math import prod
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from engine.errors import ArtifactError
from engine.ir.graph import Array, InputSpec
from engine.program import descriptors as D
from engine.program.local_response import LocalResponse
from engine.program.program import Memory, Program, Tensor, Tile

T = TypeVar("T")
CONSTANT_ALIGNMENT_BYTES = 64
CONSTANT_DTYPES = ("int8", "uint8", "int16", "uint16", "int32")
_DESCRIPTORS = {kind.__name__: kind for kind in D.DESCRIPTOR_TYPES}


def pack_constants(constants: Mapping[str, Array], blob: bytearray) -> dict[str, dict[str, Any]]:
    """Append ``constants`` to ``blob`` (little endian, 64-byte aligned) and return where each lies."""
    spans = {}
    for name, array in constants.items():
        blob.extend(bytes(-len(blob) % CONSTANT_ALIGNMENT_BYTES))
        spans[name] = {"dtype": array.dtype.name, "shape": array.shape, "offset": len(blob)}
        blob.extend(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
    return spans


def encode_program(program: Program, constants: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return ``program`` as a JSON document; ``constants`` come from ``pack_constants``."""
    return {
        "soc": program.soc,
        "inputs": program.inputs,
        "outputs": program.outputs,
        "arena_bytes": {memory.value: size for memory, size in program.arena_bytes.items()},
        "tensors": [{**asdict(tensor), "memory": tensor.memory.value} for tensor in program.tensors.values()],
        "descriptors": [{"op": type(d).__name__, **asdict(d)} for d in program.descriptors],
        "tiles": {name: asdict(tile) for name, tile in program.tiles.items()},
        "constants": dict(constants),
    }


def decode_program(document: Mapping[str, Any], blob: bytes) -> Program:
    """Return the program in ``document``; constants are read-only views of ``blob``.

    Raises:
        ArtifactError, KeyError, TypeError, ValueError: the document is malformed. Meaning is checked afterwards by
            ``verify_program``.
    """
    tensors = [_decode(Tensor, entry) for entry in document["tensors"]]
    return Program(
        soc=_decode_value(str, document["soc"]),
        descriptors=tuple(_decode_descriptor(entry) for entry in document["descriptors"]),
        tensors={tensor.name: tensor for tensor in tensors},
        constants={name: _constant(name, span, blob) for name, span in document["constants"].items()},
        inputs=tuple(_decode_value(str, name) for name in document["inputs"]),
        outputs=tuple(_decode_value(str, name) for name in document["outputs"]),
        arena_bytes={Memory(key): _decode_value(int, size) for key, size in document["arena_bytes"].items()},
        tiles={name: _decode(Tile, entry) for name, entry in document["tiles"].items()},
    )


def decode_input_spec(document: Mapping[str, Any]) -> InputSpec:
    """Return the input specification in ``document``."""
    return _decode(InputSpec, document)


def decode_local_response(document: Mapping[str, Any]) -> LocalResponse:
    """Return the normalisation in ``document``."""
    return _decode(LocalResponse, document)


def _decode_descriptor(entry: Mapping[str, Any]) -> D.Descriptor:
    kind = _DESCRIPTORS.get(entry["op"])
    if kind is None:
        raise ArtifactError(f"unknown descriptor {entry['op']!r}, allowed: {', '.join(sorted(_DESCRIPTORS))}")
    return _decode(kind, {key: value for key, value in entry.items() if key != "op"})


def _constant(name: str, span: Mapping[str, Any], blob: bytes) -> Array:
    shape = tuple(_decode_value(int, n) for n in span["shape"])
    offset = _decode_value(int, span["offset"])
    if span["dtype"] not in CONSTANT_DTYPES or min(shape, default=1) < 0 or offset < 0:
        raise ArtifactError(
            f"constant {name!r}: type {span['dtype']!r}, shape {shape} or offset {offset} is not allowed"
        )
    dtype = np.dtype(span["dtype"]).newbyteorder("<")
    if offset + prod(shape) * dtype.itemsize > len(blob):
        raise ArtifactError(f"constant {name!r} lies beyond the end of constants.bin ({len(blob)} bytes)")
    stored = np.frombuffer(blob, dtype, prod(shape), offset).reshape(shape)
    return stored.astype(dtype.newbyteorder("="), copy=False)


def _decode(kind: type[T], document: Mapping[str, Any]) -> T:
    """Build dataclass ``kind`` from ``document``, each field by its declared type."""
    hints = _declared(kind)  # type: ignore[arg-type]  # mypy does not take a class for hashable
    if unknown := set(document) - set(hints):
        raise ArtifactError(f"{kind.__name__} has no field {', '.join(sorted(map(repr, unknown)))}")
    return kind(**{name: _decode_value(hints[name], value) for name, value in document.items()})


@cache
def _declared(kind: type[Any]) -> dict[str, Any]:
    """Return the types of a dataclass's fields by name."""
    return get_type_hints(kind)


def _decode_value(hint: Any, value: Any) -> Any:
    """Return ``value`` checked against ``hint``: int, float, str, bool, Memory, tuples of those, or None."""
    if hint is Memory:
        return Memory(value)
    if get_origin(hint) is tuple:
        items = get_args(hint)
        kinds = [items[0]] * len(value) if items[-1] is Ellipsis else list(items)
        return tuple(_decode_value(kind, item) for kind, item in zip(kinds, value, strict=True))
    if get_origin(hint) is UnionType:  # X | None
        return None if value is None else _decode_value(get_args(hint)[0], value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise ArtifactError(f"found {value!r} where {hint.__name__} is needed")
    return value
