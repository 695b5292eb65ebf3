"""What happens in a soak run: seeded faults and user actions, each with what must be true before it counts as over.

A step is a generator of ``Wait``: the director runs it between the window's events, never blocking it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gui.core.state import EngineState, SourceState
from tests.soak import camera, engine

if TYPE_CHECKING:
    from tests.soak.director import Rig

HEAL_LIMIT_S = 3.0
LONG_LIMIT_S = 20.0
QUIET_WH = (1200, 760)


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on once ``until`` holds; not within ``limit_s`` is a violation, called ``what``."""

    until: Callable[[], bool]
    limit_s: float
    what: str


Step = Iterator[Wait]


def pause(rig: Rig, seconds: float) -> Wait:
    """Let the run go on for a while."""
    due_s = rig.now_s() + seconds
    return Wait(lambda: rig.now_s() >= due_s, seconds + LONG_LIMIT_S, "time to pass")


def new_picture(rig: Rig, what: str) -> Wait:
    """Wait for a picture that is captured after now, from whatever source."""
    now_ns = rig.now_ns()
    return Wait(lambda: rig.last_captured_ns > now_ns, HEAL_LIMIT_S, what)


def live_again(rig: Rig) -> Wait:
    """Wait until the camera itself is live and its newest pictures are painted."""
    now_ns = rig.now_ns()

    def holds() -> bool:
        state = rig.pipeline.source_state
        return state is SourceState.LIVE and rig.last_captured_ns > now_ns and rig.pipeline.stand_in is None

    return Wait(holds, LONG_LIMIT_S, "the camera to be live again")


def ready_again(rig: Rig) -> Wait:
    """Wait until frames are labelled again."""
    inferred = rig.pipeline.drops.inferred

    def holds() -> bool:
        return rig.pipeline.engine_state is EngineState.READY and rig.pipeline.drops.inferred > inferred + 2

    return Wait(holds, LONG_LIMIT_S, "the engine to be ready again")


def quiet_moment(rig: Rig) -> Step:
    """Give the window the size and the face that it has at every such moment, and weigh what is in use."""
    face, size = rig.window.face, rig.window.size()
    rig.window.set_face("show")
    rig.window.resize(*QUIET_WH)
    yield pause(rig, 0.2)
    rig.weigh()
    rig.window.set_face(face.value)
    rig.window.resize(size)


# --- faults ---


def camera_fault(rig: Rig, rng: random.Random, mode: camera.Mode) -> Step:
    """Let the camera misbehave for a moment, short or long enough for every answer of the pipeline."""
    rig.device.set(mode)
    yield pause(rig, rng.choice((0.02, 0.08, 0.2, 0.45)))
    if mode is camera.Mode.GONE:
        rig.device.index = rng.randrange(8)  # it comes back under another number
    rig.device.set(camera.Mode.FINE)
    yield new_picture(rig, f"a picture after the camera {mode.value}")
    yield live_again(rig)


def long_loss(rig: Rig, rng: random.Random) -> Step:
    """Unplug the camera until the demo pictures stand in."""
    rig.device.set(camera.Mode.GONE)
    yield Wait(lambda: rig.pipeline.stand_in is not None, LONG_LIMIT_S, "the demo pictures to stand in")
    yield new_picture(rig, "a demo picture")
    yield pause(rig, rng.uniform(0.0, 0.2))
    rig.device.set(camera.Mode.FINE)
    yield new_picture(rig, "a picture after a long loss")
    yield live_again(rig)


def engine_fault(rig: Rig, rng: random.Random, mode: engine.Mode) -> Step:
    """Let the engine misbehave; its restarts may be used up, then a model is chosen as a user would."""
    rig.faults.set(mode)
    if mode is engine.Mode.DOES_NOT_START:
        rig.pipeline.engine.set_soc(rng.choice([soc for soc in rig.socs if soc != rig.pipeline.engine.soc]))
    yield pause(rig, rng.choice((0.01, 0.05, 0.3)))
    rig.faults.set(engine.Mode.FINE)
    yield new_picture(rig, f"a picture while the engine {mode.value}")
    yield from recovered(rig)


def recovered(rig: Rig) -> Step:
    """Wait for the engine; where it has given up, choose a model again."""
    settled = (EngineState.READY, EngineState.FAILED)
    yield Wait(lambda: rig.pipeline.engine_state in settled, LONG_LIMIT_S, "the engine to settle")
    if rig.pipeline.engine_state is EngineState.FAILED:
        rig.pipeline.engine.set_model(rig.pipeline.engine.model)
    yield ready_again(rig)


def history_taken_away(rig: Rig, rng: random.Random) -> Step:
    """Let the history vanish, or let something else stand in its place for a moment."""
    path, in_the_way = rig.monitor.history_path, rng.random() < 0.5
    for each in path.parent.glob("history.sqlite*"):
        each.unlink()
    if in_the_way:
        path.mkdir()
    yield pause(rig, rng.uniform(0.0, 1.0))
    if in_the_way and path.is_dir():
        path.rmdir()
    yield new_picture(rig, "a picture while the history is gone")
    worker = rig.monitor.history
    if worker is not None:
        written = worker.written
        yield Wait(
            lambda: not worker.problem and worker.written > written,
            LONG_LIMIT_S,
            "history to be written again",
        )


