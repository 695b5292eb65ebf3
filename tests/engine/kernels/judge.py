"""Compares a kernel set with the reference, byte for byte, tensor by tensor."""

import numpy as np

from engine.program.operands import KernelSet
from engine.program.program import Program
from engine.reference import ReferenceSet
from tests.engine.programs import GuardedMemory


def complaint(kernels: KernelSet, program: Program, seed: int, extreme: bool = False) -> str | None:
    """Return what ``kernels`` did wrong on ``program``, or None."""
    law, ours = (GuardedMemory(program, seed, extreme) for _ in range(2))
    ReferenceSet().prepare(program, law).run()
    kernels.prepare(program, ours).run()
    for d in program.descriptors:
        expected, got = law.tensor(d.output), ours.tensor(d.output)
        if not np.array_equal(expected, got):
            wrong = np.argwhere(expected != got)
            where = tuple(int(v) for v in wrong[0])
            return f"{len(wrong)} of {expected.size} wrong, first {where}: {got[where]} for {expected[where]} in {d}"
    for name in program.inputs:
        if not np.array_equal(law.tensor(name), ours.tensor(name)):
            return f"input {name} was changed"
    return None if ours.canaries_live() else "wrote outside its tensors"
