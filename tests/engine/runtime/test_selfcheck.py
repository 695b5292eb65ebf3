import numpy as np
import pytest

from engine.kernels.select import OpenedKernels
from engine.program.descriptors import DESCRIPTOR_TYPES
from engine.program.verify import verify_program
from engine.reference import ReferenceSet
from engine.runtime import selfcheck
from engine.runtime.golden import golden_programs, scattered
from engine.runtime.golden_digests import GOLDEN_DIGESTS


def test_golden_programs_are_right_and_use_every_descriptor():
    programs = golden_programs().values()
    for program in programs:
        verify_program(program)
    assert {type(d) for program in programs for d in program.descriptors} == set(DESCRIPTOR_TYPES)


def test_the_law_still_gives_the_golden_digests():
    for name, program in golden_programs().items():
        found = selfcheck.digest(selfcheck.written_tensors(ReferenceSet(), program))
        assert found == GOLDEN_DIGESTS[name]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Where the kernels are kept that one test compiles for all."""
    return tmp_path_factory.mktemp("kernels")


def test_every_kernel_set_that_runs_here_passes(cache):
    verdict = selfcheck.self_check(cache)
    assert verdict.passed
    assert verdict.kernels["numpy"] == verdict.golden == "ok"


class OneBitOff(ReferenceSet):
    """Inverts one bit of the network's last tensor."""

    def prepare(self, program, operands):
        executable = super().prepare(program, operands)
        last = operands.tensor(program.outputs[0])

        class Wrong:
            def run(self, first=0, end=None):
                executable.run(first, end)
                last.view(np.uint8).reshape(-1)[0] ^= 1

        return Wrong()


def test_one_wrong_bit_in_a_kernel_set_is_found(monkeypatch):
    monkeypatch.setattr(selfcheck, "open_kernels", lambda *_: OpenedKernels(OneBitOff(), "wrong on purpose"))
    verdict = selfcheck.self_check()
    assert verdict.kernels["numpy"] == "differs: tensor 'logits' of 'classifier'"
    assert not verdict.passed


def test_a_drifted_law_is_found(monkeypatch, cache):
    monkeypatch.setitem(GOLDEN_DIGESTS, "operators", "0" * 64)
    verdict = selfcheck.self_check(cache)
    assert verdict.golden == "differs: operators"
    assert not verdict.passed


def test_scattered_integers_are_the_same_everywhere():
    by_hand = [((i + 7919) * 2654435761 % 2**32 >> 8) % 256 for i in range(6)]
    assert scattered((6,), 0, 256, 1, "uint8").tolist() == by_hand
    assert np.unique(scattered((1000,), -3, 4, 2, "int8")).tolist() == [-3, -2, -1, 0, 1, 2, 3]
