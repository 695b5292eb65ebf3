"""Pictures of the real window for the README, and of every state of it for those who design it.

    python -m tests.tools.screenshots live  FOLDER [--picture giant_panda] [--seconds 20] [--size 1600x900]
    python -m tests.tools.screenshots states FOLDER [--size 1600x900] [--only NAME …] [--language de]

``live`` runs the program itself (demo pictures, real engine, this machine's own latency) until the named picture is
shown with its labels, then saves both faces in both themes. ``states`` shows what is seldom seen (compiling, empty,
lost, dropped), what people ask for by a key, and every panel, sheet and card opened; there the pipeline is the
tests' own, and its figures are made up.
Works offscreen; ``QT_SCALE_FACTOR=2`` with ``--size 1920x1080`` gives pictures for a 4K screen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import assets
from gui.app import WindowOptions, open_window
from gui.core.batch import BatchItem
from gui.core.counters import DropReason
from gui.core.frame import Frame, Shown, StageTimes
from gui.core.settings import Settings
from gui.core.state import EngineState, Progress, Severity, SourceState
from gui.core.theme import THEMES
from gui.core.unnamed import Unnamed
from gui.widgets.language import ENGLISH, install_language
from gui.widgets.main_window import Face, MainWindow
from gui.workers.monitor import Monitor
from tests.gui.widgets.fake_pipeline import FakePipeline, shown
from tests.tools.asked_states import ASKED

Arrange = Callable[[MainWindow, FakePipeline], object]
GIVE_UP_S = 180.0
UNSURE = (
    ("American Staffordshire terrier", 0.31),
    ("black-and-tan coonhound", 0.22),
    ("Staffordshire bullterrier", 0.11),
    ("sulphur-crested cockatoo", 0.06),
    ("Egyptian cat", 0.004),
)


def main(arguments: list[str]) -> int:
    """Save the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="screenshots", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("what", choices=("live", "states"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--picture", default="giant_panda")
    parser.add_argument("--seconds", type=float, default=20.0, help="let the latency curves grow so long")
    parser.add_argument("--size", default="1600x900")
    parser.add_argument("--only", nargs="*", default=(), help="these states alone")
    parser.add_argument("--language", default=ENGLISH, help="the language of the states")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    width, height = (int(side) for side in options.size.split("x"))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if options.what == "live":
        save_live(options.folder, options.picture, options.seconds, (width, height))
    else:
        save_states(options.folder, (width, height), options.only, options.language)
    return 0


def save_live(folder: Path, picture: str, seconds: float, size_wh: tuple[int, int]) -> None:
    """Run the program on its demo pictures and save both faces in both themes."""
    with tempfile.TemporaryDirectory() as settings:
        kept = Path(settings, "settings.json")
        kept.write_text('{"motion": false}', encoding="utf-8")
        window = open_window(WindowOptions(source="demo", settings=kept))
        main_window = window.main
        main_window.resize(*size_wh)
        wait_for(lambda: bool(main_window.view.overlay.rows), "a label")
        let_run(seconds)
        for theme in THEMES:
            main_window.set_theme(theme)
            for face in Face:
                main_window.set_face(face.value)
                wait_for(
                    lambda: turns_to(main_window, picture), f"the demo picture {picture} with its labels"
                )
                save(main_window, folder / f"{face.value}_{theme}.png")
        main_window.close()


def turns_to(window: MainWindow, picture: str) -> bool:
    """Return whether the named demo picture is in the view with its labels; go one on where it is another one."""
    view = window.view
    if view.shown is not None and view.shown.frame.name != picture:
        QTest.keyClick(view, Qt.Key.Key_Right)
        let_run(0.3)
    return shows(window, picture)


def shows(window: MainWindow, picture: str) -> bool:
    """Return whether the named demo picture is in the view, with its labels."""
    view = window.view
    return view.shown is not None and view.shown.frame.name == picture and bool(view.overlay.rows)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Let the program run until ``condition`` holds."""
    began_s = time.monotonic()
    while not condition():
        if time.monotonic() - began_s > GIVE_UP_S:
            raise TimeoutError(f"{what} did not come within {GIVE_UP_S:.0f} s")
        let_run(0.02)


def let_run(seconds: float) -> None:
    """Let the program run; unlike ``QTest.qWait`` an event loop leaves the interpreter to the other threads."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def save_states(
    folder: Path, size_wh: tuple[int, int], only: Sequence[str] = (), language: str = ENGLISH
) -> None:
    """Save every face in every theme and every state, or ``only`` some states."""
    application = QApplication.instance() or QApplication(["lens7"])
    translators = install_language(application, language)
    for theme in THEMES:
        for name, faces, arrange in every_state():
            if not only or name in only:
                for face in faces:
                    save_state(folder / f"{face.value}_{name}_{theme}.png", size_wh, theme, face, arrange)
    for translator in translators:
        application.removeTranslator(translator)


def every_state() -> Iterator[tuple[str, tuple[Face, ...], Arrange]]:
    """Yield each state: its name, the faces that have it, and what brings a window into it."""
    for name, arrange in STATES.items():
        yield name, tuple(Face), lambda _, pipeline, arrange=arrange: arrange(pipeline)
    for name, (faces, ask) in ASKED.items():
        yield name, faces, lambda window, pipeline, ask=ask: (live(pipeline), ask(window, pipeline, photo))


def save_state(
    path: Path,
    size_wh: tuple[int, int],
    theme: str,
    face: Face,
    arrange: Arrange,
) -> None:
    """Save a window that ``arrange`` has brought into some state; the score of the day is not the user's own."""
    with open_state(size_wh, theme, face, arrange) as window:
        save(window, path)


@contextmanager
def open_state(
    size_wh: tuple[int, int], theme: str, face: Face, arrange: Arrange
) -> Generator[MainWindow, None, None]:
    """Open a window in some state, and close it afterwards."""
    with tempfile.TemporaryDirectory() as kept, patch.dict(os.environ, {"XDG_DATA_HOME": kept}):
        settings = Settings(Path(kept) / "settings.json")
        settings.set("motion", False)
        pipeline = WatchedPipeline()
        monitor = Monitor(pipeline, settings, Path(kept) / "history.sqlite", pipeline)  # type: ignore[arg-type]
        window = MainWindow(pipeline, settings, theme, monitor)  # type: ignore[arg-type]
        window.set_face(face.value)
        window.resize(*size_wh)
        window.show()
        QApplication.processEvents()
        arrange(window, pipeline)
        QApplication.processEvents()
        yield window
        window.close()
        window.deleteLater()  # a style sheet is applied to every window there is: each would make the next one slower
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)


