"""Every way a program can lie about itself is refused before a kernel could follow a wrong pointer."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ArtifactError
from engine.program import descriptors as D
from engine.program.program import Memory
from engine.program.rules import verify_descriptor
from engine.program.verify import verify_program
from tests.engine.program.small import small_program


def test_every_descriptor_has_a_rule():
    assert set(D.DESCRIPTOR_TYPES) <= set(verify_descriptor.registry)


def test_a_right_program_passes():
    verify_program(small_program())


@pytest.mark.parametrize(
    ("index", "change", "problem"),
    [
        (1, {"input": "nowhere"}, "before anything wrote it"),
        (1, {"weight": "w1"}, "not \\[O,kh,kw,I\\]"),
        (1, {"stride": (1, 1)}, "the operator gives"),
        (1, {"stride": (0, 1)}, "out of range"),
        (1, {"group": 3}, "do not split"),
        (1, {"pads": (0, 0, -1, 1)}, "out of range"),
        (1, {"dilation": (4, 4)}, "larger than the padded input"),
        (1, {"qmax": 256}, "do not fit uint8"),
        (1, {"qmin": 5, "qmax": 4}, "is above"),
        (1, {"bias": "b1"}, "has shape"),
        (1, {"table": "m0"}, "is int32"),
        (1, {"acc_bound": 2**31}, "acc_bound 2147483648 is above 2147483647"),
        (1, {"output": "x"}, "written already"),
        (2, {"axes": (2, 1)}, "sorted"),
        (2, {"axes": (1, 4)}, "below 4"),
        (3, {"weight": "missing"}, "does not exist"),
        (3, {"shift": "huge"}, "out of range"),
    ],
)
def test_a_wrong_descriptor_is_named(index, change, problem):
    program = small_program()
    wrong = list(program.descriptors)
    wrong[index] = replace(wrong[index], **change)
    constants = {**program.constants, "huge": np.full(4, 63, np.int32)}
    with pytest.raises(ArtifactError, match=problem) as refusal:
        verify_program(replace(program, descriptors=tuple(wrong), constants=constants))
    assert wrong[index].name in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"offset": -1}, "does not fit"),
        ({"offset": 1 << 40}, "does not fit"),
        ({"scale": float("nan")}, "positive number"),
        ({"scale": 0.0}, "positive number"),
        ({"dtype": "float64"}, "not allowed"),
        ({"shape": (1, 0, 3, 8)}, "not allowed"),
        ({"memory": Memory.L2}, "tiles only"),
    ],
)
def test_a_wrong_tensor_is_named(change, problem):
    program = small_program()
    tensors = {**program.tensors, "c": replace(program.tensors["c"], **change)}
    with pytest.raises(ArtifactError, match=problem):
        verify_program(replace(program, tensors=tensors))


@pytest.mark.parametrize("change", [{"rows": 0}, {"channels": -1}, {"bands": 0}, {"input_bytes": -1}])
def test_a_tile_cuts_into_something(change):
    program = small_program()
    (name,) = program.tiles
    with pytest.raises(ArtifactError, match=f"tile of '{name}'"):
        verify_program(replace(program, tiles={name: replace(program.tiles[name], **change)}))


def test_outputs_must_be_written():
    program = small_program()
    with pytest.raises(ArtifactError, match="never written"):
        verify_program(replace(program, descriptors=program.descriptors[:3]))
