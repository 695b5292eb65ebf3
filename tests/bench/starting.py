"""What a start costs before the first frame: `python -m tests.bench.starting ARTIFACT`. Every figure is of new processes.

- cold: importing, compiling the kernel set and its self-test, with an empty cache
- warm: importing and loading the set from the cache
- preparation: the artifact's weights brought into the kernels' order
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

# Prints seconds: opening the kernel set, preparing all programs of the artifact.
ONE_START = """
import sys, time
from pathlib import Path
start = time.perf_counter()
from engine.kernels.select import open_kernels
kernels = open_kernels("native", 1, Path(sys.argv[1])).kernels
opened = time.perf_counter()
from engine.emu.memory import DeviceMemory
from engine.program.artifact import DeviceSegment, read_artifact
programs = [s.program for s in read_artifact(Path(sys.argv[2])).segments if isinstance(s, DeviceSegment)]
read = time.perf_counter()
for program in programs:
    kernels.prepare(program, DeviceMemory(program))
print(opened - start, time.perf_counter() - read)
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--starts", type=int, default=9)
    options = parser.parse_args()
    cold, warm, preparation = [], [], []
    with tempfile.TemporaryDirectory() as kept:
        for _ in range(options.starts):
            with tempfile.TemporaryDirectory() as empty:
                cold.append(_start(Path(empty), options.artifact)[0])
        _start(Path(kept), options.artifact)  # fills the cache
        for _ in range(options.starts):
            opened, prepared = _start(Path(kept), options.artifact)
            warm.append(opened)
            preparation.append(prepared)
    for name, values in (("cold", cold), ("warm", warm), ("preparation", preparation)):
        ordered = [f"{value * 1e3:.0f}" for value in sorted(values)]
        print(f"{name:12s} median {ordered[len(ordered) // 2]} ms   all: {' '.join(ordered)}")
    return 0


def _start(cache: Path, artifact: Path) -> tuple[float, float]:
    """Return the seconds of one new process: opening the set, preparing the artifact."""
    command = [sys.executable, "-c", ONE_START, str(cache), str(artifact)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(run.stderr.strip().splitlines()[-1])
    opened, prepared = run.stdout.split()
    return float(opened), float(prepared)


if __name__ == "__main__":
    sys.exit(main())
