"""3x3 convolutions by Winograd's method: exact at the limits of what it is used for, and used where it should be."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.kernels.native.records import FIELDS, Opcode
from engine.kernels.native.winograd_tiles import LONG, SHORT, Cut, tiling
from engine.kernels.trials.builder import Builder, Dice, GuardedMemory, LayerForm, Window
from engine.kernels.trials.judge import complaint
from engine.kernels.trials.layers import conv_3x3
from engine.reference import ReferenceSet
from tests.engine.kernels.sets import COMPILED_NAMES, kernel_set

NAMES = [name for name in COMPILED_NAMES if kernel_set(name).isa.winograd]
NAMES_7X7 = [name for name in NAMES if kernel_set(name).isa.winograd_7x7]
SAME = Window((3, 3), pads=(1, 1, 1, 1))


def records(name: str, program) -> list[NDArray[np.int64]]:
    return list(kernel_set(name).prepare(program, GuardedMemory(program, 1))._table)


def commands(name: str, program) -> set[int]:
    return {int(record[0]) for record in records(name, program)}


def takes_7x7(name: str, program) -> bool:
    (winograd,) = (record for record in records(name, program) if record[0] == Opcode.WINOGRAD)
    return bool(winograd[1 + FIELDS[Opcode.WINOGRAD].index("seven")])


def layer(
    x_type: str, shape: tuple[int, ...], outputs: int, window: Window = SAME, form: LayerForm | None = None
):
    b = Builder(Dice(sum(shape)))
    b.conv2d(b.tensor(shape, x_type), outputs, window, form or LayerForm())
    return b.build()


def outputs_for(kernels, program, value: int) -> np.ndarray:
    memory = GuardedMemory(program, 1)
    memory.tensor(program.inputs[0])[...] = value
    kernels.prepare(program, memory).run()
    return memory.tensor(program.outputs[0])


@pytest.mark.parametrize("outputs", range(1, 60))
def test_a_side_is_cut_with_the_fewest_products(outputs: int) -> None:
    cut = Cut.of(outputs)
    assert cut.outputs >= outputs > cut.outputs - (SHORT if cut.shorts else LONG)
    every = (Cut(longs, shorts) for longs in range(16) for shorts in range(21))
    assert cut.products == min(other.products for other in every if other.outputs >= outputs)


@pytest.mark.parametrize("hw", [(14, 14), (13, 40), (7, 5), (1, 6), (12, 3)])
def test_the_tiles_have_every_output_once(hw: tuple[int, int]) -> None:
    times = np.zeros(hw, int)
    for row, column, rows, columns in tiling(*hw).places:
        times[row : row + rows, column : column + columns] += 1
    np.testing.assert_array_equal(times, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x_type", ["uint8", "int8"])
@pytest.mark.parametrize("y_type", ["uint8", "int8"])
@pytest.mark.parametrize("shift_only", [False, True])
@pytest.mark.parametrize("hw", [(12, 12), (13, 21), (14, 11)])
def test_maps_that_tiles_divide_or_not(
    name: str, x_type: str, y_type: str, shift_only: bool, hw: tuple[int, int]
) -> None:
    program = layer(x_type, (1, *hw, 64), 60, form=LayerForm(y_type, shift_only))
    assert Opcode.WINOGRAD in commands(name, program)
    assert complaint(kernel_set(name), program, 1) is None
    assert complaint(kernel_set(name), program, 2, extreme=True) is None


@pytest.mark.parametrize("name", NAMES_7X7)
@pytest.mark.parametrize("x_type", ["uint8", "int8"])
@pytest.mark.parametrize("y_type", ["uint8", "int8"])
@pytest.mark.parametrize("shift_only", [False, True])
@pytest.mark.parametrize("outputs", [60, 288])
def test_maps_of_7x7(name: str, x_type: str, y_type: str, shift_only: bool, outputs: int) -> None:
    program = layer(x_type, (1, 7, 7, 96), outputs, form=LayerForm(y_type, shift_only))
    assert takes_7x7(name, program)
    assert complaint(kernel_set(name), program, 1, extreme=True) is None
    assert complaint(kernel_set(name, 2), program, 2) is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x_type", ["uint8", "int8"])
@pytest.mark.parametrize("weight", [-128, 127])
def test_the_largest_sums(name: str, x_type: str, weight: int) -> None:
    """9 * 224 * 128 * 128 is the most below 2^25 that has whole vectors of channels; 256 channels are too many."""
    seven = (7, True) if name in NAMES_7X7 else (20, True)
    for channels, (size, taken) in ((224, (20, True)), (256, (20, False)), (224, seven)):
        program = layer(x_type, (1, size, size, channels), 64)
        weights = program.constants[program.descriptors[0].weight]
        weights[...] = weight
        weights[1::2, 1] = -weight - 1
        program.constants[program.descriptors[0].bias][...] = 0
        assert (Opcode.WINOGRAD in commands(name, program)) == taken
        assert complaint(kernel_set(name), program, 1, extreme=True) is None
        for value in np.iinfo(x_type).min, np.iinfo(x_type).max:
            expected, got = (
                outputs_for(kernels, program, value) for kernels in (ReferenceSet(), kernel_set(name))
            )
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", NAMES)
def test_what_it_does_not_do_stays_with_the_others(name: str) -> None:
    shape = (1, 20, 20, 64)
    window = {
        "stride": Window((3, 3), (2, 2), (1, 1, 1, 1)), "dilation": Window((3, 3), dilation=(2, 2)), "kernel": Window((5, 5)),
        "groups": Window((3, 3), group=2),
    }  # fmt: skip
    for each in window.values():
        assert Opcode.WINOGRAD not in commands(name, layer("uint8", shape, 64, each))
    for form in (LayerForm("int16"), LayerForm(weights="int16")):
        assert Opcode.WINOGRAD not in commands(name, layer("uint8", (1, 20, 20, 32), 64, form=form))
    assert Opcode.WINOGRAD not in commands(name, layer("uint8", (1, 20, 20, 24), 64))


@pytest.mark.parametrize("name", NAMES)
def test_the_random_programs_have_it(name: str) -> None:
    """The self-test of a set is the first six of them."""
    with_it = [Opcode.WINOGRAD in commands(name, conv_3x3(seed)) for seed in range(6)]
    assert sum(with_it) >= 4
    if kernel_set(name).isa.winograd_7x7:
        assert any(takes_7x7(name, conv_3x3(seed)) for seed in range(6) if with_it[seed])
