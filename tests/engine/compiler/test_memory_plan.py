"""The memory plan never lets a tensor lie on bytes still in use, and refuses what cannot fit."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler.memory_plan import ALIGNMENT_BYTES, Span, plan, spans, verify_plan
from engine.errors import CompileError
from engine.program.descriptors import Add, Descriptor, MaxPool, Reshape, inputs_of
from engine.program.program import Memory, Tensor
from engine.soc import load_soc

SOC = load_soc("tda4vm")


def _tensor(name: str, nbytes: int) -> Tensor:
    return Tensor(name, (nbytes,), "int8", 1.0)


def _step(source: str, target: str) -> Descriptor:
    return MaxPool(f"make_{target}", source, target, (1, 1), (1, 1), (0, 0, 0, 0))


def _chain(*sizes: int) -> tuple[list[Descriptor], dict[str, Tensor]]:
    names = [f"t{i}" for i in range(len(sizes))]
    steps = [_step(a, b) for a, b in pairwise(names)]
    return steps, {n: _tensor(n, s) for n, s in zip(names, sizes, strict=True)}


def test_a_chain_shares_msmc_and_keeps_input_and_output_in_ddr():
    steps, tensors = _chain(1000, 5000, 3000, 4000, 2000, 100)
    placed, arena = plan(steps, tensors, SOC)
    assert {n: t.memory.value for n, t in placed.items()} == {
        "t0": "ddr", "t1": "msmc", "t2": "msmc", "t3": "msmc", "t4": "msmc", "t5": "ddr",
    }  # fmt: skip
    assert arena[Memory.MSMC] < 5000 + 3000 + 4000 + 2000
    assert arena[Memory.DDR] >= 1000 + 100


def test_what_does_not_fit_msmc_goes_to_ddr():
    steps, tensors = _chain(64, 5000, 5000, 64)
    placed, _ = plan(steps, tensors, replace(SOC, msmc_bytes=6000))
    assert sorted(t.memory.value for t in placed.values()) == ["ddr", "ddr", "ddr", "msmc"]


def test_a_reshape_keeps_its_bytes_in_place_even_while_the_source_lives_on():
    tensors = {n: _tensor(n, 640) for n in ("x", "a", "flat", "b", "y")}
    steps = [
        _step("x", "a"),
        Reshape("r", "a", "flat"),
        _step("flat", "b"),
        Add("sum", ("a", "b"), "y", (1, 1), 1, 0, -128, 127),
    ]
    placed, _ = plan(steps, tensors, SOC)
    assert (placed["a"].memory, placed["a"].offset) == (placed["flat"].memory, placed["flat"].offset)
    assert placed["b"].offset != placed["a"].offset


def test_an_extra_output_lives_to_the_end_and_in_ddr():
    steps, tensors = _chain(64, 640, 640, 640, 64)
    placed, _ = plan(steps, tensors, SOC, outputs=("t1",))
    assert placed["t1"].memory is Memory.DDR
    assert plan(steps, tensors, SOC)[0]["t1"].memory is Memory.MSMC


def test_a_network_larger_than_ddr_is_refused_with_the_missing_bytes():
    steps, tensors = _chain(1000, 1000)
    soc = replace(SOC, ddr_bytes=10_000)
    plan(steps, tensors, soc, weights_bytes=7_500)
    with pytest.raises(CompileError, match="does not fit tda4vm: 4024 bytes are missing"):
        plan(steps, tensors, soc, weights_bytes=12_000)


def test_spans_say_when_which_bytes_are_in_use():
    steps, tensors = _chain(1000, 5000, 3000, 100)
    placed, _ = plan(steps, tensors, SOC)
    assert set(spans(steps, placed)) == {
        Span(("t0",), Memory.DDR, placed["t0"].offset, 1000, 0, 2),
        Span(("t1",), Memory.MSMC, placed["t1"].offset, 5000, 0, 1),
        Span(("t2",), Memory.MSMC, placed["t2"].offset, 3000, 1, 2),
        Span(("t3",), Memory.DDR, placed["t3"].offset, 100, 2, 2),
    }


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("t2", {"offset": 0}, "writes t2 over t1"),
        ("t3", {"memory": Memory.DDR, "offset": 0}, "writes t3 over t0"),
        ("t1", {"offset": -1}, "t1 lies unaligned or outside"),
        ("t1", {"offset": 8}, "t1 lies unaligned or outside"),
        ("t1", {"offset": 1 << 20}, "t1 lies unaligned or outside"),
        ("t1", {"memory": Memory.L2}, "t1 lies unaligned or outside"),
    ],
)
def test_the_check_sees_a_broken_plan(name, change, message):
    steps, tensors = _chain(640, 640, 640, 640)
    placed, arena = plan(steps, tensors, SOC)
    placed["t1"] = replace(placed["t1"], offset=0)
    placed["t2"] = replace(placed["t2"], offset=640)
    verify_plan(steps, placed, arena, SOC)
    placed[name] = replace(placed[name], **change)
    with pytest.raises(CompileError, match=message):
        verify_plan(steps, placed, arena, SOC)


def test_the_check_sees_an_arena_larger_than_the_memory_and_a_reshape_half_over_its_source():
    steps, tensors = _chain(640, 640)
    placed, arena = plan(steps, tensors, SOC)
    with pytest.raises(CompileError, match="msmc arena of 9000000 bytes, tda4vm has 8159232"):
        verify_plan(steps, placed, {**arena, Memory.MSMC: 9_000_000}, SOC)
    halves = {"x": replace(_tensor("x", 640), offset=0), "y": replace(_tensor("y", 640), offset=64)}
    with pytest.raises(CompileError, match="writes y over x"):
        verify_plan([Reshape("r", "x", "y")], halves, {Memory.DDR: 1000}, SOC)


@st.composite
def _programs(draw):
    tensors = {"t0": _tensor("t0", draw(st.integers(1, 4000)))}
    steps: list[Descriptor] = []
    for index in range(1, draw(st.integers(2, 14))):
        name = f"t{index}"
        sources = draw(st.lists(st.sampled_from(sorted(tensors)), min_size=2, max_size=2))
        if draw(st.integers(0, 3)) == 0:
            tensors[name] = replace(tensors[sources[0]], name=name)
            steps.append(Reshape(f"s{index}", sources[0], name))
        else:
            tensors[name] = _tensor(name, draw(st.integers(1, 4000)))
            steps.append(Add(f"s{index}", tuple(sources), name, (1, 1), 1, 0, -128, 127))
    return steps, tensors, draw(st.sampled_from([64, 3000, 9000, 8 << 20]))


@given(_programs())
def test_data_survives_until_its_last_reader(program):
    """Run the program on tagged bytes: every read must find what its writer left."""
    steps, tensors, msmc_bytes = program
    placed, arena = plan(steps, tensors, replace(SOC, msmc_bytes=msmc_bytes))
    memory = {kind: [""] * arena.get(kind, 0) for kind in Memory}
    tags = {}

    def span(name: str) -> slice:
        assert placed[name].offset % ALIGNMENT_BYTES == 0
        return slice(placed[name].offset, placed[name].offset + placed[name].nbytes)

    def fill(name: str, tag: str) -> None:
        tags[name] = tag
        memory[placed[name].memory][span(name)] = [tag] * placed[name].nbytes

    def check(name: str) -> None:
        assert set(memory[placed[name].memory][span(name)]) == {tags[name]}

    fill("t0", "t0")
    for step in steps:
        for name in inputs_of(step):
            check(name)
        fill(step.output, tags[step.input] if isinstance(step, Reshape) else step.output)
    check("t0")
    for name in tensors.keys() - {n for step in steps for n in inputs_of(step)}:
        check(name)