class WatchedPipeline(FakePipeline):
    """What a monitor needs of a pipeline beside what the window needs."""

    in_use = None

    @property
    def status(self) -> WatchedPipeline:
        """Takes messages."""
        return self


def save(window: MainWindow, path: Path) -> None:
    """Save the window as it is, its figures and curves up to date."""
    window.refresh()
    # Tabs of docks that were closed go with it.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()  # texts of another width are laid out
    window.grab().save(str(path))


def live(pipeline: FakePipeline) -> None:
    """All is well."""
    fill_latency(pipeline)
    pipeline.put(shown(seq=9999, image=photo("coffee_cup"), device_ms=2.41))


def unsure(pipeline: FakePipeline) -> None:
    """Long names, low confidence, a warning, nothing modelled."""
    fill_latency(pipeline)
    pipeline.put(shown(seq=9999, labels=UNSURE, image=photo("cat_chelsea")))
    pipeline.post(
        Severity.WARNING, "camera Desk camera: no picture for 1.2 s; check its cable, it goes on by itself"
    )


def unnamed(pipeline: FakePipeline) -> None:
    """A dropped picture on which the network names nothing."""
    path = Path("/pictures/dark.jpg")
    black = shown(seq=9999, labels=(), image=np.zeros((720, 1280, 3), np.uint8), path=path)
    why = Unnamed.NO_NUMBERS
    pipeline.set_batch((BatchItem(path, (), why.value),), 1)
    pipeline.put(replace(black, unnamed=why))
    pipeline.post(Severity.WARNING, f"recip: {why.value}; choose another model")


