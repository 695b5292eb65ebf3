import numpy as np

from gui.capture.attract import AttractSource
from gui.capture.source import Picture
from gui.core.state import SourceInfo


class Pictures:
    """A source that repeats one picture until told otherwise, and counts how often it was opened."""

    is_live = reconnects = True
    total = period_ns = None

    def __init__(self, name, level):
        self.name, self.image, self.opened, self.is_open = (
            name,
            np.full((90, 160, 3), level, np.uint8),
            0,
            False,
        )

    info = property(lambda self: SourceInfo(self.name, self.name, ""))

    def open(self):
        self.opened, self.is_open = self.opened + 1, True

    def read(self):
        assert self.is_open
        return Picture(self.image, 0, self.name)

    def step(self, offset):
        self.stepped = offset

    def close(self):
        self.is_open = False


class Clock:
    def __init__(self):
        self.ns = 0

    def __call__(self):
        return self.ns


def watch(source, clock, seconds):
    for _ in range(round(seconds / 0.25)):
        clock.ns += 250_000_000
        picture = source.read()
    return picture.name


def test_the_show_begins_when_nothing_moves_and_ends_with_the_first_motion():
    clock, camera, show = Clock(), Pictures("camera", 80), Pictures("show", 10)
    source = AttractSource(camera, show, lambda: 10, clock)
    source.open()
    assert watch(source, clock, 9) == "camera"
    assert show.opened == 0
    assert watch(source, clock, 2) == "show"
    assert source.attracting
    assert source.info.title == "camera"
    camera.image = camera.image.copy()
    camera.image[20:70, 40:90] = 200
    assert watch(source, clock, 0.25) == "camera"
    assert not show.is_open
    assert not source.attracting


def test_a_lamp_and_noise_are_nobody():
    clock, camera, show = Clock(), Pictures("camera", 80), Pictures("show", 10)
    source = AttractSource(camera, show, lambda: 2, clock)
    source.open()
    watch(source, clock, 1)
    rng = np.random.default_rng(0)
    for _ in range(8):
        camera.image = np.clip(130 + rng.normal(0, 15, camera.image.shape), 0, 255).astype(np.uint8)
        last = watch(source, clock, 0.25)
    assert last == "show"


def test_closing_closes_both():
    clock, camera, show = Clock(), Pictures("camera", 80), Pictures("show", 10)
    source = AttractSource(camera, show, lambda: 1, clock)
    source.open()
    watch(source, clock, 3)
    source.step(2)
    assert show.stepped == 2
    source.close()
    assert not camera.is_open
    assert not show.is_open


def attracting(idle_s=1):
    clock, camera, show = Clock(), Pictures("camera", 80), Pictures("show", 10)
    source = AttractSource(camera, show, lambda: idle_s, clock)
    source.open()
    watch(source, clock, 3)
    return source, clock, camera, show


def test_somebody_who_does_not_move_wakes_it():
    source, clock, _, show = attracting()
    assert source.attracting
    source.wake()
    assert source.read().name == "camera"
    assert not source.attracting
    assert not show.is_open
    assert watch(source, clock, 0.75) == "camera"
    assert watch(source, clock, 0.5) == "show"


def test_without_a_time_the_show_never_begins():
    source, _, _, show = attracting(idle_s=0)
    assert not source.attracting
    assert show.opened == 0


def test_a_camera_that_comes_back_is_seen_first():
    source, _, _, show = attracting()
    source.close()
    source.open()
    assert source.read().name == "camera"
    assert not show.is_open
