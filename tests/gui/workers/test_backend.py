"""The engine itself behind the pipeline: compiled in a process of its own, kept, cancelled, refused."""

import gc
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from engine import CompileOptions, EngineError
from engine.cli.models import refuse_other
from engine.cli.options import Asked, Recipe
from engine.importers.options import ImportOptions
from engine.program import artifact as artifact_folder
from engine.program.artifact import read_artifact
from gui.capture.synthetic import SyntheticSource
from gui.core.cache_folder import CacheFolder
from gui.core.engine_task import compile_options
from gui.core.state import STAGES, EngineChoice, EngineState
from gui.core.status import Status
from gui.workers import backend as backend_module
from gui.workers.backend import Cancellation, CancelledError, EngineBackend
from gui.workers.pipeline import Pipeline

COPY = """
import json, shutil, sys
print(json.dumps({"stage": "copying", "fraction": 0.5}))
shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)
print(json.dumps({"done": True}))
"""


@pytest.fixture(autouse=True)
def _steady_key(monkeypatch):
    """Keep the cache's key the same while somebody edits the engine."""
    monkeypatch.setattr("engine.runtime.model_cache._source_digest", lambda: "as it is")


@pytest.fixture
def noted():
    """Return a status that notes every engine state and stage."""
    seen = []

    def note(_topic):
        seen.append(status.engine_state)
        if status.progress is not None:
            seen.append(status.progress.stage)

    status = Status(note)
    status.seen = seen
    return status


@pytest.fixture(scope="module")
def stages():
    """Return what the real process says that it does, as it says it."""
    return []


@pytest.fixture(scope="module")
def compiled(tmp_path_factory, stages):
    """Return a cache that holds the default model, compiled by the real process."""
    root = tmp_path_factory.mktemp("compiled")
    status = Status(lambda _topic: stages.append(status.progress.stage) if status.progress else None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.runtime.model_cache._source_digest", lambda: "as it is")
        EngineBackend(CacheFolder(root)).prepare(EngineChoice(), status, Cancellation()).close()
    assert status.messages() == ()
    return root


@pytest.fixture
def quick_process(compiled, monkeypatch):
    """Let the process copy what was compiled before, as compiling takes seconds."""
    (artifact,) = (compiled / "artifacts").iterdir()

    def start(task):
        asked = json.loads(task)
        assert asked["out"].startswith(asked["cache"])  # the window's cache keeps the kernels too
        command = [sys.executable, "-c", COPY, str(artifact), asked["out"]]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    monkeypatch.setattr(backend_module, "_start", start)


def test_the_window_has_words_for_every_stage(compiled, stages):
    assert "quantizing" in stages
    assert set(stages) <= set(STAGES)


def test_what_was_compiled_is_loaded_and_labels_the_picture(qtbot, compiled):
    pipeline = Pipeline(EngineBackend(CacheFolder(compiled)), make_source=lambda _: SyntheticSource())
    states = []
    pipeline.state_changed.connect(lambda: states.append(pipeline.engine_state))
    pipeline.start("synthetic")
    qtbot.waitUntil(lambda: pipeline.drops.inferred > 0, timeout=60_000)
    assert pipeline.engine_state is EngineState.READY
    assert EngineState.COMPILING not in states
    shown = []
    qtbot.waitUntil(
        lambda: shown.append(pipeline.take()) or bool(shown[-1] and shown[-1].top), timeout=20_000
    )
    assert len(shown[-1].top) == 5
    assert sum(label.probability for label in shown[-1].top) <= 1.0
    pipeline.close()
    assert pipeline.threads() == ()


def test_a_damaged_artifact_is_compiled_again(tmp_path, noted, quick_process):
    backend = EngineBackend(CacheFolder(tmp_path))
    backend.prepare(EngineChoice(), noted, Cancellation()).close()
    assert "copying" in noted.seen
    (artifact,) = (tmp_path / "artifacts").iterdir()
    with (artifact / "constants.bin").open("r+b") as file:
        file.write(b"damaged!")
    noted.seen.clear()
    backend.prepare(EngineChoice(), noted, Cancellation()).close()
    assert noted.messages()[0].text.startswith("the kept artifact is damaged")
    assert EngineState.COMPILING in noted.seen


def test_another_window_that_compiles_the_same_at_the_same_time_does_not_disturb(
    tmp_path, quick_process, monkeypatch
):
    def take_it_away(_topic=None):
        for artifact in (tmp_path / "artifacts").glob("[!.]*"):
            shutil.rmtree(artifact)  # the other window is about to put its own there

    def replace_artifact(new, folder):
        artifact_folder.replace_artifact(new, folder)
        take_it_away()

    monkeypatch.setattr("engine.runtime.model_cache.replace_artifact", replace_artifact)
    backend = EngineBackend(CacheFolder(tmp_path))
    backend.prepare(EngineChoice(), Status(take_it_away), Cancellation()).close()
    assert list((tmp_path / "artifacts").iterdir()) == []


def test_compiling_removes_what_killed_compilations_left(tmp_path, noted, quick_process):
    left = tmp_path / "artifacts" / ".efficientnet-killed"
    left.mkdir(parents=True)
    os.utime(left, (1_000_000_000, 1_000_000_000))
    EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(), noted, Cancellation()).close()
    assert not left.exists()


