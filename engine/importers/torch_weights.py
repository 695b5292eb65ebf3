"""Tensors out of a PyTorch checkpoint (the format before 1.6), without PyTorch and without unpickling.

A pickle is a program. This reader parses its opcodes with the standard library's disassembler and interprets only the
dozen that a table of tensors needs, over plain Python values: it never imports a name nor calls what the file names.
"""

import io
import pickletools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.errors import ModelError
from engine.ir.graph import Array

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_STORAGE_TYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
_CALLABLES = ("collections OrderedDict", "torch._utils _rebuild_tensor_v2")
_LITERALS = frozenset(
    {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "NONE", "NEWTRUE", "NEWFALSE", "PROTO"}
)
_MARK = object()


@dataclass(frozen=True, slots=True)
class _Name:
    """A global that the pickle names; it is compared with the few known ones and never looked up."""

    text: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: str
    count: int


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor before its storage has been read."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(data: bytes) -> dict[str, Array]:
    """Return the tensors of a checkpoint that is one flat table of names, in the file's order and layouts.

    Raises:
        ModelError: the bytes are no such checkpoint, are cut short, or hold anything besides tensors.
    """
    stream = io.BytesIO(data)
    if _load(stream) != _MAGIC or _load(stream) != _PROTOCOL:
        raise ModelError("weights are not a PyTorch checkpoint of the format before 1.6")
    _load(stream)  # sizes of the writing machine's integers: the storages say their own
    table, keys = _load(stream), _load(stream)
    if not isinstance(table, dict) or not isinstance(keys, list):
        raise ModelError("weights hold something else than a table of tensors")
    views = {name: each for name, each in table.items() if isinstance(each, _View)}
    if len(views) != len(table):
        odd = next(name for name, each in table.items() if not isinstance(each, _View))
        raise ModelError(f"weights hold {odd!r}, which is not a tensor")
    storages = dict(_read_storages(stream, keys, {view.storage.key: view.storage for view in views.values()}))
    return {name: _tensor(name, view, storages) for name, view in views.items()}


def _load(stream: io.BytesIO) -> object:
    """Interpret one pickle from ``stream`` with the allowed opcodes only."""
    machine = _Machine()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python decodes a name with a stray backslash, and warns
            for opcode, argument, _ in pickletools.genops(stream):
                machine.step(opcode.name, argument)
        return machine.pop()
    except (ValueError, IndexError, KeyError, TypeError, Warning) as error:
        raise ModelError(f"weights are damaged: {str(error).splitlines()[0]}") from None


class _Machine:
    """A pickle machine of plain values: tuples, lists, dictionaries, names, storages and views."""

    def __init__(self) -> None:
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}

    def pop(self) -> object:
        return self._stack.pop()

    def step(self, opcode: str, argument: object) -> None:
        """Execute one opcode or refuse it."""
        if opcode in _LITERALS:
            if opcode != "PROTO":
                self._stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}.get(opcode, argument))
        elif opcode in ("BINPUT", "LONG_BINPUT"):
            assert isinstance(argument, int)
            self._memo[argument] = self._stack[-1]
        elif opcode in ("BINGET", "LONG_BINGET"):
            assert isinstance(argument, int)
            self._stack.append(self._memo[argument])
        elif opcode == "GLOBAL":
            self._stack.append(_Name(str(argument)))
        elif opcode != "STOP":
            self._build(opcode)

    def _build(self, opcode: str) -> None:
        match opcode:
            case "MARK":
                self._stack.append(_MARK)
            case "EMPTY_TUPLE" | "EMPTY_LIST" | "EMPTY_DICT":
                self._stack.append({"EMPTY_TUPLE": (), "EMPTY_LIST": [], "EMPTY_DICT": {}}[opcode])
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(opcode[-1])
                self._stack[-count:] = [tuple(self._stack[-count:])]
            case "TUPLE":
                self._stack.append(tuple(self._since_mark()))
            case "APPEND":
                item = self.pop()
                self._top_list().append(item)
            case "APPENDS":
                items = self._since_mark()
                self._top_list().extend(items)
            case "SETITEM":
                value, key = self.pop(), self.pop()
                self._top_dict()[key] = value
            case "SETITEMS":
                items = self._since_mark()
                self._top_dict().update(zip(items[::2], items[1::2], strict=True))
            case "BINPERSID":
                self._stack.append(_storage(self.pop()))
            case "REDUCE":
                arguments, function = self.pop(), self.pop()
                self._stack.append(_call(function, arguments))
            case "BUILD":  # version numbers of the modules, hung on the table: nothing we need
                self.pop()
            case _:
                raise ModelError(
                    f"weights use pickle opcode {opcode}, which no table of tensors needs; refused"
                )

    def _since_mark(self) -> list[object]:
        start = len(self._stack) - 1
        while self._stack[start] is not _MARK:
            start -= 1
            if start < 0:
                raise ValueError("a mark is missing")
        items = self._stack[start + 1 :]
        del self._stack[start:]
        return items

    def _top_list(self) -> list[object]:
        top = self._stack[-1]
        if not isinstance(top, list):
            raise TypeError("appends to something that is not a list")
        return top

    def _top_dict(self) -> dict[object, object]:
        top = self._stack[-1]
        if not isinstance(top, dict):
            raise TypeError("sets an item of something that is not a dictionary")
        return top


def _storage(identity: object) -> _Storage:
    match identity:
        case ("storage", _Name(kind), str(key), str(), int(count), None) if (
            kind in _STORAGE_TYPES and count >= 0
        ):
            return _Storage(key, _STORAGE_TYPES[kind], count)
    raise ModelError(f"weights refer to outside data {identity!r:.80}; refused")


def _call(function: object, arguments: object) -> object:
    match function, arguments:
        case _Name("collections OrderedDict"), ():
            return {}
        case _Name("torch._utils _rebuild_tensor_v2"), (
            _Storage() as storage, int(offset), tuple(shape), tuple(strides), bool(), dict(),
        ):  # fmt: skip
            if len(shape) == len(strides) and all(
                isinstance(n, int) and n >= 0 for n in (*shape, *strides, offset)
            ):
                return _View(storage, offset, shape, strides)
    name = function.text.replace(" ", ".") if isinstance(function, _Name) else repr(function)[:60]
    raise ModelError(f"weights call {name}; only the building of tensors is allowed")


def _read_storages(
    stream: io.BytesIO, keys: list[object], known: dict[str, _Storage]
) -> Iterator[tuple[str, Array]]:
    for key in keys:
        if not isinstance(key, str) or key not in known:
            raise ModelError(f"weights list a storage {key!r:.40} that no tensor uses")
        storage = known[key]
        count = int.from_bytes(stream.read(8), "little")
        raw = stream.read(storage.count * np.dtype(storage.dtype).itemsize)
        if count != storage.count or len(raw) != storage.count * np.dtype(storage.dtype).itemsize:
            raise ModelError(f"weights are cut short in storage {key}")
        yield key, np.frombuffer(raw, storage.dtype)


def _tensor(name: str, view: _View, storages: dict[str, Array]) -> Array:
    storage = storages.get(view.storage.key)
    if storage is None:
        raise ModelError(f"weights hold no data for tensor {name!r}")
    reach = sum((n - 1) * stride for n, stride in zip(view.shape, view.strides, strict=True))
    count = prod(view.shape)
    if count > storage.size or (count and view.offset + reach >= storage.size):
        raise ModelError(
            f"tensor {name!r} of shape {list(view.shape)} reaches beyond its {storage.size} values"
        )
    steps = [stride * storage.itemsize for stride in view.strides]
    return np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, steps, writeable=False).copy()
