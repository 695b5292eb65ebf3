"""Compares a kernel set with the reference, byte for byte, tensor by tensor."""

import numpy as np

from engine.kernels.trials.builder import GuardedMemory
from engine.kernels.trials.cases import CASES
from engine.program.local_response import LocalResponse
from engine.program.operands import KernelSet
from engine.program.program import Program
from engine.reference import ReferenceSet


def complaint(kernels: KernelSet, program: Program, seed: int, extreme: bool = False) -> str | None:
    """Return what ``kernels`` do wrong on ``program`` with inputs from ``seed``, or None."""
    law, ours = GuardedMemory(program, seed, extreme), GuardedMemory(program, seed, extreme)
    ReferenceSet().prepare(program, law).run()
    kernels.prepare(program, ours).run()
    for d in program.descriptors:
        expected, got = law.tensor(d.output), ours.tensor(d.output)
        if not np.array_equal(expected, got):
            wrong = np.argwhere(expected != got)
            place = tuple(int(v) for v in wrong[0])
            return f"{len(wrong)} of {expected.size} wrong, first {place}: {got[place]} for {expected[place]} in {d}"
    for name in program.inputs:
        if not np.array_equal(law.tensor(name), ours.tensor(name)):
            return f"input {name} was changed"
    return None if ours.canaries_live() else "bytes outside the tensors were written"


def conversion_complaint(kernels: KernelSet, seed: int) -> str | None:
    """Return how ``kernels`` quantize or dequantize otherwise than the reference, or None; arrays by ``seed``."""
    rng, law = np.random.default_rng(seed), ReferenceSet()
    size = int(rng.integers(1, 100))
    # Every second scale is a power of two, with which halves occur.
    scale = float(2.0 ** rng.integers(-3, 8)) * (1.0 if seed % 2 else float(rng.uniform(0.5, 2.0)))
    x = (rng.integers(-300, 300, size) / 2 / scale).astype(np.float32)
    x[rng.random(size) < 0.3] *= np.float32(1e3)
    x[0] = (np.inf, -np.inf, 0.0, np.nan)[seed % 4]
    for dtype in ("int8", "uint8", "int16", "uint16", "int32"):
        limits = np.iinfo(dtype)
        q = rng.integers(limits.min, limits.max, size, dtype, endpoint=True)
        # One element more than is written: it must stay what it is.
        made = [(np.ones(size + 1, dtype), np.ones(size + 1, np.float32)) for _ in range(2)]
        for each, (integers, reals) in zip((law, kernels), made, strict=True):
            each.dequantizer(q, scale, reals[:-1])()
            if dtype != "int32":
                each.quantizer(x, scale, integers[:-1])()
        if not all(map(np.array_equal, *made)):
            return f"conversion between float32 and {dtype} by {scale}, seed {seed}"
    return None


def normalise_complaint(kernels: KernelSet, seed: int) -> str | None:
    """Return how ``kernels`` normalise otherwise than the reference, or None; a map by ``seed``."""
    rng = np.random.default_rng(seed)
    shape = (1, 2, int(rng.integers(1, 4)), int(rng.integers(1, 50)))
    how = LocalResponse(int(rng.integers(1, 10)), float(rng.uniform(0, 0.5)), float(rng.uniform(0.5, 2)))
    x = rng.normal(0, 10, shape).astype(np.float32)
    expected, room = np.empty_like(x), np.ones(x.size + 2, np.float32)
    got = room[1:-1].reshape(shape)
    ReferenceSet().normaliser(x, how, expected)()
    kernels.normaliser(x, how, got)()
    if not np.array_equal(got, expected) or (room[0], room[-1]) != (1, 1):
        return f"{how} of {shape}, seed {seed}"
    return None


def first_complaint(kernels: KernelSet, trials_each: int, seed: int = 0) -> str | None:
    """Return what ``kernels`` do wrong in ``trials_each`` random programs of every kind, or None."""
    for trial in range(seed, seed + trials_each):
        if found := conversion_complaint(kernels, trial) or normalise_complaint(kernels, trial):
            return found
    for name, case in CASES.items():
        for trial in range(seed, seed + trials_each):
            if found := complaint(kernels, case(trial), trial, extreme=trial % 3 == 0):
                return f"{name}, trial {trial}: {found}"
    return None
