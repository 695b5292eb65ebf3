"""The threads of the engine: one compiles, one labels, and those that hung before it are left to themselves. NOTE: Qt-free."""

from __future__ import annotations

import time
from threading import Thread

from gui.workers.beside import start_thread
from gui.workers.inference import InferenceLoop
from gui.workers.loader import EngineLoader


class EngineThreads:
    """Starts them, tells them to end and joins them; for the main thread."""

    def __init__(self, inference: InferenceLoop, loader: EngineLoader) -> None:
        self._inference_loop = inference
        self._loader = loader
        self._compile: Thread | None = None
        self._inference: Thread | None = None
        self._hanging: list[Thread] = []

    def start(self) -> None:
        """Begin to label what comes, as soon as something is compiled."""
        self.start_inference()
        self._compile = start_thread("compile", self._loader.run)

    def start_inference(self) -> None:
        """Start the inference thread; the one before, if there was one, hangs and is left to itself."""
        if self._inference is not None:
            self._hanging = [thread for thread in (*self._hanging, self._inference) if thread.is_alive()]
        self._inference = start_thread("inference", self._inference_loop.run)

    def stop(self) -> None:
        """Tell every thread to end; does not wait for any."""
        self._loader.stop()
        self._inference_loop.stop()

    def join(self, end_s: float) -> None:
        """Wait until ``end_s`` monotonic at the latest; an engine that hangs on its frame is then left to itself."""
        for thread in filter(None, (self._inference, self._compile)):
            thread.join(max(0.0, end_s - time.monotonic()))
        if self._inference is not None and self._inference.is_alive():
            self._inference_loop.abandon()

    def alive(self) -> tuple[Thread, ...]:
        """Return every thread that is still running."""
        started = filter(None, (self._compile, self._inference, *self._hanging))
        return tuple(thread for thread in started if thread.is_alive())
