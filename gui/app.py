"""Builds every object of the window and wires them; the only place that does."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.allocator import keep_memory_flat
from gui.capture.opencv import prepare_opencv
from gui.core.cache_folder import CacheFolder, default_root
from gui.core.settings import Settings, default_path
from gui.core.state import EngineChoice, Message, Severity
from gui.core.text import say
from gui.crash_log import CrashLog, default_folder
from gui.ending import ClosedBySignals
from gui.faults import FaultLog
from gui.garbage import MainThreadCollector
from gui.heartbeat import Heartbeat
from gui.monitor import history_file
from gui.supervisor import HEARTBEAT_VARIABLE, LastState, last_state
from gui.widgets.language import install_language
from gui.widgets.main_window import MainWindow
from gui.workers.backend import EngineBackend
from gui.workers.capture import CaptureTiming
from gui.workers.monitor import Monitor
from gui.workers.pipeline import Pipeline
from gui.workers.self_checker import SelfChecker

if TYPE_CHECKING:
    from engine.importers.options import ImportOptions

# The interpreter's threads change places after this long: with the default of 5 ms, a thread that computes in Python
# holds up the window for a third of a frame each time the window wants to go on.
SWITCH_INTERVAL_S = 0.001
EXIT_TO_BE_RESTARTED = 75
"""Of a kiosk's window that asks its guardian for a new process (EX_TEMPFAIL)."""


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the command line asks for; None leaves it to the settings.

    ``bare`` describes a bare model file. ``last`` is what a window before this one showed when it crashed. ``settings``
    and ``history`` are files to use instead of this user's.
    """

    source: str | None = None
    model: str | None = None
    soc: str | None = None
    recipe: str | None = None
    kernels: str | None = None
    threads: int | None = None
    cores: int | None = None
    clock_mhz: float | None = None
    bare: ImportOptions | None = None
    face: str | None = None
    theme: str | None = None
    full_screen: bool = False
    debug: bool = False
    settings: Path | None = None
    history: Path | None = None
    last: LastState | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The running program's parts."""

    application: QApplication
    pipeline: Pipeline
    monitor: Monitor
    main: MainWindow
    faults: FaultLog


def run(options: WindowOptions) -> int:
    """Show the window until it is closed; return the exit status."""
    heartbeat = os.environ.get(HEARTBEAT_VARIABLE)
    if heartbeat:
        options = _resumed(options, last_state(Path(heartbeat)))
    with ClosedBySignals() as signals:
        crash_log = CrashLog(default_folder())
        crashes = crash_log.begin()
        window = open_window(options)
        signals.watch(window.main)
        _keep_log(window, crash_log, crashes)
        if heartbeat:
            window.main.set_kiosk()
            beats = Heartbeat(Path(heartbeat), lambda: _state_of(window), window.main)
            beats.orphaned.connect(window.main.close)
            window.pipeline.engine_exhausted.connect(lambda: window.application.exit(EXIT_TO_BE_RESTARTED))
        checker = SelfChecker(window.pipeline, parent=window.pipeline)
        status = window.application.exec()
        if status == EXIT_TO_BE_RESTARTED:
            window.main.close()
        checker.close()
        crash_log.end()
    return status


def _resumed(options: WindowOptions, state: LastState) -> WindowOptions:
    """Return the options of a window that goes on where the one before it crashed."""
    return replace(
        options,
        source=state.source or options.source,
        kernels=options.kernels or state.kernels or None,
        face=state.face or options.face,
        last=state,
    )


def _state_of(window: Window) -> LastState:
    pipeline = window.pipeline
    return LastState(
        pipeline.live_spec,
        pipeline.engine.model,
        pipeline.engine.soc,
        pipeline.engine.kernels,
        window.main.face.value,
    )


