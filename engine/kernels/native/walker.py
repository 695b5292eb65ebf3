"""The walker: one call executes a range of the command list; with two threads, each executes half of every command.

Two threads meet at a barrier behind every command. They share a control block of int64 words (``Control``): the caller
posts a range, the worker waits for it by spinning, and parks itself when none comes for a while.
"""

from collections.abc import Iterator

from engine.kernels.native.emit import Function, Module
from engine.kernels.native.entries import (
    POST,
    POST_PARAMETERS,
    RUN,
    RUN_PARAMETERS,
    SERVE,
    SERVE_PARAMETERS,
    Control,
    command_name,
)  # fmt: skip
from engine.kernels.native.isa import Isa
from engine.kernels.native.records import RECORD_BYTES, Opcode
from engine.kernels.native.rounding import Rounding, rounding
from engine.kernels.native.values import I32, I64, Value

# What is computed on real numbers for the A72 is rounded as everywhere else; the device's kernels rely on rounding down.
_REAL = (Opcode.QUANTIZE, Opcode.DEQUANTIZE, Opcode.NORMALISE)


def emit_walker(module: Module, isa: Isa) -> None:
    """Write ``run``, ``post`` and ``serve``."""
    _emit_run(module, isa)
    _emit_post(module)
    _emit_serve(module, isa)


def _emit_run(module: Module, isa: Isa) -> None:
    """Write ``run``: executes part ``part`` of ``parts`` (1 or 2) of records ``first`` to ``last``."""
    f = module.function(RUN, RUN_PARAMETERS, exported=True)
    records, first, last, part, parts, control = f.arguments
    with f.loop(first, last) as index:
        record = records + index * RECORD_BYTES
        opcode = f.load(I64, record)
        for one in _opcodes(isa):
            mode = Rounding.NEAREST if one in _REAL else Rounding.DOWN
            with f.when(opcode.equals(one)), rounding(f, isa, mode):
                f.do(command_name(one), record, part, parts)
        with f.when(parts > 1):
            _barrier(f, isa, control + 8 * Control.ARRIVED)
    f.give()


def _opcodes(isa: Isa) -> Iterator[Opcode]:
    """Yield the commands that the set has."""
    present = {
        Opcode.GROUPED: isa.byte_dot,
        Opcode.DEPTHWISE_BLOCKS: isa.depthwise_blocks,
        Opcode.CONV_TILES: isa.tiles,
        Opcode.WINOGRAD: isa.winograd,
    }
    return (one for one in Opcode if present.get(one, True))


def _barrier(f: Function, isa: Isa, address: Value) -> None:
    """Arrive, then wait until the other thread has. The count only grows: an even value opens the barrier before it."""
    arrived = f.atomic_add(address, 1)
    target = (arrived >> 1 << 1) + 2
    with f.repeat_while() as conditions:
        _pause(f, isa)
        conditions.append(f.atomic_load(address) < target)


def _pause(f: Function, isa: Isa) -> None:
    if isa.architecture == "aarch64":
        f.call("llvm.aarch64.hint", "void", (f.constant(I32, 1),))
    else:
        f.call("llvm.x86.sse2.pause", "void", ())


def _emit_post(module: Module) -> None:
    """Write ``post``: hands a range to the worker; returns whether the worker is parked and must be woken."""
    f = module.function(POST, POST_PARAMETERS, I64, exported=True)
    records, first, last, control = f.arguments
    for word, value in ((Control.RECORDS, records), (Control.FIRST, first), (Control.LAST, last)):
        f.store(value, control + 8 * word)
    f.atomic_add(control + 8 * Control.POSTED, 1)
    f.give(f.atomic_load(control + 8 * Control.PARKED))


def _emit_serve(module: Module, isa: Isa) -> None:
    """Write ``serve``: executes part 1 of every range posted after the first ``seen``.

    Returns how many ranges were posted when it parked after ``spins`` idle rounds, or a negative number to end for good.
    """
    f = module.function(SERVE, SERVE_PARAMETERS, I64, exported=True)
    control, seen_before, spins = f.arguments
    posted, parked = control + 8 * Control.POSTED, control + 8 * Control.PARKED
    seen, idle = f.variable(seen_before), f.variable(f.integer(0))
    f.atomic_exchange(parked, 0)
    with f.repeat_while() as conditions:
        now = f.atomic_load(posted)
        with f.when(now > seen.get()):
            fields = [
                f.load(I64, control + 8 * word) for word in (Control.RECORDS, Control.FIRST, Control.LAST)
            ]
            f.do(RUN, *fields, f.integer(1), f.integer(2), control)
            seen.set(now)
            idle.set(f.integer(0))
        with f.when(now.equals(seen.get())):
            _pause(f, isa)
            idle.set(idle.get() + 1)
        with f.when(idle.get().equals(spins)):
            # Say so first and look again: whoever posts afterwards sees it and wakes this thread.
            f.atomic_exchange(parked, 1)
            with f.when(f.atomic_load(posted).differs(seen.get())):
                f.atomic_exchange(parked, 0)
                idle.set(f.integer(0))
        conditions.append((now >= 0) & (idle.get() < spins))
    f.give(f.select(f.atomic_load(posted) < 0, f.integer(-1), seen.get()))
