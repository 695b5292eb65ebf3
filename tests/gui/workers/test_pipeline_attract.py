"""The show for an empty stand, over the real pipeline."""

import numpy as np

from gui.capture.attract import AttractSource
from gui.capture.source import Picture
from gui.core.state import SourceState
from tests.gui.fakes import EndlessSource, FakeSource


class Camera(FakeSource):
    """Gives the same picture again and again, quickly."""

    def __init__(self) -> None:
        super().__init__(reconnects=True)
        self.period_ns = 5_000_000
        self.grey = 10

    def read(self) -> Picture | None:
        return Picture(np.full((48, 64, 3), self.grey, np.uint8), 0)


def test_an_empty_stand_sees_the_show_until_somebody_wakes_it(make_stand):
    camera = Camera()
    stand = make_stand(lambda _: AttractSource(camera, EndlessSource(grey=200), lambda: 0.3))
    pipeline = stand.pipeline
    pipeline.start("camera")
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 10"])
    assert not pipeline.attracting
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 200"])
    assert pipeline.attracting
    assert pipeline.source_state is SourceState.LIVE
    pipeline.wake()
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 10"])
    assert not pipeline.attracting
    stand.wait(lambda: stand.screen.labels()[-1:] == ["grey 200"])
