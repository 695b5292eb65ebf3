"""From monotonic time to dates that never run backwards within a session. NOTE: Qt-free."""

from __future__ import annotations

from gui.core.text import say

JUMP_NS = 2_000_000_000


class Timeline:
    """Gives each monotonic moment a date; the system clock may be set, the order of moments stays.

    A clock set forward (or a machine that slept) is followed at once. A clock set back is not: the session goes on
    in its own time until the system clock has caught up with it.
    """

    def __init__(self, wall_ns: int, monotonic_ns: int) -> None:
        self._offset_ns = wall_ns - monotonic_ns
        self._seen_offset_ns = self._offset_ns

    def date_us(self, monotonic_ns: int) -> int:
        """Return microseconds since 1970 (UTC) of a monotonic moment."""
        return (monotonic_ns + self._offset_ns) // 1000

    def check(self, wall_ns: int, monotonic_ns: int) -> str:
        """Compare with the system clock; return one line if it was set since the last check, else nothing."""
        offset_ns = wall_ns - monotonic_ns
        jump_ns = offset_ns - self._seen_offset_ns
        self._seen_offset_ns = offset_ns
        if offset_ns - self._offset_ns > JUMP_NS:
            self._offset_ns = offset_ns
        if jump_ns > JUMP_NS:
            return say(
                "the clock went forward by {seconds:.0f} s (it was set, or the machine slept)",
                seconds=jump_ns / 1e9,
            )
        if jump_ns < -JUMP_NS:
            return say(
                "the clock was set back by {seconds:.0f} s; history goes on in its own order",
                seconds=-jump_ns / 1e9,
            )
        return ""
