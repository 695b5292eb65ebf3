"""Compile one model in a process of its own, so that the window never waits and a compilation can be cancelled.

``python -m gui.workers.compile_process JSON`` with ``gui.core.engine_task``, ``"out"`` and ``"cache"`` writes one JSON line
per progress step, ``{"stage", "fraction"}``, and a last one: ``{"done": true}`` or ``{"error"}``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from gui.core.engine_task import compile_options

REPORT_EVERY_S = 0.05


class _Reporter:
    def __init__(self) -> None:
        self._stage = ""
        self._next_s = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """Write one progress line, unless one of the same stage was just written."""
        now_s = time.monotonic()
        if stage == self._stage and now_s < self._next_s:
            return
        self._stage, self._next_s = stage, now_s + REPORT_EVERY_S
        _write({"stage": stage, "fraction": fraction})


def main() -> int:
    """Compile as the first argument says; return the exit status."""
    from engine import EngineError, compile_model

    task = json.loads(sys.argv[1])
    with contextlib.suppress(AttributeError, OSError):  # no such call on Windows; never worth failing for
        os.nice(10)
    try:
        options = compile_options(task)
        compile_model(task["model"], Path(task["out"]), options, _Reporter(), Path(task["cache"]))
    except EngineError as error:
        _write({"error": str(error)})
        return 1
    _write({"done": True})
    return 0


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
