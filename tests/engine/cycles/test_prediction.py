"""A frame's modelled times and shares from round numbers."""

from dataclasses import replace

import pytest

from engine.cycles.model import NOTHING
from engine.cycles.prediction import Layer, Prediction, core_loop_utilization, network_utilization
from engine.program.program import Memory
from engine.soc import load_soc

# 1000 MACs per cycle on each of 2 cores, 500 MHz, 4 MB/s copies, 250 us around the network.
SOC = replace(
    load_soc("am69a"), macs_per_cycle=1000, cores=2, clock_hz=5e8, copy_bytes_per_s=4e6, frame_overhead_us=250.0
)  # fmt: skip


def layer(**cycles):
    return Layer("l", "Conv2d", (1, 4), Memory.MSMC, None, False, None, replace(NOTHING, **cycles))


LAYERS = (
    layer(layer=3e5, kernel=2e5, setup=5e4, macs=9_000_000, slot_macs=2e7, ddr_read_bytes=3e6, ddr_write_bytes=1e5),
    layer(layer=2e5, kernel=1e5, setup=2e4, ddr_read_bytes=1e6, ddr_write_bytes=2e5),
    layer(layer=0.0, macs=6_000_000, slot_macs=1e7),
)  # fmt: skip


def test_milliseconds_of_a_frame():
    frame = Prediction(SOC, LAYERS, {}, {}, 0, input_bytes=2000, output_bytes=8000)
    assert frame.copy_in_ms == pytest.approx(0.5)
    assert frame.copy_out_ms == pytest.approx(2.0)
    assert frame.network_cycles == 5e5
    assert frame.proc_ms == pytest.approx(0.25 + 1.0)
    assert frame.device_ms == pytest.approx(3.75)
    assert (frame.ddr_read_mb, frame.ddr_write_mb) == pytest.approx((4.0, 0.3))
    assert frame.steps_ms() == pytest.approx(
        {"model": 0.0, "runtime": 0.5, "mailbox": 0.25 + 0.14, "memory": 0.26, "mma": 0.6, "result": 2.0}
    )
    assert frame.macs == 15_000_000
    assert frame.network_utilization == pytest.approx(15e6 / (1000 * 2 * 5e8 * 3.75e-3))


def test_utilizations():
    assert core_loop_utilization(LAYERS) == pytest.approx(0.5)
    assert core_loop_utilization(LAYERS[1:2]) == 0.0  # nothing is multiplied
    assert network_utilization(2_000_000_000, SOC, 4.0) == pytest.approx(0.5)  # 4e9 in 4 ms
