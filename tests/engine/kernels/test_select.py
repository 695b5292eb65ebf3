"""Choosing a kernel set: what is missing or broken costs speed, never the answer, and is said once."""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import KernelError
from engine.kernels import select
from engine.kernels.select import open_kernels
from engine.kernels.trials.judge import first_complaint
from tests.engine.kernels.sets import NATIVE_NAMES, object_code

needs_native = pytest.mark.skipif(not NATIVE_NAMES, reason="no native kernels on this CPU or no llvmlite")


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the self-test's process: hands out code compiled before; return the sets it was asked for."""
    from engine.kernels.native import trust

    asked: list[str] = []

    def compile_and_test(isa: object) -> tuple[bytes, str]:
        asked.append(isa.name)
        return object_code(isa.name), ""

    monkeypatch.setattr(trust, "compile_and_test", compile_and_test)
    return asked


def objects(folder: Path) -> list[Path]:
    return sorted((folder / "kernels").glob("*.o"))


def test_names_and_threads_are_checked() -> None:
    with pytest.raises(
        KernelError, match="unknown kernel set 'fast'; there are auto, native, numpy, reference"
    ):
        open_kernels("fast")
    with pytest.raises(KernelError, match="threads must be 1 or 2, got 3"):
        open_kernels("numpy", 3)


@pytest.mark.parametrize("name", ["numpy", "reference"])
def test_a_set_asked_for_is_the_one_that_runs(name: str) -> None:
    opened = open_kernels(name)
    assert opened.kernels.name == name
    assert "as asked" in opened.note
    assert first_complaint(opened.kernels, 1) is None


def test_without_llvmlite_numpy_runs_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [m for m in sys.modules if m.startswith("engine.kernels.native.open")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "engine.kernels.native.open", None)
    opened = open_kernels("auto")
    assert opened.kernels.name == "numpy"
    assert "llvmlite is missing or unusable" in opened.note
    with pytest.raises(KernelError, match="llvmlite is missing"):
        open_kernels("native")


@needs_native
def test_the_second_start_compiles_nothing(tmp_path: Path, compiler: list[str]) -> None:
    first, second = open_kernels("native", 1, tmp_path), open_kernels("native", 1, tmp_path)
    assert compiler == [NATIVE_NAMES[0]]
    assert first.note == second.note
    assert first_complaint(second.kernels, 1) is None


@needs_native
@pytest.mark.parametrize("damage", [b"", b"x" * 31, b"x" * 40000])
def test_a_corrupt_cache_is_compiled_again(tmp_path: Path, compiler: list[str], damage: bytes) -> None:
    open_kernels("native", 1, tmp_path)
    (path,) = objects(tmp_path)
    path.write_bytes(damage)
    opened = open_kernels("native", 1, tmp_path)
    assert len(compiler) == 2
    assert first_complaint(opened.kernels, 1) is None
    assert path.read_bytes() != damage


@needs_native
def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, compiler: list[str]) -> None:
    (tmp_path / "kernels").write_text("a file where the folder belongs")
    opened = open_kernels("native", 1, tmp_path)
    assert opened.kernels.name == "native"
    assert "compiled for this run only" in opened.note


@needs_native
def test_a_failed_self_test_falls_to_the_next_set_and_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.kernels.native import trust

    asked = []

    def refuse_first(isa: object) -> tuple[bytes | None, str]:
        asked.append(isa.name)
        if isa.name == NATIVE_NAMES[0]:
            return None, "self-test failed: conv, trial 3: 1 of 8 wrong"
        return object_code(isa.name), ""

    monkeypatch.setattr(trust, "compile_and_test", refuse_first)
    for _ in range(2):
        opened = open_kernels("auto", 1, tmp_path)
        assert "self-test failed: conv, trial 3" in opened.note
        expected = "native" if len(NATIVE_NAMES) > 1 else "numpy"
        assert opened.kernels.name == expected
    assert asked.count(NATIVE_NAMES[0]) == 1


@needs_native
def test_a_killed_self_test_is_tried_again_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.kernels.native import trust

    asked = []

    def kill(isa: object) -> tuple[bytes | None, str]:
        asked.append(isa.name)
        return None, "self-test was stopped: exit status -9"

    monkeypatch.setattr(trust, "compile_and_test", kill)
    for _ in range(2):
        opened = open_kernels("auto", 1, tmp_path)
        assert opened.kernels.name == "numpy"
        assert "exit status -9" in opened.note
    assert asked == [*NATIVE_NAMES, *NATIVE_NAMES]


