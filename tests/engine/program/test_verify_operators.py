"""Every operator's rule: what a descriptor may say at most passes, one more is refused.

Past ``verify_program`` kernels follow shapes, types and indices without looking.
"""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from engine.errors import ArtifactError
from engine.program import descriptors as D
from engine.program.program import Memory, Program, Tensor
from engine.program.serialize import decode_program, encode_program, pack_constants
from engine.program.verify import verify_program

MAP, VECTOR = ((1, 4, 5, 6), "int8"), ((2, 5), "int8")
NUMBERS = {"b": np.zeros(6, np.int32), "m": np.ones(6, np.int32), "s": np.full(6, 62, np.int32)}
THREE = {name: values[:3] for name, values in NUMBERS.items()}
LAYER = {"bias": "b", "multiplier": "m", "shift": "s", "qmin": -128, "qmax": 127, "acc_bound": 2**31 - 1}
PICKS = np.int32([[0, 1, 0], [3, 3, 128]])

# By operator: a right descriptor, its tensors by shape and type (what it does not write is an input), its constants.
RIGHT = {
    "convert": (D.DataConvert("d", "x", "y", "t"), {"x": ((1, 2, 2, 3), "uint8"), "y": ((1, 2, 2, 3), "int8")},
                {"t": np.zeros((3, 256), np.int8)}),
    "conv": (D.Conv2d("d", "x", "y", "w", **LAYER, pads=(1, 0, 0, 1), group=2),
             {"x": MAP, "y": ((1, 4, 5, 6), "int8")}, {"w": np.ones((6, 2, 2, 3), np.int8), **NUMBERS}),
    "transposed": (D.ConvTranspose2d("d", "x", "y", "w", **LAYER, stride=(2, 2), group=2),
                   {"x": MAP, "y": ((1, 8, 10, 6), "int8")}, {"w": np.ones((6, 2, 2, 3), np.int8), **NUMBERS}),
    "full": (D.FullyConnected("d", "x", "y", "w", **LAYER), {"x": VECTOR, "y": ((2, 3), "int8")},
             {"w": np.ones((3, 5), np.int8), **THREE}),
    "wide": (D.FullyConnected("d", "x", "y", "w", **{**LAYER, "acc_bound": 2**52}),
             {"x": ((2, 5), "int16"), "y": ((2, 3), "int8")},
             {"w": np.ones((3, 5), np.int8), **THREE, "m": np.int32([1, 2**11 - 1, 1]), "s": np.int32([0, 1, 0])}),
    "tabled": (D.FullyConnected("d", "x", "y", "w", **{**LAYER, "qmin": -3, "qmax": 4}, table="t"),
               {"x": VECTOR, "y": ((2, 3), "uint8")},
               {"w": np.ones((3, 5), np.int8), **THREE, "t": np.zeros(8, np.uint8)}),
    "add": (D.Add("d", ("x", "z"), "y", (2**15 - 1, 1 - 2**15), 2**24 - 1, 62, -128, 127),
            {"x": MAP, "z": ((5, 1), "uint8"), "y": MAP}, {}),
    "mul": (D.Mul("d", ("x", "z"), "y", 2**24 - 1, 0, 0, 65535),
            {"x": MAP, "z": ((5, 1), "uint8"), "y": (MAP[0], "uint16")}, {}),
    "concat": (D.Concat("d", ("x", "z"), "y", 1, (2**24 - 1, 1 - 2**24), (0, 62), -128, 127),
               {"x": VECTOR, "z": ((2, 1), "uint8"), "y": ((2, 6), "int8")}, {}),
    "max": (D.MaxPool("d", "x", "y", (2, 2), (1, 1), (2, 3, 0, 0), (2, 3)), {"x": MAP, "y": ((1, 4, 5, 6), "int8")}, {}),
    "average": (D.AvgPool("d", "x", "y", (2, 3), (2, 1), (1, 2, 1, 0)), {"x": MAP, "y": ((1, 3, 5, 6), "int8")}, {}),
    "mean": (D.ReduceMean("d", "x", "y", (0, 3)), {"x": MAP, "y": ((4, 1, 5), "int8")}, {}),
    "largest": (D.ReduceMax("d", "x", "y", (1, 2)), {"x": MAP, "y": ((1, 1, 6), "int8")}, {}),
    "table": (D.Table("d", "x", "y", "t"), {"x": VECTOR, "y": ((2, 5), "int16")}, {"t": np.zeros((5, 256), np.int16)}),
    "wide table": (D.Table("d", "x", "y", "t"), {"x": ((2, 5), "uint16"), "y": VECTOR}, {"t": np.zeros(65536, np.int8)}),
    "resize": (D.Resize("d", "x", "y", "r", "c"), {"x": MAP, "y": ((1, 2, 2, 6), "int8")},
               {"r": PICKS, "c": PICKS + np.int32([1, 1, 0])}),
    "pad": (D.Pad("d", "x", "y", (0, 1), (2, 0), -128), {"x": VECTOR, "y": ((4, 6), "int8")}, {}),
    "slice": (D.Slice("d", "x", "y", (1, 0), (2, 5), (1, 2)), {"x": VECTOR, "y": ((1, 3), "int8")}, {}),
    "transpose": (D.Transpose("d", "x", "y", (1,) * 6 + (5, 2), (0, 1, 2, 3, 4, 5, 7, 6)),
                  {"x": VECTOR, "y": ((2, 5), "int8")}, {}),
    "reshape": (D.Reshape("d", "x", "y"), {"x": VECTOR, "y": ((10,), "int8")}, {}),
    "softmax": (D.Softmax("d", "x", "y", 1, "t"), {"x": VECTOR, "y": ((2, 5), "uint8")},
                {"t": np.int32([2**15, *[0] * 255])}),
    "arg max": (D.ArgMax("d", "x", "y", 1), {"x": VECTOR, "y": ((2,), "int32")}, {}),
}  # fmt: skip