def test_compiling_forgets_old_artifacts_but_never_one_in_use(tmp_path, noted, quick_process, monkeypatch):
    monkeypatch.setattr("engine.runtime.cache_limits.MOST_ARTIFACTS", 1)
    backend = EngineBackend(CacheFolder(tmp_path))
    kept = []
    for soc in ("tda4vm", "am68a", "am69a"):
        kept.append(backend.prepare(EngineChoice(soc=soc), noted, Cancellation()))
        if soc == "am68a":
            kept.pop().close()
            gc.collect()
    names = {path.name.split("-")[1] for path in (tmp_path / "artifacts").iterdir()}
    assert names == {"tda4vm", "am69a"}
    for session in kept:
        session.close()


def test_an_unknown_model_is_refused_in_one_line(tmp_path, noted):
    backend = EngineBackend(CacheFolder(tmp_path))
    with pytest.raises(EngineError, match=r"nothing\.onnx") as caught:
        backend.prepare(EngineChoice(model="nothing.onnx"), noted, Cancellation())
    assert "\n" not in str(caught.value)


def test_an_unknown_soc_is_refused_in_one_line(tmp_path, noted):
    with pytest.raises(EngineError, match="tda4"):
        EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(soc="tda9"), noted, Cancellation())


def test_an_artifact_folder_opens_for_what_it_was_compiled_for(tmp_path, noted, compiled):
    (artifact,) = (compiled / "artifacts").iterdir()
    backend = EngineBackend(CacheFolder(tmp_path))
    session = backend.prepare(EngineChoice(model=str(artifact), soc="am68a"), noted, Cancellation())
    assert session.info.soc == "tda4vm"
    session.close()
    same = EngineChoice(
        model=str(artifact),
        cores=1,
        clock_mhz=1000.0,
        asked=frozenset({"soc", "recipe", "cores", "clock_mhz"}),
    )
    backend.prepare(same, noted, Cancellation()).close()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"soc": "am68a"}, "is compiled for soc tda4vm, not am68a"),
        ({"recipe": Recipe.TI}, "is compiled for recipe lens7, not ti"),
        ({"clock_mhz": 700.0}, "is compiled for clock 1000, not 700"),
        ({"bare": ImportOptions(resize_short=300)}, "--resize"),
    ],
)
def test_an_artifact_folder_made_for_something_else_is_refused_in_one_line(
    tmp_path, noted, compiled, asked, says
):
    (artifact,) = (compiled / "artifacts").iterdir()
    choice = EngineChoice(model=str(artifact), **asked, asked=frozenset(asked))
    with pytest.raises(EngineError, match=says) as caught:
        EngineBackend(CacheFolder(tmp_path)).prepare(choice, noted, Cancellation())
    assert str(caught.value).startswith(str(artifact))
    assert "\n" not in str(caught.value)
    with pytest.raises(EngineError) as told_by_commands:
        refuse_other(str(artifact), read_artifact(artifact), Asked(**asked))
    assert str(told_by_commands.value) == str(caught.value)


