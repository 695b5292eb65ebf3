"""Sizes beyond which a model file is refused before memory or time is spent on it."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

from engine.errors import ModelError, UnsupportedError

MAX_FILE_BYTES = 2 << 30  # protobuf and flatbuffers both end at 2 GiB
MAX_TENSOR_ELEMENTS = 1 << 28  # 1 GiB as float32; the chips give a network 2 GB of DDR
MAX_CONSTANT_ELEMENTS = 1 << 29  # all constants together, views of one repeated value included
FOLDED_BYTES = 128 << 20  # constants that folding may write out, together, beside what is stored
FOLDED_READS = 1 << 30  # elements that folding may read, together: it bounds the time
FOLDED_GROWTH = 6  # times what is stored may be written besides: int8 weights become float32, perhaps copied
MAX_NODES = 100_000
MAX_RANK = 16


def read_bytes(path: Path, limit: int = MAX_FILE_BYTES) -> bytes:
    """Return the whole file.

    Raises:
        ModelError: it is missing, unreadable, empty or larger than ``limit`` bytes.
    """
    try:
        if not path.is_file():
            raise ModelError(f"{path}: no such file; give another")
        size = path.stat().st_size
        if size == 0:
            raise ModelError(f"{path}: the file is empty")
        if size > limit:
            raise ModelError(f"{path}: the file has {size} bytes, at most {limit} are allowed")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from None


def check_shape(shape: Sequence[int], owner: str) -> tuple[int, ...]:
    """Return ``shape`` as a tuple once it is known to be positive and of a size that can be held.

    Raises:
        UnsupportedError: it has a dimension below 1, too many dimensions or too many elements; ``owner`` is named.
    """
    dims = tuple(int(each) for each in shape)
    if len(dims) > MAX_RANK:
        raise UnsupportedError(f"{owner}: has {len(dims)} dimensions, at most {MAX_RANK} are allowed")
    if min(dims, default=1) < 1:
        raise UnsupportedError(f"{owner}: has shape {list(dims)}, all dimensions must be positive")
    if prod(dims) > MAX_TENSOR_ELEMENTS:
        raise UnsupportedError(
            f"{owner}: shape {list(dims)} has {prod(dims)} elements, at most {MAX_TENSOR_ELEMENTS} are allowed"
        )
    return dims