def program(kind, change=()):
    """Return the right program of one descriptor with some fields, tensors or constants replaced."""
    descriptor, tensors, constants = RIGHT[kind]
    change = dict(change)
    known = {field.name for field in fields(descriptor)}
    wrong = replace(descriptor, **{name: value for name, value in change.items() if name in known})
    tensors = {name: change.get(name, each) for name, each in tensors.items()}
    constants = {name: change.get(name, each) for name, each in constants.items()}
    assert set(change) <= known | set(tensors) | set(constants)
    placed, end = {}, 0
    for name, (shape, dtype) in tensors.items():
        placed[name] = Tensor(name, shape, dtype, 1.0, Memory.DDR, end)
        end += -(-placed[name].nbytes // 64) * 64
    inputs = tuple(name for name in placed if name != "y")
    return Program("tda4vm", (wrong,), placed, constants, inputs, ("y",), {Memory.DDR: end})


def test_every_operator_has_a_right_program():
    assert {type(descriptor) for descriptor, _, _ in RIGHT.values()} == set(D.DESCRIPTOR_TYPES)


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_allowed_at_most_passes(kind):
    verify_program(program(kind))


@pytest.mark.parametrize(
    ("kind", "change", "problem"),
    [
        ("convert", {"x": ((1, 2, 2, 3), "int8")}, "'x' is int8"),
        ("convert", {"y": ((1, 2, 2, 3), "uint8")}, "'t' is int8"),
        ("convert", {"t": np.zeros((1, 256), np.int8)}, "has shape"),
        ("convert", {"y": ((1, 2, 3, 2), "int8")}, "the operator gives"),
        ("conv", {"x": ((4, 5, 6), "int8")}, "has rank 3, not 4"),
        ("conv", {"w": np.ones((6, 2, 2, 3), np.uint8)}, "'w' is uint8"),
        ("conv", {"w": np.ones((6, 0, 2, 3), np.int8)}, "not \\[O,kh,kw,I\\]"),
        ("conv", {"group": 0}, "do not split"),
        ("conv", {"group": 4}, "6 output channels do not split into 4 groups"),
        ("conv", {"group": 3}, "weight takes 3x3 channels, input has 6"),
        ("conv", {"pads": (1, 0, 0, 2**15)}, "pads"),
        ("conv", {"stride": (1, 2**15)}, "out of range"),
        ("conv", {"dilation": (0, 1)}, "out of range"),
        ("conv", {"dilation": (1, 6)}, "larger than the padded input"),
        ("conv", {"m": np.ones(6, np.int64)}, "'m' is int64"),
        ("conv", {"m": np.ones(5, np.int32)}, "has shape"),
        ("conv", {"s": np.int32([0, 0, 0, 0, 0, -1])}, "shifts out of range"),
        ("conv", {"acc_bound": -1}, "acc_bound -1"),
        ("conv", {"qmin": -129}, "do not fit int8"),
        ("conv", {"qmax": 128}, "do not fit int8"),
        ("transposed", {"y": ((8, 10, 6), "int8")}, "has rank 3, not 4"),
        ("transposed", {"w": np.ones((6, 2, 6), np.int8)}, "not \\[O,kh,kw,I\\]"),
        ("transposed", {"group": 0}, "do not split"),
        ("transposed", {"group": 4}, "do not split"),
        ("transposed", {"group": 3}, "channels differ"),
        ("transposed", {"stride": (0, 2)}, "out of range"),
        ("transposed", {"dilation": (1, 2**15)}, "out of range"),
        ("transposed", {"pads": (0, 0, -1, 0)}, "out of range"),
        ("transposed", {"pads": (0, 2**15, 0, 0)}, "out of range"),
        ("transposed", {"y": ((2, 8, 10, 6), "int8")}, "batch or channels"),
        ("transposed", {"y": ((1, 8, 10, 3), "int8")}, "batch or channels"),
        ("transposed", {"b": np.zeros(5, np.int32)}, "has shape"),
        ("full", {"w": np.ones((3, 5, 1), np.int8)}, "not \\[O,K\\]"),
        ("full", {"w": np.ones((3, 4), np.int8)}, "rows of 4"),
        ("full", {"y": ((2, 4), "int8")}, "output size differs"),
        ("full", {"acc_bound": 2**31}, "is above 2147483647"),
        ("wide", {"acc_bound": 2**52 + 1}, f"is above {2**52}"),
        ("wide", {"m": np.int32([1, 1, 2**11])}, "does not fit int64"),
        ("wide", {"m": np.int32([-(2**11), 1, 1])}, "does not fit int64"),
        ("wide", {"m": np.int32([2**11 - 1, 1, 1]), "s": np.int32([0, 0, 54])}, "does not fit int64"),
        ("tabled", {"qmin": -32769}, "outside 16 bit"),
        ("tabled", {"qmax": 65536}, "outside 16 bit"),
        ("tabled", {"qmax": 5}, "has shape"),
        ("tabled", {"t": np.zeros(8, np.int8)}, "'t' is int8"),
        ("add", {"z": ((4, 1), "uint8")}, "do not broadcast"),
        ("add", {"z": ((5, 1), "int32")}, "'z' is int32"),
        ("add", {"y": ((4, 5, 6), "int8")}, "the operator gives"),
        ("add", {"coefficients": (1, -(2**15))}, "coefficients"),
        ("add", {"multiplier": -(2**24)}, "24 bit"),
        ("add", {"shift": 63}, "shifts"),
        ("add", {"qmax": 128}, "do not fit int8"),
        ("mul", {"z": ((4, 1), "uint8")}, "do not broadcast"),
        ("mul", {"multiplier": 2**24}, "24 bit"),
        ("mul", {"shift": -1}, "shifts"),
        ("mul", {"qmin": -1}, "do not fit uint16"),
        ("concat", {"multipliers": (1,)}, "differ in number"),
        ("concat", {"shifts": (1, 1, 1)}, "differ in number"),
        ("concat", {"multipliers": (1, 2**24)}, "24 bit"),
        ("concat", {"shifts": (0, 63)}, "shifts"),
        ("concat", {"axis": 2}, "axis or ranks"),
        ("concat", {"axis": -1}, "axis or ranks"),
        ("concat", {"z": ((2,), "int8")}, "axis or ranks"),
        ("concat", {"z": ((3, 1), "int8")}, "other dimensions differ"),
        ("concat", {"y": ((2, 5), "int8")}, "the operator gives"),
        ("concat", {"qmax": 128}, "do not fit int8"),
        ("max", {"pads": (3, 3, 0, 0)}, "wholly in the padding"),
        ("max", {"pads": (2, 3, 0, 4)}, "wholly in the padding"),
        ("max", {"kernel": (0, 2)}, "out of range"),
        ("max", {"y": ((1, 4, 5, 6), "uint8")}, "'y' is uint8"),
        ("max", {"y": ((1, 4, 5, 5), "int8")}, "the operator gives"),
        ("average", {"pads": (1, 2, 2, 0)}, "wholly in the padding"),
        ("average", {"x": ((4, 5, 6), "int8")}, "has rank 3, not 4"),
        ("mean", {"axes": ()}, "axes"),
        ("mean", {"axes": (0, 0)}, "axes"),
        ("mean", {"axes": (-1, 3)}, "axes"),
        ("mean", {"y": ((5, 4), "int8")}, "does not keep"),
        ("mean", {"y": ((4, 5), "uint8")}, "'y' is uint8"),
        ("largest", {"axes": (1, 4)}, "axes"),
        ("table", {"t": np.zeros(65536, np.int16)}, "table has shape"),
        ("table", {"t": np.zeros((2, 256), np.int16)}, "table has shape"),
        ("table", {"y": ((5, 2), "int16")}, "the operator gives"),
        ("wide table", {"t": np.zeros(256, np.int8)}, "table has shape"),
        ("resize", {"r": PICKS + np.int32([0, 1, 0])}, "'r' points outside"),
        ("resize", {"r": PICKS - np.int32([1, 0, 0])}, "'r' points outside"),
        ("resize", {"c": PICKS + np.int32([2, 0, 0])}, "'c' points outside"),
        ("resize", {"c": PICKS + np.int32([0, 0, 1])}, "'c' points outside"),
        ("resize", {"c": PICKS - np.int32([0, 0, 1])}, "'c' points outside"),
        ("resize", {"r": np.zeros((3, 3), np.int32)}, "has shape"),
        ("resize", {"y": ((1, 2, 2, 5), "int8")}, "the operator gives"),
        ("pad", {"before": (0, 1, 0)}, "one pad per axis"),
        ("pad", {"before": (0, -1)}, "negative"),
        ("pad", {"after": (-1, 0)}, "negative"),
        ("pad", {"value": -129}, "does not fit int8"),
        ("pad", {"value": 128}, "does not fit int8"),
        ("pad", {"y": ((4, 5), "int8")}, "the operator gives"),
        ("slice", {"steps": (1,)}, "one range per axis"),
        ("slice", {"begins": (-1, 0)}, "ranges leave"),
        ("slice", {"begins": (2, 0)}, "ranges leave"),
        ("slice", {"ends": (3, 5)}, "ranges leave"),
        ("slice", {"steps": (1, 0)}, "ranges leave"),
        ("slice", {"y": ((1, 2), "int8")}, "the operator gives"),
        ("transpose", {"view": (1,) * 7 + (5, 2), "perm": tuple(range(9))}, "not allowed"),
        ("transpose", {"view": (-5, -2), "perm": (1, 0)}, "not allowed"),
        ("transpose", {"view": (5, 1), "perm": (1, 0)}, "sizes differ"),
        ("transpose", {"y": ((2, 4), "int8")}, "sizes differ"),
        ("transpose", {"perm": (0, 1, 2, 3, 4, 5, 6, 6)}, "no permutation"),
        ("reshape", {"y": ((11,), "int8")}, "differ"),
        ("reshape", {"y": ((10,), "uint8")}, "'y' is uint8"),
        ("softmax", {"axis": 2}, "outside rank 2"),
        ("softmax", {"axis": -1}, "outside rank 2"),
        ("softmax", {"y": ((2, 5), "int8")}, "'y' is int8"),
        ("softmax", {"y": ((5, 2), "uint8")}, "the operator gives"),
        ("softmax", {"t": np.int32([2**15 - 1, *[0] * 255])}, "table is not exp"),
        ("softmax", {"t": np.int32([2**15, 2**15 + 1, *[0] * 254])}, "table is not exp"),
        ("softmax", {"t": np.int32([2**15, -1, *[0] * 254])}, "table is not exp"),
        ("softmax", {"x": ((2, 5), "int16")}, "has shape"),
        ("arg max", {"axis": 2}, "outside rank 2"),
        ("arg max", {"y": ((5,), "int32")}, "does not fit"),
        ("arg max", {"y": ((2,), "int16")}, "'y' is int16"),
    ],
)  # fmt: skip
def test_one_more_is_refused(kind, change, problem):
    with pytest.raises(ArtifactError, match=problem):
        verify_program(program(kind, change))


@pytest.mark.parametrize("kind", RIGHT)
def test_every_operator_comes_back_from_its_file(kind):
    made, blob = program(kind), bytearray(b"another segment's")
    document = encode_program(made, pack_constants(made.constants, blob))
    read = decode_program(json.loads(json.dumps(document)), bytes(blob))
    assert replace(read, constants={}) == replace(made, constants={})
    assert list(read.constants) == list(made.constants)
    for name, values in made.constants.items():
        np.testing.assert_array_equal(read.constants[name], values, strict=True)
        assert document["constants"][name]["offset"] % 64 == 0
