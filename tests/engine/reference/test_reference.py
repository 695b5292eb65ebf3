"""The law against itself written once more: nested loops over Python integers, on shapes small enough to follow."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import pytest

from engine.program import descriptors as D
from engine.reference import conversion, run
from engine.reference.dispatch import FUNCTIONS


@dataclass
class Arrays:
    """Operands held in two dictionaries."""

    tensors: dict[str, np.ndarray]
    constants: dict[str, np.ndarray]

    def tensor(self, name: str) -> np.ndarray:
        return self.tensors[name]

    def constant(self, name: str) -> np.ndarray:
        return self.constants[name]


def requantized(acc: int, m: int, s: int, qmin: int, qmax: int) -> int:
    """SPEC (5) over exact fractions: floor(acc * m / 2^s + 1/2), no rounding term for s = 0."""
    value = floor(Fraction(acc * m, 2**s) + (Fraction(1, 2) if s else 0))
    return min(max(value, qmin), qmax)


def test_every_descriptor_has_a_reference():
    assert set(FUNCTIONS) == set(D.DESCRIPTOR_TYPES)


def conv_case(
    rng, *, group, dtype, stride=(1, 1), dilation=(1, 1), pads=(0, 0, 0, 0), kernel=(3, 3), hw=(6, 5)
):
    channels, out = 4, 6
    return {
        "x": rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, (1, *hw, channels)).astype(dtype),
        "w": rng.integers(-128, 128, (out, *kernel, channels // group)).astype(np.int8),
        "b": rng.integers(-30000, 30000, out).astype(np.int32),
        "m": rng.integers(1, 2**20, out).astype(np.int32),
        "s": rng.integers(20, 32, out).astype(np.int32),
        "stride": stride, "dilation": dilation, "pads": pads, "group": group,
    }  # fmt: skip


CONVOLUTIONS = [
    {"group": 1, "dtype": np.uint8},
    {"group": 1, "dtype": np.int8, "stride": (2, 1), "pads": (1, 0, 2, 1)},
    {"group": 2, "dtype": np.int8, "dilation": (2, 3), "pads": (2, 1, 2, 2)},
    {"group": 2, "dtype": np.uint8, "kernel": (1, 2), "stride": (3, 2)},
]


@pytest.mark.parametrize("options", CONVOLUTIONS)
def test_conv2d_is_the_sum_over_taps_that_lie_inside(options):
    c = conv_case(np.random.default_rng(1), **options)
    out, kh, kw, per_group = c["w"].shape
    height, width = c["x"].shape[1:3]
    top, left, bottom, right = c["pads"]
    ho = (height + top + bottom - c["dilation"][0] * (kh - 1) - 1) // c["stride"][0] + 1
    wo = (width + left + right - c["dilation"][1] * (kw - 1) - 1) // c["stride"][1] + 1
    arrays = Arrays({"x": c["x"], "y": np.zeros((1, ho, wo, out), np.int8)}, {k: c[k] for k in "wbms"})
    d = D.Conv2d("c", "x", "y", *"wbms", -100, 110, 2**30, c["stride"], c["dilation"], c["pads"], c["group"])
    run(d, arrays)
    for o in range(out):
        first = o // (out // c["group"]) * per_group
        for i in range(ho):
            for j in range(wo):
                acc = int(c["b"][o])
                for ki in range(kh):
                    for kj in range(kw):
                        row = i * c["stride"][0] + ki * c["dilation"][0] - top
                        column = j * c["stride"][1] + kj * c["dilation"][1] - left
                        if 0 <= row < height and 0 <= column < width:
                            for k in range(per_group):
                                acc += int(c["x"][0, row, column, first + k]) * int(c["w"][o, ki, kj, k])
                assert arrays.tensors["y"][0, i, j, o] == requantized(
                    acc, int(c["m"][o]), int(c["s"][o]), -100, 110
                )


@pytest.mark.parametrize("options", CONVOLUTIONS[:3])
def test_transposed_convolution_is_the_adjoint_of_convolution(options):
    """sum(conv(x) * z) == sum(x * conv_transpose(z)) for integers that nothing saturates."""
    rng = np.random.default_rng(2)
    stride, dilation, pads = (
        options.get("stride", (1, 1)),
        options.get("dilation", (1, 1)),
        options.get("pads", (0,) * 4),
    )
    x = rng.integers(-3, 4, (1, 7, 8, 4)).astype(np.int16)
    w = rng.integers(-3, 4, (6, 3, 3, 4)).astype(np.int16)
    ho = (7 + pads[0] + pads[2] - dilation[0] * 2 - 1) // stride[0] + 1
    wo = (8 + pads[1] + pads[3] - dilation[1] * 2 - 1) // stride[1] + 1
    ones = {"b": np.zeros(6, np.int32), "m": np.ones(6, np.int32), "s": np.zeros(6, np.int32)}
    z = rng.integers(-3, 4, (1, ho, wo, 6)).astype(np.int16)
    forward = Arrays({"x": x, "y": np.zeros(z.shape, np.int16)}, {"w": w, **ones})
    run(D.Conv2d("c", "x", "y", *"wbms", -(2**15), 2**15 - 1, 2**20, stride, dilation, pads), forward)
    back_constants = {"w": np.ascontiguousarray(w.transpose(3, 1, 2, 0))} | {
        k: v[:4] for k, v in ones.items()
    }
    back = Arrays({"x": z, "y": np.zeros(x.shape, np.int16)}, back_constants)
    run(D.ConvTranspose2d("t", "x", "y", *"wbms", -(2**15), 2**15 - 1, 2**20, stride, dilation, pads), back)
    left = (forward.tensors["y"].astype(int) * z).sum()
    assert left == (back.tensors["y"].astype(int) * x).sum()


def test_transposed_convolution_gathers_what_was_scattered_to_it_within_its_group():
    """SPEC (20): output pixel p gets input pixel i through tap t where i * stride + t * dilation - pad = p."""
    rng = np.random.default_rng(9)
    (sh, sw), (dh, dw), (top, left) = (2, 3), (1, 2), (1, 2)
    x = rng.integers(-128, 128, (1, 3, 4, 6)).astype(np.int8)
    constants = {"w": rng.integers(-128, 128, (4, 2, 3, 3)).astype(np.int8),
                 "b": rng.integers(-30000, 30000, 4).astype(np.int32), "m": np.int32([1, 3, 5, 7]),
                 "s": np.int32([8, 9, 10, 11]), "t": rng.integers(-128, 128, 251).astype(np.int8)}  # fmt: skip
    y = np.zeros((1, 5, 11, 4), np.int8)
    d = D.ConvTranspose2d(
        "t", "x", "y", *"wbms", -125, 125, 2**30, (sh, sw), (dh, dw), (top, left, 0, 1), 2, "t"
    )
    run(d, Arrays({"x": x, "y": y}, constants))
    for row, column, o in np.ndindex(y.shape[1:]):
        acc = int(constants["b"][o])
        for i, j, ki, kj, k in np.ndindex(3, 4, 2, 3, 3):
            if (i * sh + ki * dh - top, j * sw + kj * dw - left) == (row, column):
                acc += int(x[0, i, j, o // 2 * 3 + k]) * int(constants["w"][o, ki, kj, k])
        q = requantized(acc, int(constants["m"][o]), int(constants["s"][o]), -125, 125)
        assert y[0, row, column, o] == constants["t"][q + 125]


def test_fully_connected():
    rng = np.random.default_rng(3)
    x, w = rng.integers(-128, 128, (2, 5)).astype(np.int8), rng.integers(-128, 128, (3, 5)).astype(np.int8)
    constants = {"w": w, "b": np.int32([5, -7, 900]), "m": np.int32([1, 1, 1]), "s": np.int32([6, 6, 6])}
    arrays = Arrays({"x": x, "y": np.zeros((2, 3), np.int16)}, constants)
    run(D.FullyConnected("f", "x", "y", *"wbms", -32768, 32767, 2**20), arrays)
    for r in range(2):
        for o in range(3):
            acc = int(constants["b"][o]) + sum(int(x[r, k]) * int(w[o, k]) for k in range(5))
            assert arrays.tensors["y"][r, o] == requantized(acc, 1, 6, -32768, 32767)


def test_table_after_requantize_is_indexed_from_qmin():
    table = np.arange(-20, 21, dtype=np.int8)[::-1].copy()
    constants = {"w": np.ones((1, 1), np.int8), "b": np.zeros(1, np.int32), "m": np.ones(1, np.int32),
                 "s": np.zeros(1, np.int32), "t": table}  # fmt: skip
    arrays = Arrays(
        {"x": np.arange(-30, 31, dtype=np.int8).reshape(-1, 1), "y": np.zeros((61, 1), np.int8)}, constants
    )
    run(D.FullyConnected("f", "x", "y", *"wbms", -20, 20, 2**20, "t"), arrays)
    expected = [-min(max(v, -20), 20) for v in range(-30, 31)]
    assert arrays.tensors["y"].ravel().tolist() == expected


def test_add_and_mul_broadcast_and_round_half_up():
    rng = np.random.default_rng(4)
    a, b = (
        rng.integers(0, 256, (1, 2, 3, 4)).astype(np.uint8),
        rng.integers(-128, 128, (1, 1, 1, 4)).astype(np.int8),
    )
    arrays = Arrays({"a": a, "b": b, "y": np.zeros(a.shape, np.int8), "z": np.zeros(a.shape, np.int8)}, {})
    run(D.Add("a", ("a", "b"), "y", (64, -37), 3, 8, -128, 127), arrays)
    run(D.Mul("m", ("a", "b"), "z", 5, 11, -100, 127), arrays)
    for index in np.ndindex(a.shape):
        p, q = int(a[index]), int(b[0, 0, 0, index[3]])
        assert arrays.tensors["y"][index] == requantized(64 * p - 37 * q, 3, 8, -128, 127)
        assert arrays.tensors["z"][index] == requantized(p * q, 5, 11, -100, 127)


def test_concat_brings_each_input_to_its_own_scale():
    arrays = Arrays(
        {"a": np.uint8([[10, 255]]), "b": np.int8([[-128, 3]]), "y": np.zeros((1, 4), np.int8)}, {}
    )
    run(D.Concat("c", ("a", "b"), "y", 1, (64, 128), (7, 7), -128, 127), arrays)
    assert arrays.tensors["y"].tolist() == [[5, 127, -128, 3]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_pools(dtype):
    rng = np.random.default_rng(5)
    x = rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, (1, 5, 8, 2)).astype(dtype)
    y, z, p = (np.zeros((1, 3, 4, 2), dtype) for _ in range(3))
    arrays = Arrays({"x": x, "y": y, "z": z, "p": p}, {})
    window = {"kernel": (3, 3), "stride": (2, 2), "pads": (1, 1, 1, 0)}
    run(D.MaxPool("m", "x", "y", **window), arrays)
    run(D.AvgPool("a", "x", "z", **window), arrays)
    run(D.AvgPool("b", "x", "p", **window, count_include_pad=True), arrays)
    for i, j, c in np.ndindex(3, 4, 2):
        rows, columns = range(2 * i - 1, 2 * i + 2), range(2 * j - 1, 2 * j + 2)
        inside = [int(x[0, r, k, c]) for r in rows for k in columns if 0 <= r < 5 and 0 <= k < 8]
        assert y[0, i, j, c] == max(inside)
        assert z[0, i, j, c] == floor(Fraction(sum(inside), len(inside)) + Fraction(1, 2))
        assert p[0, i, j, c] == floor(Fraction(sum(inside), 9) + Fraction(1, 2))


def test_reductions_round_half_up_also_below_zero():
    x = np.int8([[[[-3, 90], [-4, 7]], [[1, 8], [0, 9]]]])
    arrays = Arrays({"x": x, "y": np.zeros((1, 1, 1, 2), np.int8), "z": np.zeros((1, 2, 2), np.int8)}, {})
    run(D.ReduceMean("m", "x", "y", (1, 2)), arrays)
    run(D.ReduceMax("n", "x", "z", (2,)), arrays)
    assert arrays.tensors["y"].ravel().tolist() == [-1, 29]  # -6 / 4 = -1.5 and 114 / 4 = 28.5, halves go up
    assert arrays.tensors["z"].tolist() == [[[-3, 90], [1, 9]]]


def test_tables_per_tensor_per_channel_and_data_convert():
    rng = np.random.default_rng(6)
    x = rng.integers(-128, 128, (1, 2, 2, 3)).astype(np.int8)
    pixels = x.view(np.uint8)
    t, tc = rng.integers(0, 256, 256).astype(np.uint8), rng.integers(-128, 128, (3, 256)).astype(np.int8)
    outputs = {
        "y": np.zeros(x.shape, np.uint8),
        "z": np.zeros(x.shape, np.int8),
        "q": np.zeros(x.shape, np.int8),
    }
    arrays = Arrays({"x": x, "pixels": pixels, **outputs}, {"t": t, "tc": tc})
    run(D.Table("t", "x", "y", "t"), arrays)
    run(D.Table("u", "x", "z", "tc"), arrays)
    run(D.DataConvert("d", "pixels", "q", "tc"), arrays)
    for index in np.ndindex(x.shape):
        assert outputs["y"][index] == t[int(x[index]) + 128]
        assert outputs["z"][index] == tc[index[3], int(x[index]) + 128]
        assert outputs["q"][index] == tc[index[3], pixels[index]]


def test_resize_blends_four_pixels():
    x = np.uint8([[[[0], [255]], [[100], [7]]]])
    rows, columns = np.int32([[0, 1, 64], [1, 1, 0]]), np.int32([[0, 1, 32], [0, 1, 128], [1, 1, 0]])
    arrays = Arrays({"x": x, "y": np.zeros((1, 2, 3, 1), np.uint8)}, {"r": rows, "c": columns})
    run(D.Resize("r", "x", "y", "r", "c"), arrays)
    for i, j in np.ndindex(2, 3):
        value = Fraction(0)
        for r, wr in ((rows[i, 0], 128 - rows[i, 2]), (rows[i, 1], rows[i, 2])):
            for c, wc in ((columns[j, 0], 128 - columns[j, 2]), (columns[j, 1], columns[j, 2])):
                value += Fraction(int(x[0, r, c, 0]) * int(wr) * int(wc), 128 * 128)
        assert arrays.tensors["y"][0, i, j, 0] == floor(value + Fraction(1, 2))


@pytest.mark.parametrize(("last", "blended"), [(63, 0), (64, 1)])  # 127 * 64 + last = 8191, 8192 of 16384
def test_resize_rounds_half_up(last, blended):
    pick = np.int32([[0, 1, 1]])
    arrays = Arrays({"x": np.uint8([[[[0], [64]], [[0], [last]]]]), "y": np.zeros((1, 1, 1, 1), np.uint8)},
                    {"r": pick, "c": pick})  # fmt: skip
    run(D.Resize("r", "x", "y", "r", "c"), arrays)
    assert arrays.tensors["y"].item() == blended


def test_movement():
    x = np.arange(24, dtype=np.int8).reshape(1, 2, 3, 4)
    shapes = {"p": (1, 3, 3, 5), "s": (1, 1, 2, 2), "t": (1, 2, 3, 4), "r": (6, 4)}
    arrays = Arrays({"x": x, **{name: np.zeros(shape, np.int8) for name, shape in shapes.items()}}, {})
    run(D.Pad("p", "x", "p", (0, 1, 0, 0), (0, 0, 0, 1), -9), arrays)
    run(D.Slice("s", "x", "s", (0, 1, 0, 1), (1, 2, 3, 4), (1, 1, 2, 2)), arrays)
    run(
        D.Transpose("t", "x", "t", (1, 2, 3, 2, 2), (0, 1, 2, 4, 3)), arrays
    )  # a channel shuffle in two groups
    run(D.Reshape("r", "x", "r"), arrays)
    assert arrays.tensors["p"][0, 0].tolist() == [[-9] * 5] * 3
    assert arrays.tensors["p"][0, 1:, :, :4].tolist() == x[0].tolist()
    assert arrays.tensors["s"].ravel().tolist() == [13, 15, 21, 23]
    assert arrays.tensors["t"][0, 0, 0].tolist() == [0, 2, 1, 3]
    assert arrays.tensors["r"].ravel().tolist() == list(range(24))


def test_softmax_and_arg_max_prefer_the_lower_index():
    table = np.round(2**15 * np.exp(-np.arange(256) / 16)).astype(np.int32)
    x = np.int8([[5, 40, 40, -128], [-7, -90, 127, 90], [-128, -128, -128, -128]])
    outputs = {
        "y": np.zeros((3, 4), np.uint8),
        "i": np.zeros((3, 1), np.int32),
        "j": np.zeros((1, 4), np.int32),
    }
    arrays = Arrays({"x": x, **outputs}, {"t": table})
    run(D.Softmax("s", "x", "y", 1, "t"), arrays)
    run(D.ArgMax("a", "x", "i", 1), arrays)
    run(D.ArgMax("b", "x", "j", 0), arrays)
    for row in range(3):
        e = [int(table[int(max(x[row])) - int(v)]) for v in x[row]]
        assert outputs["y"][row].tolist() == [floor(Fraction(255 * v, sum(e)) + Fraction(1, 2)) for v in e]
    assert outputs["i"].ravel().tolist() == [1, 2, 0]
    assert outputs["j"].ravel().tolist() == [0, 0, 1, 1]


def test_real_values_become_integers_by_rounding_halves_away_from_zero():
    """SPEC (1), (14): q = clamp(round(x * scale)), what is no number is the smallest, and real = q / scale back."""
    x = np.float32([0.1, 0.3, 0.625, 0.874, -0.1, -0.375, -0.625, 31.75, 40, -40, np.inf, -np.inf, np.nan])
    signed, unsigned = np.zeros(x.shape, np.int8), np.zeros(x.shape, np.uint8)
    conversion.quantize(x, 4.0, signed)
    conversion.quantize(x, 4.0, unsigned)
    assert signed.tolist() == [0, 1, 3, 3, 0, -2, -3, 127, 127, -128, 127, -128, -128]
    assert unsigned.tolist() == [0, 1, 3, 3, 0, 0, 0, 127, 160, 0, 255, 0, 0]
    real = np.zeros(3, np.float32)
    conversion.dequantize(np.int8([-128, 0, 5]), 4.0, real)
    assert real.tolist() == [-32.0, 0.0, 1.25]
