"""States of the window with a panel, a sheet or a card open: device, statistics, batch, monitoring, settings, help."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

import assets
from engine.runtime.postprocess import Label
from gui.compare.agreement import Compared
from gui.compare.cloud import CloudAnswer, CloudTimes, Failure
from gui.compare.network import Network, download, upload
from gui.core.batch import BatchItem
from gui.core.state import EngineChoice, Progress, Severity, SourceInfo
from gui.core.what_if import Number
from gui.doctor import Check
from gui.monitor.alarms import Alarm, Quantity, Rule
from gui.monitor.records import Counts, EngineRecord, EventKind, EventRecord
from gui.widgets.actions import Command
from gui.widgets.main_window import Face, MainWindow
from gui.workers.candidates import Candidate, CandidateState
from gui.workers.compare_worker import CompareState
from gui.workers.recording_worker import RecordingWorker
from tests.gui.monitor.diary import ENGINE, SECOND_NS, Diary, frames_of
from tests.gui.widgets.compiled import compiled
from tests.gui.widgets.fake_pipeline import FakePipeline, shown

Photo = Callable[[str], NDArray[np.uint8]]
Arrange = Callable[[MainWindow, FakePipeline, Photo], None]
GIVE_UP_S = 30.0

LONG_MESSAGE = (
    "/media/stand/pictures from the hall, second day/a_folder_with_a_very_long_name/labels_of_another_network.txt: "
    "1001 names for 1000 classes; remove the line of the background class, or choose the network it belongs to"
)
CHECKS = (
    Check("Python", True, "3.11.9 on Linux x86_64"),
    Check("PySide6", True, "6.8.0"),
    Check("display", True, "wayland, wayland-0"),
    Check("cameras", False, "no permission for /dev/video0, /dev/video2", "sudo usermod -aG video $USER, then log in again"),
    Check("processor", True, "Intel Core i7-1165G7: avx2, fma, avx512f, avx512vnni"),
    Check("model files", True, "EfficientNet-Lite0, 1000 class names"),
)  # fmt: skip


# --- what the machine does ---------------------------------------------------------------------------------------


def device(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """The chip's clock, layer by layer; one layer pinned."""
    _model(window, pipeline)
    if window.bench_face.dock("device").visibleRegion().isEmpty():  # a wide window has a column for it
        QTest.keyClick(window.view, Qt.Key.Key_D)
    window.bench_face.device.choice.pin(12)


