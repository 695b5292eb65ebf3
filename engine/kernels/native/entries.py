"""Names of functions of a compiled kernel set and the control block of two threads, for those who write and who call them."""

from enum import IntEnum

from engine.kernels.native.records import Opcode

RUN, POST, SERVE = "run", "post", "serve"
RUN_PARAMETERS = ("records", "first", "last", "part", "parts", "control")
POST_PARAMETERS = ("records", "first", "last", "control")
SERVE_PARAMETERS = ("control", "seen", "spins")
# What the second part of a set (``assembly``) may call in the first, besides commands.
SHARED = ("copy", "copy_rows", "fill", "finish_rows")


def command_name(opcode: Opcode) -> str:
    """Return the name of the function that executes ``opcode``."""
    return f"command_{opcode.name.lower()}"


class Control(IntEnum):
    """Words of the control block; those that one thread writes while the other spins have cache lines of their own."""

    POSTED = 0  # how many ranges were posted; -1 stops the worker
    RECORDS = 1
    FIRST = 2
    LAST = 3
    PARKED = 16  # 1 while the worker waits to be woken
    ARRIVED = 32  # how often a thread arrived at a barrier


CONTROL_WORDS = 48
