"""Every kernel set equals the law: one body for all sets, all operators, random shapes and extreme values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernels.numpy_set.dispatch import BINDERS
from engine.kernels.trials.builder import GuardedMemory
from engine.kernels.trials.cases import CASES
from engine.kernels.trials.judge import complaint
from engine.program.descriptors import DESCRIPTOR_TYPES
from tests.engine.kernels.sets import NATIVE_NAMES, SET_NAMES, kernel_set

SEEDS = range(30)


def test_every_descriptor_type_is_covered() -> None:
    produced = {type(d) for case in CASES.values() for seed in range(3) for d in case(seed).descriptors}
    assert produced == set(DESCRIPTOR_TYPES) == set(BINDERS)


@pytest.mark.parametrize("name", SET_NAMES)
@pytest.mark.parametrize("case", CASES)
def test_seeded_programs(name: str, case: str) -> None:
    for seed in SEEDS:
        assert complaint(kernel_set(name), CASES[case](seed), seed, extreme=seed % 3 == 0) is None, seed


@pytest.mark.parametrize("name", SET_NAMES)
@settings(max_examples=100, deadline=None)
@given(case=st.sampled_from(sorted(CASES)), seed=st.integers(0, 2**32 - 1), extreme=st.booleans())
def test_random_programs(name: str, case: str, seed: int, extreme: bool) -> None:
    assert complaint(kernel_set(name), CASES[case](seed), seed, extreme) is None


@pytest.mark.parametrize("name", NATIVE_NAMES)
def test_what_is_not_native_is_rare_and_said(name: str) -> None:
    left_out: dict[str, str] = {}
    for case, make in CASES.items():
        for seed in SEEDS:
            program = make(seed)
            executable = kernel_set(name).prepare(program, GuardedMemory(program, seed))
            left_out.update((case, reason) for reason in executable.not_native.values())
    assert set(left_out) <= {
        "add",
        "concat",
        "conv_64_bit",
        "mul",
        "reduce_mean",
        "reduce_max",
        "transposed",
    }, left_out
    assert all(reason.startswith("not native: ") for reason in left_out.values())