def device_asked(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """What if its clock were half: marks of the chip compiled for beside every bar; the pointer is on one."""
    device(window, pipeline, photo)
    panel = window.bench_face.device
    panel.controls._ask_number(Number.CLOCK, 500.0)
    _wait_for(lambda: panel._answer is not None and panel._answer.what_if is not None, "other prices")
    _point_at(panel.bars, QPoint(panel.bars.width() // 3, panel.bars.height() // 2))


def steps(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Six steps of the chip in Show."""
    _model(window, pipeline)
    if window.show_face.steps.height == 0.0:
        QTest.keyClick(window.view, Qt.Key.Key_D)


def statistics(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Verdicts, curve and histogram; the pointer reads the curve."""
    pipeline.artifact = compiled()  # type: ignore[assignment]
    QTest.keyClick(window.view, Qt.Key.Key_F9)
    panel = window.around.stats
    _wait_for(lambda: panel.plots is not None, "the curves")
    panel.refresh()
    QApplication.processEvents()
    assert panel.plots is not None
    curve = panel.plots.curve
    _point_at(curve.viewport(), QPoint(curve.width() // 2, curve.height() // 2))


def compare(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Float and 8 bit differ now and then."""
    watching, monitor = _watching(window)
    QTest.keyClick(window.view, Qt.Key.Key_F5)
    watching.compare.switch.click()
    worker = monitor.comparisons.compare
    assert worker is not None
    worker.state = CompareState.COMPARING
    names = ("coffee mug", "cup", "espresso", "Staffordshire bullterrier", "pitcher")
    answer = _top(*names)
    other = _top("cup", "coffee mug", *names[2:])
    for seq in range(120):
        device = other if seq % 29 == 28 else answer
        found = Compared(seq, seq * SECOND_NS // 2, answer, device, 0.9931, 9_100_000, 1_300_000)
        worker.agreement.add(found, photo("coffee_cup"))
    worker.agreement.count_dropped()
    watching.refresh()
    _wait_for(lambda: watching.compare.plot.plot is not None, "the curve")
    watching.refresh()


def cloud(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A function far away is asked too."""
    watching, monitor = _watching(window)
    QTest.keyClick(window.view, Qt.Key.Key_F6)
    watching.cloud.controls.use_preset("satellite")
    watching.cloud.switch.click()
    worker, chance = monitor.comparisons.cloud, random.Random(7)
    assert worker is not None
    network, top = Network(60, 20, 50, 10, 0.0), _top("coffee mug", "cup", "espresso", "coffeepot", "pitcher")
    for seq in range(240):
        up, down = upload(network, 14_000, chance), download(network, 400, chance)
        total_ns = round((up.total_ms + down.total_ms) * 1e6) + 13_000_000
        times = CloudTimes(1_000_000, 0, 12_000_000, 11_000_000, total_ns, up, down, 0.0)
        worker.ledger.add_answer(
            CloudAnswer(seq, seq * SECOND_NS // 4, top, top, 3_000_000, times, 14_300, 400, False)
        )
        worker.ledger.add_sent(14_300)
    worker.ledger.add_failure(Failure.THROTTLED)
    watching.refresh()
    _wait_for(lambda: watching.cloud.plot.plot is not None, "the curves")
    watching.refresh()


def history(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Two hours of a day at the stand."""
    watching, monitor = _watching(window)
    diary = Diary(monitor.history_path)
    diary.writer.write([ENGINE], Counts())
    batch = []
    for count, frames in enumerate(frames_of(diary.clock, seconds=7200, fps=2)):
        batch += frames
        if count % 240 == 239:
            age = f"picture age is {count} ms, more than 500 ms; check camera and cable"
            event = EventRecord(diary.clock.monotonic_ns, EventKind.ALARM, Severity.BAD, age)
            diary.writer.write([*batch, event], Counts(dropped={"newer frame arrived": 7}))
            batch = []
    diary.writer.close()
    QTest.keyClick(window.view, Qt.Key.Key_F7)
    _wait_for(lambda: watching.history.plot.plot is not None, "the day")


def nothing_watched(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Every panel of the monitor before there is anything to show."""
    for key in (Qt.Key.Key_F6, Qt.Key.Key_F5, Qt.Key.Key_F7):
        QTest.keyClick(window.view, key)
    history = _watching(window)[0].history
    _wait_for(lambda: history.events.count() > 0, "an answer of history")


def recording(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Pictures are being recorded, and both faces say so."""
    watching, monitor = _watching(window)
    facts = EngineRecord("efficientnet_lite0", "tda4vm", "lens7", "native", 1)
    worker = RecordingWorker(Path("stand.l7rec"), facts, 500_000_000, pipeline.post)  # type: ignore[arg-type]
    worker._frames, worker._size_bytes = 1234, 187_400_000
    monitor._recording = worker
    watching.refresh()


def alarm(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Two alarms stand."""
    _, monitor = _watching(window)
    now_ns = time.monotonic_ns()
    for quantity, limit, value in ((Quantity.LATENCY, 40.0, 83.0), (Quantity.FPS, 24.0, 11.4)):
        rule = Rule(quantity, limit)
        monitor.board._active[rule] = Alarm(rule, value, now_ns)
    monitor.alarms_changed.emit()


# --- what people bring -------------------------------------------------------------------------------------------


def batch(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A folder with ground truth: right, wrong, unreadable, waiting; one file's card is open."""
    names = ("giant_panda", "coffee_cup", "cat_chelsea", "hens", "hammer", "owl", "german_shepherd", "dahlia")
    files = [assets.path(f"demo/{name}.jpg") for name in names]
    labels = (
        "giant panda",
        "espresso",
        "tabby",
        "hen",
        "hammer",
        "great grey owl",
        "German shepherd",
        "daisy",
    )
    items = [
        BatchItem(file, _top(label, "Staffordshire bullterrier", "cup", "coffee mug", "pitcher", first=0.9 - 0.1 * place))
        for place, (file, label) in enumerate(zip(files, labels, strict=False))
    ]  # fmt: skip
    items.insert(2, BatchItem(Path("/pictures/broken.jpg"), (), "broken.jpg: truncated; save it again"))
    pipeline.source_info = SourceInfo("", "pictures", f"{len(items) + 4} pictures")
    pipeline.set_batch(tuple(items), len(items) + 4)
    panel = window.around.batch
    _wait_for(lambda: panel.model.book.done == len(items), "the grid")
    book = panel.model.book
    book.set_truth({file: items[0].top[0].index + (place == 1) for place, file in enumerate(files[:2])})
    panel.model.judged_anew()
    panel._sum_up()
    panel.grid.setCurrentIndex(panel.model.index(1))
    panel._choose(panel.model.index(1))
    panel.grid.setFocus(Qt.FocusReason.TabFocusReason)
    _wait_for(lambda: all(_has_picture(panel.model, row) for row in (0, 1)), "the thumbnails")


def checking(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A dropped model is compiled beside the live picture."""
    choice = EngineChoice(model="/models/mobilenet_v2_1.4_with_a_rather_long_name_quantized_for_edge.onnx")
    _tell(pipeline, Candidate(choice, CandidateState.CHECKING, Progress("calibrating", 0.42)))


def candidate(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """It may be used now."""
    _tell(pipeline, Candidate(EngineChoice(model="/models/mobilenet.onnx"), CandidateState.READY))


def drag(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Something hovers over the window."""
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/pictures/cup.jpg")])
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, files, buttons, none)
    QApplication.sendEvent(window, event)


def long_message(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A message longer than its strip, and earlier ones unfolded."""
    pipeline.post(Severity.INFO, "the camera Desk camera is back after 4 s")
    pipeline.post(
        Severity.WARNING, "camera Desk camera: no picture for 1.2 s; check its cable, it goes on by itself"
    )
    pipeline.post(Severity.BAD, LONG_MESSAGE)
    window.bench_face.messages.more.click()


# --- who comes by ------------------------------------------------------------------------------------------------


def attract(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Nobody is there: the built-in pictures."""
    pipeline.attracting = True
    pipeline.stand_in = SourceInfo("demo", "Demo pictures", "")
    pipeline.put(
        shown(
            image=photo("giant_panda"), labels=(("giant panda", 0.94), ("lesser panda", 0.01)), device_ms=2.41
        )
    )
    pipeline.state_changed.emit()


def kiosk(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """On a stand; every button of Bench is gone with Bench."""
    size = window.size()
    window.set_kiosk()
    window.showNormal()
    window.resize(size)
    pipeline.post(
        Severity.WARNING, "the window system has no way to hold off the screen saver; switch it off there"
    )


def narrow(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """The picture of a telephone: upright."""
    pipeline.put(shown(seq=9999, image=np.ascontiguousarray(np.rot90(photo("hens"))), device_ms=2.41))


# --- sheets ------------------------------------------------------------------------------------------------------


def _sheet(command: Command) -> Arrange:
    def open_sheet(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
        window._actions[command].trigger()

    return open_sheet


def checks(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """One thing is missing."""
    sheet = window.around.checks
    sheet._examine = lambda: CHECKS
    sheet.enter()
    _wait_for(lambda: bool(sheet.lines), "the checks")


def about(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """Versions and licences."""
    sheet = window.around.about
    sheet.enter()
    QTest.qWait(500)


def found(window: MainWindow, pipeline: FakePipeline, photo: Photo) -> None:
    """A few letters typed into the palette."""
    palette = window.around.palette
    palette.enter()
    QTest.keyClicks(palette.field, "de")


def _tell(pipeline: FakePipeline, one: Candidate) -> None:
    pipeline.candidates.current = one
    pipeline.candidates.changed.emit()


def _model(window: MainWindow, pipeline: FakePipeline) -> None:
    pipeline.artifact = compiled()  # type: ignore[assignment]
    pipeline.state_changed.emit()
    _wait_for(lambda: window.bench_face.device.controls.what_if is not None, "prices")


def _watching(window: MainWindow):  # type: ignore[no-untyped-def]
    watching = window._watching
    assert watching is not None
    return watching, watching._monitor


def _top(*names: str, first: float = 0.62) -> tuple[Label, ...]:
    return tuple(
        Label(sum(map(ord, name)), name, first / (1 + 3 * place)) for place, name in enumerate(names)
    )


def _has_picture(model, row: int) -> bool:  # type: ignore[no-untyped-def]
    return model.index(row).data(Qt.ItemDataRole.DecorationRole) is not None


def _point_at(widget: QWidget, place: QPoint) -> None:
    at, nothing = QPointF(place), Qt.MouseButton.NoButton
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        at,
        widget.mapToGlobal(at),
        nothing,
        nothing,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, move)


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    began_s = time.monotonic()
    while not condition():
        if time.monotonic() - began_s > GIVE_UP_S:
            raise TimeoutError(f"{what} did not come within {GIVE_UP_S:.0f} s")
        QTest.qWait(10)
    QApplication.processEvents()


SHOW, BENCH, BOTH = (Face.SHOW,), (Face.BENCH,), tuple(Face)
OPENED: dict[str, tuple[tuple[Face, ...], Arrange]] = {
    "device": (BENCH, device),
    "device_asked": (BENCH, device_asked),
    "steps": (SHOW, steps),
    "statistics": (BENCH, statistics),
    "compare": (BENCH, compare),
    "cloud": (BENCH, cloud),
    "history": (BENCH, history),
    "nothing_watched": (BENCH, nothing_watched),
    "recording": (BOTH, recording),
    "alarm": (BOTH, alarm),
    "batch": (BENCH, batch),
    "checking": (BOTH, checking),
    "candidate": (SHOW, candidate),
    "drag": (SHOW, drag),
    "long_message": (BOTH, long_message),
    "attract": (SHOW, attract),
    "kiosk": (SHOW, kiosk),
    "upright": (BOTH, narrow),
    "settings": (BOTH, _sheet(Command.SETTINGS)),
    "keys": (BENCH, _sheet(Command.SHORTCUTS)),
    "palette": (SHOW, _sheet(Command.PALETTE)),
    "found": (BENCH, found),
    "checks": (SHOW, checks),
    "about": (BENCH, about),
}
