"""The modelled clock: every descriptor has a price, and prices follow the panel, the queues and the memories."""

from dataclasses import astuple, replace
from itertools import product
from math import ceil, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cycles.geometry import geometry
from engine.cycles.model import Bound, cut, cycles, demand, moves
from engine.program import descriptors as D
from engine.program.program import Memory, Tile
from engine.soc import load_soc
from tests.engine.cycles.layers import Shape, conv, examples, tensor

TDA4VM, AM68A, AM62A, AM69A = load_soc("tda4vm"), load_soc("am68a"), load_soc("am62a"), load_soc("am69a")
EXAMPLES = examples()


@pytest.mark.parametrize("kind", D.DESCRIPTOR_TYPES, ids=lambda kind: kind.__name__)
def test_every_descriptor_has_a_cycle_model(kind):
    assert kind in geometry.registry
    descriptor, tensors, constants = EXAMPLES[kind]
    layer = cycles(descriptor, tensors, constants, TDA4VM)
    assert layer.layer > TDA4VM.layer_setup_cycles
    assert layer.kernel >= layer.core_loop > 0


def test_an_unknown_descriptor_is_not_silently_free():
    with pytest.raises(TypeError, match="str has no cycle model"):
        geometry("what", {}, {})


@pytest.mark.parametrize(
    ("soc", "channels", "depth", "positions", "panels"),
    [
        (AM68A, 64, 64, 64, 1),
        (TDA4VM, 64, 64, 64, 2),  # the bias is one more row of K
        (TDA4VM, 64, 63, 64, 1),
        (AM68A, 65, 64, 64, 2),
        (AM68A, 64, 65, 64, 2),
        (AM68A, 64, 64, 72, 2),
        (AM68A, 128, 192, 128, 2 * 3 * 2),
        (AM62A, 64, 64, 64, 2 * 2 * 2),
    ],
)
def test_panels_round_up_in_all_three_dimensions(soc, channels, depth, positions, panels):
    layer = cycles(*conv(8, positions // 8, depth, channels), soc)
    assert layer.core_loop == (panels + 1) * soc.panel  # one panel fills before the first product


@pytest.mark.parametrize("size", [7, 14, 56])
@pytest.mark.parametrize(("ci", "co", "k"), [(64, 64, 1), (256, 64, 1), (64, 64, 3), (512, 2048, 1)])
def test_full_panels_are_used_fully(size, ci, co, k):
    layer = cycles(*conv(size, size, ci, co, k), TDA4VM)
    assert layer.utilization == 1.0
    assert layer.macs == size * size * ci * co * k * k


def test_half_filled_panels_are_used_half():
    layer = cycles(*conv(56, 56, 64, 32), TDA4VM)
    assert layer.utilization == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("soc", [TDA4VM, AM62A])
def test_depthwise_uses_one_band_of_the_panel(soc):
    layer = cycles(*conv(56, 56, 64, 64, 3, group=64), soc)
    assert layer.utilization == pytest.approx(1 / soc.panel)
    assert layer.core_loop == 56 * 56 * 64 * 9 / soc.depthwise_macs_per_cycle


def test_groups_do_not_share_a_panel():
    whole, grouped = cycles(*conv(8, 8, 64, 64), AM68A), cycles(*conv(8, 8, 64, 64, group=4), AM68A)
    assert grouped.core_loop == 4 * whole.core_loop


def test_sixteen_bit_weights_halve_the_panel():
    d, tensors, constants = conv(8, 8, 64, 64)
    wide = cycles(d, tensors, {"w": Shape(constants["w"].shape, 2)}, AM68A)
    assert wide.core_loop == (2 * 2 * 2 + 1) * 32


def test_the_names_add_up():
    for descriptor, tensors, constants in EXAMPLES.values():
        layer = cycles(descriptor, tensors, constants, TDA4VM)
        outside = layer.setup + layer.prefetch + layer.coefficient_copy + layer.pipe_up + layer.pipe_down
        longer, shorter = max(layer.kernel, layer.streaming), min(layer.kernel, layer.streaming)
        assert layer.layer == pytest.approx(outside + longer + (1 - TDA4VM.overlap_fraction) * shorter)
        assert layer.exposed_dma >= 0
        assert layer.layer == pytest.approx(layer.setup + layer.kernel + layer.exposed_dma)


def test_weights_come_from_ddr_unless_they_stayed_in_msmc():
    layer = conv(14, 14, 256, 256, 3)
    cold, warm = cycles(*layer, AM68A), cycles(*layer, AM68A, resident=True)
    weight_bytes = 256 * 256 * 9
    assert cold.ddr_read_bytes == weight_bytes
    assert cold.prefetch == weight_bytes / AM68A.ddr_bytes_per_cycle
    assert warm.ddr_read_bytes == warm.prefetch == 0
    assert warm.coefficient_copy == weight_bytes / AM68A.msmc_bytes_per_cycle
    assert warm.layer < cold.layer


def test_tensors_in_ddr_count_as_ddr_traffic():
    d, tensors, constants = EXAMPLES[D.Add]
    near = cycles(d, tensors, constants, TDA4VM)
    far = cycles(d, {n: replace(t, memory=Memory.DDR) for n, t in tensors.items()}, constants, TDA4VM)
    assert (near.ddr_read_bytes, near.ddr_write_bytes, near.msmc_bytes) == (0, 0, 3 * 2048)
    assert (far.ddr_read_bytes, far.ddr_write_bytes, far.msmc_bytes) == (2 * 2048, 2048, 0)
    assert far.layer > near.layer


def test_a_reshape_in_place_costs_nothing_and_a_copy_does():
    d = D.Reshape("r", "x", "y")
    x, y = tensor("x", 1, 4, 4, 4, offset=0), tensor("y", 1, 64, offset=0)
    assert set(astuple(cycles(d, {"x": x, "y": y}, {}, TDA4VM))) == {0}
    assert cycles(d, {"x": x, "y": replace(y, offset=64)}, {}, TDA4VM).layer > 0


def _tile(rows: int, channels: int, stay: bool = True, columns: int = 0) -> Tile:
    return Tile(rows, channels, 0, 0, 0, stay, columns)


def test_a_tile_decides_what_is_read_again():
    layer = conv(14, 14, 256, 256, 1)
    image, weights = 14 * 14 * 256, 256 * 256

    def moved(tile: Tile) -> tuple[float, float]:
        c = cycles(*layer, TDA4VM, tile)
        return c.ddr_read_bytes, c.msmc_bytes - image  # weights read, input read

    assert moved(_tile(14, 64)) == (weights, image)  # the picture stays in L2, four loads of weights
    assert moved(_tile(7, 64)) == (weights, 4 * image)  # two passes for each of four loads
    assert moved(_tile(7, 64, stay=False)) == (2 * weights, image)  # weights pass once for each half


def test_partial_tiles_are_counted_by_their_own_size():
    d, tensors, constants = conv(10, 8, 64, 64)
    shape = geometry(d, tensors, constants)
    c = cut(shape, AM68A, _tile(8, 64))
    assert (c.passes, c.loads) == (2, 1)
    whole = demand(shape, moves(d, shape, tensors, resident=False), AM68A, _tile(8, 64)).mma_cycles
    assert whole == (1 + 1) * 64 + (1 + 1) * 64  # 64 positions, then 16 that fill one panel too


@pytest.mark.parametrize(
    ("soc", "layer", "element_bytes"),
    [
        (AM68A, conv(10, 20, 64, 130), 1),
        (TDA4VM, conv(10, 20, 64, 130, 3), 1),
        (AM68A, conv(10, 20, 64, 130, group=2), 2),
        (AM62A, conv(10, 20, 24, 130, group=2), 1),
    ],
)
def test_a_layer_in_tiles_is_the_sum_of_its_calls(soc, layer, element_bytes):
    d, tensors, constants = layer
    constants = {"w": replace(constants["w"], itemsize=element_bytes)}
    panel, depth = soc.panel // element_bytes, prod(constants["w"].shape[1:])
    depth_panels = ceil((depth + (soc.mma_version == 1)) / panel)
    calls, loop, slots = 0, 0, 0
    for rows, columns, channels in product((4, 4, 2), (8, 8, 4), (64, 64, 2)):
        for _ in range(d.group):
            channel_panels, pixels = ceil(channels / d.group / panel), rows * columns
            calls += 1
            loop += (channel_panels * depth_panels * ceil(pixels / panel) + 1) * panel
            slots += channel_panels * ceil(depth / panel) * panel**2 * pixels
    found = cycles(d, tensors, constants, soc, _tile(4, 64, columns=8))
    assert found.core_loop == loop
    assert found.kernel == loop + calls * soc.call_setup_cycles
    assert found.slot_macs == slots


def test_sixteen_bit_depthwise_layers_take_four_times_as_long():
    d, tensors, constants = conv(56, 56, 64, 64, 3, group=64)
    wide = cycles(d, tensors, {"w": Shape(constants["w"].shape, 2)}, AM68A)
    assert wide.core_loop == 4 * cycles(d, tensors, constants, AM68A).core_loop


def test_a_depthwise_layer_in_tiles_rounds_up_the_positions_of_each():
    """4+4+2 rows by 8+8+4 columns: 32, 32, 16, 32, 32, 16, 16, 16 and 8 positions, each less than a panel of 64."""
    d, tensors, constants = conv(10, 20, 64, 64, 3, group=64)
    found = cycles(d, tensors, constants, AM68A, _tile(4, 64, columns=8))
    assert found.core_loop == pytest.approx(9 * 64 * 9 * 64 / AM68A.depthwise_macs_per_cycle)


def test_a_layer_without_mma_by_hand():
    """One addition of 8 x 8 x 32: 2 operations for each of 2048 outputs, cut into 2 x 2 tiles by rows and channels."""
    d, tensors, constants = EXAMPLES[D.Add]
    found = cycles(d, tensors, constants, AM68A, _tile(4, 16))
    rate = AM68A.vector_bits / 8 * AM68A.vector_fraction
    assert found.core_loop == pytest.approx(2 * 2048 / rate)
    assert found.kernel == pytest.approx(2 * 2048 / rate + 4 * AM68A.call_setup_cycles)
    assert (found.macs, found.slot_macs, found.utilization) == (0, 0, 0)
    assert found.pipe_up == pytest.approx(2 * 2048 / 4 / AM68A.msmc_bytes_per_cycle)
    assert found.pipe_down == pytest.approx(2048 / 4 / AM68A.msmc_bytes_per_cycle)
    assert found.streaming == pytest.approx((2 * 2048 + 2048) * 3 / 4 / AM68A.msmc_bytes_per_cycle)
    whole, bands = (cycles(d, tensors, constants, AM68A, t) for t in (None, replace(_tile(8, 32), bands=4)))
    assert whole.kernel == pytest.approx(whole.core_loop + AM68A.call_setup_cycles)
    assert bands.kernel == pytest.approx(bands.core_loop + 4 * AM68A.call_setup_cycles)
    assert bands.pipe_up == pytest.approx(whole.pipe_up / 4)
    assert bands.pipe_down == whole.pipe_down


def test_cores_share_rows_as_long_as_each_has_one():
    four = replace(AM69A, cores=4)
    (d, tensors, constants), few = conv(4, 8, 64, 128), conv(3, 8, 64, 128)
    weights, image = 64 * 128, 64 * 8
    by_rows, by_channels = cycles(d, tensors, constants, four), cycles(*few, four)
    assert (by_rows.ddr_read_bytes, by_rows.msmc_bytes) == (4 * weights, 4 * image + 4 * 8 * 128)
    assert (by_channels.ddr_read_bytes, by_channels.msmc_bytes) == (weights, 4 * 3 * image + 3 * 8 * 128)
    assert by_rows.core_loop == 2 * 64 + 64  # one row: two panels of channels
    assert by_channels.core_loop == 64 + 64  # three rows: 24 positions, half a panel of channels
    added = cycles(*EXAMPLES[D.Add], four)
    assert added.msmc_bytes == 3 * 2048  # a layer without weights reads nothing twice


def test_four_cores_are_faster_than_one_and_slower_than_a_quarter():
    layer = conv(56, 56, 128, 256, 3)
    one, four = cycles(*layer, AM69A), cycles(*layer, replace(AM69A, cores=4))
    assert one.layer / 4 < four.layer < one.layer
    assert four.ddr_read_bytes == 4 * one.ddr_read_bytes  # every core loads the weights
    assert four.macs == one.macs


def test_few_rows_are_shared_by_channels():
    d, tensors, constants = EXAMPLES[D.FullyConnected]
    one, four = cycles(d, tensors, constants, AM69A), cycles(d, tensors, constants, replace(AM69A, cores=4))
    assert four.layer < one.layer
    assert four.ddr_read_bytes == pytest.approx(one.ddr_read_bytes)


@pytest.mark.parametrize(
    ("layer", "bound"),
    [
        (conv(56, 56, 256, 256, 3), Bound.COMPUTE),
        (EXAMPLES[D.FullyConnected], Bound.MEMORY),
        (EXAMPLES[D.Add], Bound.OVERHEAD),
    ],
)
def test_the_bound_is_the_largest_part(layer, bound):
    assert cycles(*layer, TDA4VM).bound is bound


@given(
    size=st.integers(1, 40), ci=st.integers(1, 300), co=st.integers(1, 300), k=st.sampled_from([1, 3, 5]),
    key=st.sampled_from(["ddr_bytes_per_cycle", "msmc_bytes_per_cycle", "ddr_bytes_per_s", "depthwise_macs_per_cycle"]),
)  # fmt: skip
def test_a_faster_part_never_slows_a_layer(size, ci, co, k, key):
    layer = conv(size, size, ci, co, k)
    faster = replace(TDA4VM, **{key: 2 * getattr(TDA4VM, key)})
    assert cycles(*layer, faster).layer <= cycles(*layer, TDA4VM).layer
    assert 0 < cycles(*layer, TDA4VM).utilization <= 1
