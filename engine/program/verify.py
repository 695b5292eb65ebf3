"""Checks a program once, when it is loaded; past this point kernels trust every shape, type and index."""

import numpy as np

from engine.errors import ArtifactError
from engine.program import descriptors as D
from engine.program.program import Memory, Program, Tensor, Tile
from engine.program.rules import MAX_RANK, QUANTIZED, Checker, verify_descriptor

MAX_ARENA_BYTES = 1 << 30  # of all memories together: what a damaged file may make this machine set aside


def verify_program(program: Program) -> None:
    """Check tensors, addresses and every descriptor.

    Raises:
        ArtifactError: names the tensor or descriptor, what was found and what is allowed.
    """
    arena_bytes = sum(program.arena_bytes.values())
    if min(program.arena_bytes.values(), default=0) < 0 or arena_bytes > MAX_ARENA_BYTES:
        raise ArtifactError(f"the program needs {arena_bytes} bytes of memory, allowed are {MAX_ARENA_BYTES}")
    for tensor in program.tensors.values():
        _verify_tensor(tensor, program)
    for name, tile in program.tiles.items():
        _verify_tile(name, tile)
    written = set(program.inputs)
    for name in (*program.inputs, *program.outputs):
        if name not in program.tensors:
            raise ArtifactError(f"program input or output {name!r} is not among its tensors")
    for d in program.descriptors:
        check = Checker(program, d)
        for name in D.inputs_of(d):
            check.require(name in written, f"reads {name!r} before anything wrote it")
        check.require(d.output not in written, f"writes {d.output!r}, which is written already")
        verify_descriptor(d, check)
        written.add(d.output)
    if missing := [name for name in program.outputs if name not in written]:
        raise ArtifactError(f"program outputs {missing} are never written")


def _verify_tile(name: str, tile: Tile) -> None:
    sizes = tile.input_bytes, tile.weight_bytes, tile.output_bytes
    if min(tile.rows, tile.channels, tile.bands) < 1 or min(tile.columns, *sizes) < 0:
        raise ArtifactError(
            f"tile of {name!r}: its rows, channels and bands must be at least 1, its sizes 0: {tile}"
        )


def _verify_tensor(tensor: Tensor, program: Program) -> None:
    sizes_ok = 1 <= len(tensor.shape) <= MAX_RANK and all(0 < n < 2**31 for n in tensor.shape)
    if not sizes_ok or tensor.dtype not in (*QUANTIZED, "int32"):
        raise ArtifactError(
            f"tensor {tensor.name!r}: shape {tensor.shape} or type {tensor.dtype} is not allowed"
        )
    if not (np.isfinite(tensor.scale) and tensor.scale > 0):
        raise ArtifactError(f"tensor {tensor.name!r}: scale {tensor.scale} must be a positive number")
    if tensor.memory is Memory.L2:
        raise ArtifactError(f"tensor {tensor.name!r}: L2 holds tiles only, tensors lie in MSMC or DDR")
    room = program.arena_bytes.get(tensor.memory, 0)
    aligned = tensor.offset % np.dtype(tensor.dtype).itemsize == 0
    if tensor.offset < 0 or not aligned or tensor.offset + tensor.nbytes > room:
        raise ArtifactError(
            f"tensor {tensor.name!r}: offset {tensor.offset} does not fit {tensor.memory.name} ({room} bytes)"
        )
