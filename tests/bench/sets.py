"""One kernel set against another, layer by layer: `python -m tests.bench.sets ARTIFACT amx avx512vnni_vbmi`.

Each layer's least time of one thread, the sets in turns. The last line is the least ratio among the layers that multiplying
alone decides: 1x1 and dense convolutions with at least 144 values per patch and 196 pixels.
"""

import argparse
import sys
from math import prod
from pathlib import Path

from engine.emu.memory import DeviceMemory
from engine.program import descriptors as D
from engine.program.artifact import DeviceSegment, read_artifact
from engine.program.program import Program
from tests.bench.layers import kind_of, least_us, macs_of
from tests.engine.kernels.sets import COMPILED_NAMES, kernel_set

DEEP, LARGE = 144, 196


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("artifact", type=Path)
    parser.add_argument("sets", nargs=2, choices=COMPILED_NAMES)
    parser.add_argument("--tries", type=int, default=60)
    options = parser.parse_args()
    ratios = []
    for segment in read_artifact(options.artifact).segments:
        if isinstance(segment, DeviceSegment):
            ratios += _compare(segment.program, options.sets, options.tries)
    if ratios:
        print(
            f"{len(ratios)} layers of K >= {DEEP} and {LARGE} pixels or more: {options.sets[0]} at least "
            f"{min(ratios):.2f} times as fast as {options.sets[1]}"
        )
    return 0


def _compare(program: Program, names: list[str], tries: int) -> list[float]:
    """Print the layers of a program; return second time / first time of those that multiplying decides."""
    executables = [kernel_set(name).prepare(program, DeviceMemory(program)) for name in names]
    for executable in executables:
        executable.run()
    first_us, second_us = least_us(executables, len(program.descriptors), tries)
    print(
        f"{'layer':36s} {'output':18s} {'MMAC':>7s} {names[0] + ' us':>18s} {names[1] + ' us':>18s} {'ratio':>6s}"
    )
    deep = []
    for d, ours, other in zip(program.descriptors, first_us, second_us, strict=True):
        shape, ratio = program.tensors[d.output].shape, other / ours
        print(
            f"{kind_of(d, program):36s} {'x'.join(map(str, shape[1:])):18s} {macs_of(d, program) / 1e6:7.1f} {ours:18.1f} "
            f"{other:18.1f} {ratio:6.2f}"
        )
        if _is_deep(d, program):
            deep.append(ratio)
    return deep


def _is_deep(d: D.Descriptor, program: Program) -> bool:
    """Whether multiplying decides a layer's time."""
    if not isinstance(d, D.Conv2d) or d.group > 1:
        return False
    depth, pixels = prod(program.constants[d.weight].shape[1:]), prod(program.tensors[d.output].shape[1:3])
    return depth >= DEEP and pixels >= LARGE


if __name__ == "__main__":
    sys.exit(main())