# --- what users do ---


def other_source(rig: Rig, rng: random.Random) -> Step:
    rig.pipeline.open_source(rng.choice(("synthetic:60", "demo", "synthetic:240", "no-such-file.mp4")))
    yield pause(rig, rng.uniform(0.0, 0.3))
    rig.pipeline.open_source("camera:soak")
    yield live_again(rig)


def quick_changes(rig: Rig, rng: random.Random) -> Step:
    for _ in range(rng.randrange(2, 6)):
        rig.pipeline.open_source(rng.choice(("camera:soak", "synthetic:60", "demo")))
        yield pause(rig, rng.uniform(0.0, 0.03))
    rig.pipeline.open_source("camera:soak")
    yield live_again(rig)


def paused(rig: Rig, rng: random.Random) -> Step:
    rig.pipeline.set_paused(True)
    yield pause(rig, rng.uniform(0.0, 0.3))
    rig.pipeline.set_paused(False)
    yield live_again(rig)


def dropped_files(rig: Rig, rng: random.Random) -> Step:
    rig.window.files.open_paths(rng.sample(rig.files, rng.randrange(1, len(rig.files) + 1)))
    yield pause(rig, rng.uniform(0.0, 0.4))
    rig.pipeline.step(rng.choice((-1, 1)))
    rig.pipeline.back_to_live()
    yield live_again(rig)


def other_engine(rig: Rig, rng: random.Random) -> Step:
    rig.pipeline.engine.set_soc(rng.choice(rig.socs))
    if rng.random() < 0.3:
        rig.pipeline.engine.cancel_compile()
    rig.pipeline.engine.set_kernels(rng.choice(("auto", "numpy")))
    yield from recovered(rig)


def other_face(rig: Rig, rng: random.Random) -> Step:
    rig.window.set_face(rng.choice(("show", "bench")))
    if rng.random() < 0.2:
        rig.window.set_theme(rng.choice(("dark", "light")))
    yield pause(rig, 0.05)


def resized(rig: Rig, rng: random.Random) -> Step:
    rig.window.resize(rng.randrange(640, 1601), rng.randrange(400, 901))
    yield pause(rig, 0.05)


def hidden(rig: Rig, rng: random.Random) -> Step:
    rig.window.hide()
    yield pause(rig, rng.uniform(0.0, 0.1))
    rig.window.show()
    yield live_again(rig)


def history_off_and_on(rig: Rig, rng: random.Random) -> Step:
    rig.monitor.set_history(False)
    yield pause(rig, rng.uniform(0.0, 0.2))
    rig.monitor.set_history(True)


def metrics_on_and_off(rig: Rig, rng: random.Random) -> Step:
    rig.monitor.set_metrics(True, 0)
    yield pause(rig, rng.uniform(0.0, 0.3))
    rig.monitor.set_metrics(False, 0)


def recorded(rig: Rig, rng: random.Random) -> Step:
    path = rig.folder / "soak.lens7rec"
    rig.monitor.start_recording(path)
    yield pause(rig, rng.uniform(0.0, 0.5))
    rig.monitor.stop_recording()
    yield pause(rig, 0.1)
    path.unlink(missing_ok=True)


def overloaded(rig: Rig, rng: random.Random) -> Step:
    rig.pipeline.set_overload(rng.choice((2.0, 10.0, 50.0)))
    yield pause(rig, rng.uniform(0.05, 0.3))
    rig.pipeline.set_overload(1.0)
    yield from recovered(rig)


Maker = Callable[["Rig", random.Random], Step]

FAULTS: dict[str, Maker] = {
    **{
        f"camera {mode.value}": lambda rig, rng, mode=mode: camera_fault(rig, rng, mode)
        for mode in camera.Mode
        if mode is not camera.Mode.FINE
    },
    "camera lost for long": long_loss,
    "history taken away": history_taken_away,
    **{
        f"engine {mode.value}": lambda rig, rng, mode=mode: engine_fault(rig, rng, mode)
        for mode in engine.Mode
        if mode is not engine.Mode.FINE
    },
}
ACTIONS: dict[str, Maker] = {
    "other source": other_source,
    "quick changes of source": quick_changes,
    "pause": paused,
    "dropped files": dropped_files,
    "other SoC and kernels": other_engine,
    "other face or theme": other_face,
    "other size": resized,
    "window hidden": hidden,
    "overload": overloaded,
    "history off and on": history_off_and_on,
    "metrics on and off": metrics_on_and_off,
    "recording": recorded,
}


def make_files(folder: Path) -> list[Path]:
    """Write a few small pictures, and two files that are none."""
    import cv2
    import numpy as np

    files = []
    for grey in (20, 90, 160, 230):
        path = folder / f"grey {grey}.png"
        path.write_bytes(cv2.imencode(".png", np.full((40, 60, 3), grey, np.uint8))[1].tobytes())
        files.append(path)
    for name, content in (("broken.jpg", b"\xff\xd8\xff\xe0 no picture"), ("empty.png", b"")):
        (folder / name).write_bytes(content)
        files.append(folder / name)
    return files
