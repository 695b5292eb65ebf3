"""The disassembly: a program as text, one line per descriptor, for people and for diffs."""

from collections.abc import Iterator
from dataclasses import fields

from engine.program import descriptors as D
from engine.program.program import Memory, Program, Tensor

_OPERANDS = ("name", "input", "inputs", "output")


def listing(program: Program) -> str:
    """Return the program's listing: memories, then per descriptor its number, operator, operands, parameters and tile.

    An operand reads ``name dtype[shape] memory+offset /scale``.
    """
    return "\n".join(_lines(program)) + "\n"


def _lines(program: Program) -> Iterator[str]:
    arena = ", ".join(f"{memory.name} {program.arena_bytes.get(memory, 0)} bytes" for memory in Memory)
    weights_bytes = sum(array.nbytes for array in program.constants.values())
    yield f"program for {program.soc}: {len(program.descriptors)} descriptors; {arena}; constants {weights_bytes} bytes"
    for index, descriptor in enumerate(program.descriptors):
        yield f"{index:4} {type(descriptor).__name__:<15} {descriptor.name}"
        for name in D.inputs_of(descriptor):
            yield f"       <- {_operand(program.tensors[name])}"
        yield f"       -> {_operand(program.tensors[descriptor.output])}"
        if parameters := " ".join(_parameters(descriptor, program)):
            yield f"          {parameters}"
        if (tile := program.tiles.get(descriptor.name)) is not None:
            stay = "weights stay" if tile.weights_stay else "weights per tile"
            l2_bytes = tile.input_bytes + tile.weight_bytes + tile.output_bytes
            bands = f" in {tile.bands} bands" if tile.bands > 1 else ""
            yield f"          tile {tile.rows} rows x {tile.channels} channels{bands}, L2 {l2_bytes} bytes, {stay}"


def _operand(tensor: Tensor) -> str:
    shape = "x".join(map(str, tensor.shape))
    return f"{tensor.name} {tensor.dtype}[{shape}] {tensor.memory.name}+{tensor.offset:#x} /{tensor.scale:g}"


def _parameters(descriptor: D.Descriptor, program: Program) -> Iterator[str]:
    """Yield ``name=value``; a constant as its type, shape and range, since a name alone says nothing."""
    for field in fields(descriptor):
        value = getattr(descriptor, field.name)
        if field.name in _OPERANDS or value is None:
            continue
        if isinstance(value, str):
            array = program.constants[value]
            shape = "x".join(map(str, array.shape))
            span = f"{array.min()}..{array.max()}" if array.size else "empty"
            yield f"{field.name}={array.dtype}[{shape}]({span})"
        else:
            text = "x".join(map(str, value)) if isinstance(value, tuple) else value
            yield f"{field.name}={text}"
