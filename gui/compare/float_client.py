"""The window's end of the float process. NOTE: Qt-free."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.compare.child import Child, ChildError, nonsense
from gui.core.engine_task import task_of
from gui.core.state import EngineChoice

MAX_SIDE_PX = 4096
MAX_CLASSES = 1 << 20
MODULE = "gui.compare.float_process"


@dataclass(frozen=True, slots=True, eq=False)
class FloatAnswer:
    """What the float network said: logits float32 [n], and its run time, measured in its process."""

    logits: NDArray[np.float32]
    run_ns: int


class FloatClient:
    """Starts the process; used by one thread, except ``kill``."""

    def __init__(self, choice: EngineChoice, module: str = MODULE) -> None:
        """Start loading the float network of ``choice``.

        Raises:
            ChildError: the process cannot be started.
        """
        self.labels: tuple[str, ...] = ()
        self.input_hw = (0, 0)
        self._classes = 0
        self._child = Child(module, task_of(choice))

    def wait_ready(self) -> None:
        """Wait until the network is loaded.

        Raises:
            ChildError: the model has no float network, or the process ends or answers nonsense.
        """
        ready = self._child.read_document()
        try:
            height, width = (int(each) for each in ready["input_hw"])
            classes = int(ready["classes"])
            labels = tuple(str(label) for label in ready["labels"])
        except (KeyError, TypeError, ValueError) as error:
            raise ChildError(nonsense(MODULE, str(error))) from error
        if not (0 < min(height, width) <= max(height, width) <= MAX_SIDE_PX and 0 < classes <= MAX_CLASSES):
            raise ChildError(nonsense(MODULE, f"{classes} classes of {height} × {width} pixels"))
        self.input_hw, self._classes, self.labels = (height, width), classes, labels

    def run(self, pixels: NDArray[np.uint8]) -> FloatAnswer:
        """Return the answer to an input uint8 [h, w, 3] of ``input_hw``.

        Raises:
            ChildError: the process ends or answers nonsense.
        """
        assert pixels.shape == (*self.input_hw, 3), pixels.shape
        self._child.write(np.ascontiguousarray(pixels).data.cast("B"))
        data = self._child.read(8 + 4 * self._classes)
        (run_ns,) = struct.unpack_from("<q", data)
        if run_ns < 0:
            raise ChildError(nonsense(MODULE, f"a run time of {run_ns} ns"))
        return FloatAnswer(np.frombuffer(data, "<f4", offset=8).astype(np.float32), run_ns)

    def kill(self) -> None:
        """End the process now, from any thread."""
        self._child.kill()

    def close(self) -> None:
        """End the process and let go of it."""
        self._child.close()
