"""Tiles fit L2 and are the cheapest of the candidates; what cannot be cut is refused."""

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler.tile import tile
from engine.cycles.model import cycles
from engine.errors import CompileError
from engine.program import descriptors as D
from engine.soc import load_soc, soc_names
from tests.engine.cycles.layers import QUANT, Shape, conv, examples, tensor

SOCS = {name: load_soc(name) for name in soc_names()}
TDA4VM = SOCS["tda4vm"]


@pytest.mark.parametrize("kind", D.DESCRIPTOR_TYPES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("soc", SOCS.values(), ids=SOCS)
def test_small_layers_of_every_kind_are_tiled(kind, soc):
    descriptor, tensors, constants = examples()[kind]
    chosen = tile(descriptor, tensors, constants, soc)
    if kind is D.Reshape:
        assert chosen is None
    else:
        assert chosen.rows >= 1
        assert chosen.input_bytes + chosen.weight_bytes + chosen.output_bytes <= soc.l2_bytes


@given(
    height=st.integers(1, 300), width=st.integers(1, 300), ci=st.integers(1, 600), co=st.integers(1, 600),
    k=st.sampled_from([1, 3, 7]), soc=st.sampled_from(sorted(SOCS)), cores=st.sampled_from([1, 2, 4]),
)  # fmt: skip
def test_any_convolution_fits_l2(height, width, ci, co, k, soc, cores):
    spec = replace(SOCS[soc], cores=min(cores, SOCS[soc].max_cores))
    layer = conv(height, width, ci, co, k)
    chosen = tile(*layer, spec)
    assert chosen.input_bytes + chosen.weight_bytes + chosen.output_bytes <= spec.l2_bytes
    assert cycles(*layer, spec, chosen).layer > 0


@given(
    outputs=st.tuples(st.integers(1, 60), st.integers(1, 600)), channels=st.integers(1, 300), kernel=st.integers(1, 40),
    stride=st.integers(1, 5), dilation=st.integers(1, 3), soc=st.sampled_from(sorted(SOCS)),
)  # fmt: skip
def test_the_input_buffer_holds_the_rows_and_columns_that_a_tile_reads(
    outputs, channels, kernel, stride, dilation, soc
):
    reach, spec = dilation * (kernel - 1) + 1, SOCS[soc]
    height, width = ((size - 1) * stride + reach for size in outputs)
    tensors = {"x": tensor("x", 1, height, width, channels), "y": tensor("y", 1, *outputs, channels)}
    window = {"stride": (stride, stride), "dilation": (dilation, dilation), "pads": (0,) * 4}
    weight_bytes = kernel * kernel * channels

    def needed(rows: int, columns: int, of_channels: int) -> int:
        """Two buffers, or one that holds everything."""
        parts = ceil(outputs[0] / rows) * ceil(outputs[1] / columns) * ceil(channels / of_channels)
        return min(parts, 2) * ((rows - 1) * stride + reach) * ((columns - 1) * stride + reach) * of_channels

    pooled = tile(D.MaxPool("pool", "x", "y", (kernel, kernel), **window), tensors, {}, spec)
    if pooled.bands == 1:
        columns = pooled.columns or outputs[1]
        assert 0 <= pooled.input_bytes - needed(pooled.rows, columns, pooled.channels) <= 2
        parts = ceil(outputs[0] / pooled.rows) * ceil(outputs[1] / columns) * ceil(channels / pooled.channels)
        assert 0 <= pooled.output_bytes - min(parts, 2) * pooled.rows * columns * pooled.channels <= 2
    weights = {"w": Shape((channels, kernel, kernel, 1))}
    layer = D.Conv2d("conv", "x", "y", "w", group=channels, **QUANT, **window), tensors, weights
    try:
        chosen = tile(*layer, spec)
    except CompileError:
        assert needed(1, 1, channels) + min(weight_bytes, 2 * spec.panel**2) + 2 * channels > spec.l2_bytes
    else:
        found = needed(chosen.rows, chosen.columns or outputs[1], channels)
        assert 0 <= chosen.input_bytes - found <= 2
        assert chosen.input_bytes + chosen.weight_bytes + chosen.output_bytes <= spec.l2_bytes


def test_a_layer_that_fits_whole_need_not_be_cut_but_a_big_one_must():
    big = tile(*conv(112, 112, 64, 64, 3), TDA4VM)
    assert big.rows < 112
    assert big.weights_stay


def test_weights_larger_than_l2_are_read_once():
    layer = conv(7, 7, 512, 512, 3)
    chosen = tile(*layer, TDA4VM)
    assert not chosen.weights_stay
    assert chosen.rows == 7
    assert cycles(*layer, TDA4VM, chosen).ddr_read_bytes == 512 * 512 * 9


def test_weights_pass_by_rather_than_rows_are_torn_into_columns():
    chosen = tile(
        *conv(13, 13, 384, 384, 3), TDA4VM
    )  # two panels of weights would leave no room for three rows
    assert chosen.columns == 0
    assert not chosen.weights_stay


def test_grouped_weights_larger_than_l2_pass_by():
    layer = conv(7, 7, 2048, 2048, 3, group=32)
    assert not tile(*layer, TDA4VM).weights_stay


def test_a_fully_connected_layer_of_any_size_fits():
    d = D.FullyConnected("fc6", "x", "y", "w", **QUANT)
    tensors = {"x": tensor("x", 1, 25088), "y": tensor("y", 1, 4096)}
    chosen = tile(d, tensors, {"w": Shape((4096, 25088))}, SOCS["am62a"])
    assert chosen.input_bytes + chosen.weight_bytes + chosen.output_bytes <= SOCS["am62a"].l2_bytes
    assert not chosen.weights_stay


def test_wide_rows_are_cut_into_columns():
    chosen = tile(*conv(8, 4096, 128, 64, 3), TDA4VM)
    assert 0 < chosen.columns < 4096


@pytest.mark.parametrize("soc", SOCS.values(), ids=SOCS)
@pytest.mark.parametrize("channels", [16, 48, 96, 256])
def test_a_map_larger_than_l2_is_pooled_channel_by_channel(soc, channels):
    """As the squeeze of an EfficientNet's first blocks does it."""
    tensors = {"x": tensor("x", 1, 112, 112, channels), "y": tensor("y", 1, 1, 1, channels)}
    layer = D.ReduceMean("squeeze", "x", "y", (1, 2)), tensors, {}
    chosen = tile(*layer, soc)
    assert chosen.input_bytes + chosen.output_bytes <= soc.l2_bytes
    parts = -(-channels // chosen.channels)
    assert chosen.input_bytes == 112 * 112 * chosen.channels * min(parts, 2)
    assert cycles(*layer, soc, chosen).layer > 0


@pytest.mark.parametrize("soc", SOCS.values(), ids=SOCS)
@pytest.mark.parametrize("kind", [D.AvgPool, D.MaxPool])
@pytest.mark.parametrize(
    ("side", "kernel", "stride"), [(2, 112, 112), (2, 222, 2), (3, 74, 75), (7, 32, 32)],
    ids=["halves", "overlapping", "thirds", "sevenths"],
)  # fmt: skip
def test_a_window_larger_than_l2_is_pooled_channel_by_channel(soc, kind, side, kernel, stride):
    channels = 512
    tensors = {"x": tensor("x", 1, 224, 224, channels), "y": tensor("y", 1, side, side, channels)}
    layer = kind("pool", "x", "y", (kernel, kernel), (stride, stride), (0, 0, 0, 0)), tensors, {}
    chosen = tile(*layer, soc)
    assert (chosen.rows, chosen.columns or side) == (1, 1)
    assert chosen.channels < channels
    assert chosen.input_bytes + chosen.output_bytes <= soc.l2_bytes
    assert cycles(*layer, soc, chosen).layer > 0


@pytest.mark.parametrize("soc", SOCS.values(), ids=SOCS)
@pytest.mark.parametrize("side", [700, 2048, 8000])
@pytest.mark.parametrize("channels", [1, 3])
def test_one_channel_larger_than_l2_is_pooled_in_bands(soc, side, channels):
    tensors = {"x": tensor("x", 1, side, side, channels), "y": tensor("y", 1, 1, 1, channels)}
    kernel = (side, side), (1, 1), (0, 0, 0, 0)
    costs = []
    for d in (
        D.ReduceMean("pool", "x", "y", (1, 2)), D.ReduceMax("pool", "x", "y", (1, 2)), D.AvgPool("pool", "x", "y", *kernel),
        D.MaxPool("pool", "x", "y", *kernel),
    ):  # fmt: skip
        chosen = tile(d, tensors, {}, soc)
        assert chosen.channels == 1
        assert chosen.input_bytes + chosen.output_bytes <= soc.l2_bytes
        band_bytes = chosen.input_bytes // 2
        assert chosen.bands == -(-side * side // band_bytes)
        assert (
            2 * band_bytes > soc.l2_bytes * 0.9 * (chosen.bands - 1) / chosen.bands
        )  # no more than it takes
        costs.append(cycles(d, tensors, {}, soc, chosen))
    assert len({cost.layer for cost in costs}) == 1
    assert costs[0].msmc_bytes == pytest.approx(side * side * channels + channels)


def test_bands_cost_their_calls_and_hide_what_they_load():
    """A map a little too large for L2 takes little longer than one that just fits."""
    layers = []
    for side in (676, 678):  # one channel of 457 kB and of 460 kB; L2 has 459
        tensors = {"x": tensor("x", 1, side, side, 1), "y": tensor("y", 1, 1, 1, 1)}
        layers.append((D.ReduceMean("pool", "x", "y", (1, 2)), tensors, {}))
    fits, banded = (tile(*layer, TDA4VM) for layer in layers)
    assert (fits.bands, banded.bands) == (1, 3)
    before, after = (cycles(*x, TDA4VM, t) for x, t in zip(layers, (fits, banded), strict=True))
    assert after.pipe_up < before.pipe_up / 2.9
    assert after.kernel == pytest.approx(
        before.kernel * (678 / 676) ** 2, rel=0.01, abs=2 * TDA4VM.call_setup_cycles
    )
    assert after.layer < before.layer


def test_a_larger_l2_is_never_slower():
    for layer in (conv(56, 56, 256, 64), conv(14, 14, 1024, 256), conv(112, 112, 64, 64, 3)):
        times = [
            cycles(*layer, soc, tile(*layer, soc)).layer
            for soc in (replace(TDA4VM, l2_bytes=kib * 1024) for kib in (112, 224, 448, 896))
        ]
        assert times == sorted(times, reverse=True)


def test_the_refusal_names_layer_bytes_and_soc():
    with pytest.raises(CompileError, match=r"conv: 8192 bytes .* do not fit the 4096 bytes of L2 of tda4vm"):
        tile(*conv(4, 4, 8192, 64), replace(TDA4VM, l2_bytes=4096))
