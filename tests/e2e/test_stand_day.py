"""Plays ``stand_day.feature`` through the real window over the real pipeline; camera and engine are fakes."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from engine import Label, Result
from engine.errors import EngineError
from engine.program.artifact import Artifact
from gui.capture.attract import AttractSource
from gui.capture.demo import DemoSource
from gui.capture.source import Picture
from gui.core.errors import CaptureError
from gui.core.settings import Settings
from gui.core.state import EngineChoice, EngineState, SourceInfo, SourceState
from gui.core.theme import THEMES, Mark
from gui.core.verdict import Figure
from gui.widgets.main_window import MainWindow
from gui.workers.candidates import CandidateState
from gui.workers.capture import CaptureTiming
from gui.workers.pipeline import Pipeline
from gui.workers.shift import EngineTiming
from tests.e2e.scenario import Steps, read
from tests.gui.fakes import FakeBackend, FakeSession

PATIENCE_MS = 20_000
FRAME_S = 0.01
CLASSES = ("dark", "bright")
QUICK = CaptureTiming(first_retry_s=0.02, hurried_retry_s=0.05, longest_retry_s=0.1, stand_in_after_s=0.0)
steps = Steps()


class Camera:
    """A camera at 100 frames per second that sees one grey, and can be unplugged."""

    is_live = True
    reconnects = True
    total = None
    period_ns = round(FRAME_S * 1e9)
    info = SourceInfo("camera:fake", "fake camera", "64 × 48")

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._closed = threading.Event()

    def open(self) -> None:
        self._check()
        self._closed.clear()

    def read(self) -> Picture:
        self._closed.wait(FRAME_S)
        self._check()
        grey = np.full((48, 64, 3), self._stand.grey, np.uint8)
        return Picture(grey, time.monotonic_ns())

    def step(self, offset: int) -> None:
        """A camera has no other pictures."""

    def close(self) -> None:
        self._closed.set()

    def _check(self) -> None:
        if self._stand.unplugged.is_set():
            raise CaptureError("fake camera: unplugged; plug it in again")


class Session(FakeSession):
    """Names the mean grey; dark pictures are class 0, bright ones class 1; fails when told to."""

    def __init__(self, stand: Stand) -> None:
        super().__init__()
        self._stand = stand
        self.artifact = artifact()

    def run(self, image: np.ndarray) -> Result:
        self.runs += 1
        if self._stand.failures:
            self._stand.failures -= 1
            raise EngineError("the chip does not answer")
        grey = int(image.mean())
        top = (Label(int(grey > 127), f"grey {grey}", 0.9), Label(2, "other", 0.1))
        return Result(top, np.zeros(2, np.float32), 1_000_000, 2_000_000, 500_000, 1.5)


def artifact() -> Artifact:
    """Return a compiled network of two classes that has nothing in it."""
    return Artifact(
        model="fake", soc="tda4vm", cores=1, clock_hz=1e9, recipe="lens7", options={}, input_name="in",
        input_shape=(1, 224, 224, 3), input_spec=None, output="out", labels=CLASSES, segments=(), device_ms=None,
    )  # fmt: skip


class Engine(FakeBackend):
    """Compiles whatever is not called broken."""

    def __init__(self, stand: Stand) -> None:
        super().__init__()
        self._stand = stand

    def prepare(self, choice: EngineChoice, status: object, cancellation: object) -> Session:
        self.asked.append(choice)
        if "broken" in choice.model:
            raise EngineError(f"{Path(choice.model).name}: no ONNX model")
        return Session(self._stand)


class Stand:
    """What the day is about: one camera, one engine, and the window that is open."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.grey, self.failures = 90, 0
        self.patience_s = 0.0
        self.unplugged = threading.Event()
        self.settings_path = folder / "settings.json"
        # Kept to the end: a window must not be garbage that a thread of the next one's pipeline collects.
        self.windows: list[MainWindow] = []

    def open_window(self, kiosk: bool) -> None:
        self.engine = Engine(self)
        self.pipeline = Pipeline(
            self.engine,
            make_source=lambda _: AttractSource(Camera(self), DemoSource(), lambda: self.patience_s),
            timing=QUICK,
            engine_timing=EngineTiming(),
        )
        self.settings = Settings(self.settings_path)
        self.settings.load(lambda text: pytest.fail(text))
        for name, value in (("smoothing", False), ("motion", False), ("attract_after_s", 0)):
            self.settings.set(name, value)
        self.window = MainWindow(self.pipeline, self.settings, self.settings.text("theme"))
        self.windows.append(self.window)
        self.qtbot.addWidget(self.window)
        if kiosk:
            self.window.set_kiosk()
        self.window.show()
        self.window.activateWindow()  # shortcuts are for the active window, and another one was closed before
        self.until(self.window.isActiveWindow)
        self.pipeline.start("fake")

    def until(self, condition: object) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def drop(self, path: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        copy, left, none = (
            Qt.DropAction.CopyAction,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(self.window, QDragEnterEvent(QPoint(9, 9), copy, data, left, none))
        QApplication.sendEvent(self.window, QDropEvent(QPointF(9, 9), copy, data, left, none))

    def press(self, keys: str) -> None:
        combination = QKeySequence(keys)[0]
        self.qtbot.keyClick(self.window.view, combination.key(), combination.keyboardModifiers())

    def close(self) -> None:
        if hasattr(self, "window"):
            self.window.close()


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path, tmp_cache: Path) -> Iterator[Stand]:
    made = Stand(qtbot, tmp_path)
    yield made
    made.close()


# --- what the lines mean ----------------------------------------------------------------------------------------


@steps.step(r"the kiosk with a camera")
def _(stand: Stand) -> None:
    stand.open_window(kiosk=True)


@steps.step(r"a window with a camera")
def _(stand: Stand) -> None:
    stand.grey = 90
    stand.open_window(kiosk=False)


@steps.step(r'the picture is live with the label "(.+)"')
def _(stand: Stand, label: str) -> None:
    stand.until(lambda: stand.pipeline.source_state is SourceState.LIVE)
    stand.until(lambda: [row.name for row in stand.window.view.overlay.rows][:1] == [label])


@steps.step(r'the screen is filled with the face "(.+)"')
def _(stand: Stand, face: str) -> None:
    assert stand.window.isVisible()
    assert stand.window.isFullScreen()
    assert stand.window.face.value == face


@steps.step(r"no dialog is open")
def _(stand: Stand) -> None:
    open_ones = [
        one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()
    ]
    assert open_ones == []
    assert QApplication.activeModalWidget() is None


@steps.step(r"a visitor presses (.+)|the engineer presses (.+)|the operator presses (.+)")
def _(stand: Stand, *who: str | None) -> None:
    for keys in next(filter(None, who)).split(", "):
        stand.press(keys.strip('"'))


@steps.step(r'the picture is "(.+)"')
def _(stand: Stand, word: str) -> None:
    stand.until(lambda: stand.pipeline.source_state.word == word)


@steps.step(r"the picture is not live")
def _(stand: Stand) -> None:
    stand.until(lambda: stand.pipeline.source_state is not SourceState.LIVE)


@steps.step(r"the camera sees grey (\d+)")
def _(stand: Stand, grey: str) -> None:
    stand.grey = int(grey)


@steps.step(r'the panel asks "(.+)" and the label is hidden')
def _(stand: Stand, question: str) -> None:
    card = stand.window.show_face.guide.card
    assert card is not None
    assert card.title == question
    stand.until(lambda: [row.name for row in stand.window.view.overlay.rows] == ["?"])


@steps.step(r"the panel tells who was right, and the day has (\d+) round")
def _(stand: Stand, rounds: str) -> None:
    guide = stand.window.show_face.guide
    stand.until(lambda: guide.card is not None and len(guide.card.verdicts) == 2)
    assert guide.card is not None
    assert guide.card.score.endswith(f"of {rounds}")
    assert stand.window.view.overlay.rows[0].name != "?"


@steps.step(r'the panel explains the stop "(.+)"')
def _(stand: Stand, title: str) -> None:
    guide = stand.window.show_face.guide
    stand.until(lambda: guide.card is not None and guide.card.title == title)
    stand.until(lambda: guide.card is not None and guide.card.explanation != "")


@steps.step(r"the brightness is turned to (-?\d+)")
def _(stand: Stand, value: str) -> None:
    slider = stand.window.show_face.conditions.sliders["brightness"]
    assert slider.isVisible()
    key = Qt.Key.Key_Left if int(value) < slider.value() else Qt.Key.Key_Right
    while slider.value() != int(value):
        stand.qtbot.keyClick(slider, key)


@steps.step(r'the picture says "(.+)"')
def _(stand: Stand, text: str) -> None:
    stand.until(lambda: stand.window.view.conditions.sentence == text)


@steps.step(r"nothing moves before the camera")
def _(stand: Stand) -> None:
    stand.patience_s = 0.3


@steps.step(r"demo pictures are shown")
def _(stand: Stand) -> None:
    stand.until(lambda: stand.pipeline.attracting)
    stand.until(lambda: "demo pictures" in stand.window.show_face.status.sentence)


@steps.step(r"a visitor touches any key")
def _(stand: Stand) -> None:
    stand.patience_s = 3600.0
    QTest.keyClick(stand.window.windowHandle(), Qt.Key.Key_Space)
    stand.until(lambda: not stand.pipeline.attracting)
    assert not stand.pipeline.paused


@steps.step(r"the camera is unplugged")
def _(stand: Stand) -> None:
    stand.unplugged.set()


@steps.step(r"the camera is plugged in")
def _(stand: Stand) -> None:
    stand.unplugged.clear()


@steps.step(r'the window says that "(.+)" is gone')
def _(stand: Stand, name: str) -> None:
    stand.until(lambda: f"{name} is gone" in stand.window.view.notice.text)


@steps.step(r"the engine fails once")
def _(stand: Stand) -> None:
    stand.failures = 1
    stand.until(lambda: stand.failures == 0)
    stand.until(lambda: stand.pipeline.engine_state is EngineState.READY)


@steps.step(r"the window is closed and every thread is joined")
def _(stand: Stand) -> None:
    stand.until(lambda: not stand.window.isVisible())
    stand.until(lambda: stand.pipeline.threads() == ())
    names = ("around", "candidate", "thumbnails")
    assert [one.name for one in threading.enumerate() if one.name.startswith(names)] == []


@steps.step(r"the statistics judge every figure and draw a curve")
def _(stand: Stand) -> None:
    stats = stand.window.around.stats
    stand.until(lambda: stats.plots is not None and stats.plots.curve.curve.getData()[0] is not None)
    told = (Figure.FPS, Figure.AGE, Figure.RUN, Figure.CPU)
    stand.until(lambda: all(stats.verdicts.shown(one)[1].mark is not Mark.UNKNOWN for one in told))


@steps.step(r'the engineer finds the command "(.+)"')
def _(stand: Stand, typed: str) -> None:
    stand.press("Ctrl+K")
    field = stand.window.around.palette.field
    stand.qtbot.keyClicks(field, typed)
    stand.qtbot.keyClick(field, Qt.Key.Key_Return)


@steps.step(r'the theme is "(.+)"')
def _(stand: Stand, name: str) -> None:
    assert QApplication.palette().window().color().name().upper() == THEMES[name].background


@steps.step(r"a folder with classes is dropped")
def _(stand: Stand) -> None:
    pictures = stand.folder / "pictures"
    for name, grey in (("dark/a", 10), ("dark/b", 20), ("bright/c", 240), ("bright/d", 30)):
        file = pictures / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), np.full((60, 80, 3), grey, np.uint8))
    stand.drop(pictures)


