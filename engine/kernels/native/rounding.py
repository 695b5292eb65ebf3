"""How floating-point results are rounded, where that is a mode of the unit and not of the instruction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from engine.kernels.native.emit import Function
from engine.kernels.native.isa import Family, Isa
from engine.kernels.native.values import I32, I64, Value

Register = tuple[Callable[[], Value], Callable[[Value], None]]
_MXCSR_ROUNDING, _FPCR_ROUNDING = 0x6000, 0xC00000


class Rounding(Enum):
    """A mode, and its bits in MXCSR and in FPCR."""

    NEAREST = (0, 0)
    DOWN = (0x2000, 0x800000)


@contextmanager
def rounding(f: Function, isa: Isa, mode: Rounding) -> Iterator[None]:
    """Round as ``mode`` says meanwhile; only in calls written inside is it certain that LLVM moves nothing across."""
    if not isa.environment_rounding:
        yield
        return
    neon = isa.family is Family.NEON
    read, write = (_fpcr if neon else _mxcsr)(f)
    before = read()
    write((before & ~(_FPCR_ROUNDING if neon else _MXCSR_ROUNDING)) | mode.value[neon])
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