@needs_native
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "self-test was stopped: exit status -4"),
        ("import sys; sys.stderr.write('conv differs'); sys.exit(3)", "self-test failed: conv differs"),
        ("pass", "self-test was stopped: exit status 0"),
    ],
)
def test_what_becomes_of_the_process_is_told(
    monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    from engine.kernels.native import trust
    from engine.kernels.native.isa import ISAS

    run = subprocess.run
    monkeypatch.setattr(
        trust.subprocess, "run", lambda command, **how: run([command[0], "-c", script], **how)
    )
    assert trust.compile_and_test(ISAS[0]) == (None, reason)


@pytest.fixture
def first_process(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Return a list that the process compiling the first part will be in, where there are CPUs enough for it."""
    from engine.kernels.native import trust

    started: list[subprocess.Popen[str]] = []

    class Listed(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, command: list[str], **how: object) -> None:
            super().__init__(command, **how)
            if "native.parts" in str(command):
                started.append(self)

    monkeypatch.setattr(trust, "cpus_allowed", lambda: 2)
    monkeypatch.setattr(trust.subprocess, "Popen", Listed)
    return started


def best_isa() -> object:
    from engine.kernels.native.isa import named

    return named(NATIVE_NAMES[0])


@needs_native
def test_two_processes_and_one_compile_the_same(
    monkeypatch: pytest.MonkeyPatch, first_process: list[subprocess.Popen[str]]
) -> None:
    from engine.kernels.native import trust

    expected = (object_code(NATIVE_NAMES[0]), "")
    assert trust.compile_and_test(best_isa()) == expected
    assert [process.returncode for process in first_process] == [0]
    monkeypatch.setattr(trust, "cpus_allowed", lambda: 1)
    assert trust.compile_and_test(best_isa()) == expected
    assert len(first_process) == 1


@needs_native
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "compiling was stopped: exit status -9"),
        ("import sys; sys.exit('LLVM ERROR: out of memory')", "compiling was stopped: LLVM ERROR: out of memory"),
        ("import os; os.write(1, bytes([20, *bytes(17)])); os._exit(1)", "compiling was stopped: exit status 1"),
        ("pass", "compiling was stopped: exit status 0"),
    ],
)  # fmt: skip
def test_without_its_first_part_a_set_is_refused(
    monkeypatch: pytest.MonkeyPatch, first_process: list[subprocess.Popen[str]], script: str, reason: str
) -> None:
    from engine.kernels.native import trust

    command = trust._command

    def replaced(module: str, *arguments: str) -> list[str]:
        whole = command(module, *arguments)
        return [*whole[:3], f"{script} # native.parts"] if module == "parts" else whole

    monkeypatch.setattr(trust, "_command", replaced)
    assert trust.compile_and_test(best_isa()) == (None, reason)


@needs_native
def test_no_process_compiles_on_for_a_self_test_that_ended(
    monkeypatch: pytest.MonkeyPatch, first_process: list[subprocess.Popen[str]]
) -> None:
    from engine.kernels.native import trust

    run = subprocess.run
    monkeypatch.setattr(
        trust.subprocess, "run", lambda command, **how: run([command[0], "-c", "raise SystemExit(1)"], **how)
    )
    assert trust.compile_and_test(best_isa()) == (None, "self-test was stopped: exit status 1")
    (process,) = first_process
    assert process.returncode not in (None, 0)


@needs_native
def test_the_self_test_imports_nothing_from_the_folder_it_is_started_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from engine.kernels.native import trust

    (tmp_path / "argparse.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    code, reason = trust.compile_and_test(SimpleNamespace(name="no such set"))  # type: ignore[arg-type]
    assert code is None
    assert "invalid choice: 'no such set'" in reason


@needs_native
@pytest.mark.slow
def test_two_processes_compile_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.kernels.select import open_kernels;"
        "print(open_kernels('native', 1, Path(sys.argv[1])).kernels.name)"
    )
    outputs: list[str] = []

    def start() -> None:
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
        )
        outputs.append(run.stdout.strip())

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == ["native", "native"]
    assert [path.name for path in (tmp_path / "kernels").iterdir()] == [
        path.name for path in objects(tmp_path)
    ]


def test_an_unknown_architecture_has_no_native_set(monkeypatch: pytest.MonkeyPatch) -> None:
    if not NATIVE_NAMES:
        pytest.skip("no llvmlite")
    from engine.kernels.native import open as native_open
    from engine.kernels.native.host import Host

    monkeypatch.setattr(native_open, "this_host", lambda: Host("riscv64", "some-core", {}))
    opened = select.open_kernels("auto")
    assert opened.kernels.name == "numpy"
    assert "no native kernels for some-core" in opened.note


@needs_native
def test_a_cpu_without_the_features_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.kernels.native import open as native_open
    from engine.kernels.native.host import Host

    monkeypatch.setattr(
        native_open, "this_host", lambda: Host("x86_64", "old-core", {"avx2": True, "fma": False})
    )
    opened = select.open_kernels("auto")
    assert opened.kernels.name == "numpy"
    assert "AVX2 needs fma" in opened.note
