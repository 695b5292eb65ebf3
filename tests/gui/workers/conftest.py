"""A pipeline over fakes, and a screen that paints what it is given."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Slot

from gui.core.frame import Shown
from gui.core.state import EngineState
from gui.workers.capture import CaptureTiming
from gui.workers.pipeline import Pipeline
from gui.workers.shift import EngineTiming
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSource, end_never

# Fast forward: what takes seconds at a stand takes tens of milliseconds here.
TIMING = CaptureTiming(
    stalled_after_s=0.05,
    abandoned_after_s=0.3,
    opening_abandoned_after_s=0.3,
    first_retry_s=0.01,
    longest_retry_s=0.05,
    stand_in_after_s=0.0,
)
STAND_IN_TIMING = replace(TIMING, stand_in_after_s=0.3)
ENGINE_TIMING = EngineTiming(
    hung_after_s=0.8,
    hung_after_runs=3.0,
    first_restart_s=0.01,
    longest_restart_s=0.05,
    most_restarts=3,
    healthy_runs=20,
)


class Screen(QObject):
    """Paints every frame at once, as a visible window would."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__()
        self.pipeline = pipeline
        self.painted: list[Shown] = []
        self.paints = True
        pipeline.frame_ready.connect(self.take)

    @Slot()
    def take(self) -> None:
        shown = self.pipeline.take()
        if shown is not None and self.paints:
            self.painted.append(shown)
            self.pipeline.mark_painted(shown, time.monotonic_ns(), 0)

    def labels(self) -> list[str]:
        return [shown.top[0].name if shown.top else "" for shown in self.painted]


class Stand:
    """Pipeline, screen and backend of one test."""

    def __init__(
        self,
        qtbot,
        sources: Callable[[str], FakeSource],
        backend: FakeBackend,
        timing: CaptureTiming,
        stand_in: FakeSource,
    ) -> None:
        self.qtbot = qtbot
        self.backend = backend
        self.session = backend.session
        self.sources: list[FakeSource] = []
        self.stand_in = stand_in
        self.pipeline = Pipeline(
            backend,
            make_source=lambda spec: self.note(sources(spec)),
            timing=timing,
            engine_timing=ENGINE_TIMING,
            make_stand_in=lambda: self.stand_in,
        )
        self.screen = Screen(self.pipeline)

    def note(self, source: FakeSource) -> FakeSource:
        self.sources.append(source)
        return source

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    def wait_ready(self) -> None:
        self.wait(lambda: self.pipeline.engine_state is EngineState.READY)

    def texts(self) -> list[str]:
        return [message.text for message in self.pipeline.messages()]

    def check_books(self) -> None:
        drops = self.pipeline.drops
        assert drops.captured == drops.shown + drops.dropped + drops.in_flight


@pytest.fixture
def make_stand(qtbot):
    """Build a stand over a source (or a function of the spec); closed and checked at the end."""
    stands: list[Stand] = []

    def make(
        source: FakeSource | Callable[[str], FakeSource],
        backend: FakeBackend | None = None,
        timing: CaptureTiming = TIMING,
    ) -> Stand:
        sources = (lambda _: source) if isinstance(source, FakeSource) else source
        stands.append(Stand(qtbot, sources, backend or FakeBackend(), timing, EndlessSource(grey=200)))
        return stands[-1]

    yield make
    end_never()
    for stand in stands:
        stand.session.gate.set()
        for source in stand.sources:
            if isinstance(source, FakeSource):
                source.put(None, None)  # nobody waits in ``read`` any more
        stand.pipeline.close()
        stand.check_books()
        assert stand.pipeline.drops.in_flight == 0
