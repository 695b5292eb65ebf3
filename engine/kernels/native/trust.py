"""Compiles and tries a kernel set in a process of its own, which may die of it."""

import subprocess
import sys
import tempfile
from pathlib import Path

import engine
from engine.kernels.native.cache import SELF_TEST_FAILED
from engine.kernels.native.isa import Isa
from engine.kernels.native.selftest import WRONG

TIMEOUT_S = 120


def compile_and_test(isa: Isa) -> tuple[bytes | None, str]:
    """Return the object code of ``isa`` after its self-test, or None and the reason."""
    root = str(Path(engine.__file__).parents[1])
    command = f"import sys; sys.path.insert(0, {root!r}); from engine.kernels.native.selftest import main; sys.exit(main())"
    with tempfile.TemporaryDirectory(prefix="lens7-kernels-") as folder:
        out = Path(folder) / "kernels.o"
        try:
            run = subprocess.run(
                # -P: never import from the folder the program was started in.
                [sys.executable, "-P", "-c", command, isa.name, str(out)], capture_output=True, text=True, check=False,
                timeout=TIMEOUT_S, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, f"self-test did not finish: {error}"
        if run.returncode == 0 and out.exists():
            return out.read_bytes(), ""
    said = run.stderr.strip().splitlines()
    detail = said[-1][:300] if said else f"exit status {run.returncode}"
    if run.returncode == WRONG:
        return None, f"{SELF_TEST_FAILED}: {detail}"
    return None, f"self-test was stopped: {detail}"