def test_what_is_asked_of_the_chip_and_a_bare_file_reaches_the_compilation(tmp_path, noted, monkeypatch):
    tasks = []

    def start(task):
        tasks.append(json.loads(task))
        return subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE, text=True)

    monkeypatch.setattr(backend_module, "_start", start)
    choice = EngineChoice(cores=1, clock_mhz=800.0, bare=ImportOptions(random_weights=3))
    with pytest.raises(EngineError):
        EngineBackend(CacheFolder(tmp_path)).prepare(choice, noted, Cancellation())
    assert compile_options(tasks[0]) == CompileOptions(
        cores=1, clock_hz=800e6, model=ImportOptions(random_weights=3)
    )


def test_a_cancelled_compilation_ends_its_process(tmp_path, noted):
    cancellation = Cancellation()
    waiting = threading.Event()
    noted._ring = lambda _: waiting.set() if noted.progress is not None else None
    failures = []

    def compile_it():
        try:
            EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(), noted, cancellation)
        except CancelledError as error:
            failures.append(str(error))

    worker = threading.Thread(target=compile_it)
    worker.start()
    assert waiting.wait(30)
    cancellation.cancel()
    worker.join(30)
    assert failures == ["compilation cancelled"]
    assert noted.progress is None
    assert list(tmp_path.rglob("artifact.json")) == []


def test_a_cache_that_cannot_be_written_is_replaced_and_said(tmp_path, noted, quick_process):
    (tmp_path / "file").write_text("in the way")
    cache = CacheFolder(tmp_path / "file" / "lens7")
    backend = EngineBackend(cache)
    backend.prepare(EngineChoice(), noted, Cancellation()).close()
    assert "the model is compiled for this run only" in noted.messages()[0].text
    temporary = cache.root
    assert temporary.is_dir()
    backend.close()
    assert not temporary.exists()


def test_a_process_that_dies_is_one_line(tmp_path, noted, monkeypatch):
    died = [sys.executable, "-c", "import sys; sys.exit('killed by the kernel')"]
    monkeypatch.setattr(
        backend_module,
        "_start",
        lambda _task: subprocess.Popen(died, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True),
    )
    with pytest.raises(EngineError, match="compiling efficientnet_lite0 failed: killed by the kernel"):
        EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(), noted, Cancellation())


# A compilation that says one word and then nothing: asleep, deaf to SIGTERM, or stopped as a debugger would.
SILENT = {
    "asleep": "time.sleep(600)",
    "deaf": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
}


@pytest.fixture
def silent_process(monkeypatch):
    """Return how to let the process fall silent, and the processes that did."""
    processes = []

    def use(act):
        script = f'import os, signal, time; print(\'{{"stage": "quantizing", "fraction": 0.5}}\', flush=True); {act}'

        def start(_task):
            command = [sys.executable, "-c", script]
            processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            return processes[-1]

        monkeypatch.setattr(backend_module, "_start", start)
        return processes

    return use


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("act", SILENT.values(), ids=SILENT.keys())
def test_a_compilation_that_hangs_is_given_up_in_one_line(tmp_path, noted, monkeypatch, silent_process, act):
    monkeypatch.setattr(backend_module, "SILENT_LIMIT_S", 0.3)
    processes = silent_process(act)
    with pytest.raises(EngineError) as caught:
        EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(), noted, Cancellation())
    reason = "no progress for 0 minutes, so it was given up"
    assert str(caught.value) == f"compiling efficientnet_lite0 failed: {reason}"
    assert [process.returncode for process in processes] == [-9]
    assert noted.progress is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("act", SILENT.values(), ids=SILENT.keys())
def test_a_compilation_that_hangs_can_be_cancelled(tmp_path, noted, silent_process, act):
    silent_process(act)
    cancellation = Cancellation()
    noted._ring = lambda _: cancellation.cancel() if noted.progress and noted.progress.fraction else None
    with pytest.raises(CancelledError):
        EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(), noted, cancellation)


def test_a_compilation_that_goes_on_is_not_given_up(tmp_path, noted, monkeypatch):
    monkeypatch.setattr(backend_module, "SILENT_LIMIT_S", 2.0)
    steps = "for _ in range(30): print('...', flush=True); time.sleep(0.1)"
    command = [sys.executable, "-c", f'import time\n{steps}\nprint(\'{{"error": "refused"}}\')']

    def start(_task):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()  # how long a busy machine takes to start it is not what is tried here
        return process

    monkeypatch.setattr(backend_module, "_start", start)
    with pytest.raises(EngineError, match="^refused$"):
        EngineBackend(CacheFolder(tmp_path)).prepare(EngineChoice(), noted, Cancellation())
