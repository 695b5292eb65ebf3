"""Packed weights: the layout that the documentation prints, and every weight in its place."""

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from engine.kernels.bounds import LayerNumbers
from engine.kernels.native.isa import ISAS
from engine.kernels.native.panels import channel_order, choose_requant, pack_weights
from engine.kernels.native.records import Finish

README = Path(__file__).parents[3] / "engine" / "kernels" / "README.md"


@pytest.mark.parametrize("nr", [2, 4])
def test_the_printed_layout_is_the_real_one(nr: int) -> None:
    block = README.read_text(encoding="utf-8").split(f"NR = {nr}   lane")[1].split("\n\n")[0].split("```")[0]
    rows = [[int(v) for v in re.findall(r"\d+", line)[1:]] for line in block.splitlines()[1:] if line.strip()]
    assert rows == channel_order(nr, 16, plain=False).tolist()


@pytest.mark.parametrize("isa", ISAS, ids=lambda isa: isa.name)
@pytest.mark.parametrize("dtype", ["int8", "int16"])
@pytest.mark.parametrize("plain", [False, True])
def test_every_weight_has_its_place(isa, dtype: str, plain: bool) -> None:
    nr, taps = 3, 4 if dtype == "int8" else 2
    rng = np.random.default_rng(0)
    depth, channels = 3 * taps, 2 * nr * isa.lanes - 5
    matrix = rng.integers(-100, 100, (depth, channels)).astype(dtype)
    packed = pack_weights(matrix, nr, isa, plain).view(dtype).reshape(2, depth // taps, nr, isa.lanes, taps)
    order = channel_order(nr, isa.lanes, plain)
    for panel, group, n, lane, tap in np.ndindex(packed.shape):
        channel = panel * nr * isa.lanes + order[n, lane]
        expected = matrix[group * taps + tap, channel] if channel < channels else 0
        assert packed[panel, group, n, lane, tap] == expected


def numbers(m: int, s: int, bound: int) -> LayerNumbers:
    return LayerNumbers(np.zeros(2, np.int64), np.full(2, m), np.full(2, s), bound)


@pytest.mark.parametrize(
    ("m", "s", "bound", "element_bytes", "finish"),
    [
        (1, 8, 1 << 20, 1, Finish.SHIFT),
        (1, 8, 1 << 20, 2, Finish.RAW_SHIFT),
        (1, 30, (1 << 31) - 1, 1, Finish.RAW_WIDE),  # the rounding term does not fit, nor does 2^24 saturate
        (3, 8, 1 << 20, 1, Finish.FLOAT),
        (3, 8, 1 << 20, 2, Finish.RAW_FLOAT),
        ((1 << 24) - 1, 34, 1 << 30, 1, Finish.FLOAT),  # beyond 2^24, but what lies there saturates
        ((1 << 24) - 1, 45, 1 << 30, 1, Finish.RAW_WIDE),
        ((1 << 24) - 1, 0, 1 << 20, 1, Finish.RAW_WIDE),  # no int32 holds the result
        ((1 << 25) - 1, 30, 1 << 20, 1, Finish.RAW_WIDE),  # no float32 holds the multiplier
    ],
)
def test_the_cheapest_exact_finish_is_chosen(
    m: int, s: int, bound: int, element_bytes: int, finish: Finish
) -> None:
    assert choose_requant(numbers(m, s, bound), (0, 255), element_bytes).finish is finish
