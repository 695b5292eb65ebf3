"""The walker: one call executes a range of the command list."""

from engine.kernels.native.emit import I64, Module, Value
from engine.kernels.native.kernel import command_name
from engine.kernels.native.records import RECORD_BYTES, Opcode

ENTRY = "run"


def emit_walker(module: Module) -> None:
    """Write ``run(records, first, last, part, parts)``: executes one part of every record of the range, in order."""
    f = module.function(ENTRY, ("records", "first", "last", "part", "parts"), exported=True)
    records, first, last, part, parts = f.arguments
    with f.loop(first, last) as index:
        record = records + index * RECORD_BYTES
        opcode = f.load(I64, record)

        def command(one: Opcode, record: Value = record, opcode: Value = opcode) -> None:
            with f.when(opcode.equals(one)):
                f.call(command_name(one), "void", (record, part, parts), declare=False)

        for one in Opcode:
            command(one)
    f.give()
