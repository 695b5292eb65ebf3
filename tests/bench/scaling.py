"""Does cost grow with work? MobileNetV2 at growing input sizes: `python -m tests.bench.scaling`."""

import argparse
import sys
from math import prod
from pathlib import Path

from engine.emu.memory import DeviceMemory
from engine.kernels.select import open_kernels
from engine.program import descriptors as D
from tests.bench.engines import Contender
from tests.bench.timing import interleave
from tests.engine.networks import MOBILENET_V2, inverted_residuals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[224, 320, 448, 640])
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    kernels = open_kernels("native", 1, options.cache).kernels
    contenders, macs = [], []
    for size in options.sizes:
        program = inverted_residuals(MOBILENET_V2, size)
        executable = kernels.prepare(program, DeviceMemory(program))
        contenders.append(Contender(str(size), 1, executable.run))
        layers = (d for d in program.descriptors if isinstance(d, D.Conv2d | D.FullyConnected))
        macs.append(
            sum(
                prod(program.tensors[d.output].shape) * prod(program.constants[d.weight].shape[1:])
                for d in layers
            )
        )
    timings = interleave(contenders, rounds=12, round_s=0.06)
    print(f"{'size':>5s} {'MMAC':>8s} {'min ms':>8s} {'p50 ms':>8s} {'of proportional':>16s}")
    for timing, work in zip(timings, macs, strict=True):
        share = timing.min / timings[0].min / (work / macs[0])
        print(f"{timing.name:>5s} {work / 1e6:8.0f} {timing.min:8.3f} {timing.p50:8.3f} {share:16.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
