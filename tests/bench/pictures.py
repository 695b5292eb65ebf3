"""What a picture costs around the network: `python -m tests.bench.pictures ARTIFACT`.

Preprocessing from 1280x720 alone, and 32 pictures through `Session.run_many` against as many single calls, in turns.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from engine import Session
from engine.host.preprocess import preprocess
from tests.bench.engines import Contender
from tests.bench.timing import interleave

COUNT = 32


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    with Session(options.artifact, "native", 1, options.cache) as session:
        spec, size_hw = session.artifact.input_spec, session.info.input_hw
        assert spec is not None  # a session has one
        rng = np.random.default_rng(0)
        frame = rng.integers(0, 256, (720, 1280, 3), np.uint8)
        pictures = [rng.integers(0, 256, (*size_hw, 3), np.uint8) for _ in range(COUNT)]
        contenders = (
            Contender("preprocessing from 1280x720", 1, lambda: preprocess(frame, spec, size_hw)),
            Contender(f"{COUNT} single calls", 1, lambda: [session.run(picture) for picture in pictures]),
            Contender(f"run_many of {COUNT}", 1, lambda: session.run_many(pictures)),
        )
        timings = interleave(contenders, rounds=20, round_s=0.25)
    for timing in timings:
        print(f"{timing.name:28s} min {timing.min:8.3f} ms   p50 {timing.p50:8.3f} ms")
    _, single, many = timings
    print(f"run_many / single calls: p50 {many.p50 / single.p50:.3f}, min {many.min / single.min:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
