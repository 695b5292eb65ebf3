"""Compares a kernel set with the reference, byte for byte, tensor by tensor."""

import numpy as np

from engine.kernels.trials.builder import GuardedMemory
from engine.kernels.trials.cases import CASES
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


def first_complaint(kernels: KernelSet, trials_each: int, seed: int = 0) -> str | None:
    """Return what ``kernels`` do wrong in ``trials_each`` random programs of every kind, or None."""
    for name, case in CASES.items():
        for trial in range(seed, seed + trials_each):
            if found := complaint(kernels, case(trial), trial, extreme=trial % 3 == 0):
                return f"{name}, trial {trial}: {found}"
    return None
