"""The walker: one call executes a range of the command list."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.kernels.native.emit import I32, I64, Function, Module, Value
from engine.kernels.native.isa import Family, Isa
from engine.kernels.native.kernel import command_name
from engine.kernels.native.records import RECORD_BYTES, Opcode

ENTRY = "run"
Register = tuple[Callable[[], Value], Callable[[Value], None]]
_MXCSR_ROUNDING, _MXCSR_DOWN = 0x6000, 0x2000
_FPCR_ROUNDING, _FPCR_DOWN = 0xC00000, 0x800000


def emit_walker(module: Module, isa: Isa) -> None:
    """Write ``run(records, first, last, part, parts)``: executes one part of every record of the range, in order."""
    f = module.function(ENTRY, ("records", "first", "last", "part", "parts"), exported=True)
    records, first, last, part, parts = f.arguments
    with _rounding_down(f, isa), f.loop(first, last) as index:
        record = records + index * RECORD_BYTES
        opcode = f.load(I64, record)
        for one in Opcode:
            with f.when(opcode.equals(one)):
                f.call(command_name(one), "void", (record, part, parts), declare=False)
    f.give()


@contextmanager
def _rounding_down(f: Function, isa: Isa) -> Iterator[None]:
    """Let floating-point results be rounded towards minus infinity meanwhile, where that is a mode of the unit."""
    if not isa.environment_rounding:
        yield
        return
    read, write = (_fpcr if isa.family is Family.NEON else _mxcsr)(f)
    before = read()
    rounding, down = (
        (_FPCR_ROUNDING, _FPCR_DOWN) if isa.family is Family.NEON else (_MXCSR_ROUNDING, _MXCSR_DOWN)
    )
    write((before & ~rounding) | down)
    yield
    write(before)


def _mxcsr(f: Function) -> Register:
    slot = Value(f, "ptr", f.stack_slot(I32))

    def read() -> Value:
        f.call("llvm.x86.sse.stmxcsr", "void", (slot,))
        return f.emit(I32, f"load i32, ptr {slot.text}")

    def write(value: Value) -> None:
        f.line(f"store i32 {value.text}, ptr {slot.text}")
        f.call("llvm.x86.sse.ldmxcsr", "void", (slot,))

    return read, write


def _fpcr(f: Function) -> Register:
    def read() -> Value:
        return f.call("llvm.aarch64.get.fpcr", I64, ())

    def write(value: Value) -> None:
        f.call("llvm.aarch64.set.fpcr", "void", (value,))

    return read, write
