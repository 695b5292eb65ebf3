"""The real window over the real pipeline: a frame goes in, painted labels come out; everything closes."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import psutil
import pytest

from engine.cli.interrupt import TERMINATIONS
from engine.importers.options import ImportOptions
from gui import app
from gui.app import WindowOptions, open_window
from gui.core.settings import Settings
from gui.core.state import SourceState
from gui.ending import ClosedBySignals
from gui.supervisor import LastState, last_state
from gui.widgets.language import install_language
from gui.widgets.main_window import MainWindow
from gui.workers.pipeline import Pipeline
from tests.conftest import REPOSITORY
from tests.gui.fakes import EndlessSource, FakeBackend, FakeSource, picture


@pytest.fixture
def fake_engine(monkeypatch) -> FakeBackend:
    """Put a fake in the place of the engine."""
    backend = FakeBackend()
    monkeypatch.setattr(app, "EngineBackend", lambda cache: backend)
    return backend


@pytest.fixture
def hooks(collector_state):
    """Give back what the program takes over for itself."""
    from PySide6.QtCore import qInstallMessageHandler

    before = (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.getswitchinterval())
    qt_handler = qInstallMessageHandler(None)
    qInstallMessageHandler(qt_handler)
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = before[:3]
    sys.setswitchinterval(before[3])
    qInstallMessageHandler(qt_handler)


def live_threads() -> list[str]:
    names = ("capture", "inference", "compile", "cameras")
    return [thread.name for thread in threading.enumerate() if thread.name in names]


def test_an_injected_frame_is_painted_with_its_labels(qtbot, tmp_path):
    source = FakeSource()
    pipeline = Pipeline(FakeBackend(), make_source=lambda _: source)
    window = MainWindow(pipeline, Settings(tmp_path / "settings.json"), "dark")
    qtbot.addWidget(window)
    window.show()
    pipeline.start("fake")
    qtbot.waitUntil(lambda: pipeline.session_info is not None, timeout=10_000)
    source.put(picture(123, (640, 360)))
    qtbot.waitUntil(lambda: pipeline.drops.shown == 1, timeout=10_000)
    assert [row.name for row in window.view.overlay.rows] == ["grey 123", "other"]
    assert window.view.overlay.seq == window.view.shown.frame.seq
    source.put(None)
    window.close()
    assert pipeline.threads() == ()
    assert pipeline.drops.captured == pipeline.drops.shown + pipeline.drops.dropped


def test_nothing_listens_unless_it_is_switched_on(qtbot, tmp_cache, fake_engine, hooks):
    def listening() -> set[tuple[str, int]]:
        connections = psutil.Process().net_connections(kind="inet")
        return {tuple(each.laddr) for each in connections if each.status == psutil.CONN_LISTEN}

    before = listening()
    window = open_window(WindowOptions(source="synthetic:60"))
    qtbot.addWidget(window.main)
    qtbot.waitUntil(lambda: window.pipeline.drops.inferred > 0, timeout=10_000)
    assert listening() == before
    window.monitor.set_metrics(True, 0)
    ((address, _),) = listening() - before
    assert address == "127.0.0.1"
    window.main.close()
    assert listening() == before


@pytest.mark.parametrize("number", TERMINATIONS)
def test_signals_close_cleanly(qtbot, tmp_cache, fake_engine, hooks, number):
    before = signal.signal(number, signal.SIG_DFL)  # ignored where the tests run under nohup
    with ClosedBySignals() as signals:
        window = open_window(WindowOptions(source="synthetic:30"))
        qtbot.addWidget(window.main)
        signals.watch(window.main)
        qtbot.waitUntil(lambda: window.pipeline.drops.shown > 2, timeout=10_000)
        os.kill(os.getpid(), number)
        qtbot.waitUntil(lambda: not window.main.isVisible(), timeout=10_000)
    assert signal.signal(number, before) == signal.SIG_DFL
    assert live_threads() == []
    assert fake_engine.session.closed
    assert window.faults.lines == []


@pytest.fixture
def run_in_process(tmp_path):
    """Run the window in a process of its own, where the end of the event loop is tested; return status and complaints."""

    def run(once_started: str, before: str = "pass", **variables: str) -> tuple[int, str]:
        code = (
            "import os, signal, sys\n"
            "from gui import app\n"
            f"{before}\n"
            "start = app.Pipeline.start\n"
            "def then(pipeline, source):\n"
            "    start(pipeline, source)\n"
            f"    {once_started}\n"
            "app.Pipeline.start = then\n"
            "sys.exit(app.run(app.WindowOptions(source='synthetic:5')))"
        )
        names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"} | dict.fromkeys(names, str(tmp_path))
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment | variables, cwd=REPOSITORY, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip
        return done.returncode, done.stderr

    return run


def test_a_signal_before_the_event_loop_ends_it_all_the_same(run_in_process, tmp_path):
    assert run_in_process("os.kill(os.getpid(), signal.SIGINT)") == (0, "")
    assert list(tmp_path.glob("lens7/crashes/*")) == []


def test_a_signal_amid_the_building_of_the_window_closes_it_once_it_is_built(run_in_process, tmp_path):
    # Raised there, Qt's bindings, which make their enumerations when they are first asked for, may never be whole again.
    built = "app.MainWindow = lambda *a, build=app.MainWindow: (os.kill(os.getpid(), signal.SIGINT), build(*a))[1]"
    assert run_in_process("pass", built) == (0, "")
    assert list(tmp_path.glob("lens7/crashes/*")) == []


def test_a_kiosk_whose_engine_hangs_for_good_asks_for_a_new_process(run_in_process, tmp_path):
    heartbeat = tmp_path / "heartbeat.json"
    emit = "from PySide6.QtCore import QTimer; QTimer.singleShot(0, pipeline, pipeline.engine_exhausted.emit)"
    assert run_in_process(emit, LENS7_HEARTBEAT=str(heartbeat)) == (app.EXIT_TO_BE_RESTARTED, "")
    assert last_state(heartbeat).source == "synthetic:5"


def test_the_command_line_goes_before_the_settings(qtbot, tmp_cache, fake_engine, hooks):
    path = tmp_cache / "lens7" / "settings.json"
    settings = Settings(path)
    settings.set("soc", "am69a")
    settings.set("kernels", "numpy")
    settings.set("source", "synthetic:5")
    settings.save()
    window = open_window(WindowOptions(soc="am68a"))
    qtbot.addWidget(window.main)
    qtbot.waitUntil(lambda: window.pipeline.source_state is SourceState.LIVE, timeout=10_000)
    assert window.pipeline.source_info.spec == "synthetic:5"
    assert (fake_engine.asked[0].soc, fake_engine.asked[0].kernels) == ("am68a", "numpy")
    window.main.close()


def test_a_window_that_goes_on_asks_for_nothing_that_was_not_taken_before(tmp_path):
    settings = Settings(tmp_path / "settings.json")
    settings.set("recipe", "ti")
    options = WindowOptions(model="net", soc="am68a", cores=2, bare=ImportOptions(random_weights=1))
    choice = app._engine_choice(options, settings)
    assert (choice.soc, choice.recipe, choice.asked) == ("am68a", "ti", {"soc", "cores"})
    same = app._engine_choice(replace(options, last=LastState(model="net", soc="am68a")), settings)
    assert (same, same.asked) == (choice, choice.asked)
    other = app._engine_choice(replace(options, last=LastState(model="dropped.onnx", soc="am69a")), settings)
    assert (other.model, other.soc, other.cores, other.bare) == ("dropped.onnx", "am69a", None, None)
    assert other.asked == frozenset()


def test_corrupt_settings_and_faults_are_told_in_the_strip(qtbot, tmp_cache, fake_engine, hooks, capsys):
    path = tmp_cache / "lens7" / "settings.json"
    path.parent.mkdir()
    path.write_text("{")
    window = open_window(WindowOptions(source="synthetic:30"))
    qtbot.addWidget(window.main)
    worker = threading.Thread(target=lambda: 1 / 0)
    worker.start()
    worker.join(10)
    texts = [message.text for message in window.pipeline.messages()]
    assert "unexpected ZeroDivisionError: division by zero" in texts[0]
    assert "settings.corrupt-" in texts[1]
    assert capsys.readouterr().err.count("\n") == 1
    assert len(window.faults.lines) == 1
    window.main.close()


def test_what_is_wrong_with_the_settings_is_told_in_their_language(
    qtbot, tmp_cache, fake_engine, hooks, monkeypatch
):
    installed = []
    monkeypatch.setattr(app, "install_language", lambda *asked: installed.extend(install_language(*asked)))
    path = tmp_cache / "lens7" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"threads": 99, "language": "de"}')
    window = open_window(WindowOptions(source="synthetic:30"))
    qtbot.addWidget(window.main)
    try:
        texts = [message.text for message in window.pipeline.messages()]
        assert "Einstellung threads: 99 ist nicht zwischen 1 und 2; die Vorgabe gilt" in texts
        assert window.main.bench_face.dock("sources").windowTitle() == "Quellen"
    finally:
        window.main.close()
        for translator in installed:
            window.application.removeTranslator(translator)
    assert installed


def test_closing_before_the_first_frame_joins_every_thread(qtbot, tmp_cache, fake_engine, hooks):
    window = open_window(WindowOptions(source="synthetic:1"))
    qtbot.addWidget(window.main)
    window.main.close()
    assert live_threads() == []


def test_overload_moves_the_drop_counter_in_the_window(qtbot, tmp_path):
    backend = FakeBackend()
    pipeline = Pipeline(backend, make_source=lambda _: EndlessSource(2_000_000))
    window = MainWindow(pipeline, Settings(tmp_path / "settings.json"), "dark")
    qtbot.addWidget(window)
    window.show()
    pipeline.start("fake")
    qtbot.waitUntil(lambda: backend.session.runs > 0, timeout=10_000)
    backend.session.gate.clear()
    qtbot.waitUntil(lambda: pipeline.drops.snapshot().get("newer frame arrived", 0) > 20, timeout=10_000)
    backend.session.gate.set()
    window.close()
