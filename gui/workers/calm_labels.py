"""Labels that do not flicker: each live frame's answer averaged with those just before it. NOTE: Qt-free."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import numpy as np
from numpy.typing import NDArray

from gui.core.frame import Shown
from gui.core.smoothing import Smoother


class CalmLabels:
    """Belongs to the inference thread; ``on`` may be switched by any."""

    def __init__(self) -> None:
        self.on = False
        self._smoother = Smoother()
        self._subject: tuple[Event, str] | None = None

    def restart(self) -> None:
        """Begin anew: another engine answers."""
        self._subject = None

    def calm(self, shown: Shown, logits: NDArray[np.float32], names: tuple[str, ...], source: Event) -> Shown:
        """Return ``shown`` with smoothed labels beside its own; unchanged while off.

        ``logits`` float32 [n] are this frame's. Another ``source`` or another named picture begins anew.
        """
        subject = (source, shown.frame.name)
        if not self.on or self._subject != subject:
            self._smoother.restart()
        self._subject = subject
        if not self.on or not shown.top:
            return shown
        # Imported here, in the inference thread: the picture is on the screen before the engine is in memory.
        from engine.runtime.postprocess import most_probable, softmax

        mean = self._smoother.update(softmax(logits), shown.frame.captured_ns / 1e9)
        return replace(shown, top=most_probable(mean, names, len(shown.top)), raw=shown.top)
