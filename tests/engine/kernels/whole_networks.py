"""Whole compiled networks, layer by layer: `python -m tests.engine.kernels.whole_networks ARTIFACT ...`.

Every tensor that a network writes is compared between a native set and the reference, then 1,000 frames between one thread
and two.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from engine.emu.memory import DeviceMemory
from engine.host.preprocess import Image
from engine.program.artifact import DeviceSegment, read_artifact
from engine.program.operands import KernelSet
from engine.program.program import Program
from engine.reference import ReferenceSet
from tests.engine.kernels.sets import NATIVE_NAMES, kernel_set


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifacts", nargs="+", type=Path)
    parser.add_argument("--set", default=NATIVE_NAMES[0], choices=("numpy", *NATIVE_NAMES))
    parser.add_argument("--frames", type=int, default=1000)
    options = parser.parse_args()
    wrong = 0
    for artifact in options.artifacts:
        for segment in read_artifact(artifact).segments:
            if not isinstance(segment, DeviceSegment):
                continue
            layers, elements, bad = layer_by_layer(segment.program, {options.set: kernel_set(options.set)})
            print(
                f"{artifact.name}: {layers} layers, {elements} elements, {len(bad)} layers differ {bad[:3]}",
                flush=True,
            )
            differing = frames_that_differ(segment.program, options.set, options.frames)
            print(
                f"{artifact.name}: {options.frames} frames on one thread and on two, {differing} differ",
                flush=True,
            )
            wrong += len(bad) + differing
    return 1 if wrong else 0


def layer_by_layer(
    program: Program, sets: Mapping[str, KernelSet], pixels: Image | None = None
) -> tuple[int, int, list[str]]:
    """Return how many layers and output elements were compared, and which differ, as "kernel set: layer".

    All sides run each layer on what the reference left in memory, so that a wrong layer does not spoil the next. The
    inputs are random, save a picture's, which is ``pixels`` if given.
    """
    law = DeviceMemory(program)
    ours = {name: DeviceMemory(program) for name in sets}
    reference = ReferenceSet().prepare(program, law)
    prepared = {name: kernels.prepare(program, ours[name]) for name, kernels in sets.items()}
    rng = np.random.default_rng(0)
    for name in program.inputs:
        values = law.tensor(name)
        info = np.iinfo(values.dtype)
        values[...] = rng.integers(info.min, int(info.max) + 1, values.shape)
        if pixels is not None and values.dtype == np.uint8 and values.shape == (1, *pixels.shape):
            values[0] = pixels
        for memory in ours.values():
            memory.tensor(name)[...] = values
    elements, bad = 0, []
    for i, d in enumerate(program.descriptors):
        reference.run(i, i + 1)
        expected = law.tensor(d.output)
        elements += expected.size
        for name, executable in prepared.items():
            executable.run(i, i + 1)
            got = ours[name].tensor(d.output)
            if not np.array_equal(expected, got):
                bad.append(f"{name}: {d.name}")
                got[...] = expected
    return len(program.descriptors), elements, bad


def frames_that_differ(program: Program, name: str, frames: int) -> int:
    """Return in how many of ``frames`` random frames one thread and two give different outputs."""
    memories = [DeviceMemory(program) for _ in range(2)]
    runs = [kernel_set(name, n + 1).prepare(program, memory) for n, memory in enumerate(memories)]
    rng, differing = np.random.default_rng(1), 0
    for _ in range(frames):
        frame = rng.integers(0, 256, memories[0].tensor(program.inputs[0]).shape, np.uint8)
        for memory, executable in zip(memories, runs, strict=True):
            memory.tensor(program.inputs[0])[...] = frame
            executable.run()
        differing += not all(
            np.array_equal(memories[0].tensor(o), memories[1].tensor(o)) for o in program.outputs
        )
    return differing


if __name__ == "__main__":
    sys.exit(main())
