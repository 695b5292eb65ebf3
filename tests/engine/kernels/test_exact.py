"""Every kernel set equals the law: one body for all sets, all operators, random shapes and extreme values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernels.numpy_set import NumpySet
from engine.kernels.numpy_set.dispatch import BINDERS
from engine.program.descriptors import DESCRIPTOR_TYPES
from engine.program.operands import KernelSet
from tests.engine.kernels.cases import CASES
from tests.engine.kernels.judge import complaint

KERNEL_SETS: dict[str, KernelSet] = {"numpy": NumpySet()}


@pytest.fixture(params=KERNEL_SETS)
def kernels(request: pytest.FixtureRequest) -> KernelSet:
    return KERNEL_SETS[request.param]


def test_every_descriptor_type_is_covered() -> None:
    produced = {
        type(d)
        for case in CASES.values()
        for seed in range(3)
        for d in case(np.random.default_rng(seed)).descriptors
    }
    assert produced == set(DESCRIPTOR_TYPES) == set(BINDERS)


@pytest.mark.parametrize("case", CASES)
def test_seeded_programs(kernels: KernelSet, case: str) -> None:
    for seed in range(24):
        program = CASES[case](np.random.default_rng(seed))
        assert complaint(kernels, program, seed, extreme=seed % 3 == 0) is None, seed


@pytest.mark.parametrize("name", KERNEL_SETS)
@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from(sorted(CASES)), seed=st.integers(0, 2**32 - 1), extreme=st.booleans())
def test_random_programs(name: str, case: str, seed: int, extreme: bool) -> None:
    program = CASES[case](np.random.default_rng(seed))
    assert complaint(KERNEL_SETS[name], program, seed, extreme) is None
