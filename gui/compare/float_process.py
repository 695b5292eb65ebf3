"""The float network in a process of its own: neither its loading nor its running holds up the window. NOTE: Qt-free.

``python -m gui.compare.float_process`` reads a line of ``gui.core.engine_task`` and writes a line ``{"input_hw",
"classes", "labels"}`` or ``{"error"}``; then, for each input of h*w*3 bytes, 8 bytes of run time in nanoseconds
(measured) and the logits as little-endian float32.
"""

from __future__ import annotations

import struct
import sys
import time

import numpy as np

from gui.compare.child import begin, say
from gui.core.engine_task import compile_options


def main() -> int:
    """Answer until the input ends; return the exit status."""
    task, source, output = begin()
    from engine.errors import EngineError
    from gui.compare.float_network import FloatNetwork

    try:
        network = FloatNetwork(task["model"], compile_options(task))
    except EngineError as error:
        say(output, {"error": str(error)})
        return 1
    height, width = network.input_hw
    say(output, {"input_hw": [height, width], "classes": network.classes, "labels": list(network.labels)})
    size_bytes = height * width * 3
    while len(data := source.read(size_bytes)) == size_bytes:
        start_ns = time.perf_counter_ns()
        logits = network.logits(np.frombuffer(data, np.uint8).reshape(height, width, 3))
        run_ns = time.perf_counter_ns() - start_ns
        output.write(struct.pack("<q", run_ns) + logits.astype("<f4").tobytes())
        output.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
