"""A frame beside busy programs: `python -m tests.bench.competition ARTIFACT [--programs 1]`.

Ours with one and with two threads, alone and beside ``programs`` that never rest; p99 / p50 says how evenly frames come.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.bench.engines import ours
from tests.bench.timing import one_round

WARM_UP_S = 0.2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--programs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    print(f"{'threads':>7s} {'beside':>7s} {'p50 ms':>8s} {'p95 ms':>8s} {'p99 ms':>8s} {'p99 / p50':>10s}")
    for threads in (1, 2):
        contender = ours(options.artifact, "native", threads, options.cache)
        one_round(contender, WARM_UP_S)
        for programs in (0, options.programs):
            with _busy(programs):
                p50, p95, p99 = np.percentile(one_round(contender, options.seconds) / 1e6, (50, 95, 99))
            print(f"{threads:7d} {programs:7d} {p50:8.3f} {p95:8.3f} {p99:8.3f} {p99 / p50:10.2f}")
    return 0


@contextmanager
def _busy(count: int) -> Iterator[None]:
    """Let ``count`` programs run that never rest."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


if __name__ == "__main__":
    sys.exit(main())
