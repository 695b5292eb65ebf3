"""Every kernel set equals the law: one body for all sets, all operators, random shapes and extreme values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernels.numpy_set.dispatch import BINDERS
from engine.kernels.trials.builder import GuardedMemory
from engine.kernels.trials.cases import CASES
from engine.kernels.trials.judge import complaint, conversion_complaint, normalise_complaint
from engine.program.descriptors import DESCRIPTOR_TYPES
from engine.reference import ReferenceSet
from tests.engine.kernels.sets import COMPILED_NAMES, SET_NAMES, kernel_set

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


@pytest.mark.parametrize("name", SET_NAMES)
def test_conversions_between_real_values_and_integers(name: str) -> None:
    for seed in range(200):
        assert conversion_complaint(kernel_set(name), seed) is None


@pytest.mark.parametrize("name", SET_NAMES)
def test_local_response_normalisation(name: str) -> None:
    for seed in range(200):
        assert normalise_complaint(kernel_set(name), seed) is None


@pytest.mark.parametrize("name", SET_NAMES)
def test_whole_maps_are_converted_alike(name: str) -> None:
    rng, law = np.random.default_rng(0), ReferenceSet()
    x = rng.normal(0, 3, (1, 60, 60, 33)).astype(np.float32)
    for dtype in ("int8", "uint8", "int16", "uint16"):
        scale = float(rng.uniform(10, 40))
        expected, got = np.empty(x.shape, dtype), np.empty(x.shape, dtype)
        law.quantizer(x, scale, expected)()
        kernel_set(name).quantizer(x, scale, got)()
        np.testing.assert_array_equal(got, expected)
        real, same = np.empty_like(x), np.empty_like(x)
        law.dequantizer(got, scale, real)()
        kernel_set(name).dequantizer(got, scale, same)()
        np.testing.assert_array_equal(same, real)


@pytest.mark.parametrize("name", SET_NAMES)
def test_every_16_bit_integer_is_divided_exactly(name: str) -> None:
    q, law = np.arange(1 << 16).astype(np.uint16), ReferenceSet()
    real, same = np.empty(q.shape, np.float32), np.empty(q.shape, np.float32)
    for scale in np.random.default_rng(0).uniform(0.01, 1e4, 50):
        law.dequantizer(q, scale, real)()
        kernel_set(name).dequantizer(q, scale, same)()
        np.testing.assert_array_equal(same, real)


@pytest.mark.parametrize("name", COMPILED_NAMES)
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