def compiling(pipeline: FakePipeline) -> None:
    """The first start."""
    pipeline.session_info = None
    pipeline.set_state(SourceState.LIVE, EngineState.COMPILING)
    pipeline.put(shown(labels=(), image=photo("coffee_cup")))
    pipeline.set_progress(Progress("calibrating", 0.42))


def empty(pipeline: FakePipeline) -> None:
    """Nothing is open."""
    pipeline.source_info = pipeline.session_info = None
    pipeline.set_state(SourceState.STARTING, EngineState.LOADING)


def lost(pipeline: FakePipeline) -> None:
    """The camera was unplugged."""
    fill_latency(pipeline)
    pipeline.put(shown(seq=9999, image=photo("coffee_cup")))
    pipeline.set_state(SourceState.RETRYING, retries=3)
    pipeline.post(Severity.BAD, "camera Desk camera: unplugged; plug it in again, or choose another source")


def dropped(pipeline: FakePipeline) -> None:
    """Files were dropped; one cannot be read."""
    paths = [
        Path(f"/pictures/{name}.jpg")
        for name in ("coffee_cup", "broken", "giant_panda_with_a_rather_long_name")
    ]
    panda = (
        ("giant panda", 0.94),
        ("lesser panda", 0.01),
        ("indri", 0.01),
        ("ice bear", 0.004),
        ("koala", 0.001),
    )
    frame = shown(seq=3, labels=panda, image=photo("giant_panda", (960, 720)), path=paths[2])
    pipeline.put(frame)
    unreadable = BatchItem(paths[1], (), "broken.jpg: truncated; save it again")
    pipeline.set_batch((BatchItem(paths[0], shown().top), unreadable, BatchItem(paths[2], frame.top)), 5)


STATES: dict[str, Callable[[FakePipeline], None]] = {
    "live": live,
    "unsure": unsure,
    "unnamed": unnamed,
    "compiling": compiling,
    "empty": empty,
    "lost": lost,
    "dropped": dropped,
}


def photo(name: str, size_wh: tuple[int, int] = (1280, 720)) -> NDArray[np.uint8]:
    """Return a shipped demo picture that covers ``size_wh``, RGB uint8 HWC."""
    image = cv2.imread(str(assets.path(f"demo/{name}.jpg")))
    assert image is not None
    width, height = size_wh
    scale = max(width / image.shape[1], height / image.shape[0])
    image = cv2.resize(image, None, fx=scale * 1.001, fy=scale * 1.001, interpolation=cv2.INTER_AREA)
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return np.ascontiguousarray(image[top : top + height, left : left + width, ::-1]).astype(np.uint8)


def fill_latency(pipeline: FakePipeline) -> None:
    """A minute of 60 frames a second, every thirteenth dropped."""
    for frame, painted_ns, paint_ns in a_minute():
        seq = frame.frame.seq
        pipeline.drops.count_captured(seq)
        if seq % 13 == 0:
            pipeline.drops.count_dropped(seq, DropReason.REPLACED_BY_NEWER)
            continue
        pipeline.latency.add(frame, painted_ns, paint_ns)
        pipeline.drops.count_inferred()
        pipeline.drops.count_shown(seq)


def a_minute() -> Iterator[tuple[Shown, int, int]]:
    """Yield frames with the times a good laptop might have, ending now."""
    random = np.random.default_rng(7)
    model, now_ns = shown(), time.monotonic_ns()
    for seq in range(3600):
        painted_ns = now_ns - (3600 - seq) * 16_666_667
        wait, crop, run, top5, paint = (
            random.gamma(9.0, mean_ms / 9.0) for mean_ms in (0.3, 0.7, 1.3, 0.06, 2.1)
        )
        run += 3.0 * (seq % 217 == 0)
        stages = StageTimes(*(round(stage_ms * 1e6) for stage_ms in (wait, crop, run, top5)))
        age_ns = round((wait + crop + run + top5 + paint + 8.0) * 1e6)
        frame = Frame(model.frame.image, seq, painted_ns - age_ns)
        yield Shown(frame, model.rgb, model.top, stages), painted_ns, round(paint * 1e6)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