def _keep_log(window: Window, log: CrashLog, crashes: tuple[Path, ...]) -> None:
    """Note in the crash log what the window says, and say in the window what was found."""
    window.faults.note = log.note_exception
    status = window.pipeline.status
    noted: list[Message] = []

    def note_new() -> None:
        for message in reversed(status.messages()):
            if not noted or message.monotonic_ns > noted[-1].monotonic_ns:
                noted[:] = [message]
                log.note(f"{message.severity.word}: {message.text}")

    window.pipeline.message_posted.connect(note_new)
    note_new()
    for path in crashes:
        text = say("the window ended unexpectedly before; {path} says where, without pictures", path=path)
        status.post(Severity.WARNING, text)


def open_window(options: WindowOptions) -> Window:
    """Build everything, show the window, open the source and start the engine."""
    faults = FaultLog(options.debug)
    faults.install()
    keep_memory_flat()
    prepare_opencv()
    is_hijacked = _release_qt_plugins()
    application = _application()
    settings = Settings(options.settings or default_path())
    settings.glance()
    install_language(application, settings.text("language"))
    warnings: list[str] = []
    settings.load(warnings.append)
    pipeline = Pipeline(
        EngineBackend(CacheFolder(default_root())),
        _engine_choice(options, settings),
        timing=CaptureTiming(stand_in_after_s=float(settings.number("stand_in_s"))),
    )
    collector = MainThreadCollector(pipeline)
    faults.tell = lambda text: pipeline.status.post(Severity.BAD, text)
    if is_hijacked:
        warnings.append(
            say(
                "opencv-python is installed beside opencv-python-headless and may break the window; uninstall it"
            )
        )
    for warning in warnings:
        pipeline.status.post(Severity.WARNING, warning)
    monitor = Monitor(pipeline, settings, options.history or history_file.default_path(), pipeline)
    main = MainWindow(pipeline, settings, options.theme or settings.text("theme"), monitor)
    monitor.watch_while(lambda: _is_painting(main))
    if options.face:
        main.set_face(options.face)
    _show(main, options.full_screen)
    monitor.start()
    pipeline.start(settings.text("source") if options.source is None else options.source)
    collector.spare_what_lives()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    return Window(application, pipeline, monitor, main, faults)


def _application() -> QApplication:
    application = QApplication.instance()
    if application is None:
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        application = QApplication(["lens7"])
    assert isinstance(application, QApplication)
    application.setApplicationName("lens7")
    application.setApplicationDisplayName("Lens7")
    application.setDesktopFileName("lens7")
    return application


def _engine_choice(options: WindowOptions, settings: Settings) -> EngineChoice:
    names = ("soc", "recipe", "cores", "clock_mhz")
    choice = EngineChoice(
        model=options.model or settings.text("model"),
        soc=options.soc or settings.text("soc"),
        recipe=options.recipe or settings.text("recipe"),
        kernels=options.kernels or settings.text("kernels"),
        threads=options.threads or settings.number("threads"),
        cores=options.cores,
        clock_mhz=options.clock_mhz,
        bare=options.bare,
        asked=frozenset(name for name in names if getattr(options, name) is not None),
    )
    last = options.last or LastState()
    if last.soc not in ("", choice.soc):
        # A window that goes on refuses nothing that the one before it had taken.
        choice = replace(choice.with_soc(last.soc), asked=frozenset())
    return choice.with_model(last.model) if last.model not in ("", choice.model) else choice


def _show(main: MainWindow, full_screen: bool) -> None:
    if full_screen:
        main.showFullScreen()
    else:
        main.show()


def _release_qt_plugins() -> bool:
    """Undo what the package opencv-python does to Qt; return whether it is installed."""
    if not (Path(cv2.__file__).parent / "qt").is_dir():
        return False
    for variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in os.environ.get(variable, ""):
            del os.environ[variable]
    return True


def _is_painting(main: MainWindow) -> bool:
    """Return whether anybody can see the window: a hidden one paints no pictures."""
    handle = main.windowHandle()
    return handle is not None and handle.isExposed() and not main.isMinimized()
