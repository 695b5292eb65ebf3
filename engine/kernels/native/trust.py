"""Compiles and tries a kernel set in processes of their own, which may die of it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import engine
from engine.kernels.cpus import cpus_allowed
from engine.kernels.native.cache import SELF_TEST_FAILED
from engine.kernels.native.isa import Isa

TIMEOUT_S = 120
# How the self-test ends, if not well or by a signal. Kept here, so that nobody who waits for it has to import it.
WRONG, INCOMPLETE = 3, 4


def compile_and_test(isa: Isa) -> tuple[bytes | None, str]:
    """Return the object code of ``isa`` after its self-test, or None and the reason."""
    try:
        with tempfile.TemporaryDirectory(prefix="lens7-kernels-") as folder, _first_part(isa) as first:
            return _second_part_and_test(isa, Path(folder) / "kernels.o", first)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"self-test did not finish: {error}"


def _command(module: str, *arguments: str) -> list[str]:
    """Return the command that calls ``main`` of a module of this package."""
    root = str(Path(engine.__file__).parents[1])
    script = f"import sys; sys.path.insert(0, {root!r}); from engine.kernels.native.{module} import main; sys.exit(main())"
    # -P: never import from the folder the program was started in.
    return [sys.executable, "-P", "-c", script, *arguments]


@contextmanager
def _first_part(isa: Isa) -> Iterator[subprocess.Popen[str] | None]:
    """Compile the first part of ``isa`` meanwhile; with one CPU, where that would only cost a process, yield None."""
    if cpus_allowed() < 2:
        yield None
        return
    with subprocess.Popen(
        _command("parts", isa.name), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def _second_part_and_test(
    isa: Isa, out: Path, first: subprocess.Popen[str] | None
) -> tuple[bytes | None, str]:
    arguments = (isa.name, str(out), *(("--beside",) if first else ()))
    run = subprocess.run(
        _command("selftest", *arguments), capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
        stdin=first.stdout if first else subprocess.DEVNULL,
    )  # fmt: skip
    if run.returncode == 0 and out.exists():
        return out.read_bytes(), ""
    if run.returncode == INCOMPLETE and first:
        _, said = first.communicate(timeout=TIMEOUT_S)
        return None, f"compiling was stopped: {_detail(said, first.returncode)}"
    detail = _detail(run.stderr, run.returncode)
    return None, f"{SELF_TEST_FAILED if run.returncode == WRONG else 'self-test was stopped'}: {detail}"


def _detail(said: str, status: int) -> str:
    """Return the last line that a process wrote to standard error, or else how it ended."""
    lines = said.strip().splitlines()
    return lines[-1][:300] if lines else f"exit status {status}"
