"""The entry points of a compiled kernel set and the control block of two threads, for those who write and who call them."""

from enum import IntEnum

RUN, POST, SERVE = "run", "post", "serve"
RUN_PARAMETERS = ("records", "first", "last", "part", "parts", "control")
POST_PARAMETERS = ("records", "first", "last", "control")
SERVE_PARAMETERS = ("control", "seen", "spins")


class Control(IntEnum):
    """Words of the control block; those that one thread writes while the other spins have cache lines of their own."""

    POSTED = 0  # how many ranges were posted; -1 stops the worker
    RECORDS = 1
    FIRST = 2
    LAST = 3
    PARKED = 16  # 1 while the worker waits to be woken
    ARRIVED = 32  # how often a thread arrived at a barrier


CONTROL_WORDS = 48
