"""What the window shows of the modelled clock: complete, consistent, and the engine's own numbers."""

from dataclasses import replace

import pytest

from engine.compiler.predict import predict
from engine.cycles.accuracy import stated_accuracy
from engine.errors import CompileError
from engine.soc import load_soc
from gui.core.device_figures import DeviceClock, DeviceStep, amount
from gui.core.what_if import Number, WhatIf
from tests.gui.widgets.compiled import ON_HOST, compiled

TDA4VM = WhatIf.chip("tda4vm")


@pytest.fixture(scope="module")
def clock() -> DeviceClock:
    return DeviceClock(compiled())


@pytest.fixture(scope="module")
def figures(clock):
    return clock.figures(TDA4VM)


def test_the_figures_are_the_engines_own(figures):
    prediction = predict(compiled().segments[0].program, load_soc("tda4vm"))
    assert figures.device_ms == prediction.device_ms
    assert figures.steps_ms == {DeviceStep(step): ms for step, ms in prediction.steps_ms().items()}
    assert figures.core_loop_utilization == prediction.core_loop_utilization
    assert figures.ddr_read_bytes / 1e6 == pytest.approx(prediction.ddr_read_mb)
    assert figures.accuracy == stated_accuracy("tda4vm")


def test_layers_and_steps_add_up(figures):
    frame_us = 1e3 * figures.device_ms
    outside_us = 1e3 * sum(figures.steps_ms[step] for step in (DeviceStep.RUNTIME, DeviceStep.RESULT))
    overhead_us = load_soc("tda4vm").frame_overhead_us
    assert sum(layer.total_us for layer in figures.layers) + outside_us + overhead_us == pytest.approx(
        frame_us
    )
    assert sum(figures.shares.values()) == pytest.approx(1)
    assert list(figures.shares) == list(DeviceStep)


def test_every_layer_tells_shape_time_bound_tile_and_bytes(figures):
    told = {fact.caption for layer in figures.layers for fact in layer.facts}
    assert told == {"output", "time", "utilization", "tile", "DDR", "MSMC"}
    depthwise = next(layer for layer in figures.layers if layer.op == "DepthwiseConv2d")
    for words in ("µs modelled, bound by", "% of the core loop", "channels", "read", "in MSMC"):
        assert words in depthwise.sentence
    assert 0 < depthwise.achieved < figures.roofs.macs_per_cycle
    assert depthwise.intensity > 0


def test_no_layer_is_above_the_roofs(figures):
    for layer in figures.layers:
        roof = min(
            figures.roofs.macs_per_cycle,
            layer.intensity * max(figures.roofs.msmc_bytes_per_cycle, figures.roofs.ddr_bytes_per_cycle),
        )
        assert layer.achieved <= roof


@pytest.mark.parametrize(
    ("question", "faster"),
    [
        (TDA4VM.with_value(Number.CLOCK, 2000), True),
        (TDA4VM.with_value(Number.CLOCK, 500), False),
        (TDA4VM.with_value(Number.DDR, 2), False),
        (TDA4VM.with_value(Number.L2, 128), False),
        (replace(TDA4VM, weights_in_msmc=True), True),
        (WhatIf.chip("am62a"), False),
    ],
)
def test_another_chip_has_another_time(clock, figures, question, faster):
    asked = clock.figures(question)
    assert asked.what_if == question
    assert (asked.device_ms < figures.device_ms) is faster
    assert asked.device_ms != figures.device_ms


def test_more_cores_share_the_frame(clock):
    one = WhatIf.chip("am69a")
    assert clock.figures(replace(one, cores=4)).device_ms < clock.figures(one).device_ms


def test_more_ddr_than_enough_changes_nothing_as_is_told(clock, figures):
    enough = figures.enough_ddr_gb_per_s
    times = {clock.figures(TDA4VM.with_value(Number.DDR, enough * more)).device_ms for more in (1.01, 2, 5)}
    assert len(times) == 1


def test_a_published_latency_is_held_against_the_chip_as_it_is_made(clock, figures):
    asked = clock.figures(TDA4VM.with_value(Number.CLOCK, 500))
    for comparison in (figures.comparison, asked.comparison):
        assert comparison.network == "MobileNetV2 1.4"
        assert comparison.modelled_ms == figures.device_ms
        low, high = comparison.range_ms
        assert low <= comparison.published_ms <= high
        assert all("http" in source or "/" in source for source in comparison.sources)
    assert asked.device_ms > 1.5 * figures.device_ms


def test_a_network_that_nobody_published_has_no_comparison():
    (segment,) = compiled().segments
    half = replace(segment.program, descriptors=segment.program.descriptors[:30])
    artifact = replace(compiled(), segments=(replace(segment, program=half),))
    assert DeviceClock(artifact).figures(TDA4VM).comparison is None


def test_a_frame_with_parts_on_the_a72_has_no_time_of_its_own():
    figures = DeviceClock(compiled(on_host=True)).figures(TDA4VM)
    assert figures.device_ms is None
    assert figures.modelled_ms > 0
    assert figures.on_host == (f"norm (LRN): {ON_HOST['reason']}",)
    assert figures.comparison.modelled_ms is None


def test_a_network_without_a_part_on_the_device_is_refused():
    with pytest.raises(CompileError, match="no node runs on the device"):
        DeviceClock(compiled(device=False)).figures(TDA4VM)


@pytest.mark.parametrize(
    ("nbytes", "text"), [(0, "0 B"), (999, "999 B"), (1536, "1.54 kB"), (6_210_000, "6.21 MB")]
)
def test_amounts_have_three_figures_and_a_unit(nbytes, text):
    assert amount(nbytes) == text