@steps.step(r"the grid shows (\d+) files, (\d+) of (\d+) right")
def _(stand: Stand, files: str, right: str, judged: str) -> None:
    batch = stand.window.around.batch
    stand.until(lambda: batch.model.book.done == int(files))
    stand.until(lambda: f"{right} of {judged} right" in batch.summary.text())
    assert batch.isVisible()


@steps.step(r"the results are exported")
def _(stand: Stand) -> None:
    stand.window.around.batch.save(stand.folder / "results.csv")


@steps.step(r"the export names every file")
def _(stand: Stand) -> None:
    rows = csv.DictReader((stand.folder / "results.csv").read_text().splitlines())
    assert sorted(Path(row["file"]).name for row in rows) == ["a.png", "b.png", "c.png", "d.png"]


@steps.step(r'the model "(.+)" is dropped')
def _(stand: Stand, name: str) -> None:
    path = stand.folder / name
    path.touch()
    stand.drop(path)


@steps.step(r'one click uses "(.+)"')
def _(stand: Stand, name: str) -> None:
    card, candidates = stand.window.around.candidate, stand.pipeline.candidates
    stand.until(lambda: candidates.current is not None and candidates.current.state is CandidateState.READY)
    assert card.texts[0] == name
    assert Path(stand.pipeline.engine.model).name != name
    stand.qtbot.mouseClick(card.use, Qt.MouseButton.LeftButton)
    stand.until(lambda: Path(stand.pipeline.engine.model).name == name)


@steps.step(r'the strip says "(.+)"')
def _(stand: Stand, text: str) -> None:
    stand.until(lambda: stand.window.bench_face.messages.text == text)


@steps.step(r'"(.+)" goes on')
def _(stand: Stand, name: str) -> None:
    assert Path(stand.pipeline.engine.model).name == name
    stand.until(lambda: stand.pipeline.engine_state is EngineState.READY)


@steps.step(r"every captured frame was shown or counted as dropped")
def _(stand: Stand) -> None:
    drops = stand.pipeline.drops
    assert drops.in_flight == 0
    assert drops.captured == drops.shown + drops.dropped
    assert drops.shown > 10


@steps.step(r'the settings remember the theme "(.+)" and the model "(.+)"')
def _(stand: Stand, theme: str, model: str) -> None:
    kept = Settings(stand.settings_path)
    kept.load(lambda text: pytest.fail(text))
    assert kept.text("theme") == theme
    assert Path(kept.text("model")).name == model


def test_a_stands_day(stand: Stand) -> None:
    lines = list(read(Path(__file__).with_name("stand_day.feature")))
    assert len({line.scenario for line in lines}) == 14
    for line in lines:
        steps.play(stand, line)
