"""Predictions of whole networks: quick, pure, and answering what-if questions in the right direction."""

import time
from collections import Counter
from dataclasses import replace

import pytest

from engine.compiler.outline import outline
from engine.compiler.predict import predict
from engine.compiler.published_networks import NETWORKS
from engine.cycles.model import NOTHING, price
from engine.cycles.prediction import frame_ms
from engine.errors import CompileError
from engine.program.program import Memory
from engine.soc import load_soc, soc_names

TDA4VM = load_soc("tda4vm")


@pytest.fixture(scope="module")
def program():
    return outline(NETWORKS["regnetx_800mf"](), TDA4VM)


@pytest.fixture(scope="module")
def prediction(program):
    return predict(program, TDA4VM)


def test_a_prediction_adds_up(prediction):
    assert prediction.device_ms == pytest.approx(
        prediction.copy_in_ms + prediction.proc_ms + prediction.copy_out_ms
    )
    assert sum(prediction.steps_ms().values()) == pytest.approx(prediction.device_ms)
    assert list(prediction.steps_ms()) == ["model", "runtime", "mailbox", "memory", "mma", "result"]
    assert prediction.macs == 799_699_712
    assert 0 < prediction.network_utilization < prediction.core_loop_utilization < 1


def test_all_weights_are_read_once_from_ddr(prediction):
    assert prediction.ddr_read_mb == pytest.approx((prediction.weights_bytes + 224 * 224 * 3) / 1e6, rel=0.02)
    assert prediction.ddr_write_mb < 0.01


@pytest.mark.parametrize("name", soc_names())
def test_every_soc_answers_and_a_program_is_planned_afresh_for_it(program, prediction, name):
    other = predict(program, load_soc(name))
    assert other.soc.name == name
    assert other.arena_bytes[Memory.MSMC] <= load_soc(name).msmc_bytes
    assert predict(program, load_soc(name)) == other


@pytest.mark.parametrize(
    ("change", "faster"),
    [
        ({"clock_hz": 2e9}, True),
        ({"clock_hz": 5e8}, False),
        ({"ddr_bytes_per_s": 4e9}, False),
        ({"l2_bytes": 112 * 1024}, False),
        ({"weights_in_msmc": True}, True),
        ({"msmc_bytes": 256 * 1024}, False),
    ],
)
def test_what_if_goes_the_right_way(program, prediction, change, faster):
    changed = predict(program, replace(TDA4VM, **change))
    assert (changed.device_ms < prediction.device_ms) is faster


def test_weights_in_msmc_leave_ddr_to_what_does_not_fit(program, prediction):
    small = replace(TDA4VM, weights_in_msmc=True, msmc_bytes=4 << 20)
    kept = predict(program, small)
    resident = [layer for layer in kept.layers if layer.resident]
    assert 0 < len(resident) < len(kept.layers)
    assert kept.ddr_read_mb < prediction.ddr_read_mb
    room_bytes = small.msmc_bytes - kept.arena_bytes[Memory.MSMC]
    weight_bytes = {
        d.name: program.constants[d.weight].nbytes for d in program.descriptors if hasattr(d, "weight")
    }
    for layer in kept.layers:  # the first layers whose weights find room beside the activations
        fits = layer.name in weight_bytes and weight_bytes[layer.name] <= room_bytes
        assert layer.resident == fits
        room_bytes -= weight_bytes[layer.name] if fits else 0
    assert sum(layer.cycles.ddr_read_bytes for layer in resident) == 0


def test_a_depthwise_convolution_is_told_from_a_dense_one():
    layers = predict(outline(NETWORKS["mobilenet_v3_small_lite"](), TDA4VM), TDA4VM).layers
    assert Counter(layer.op for layer in layers)["DepthwiseConv2d"] == 11  # one in each block


@pytest.mark.parametrize(("name", "cores"), [("am69a", 4), ("am67a", 2)])
def test_more_cores_are_faster(program, name, cores):
    one, many = predict(program, load_soc(name)), predict(program, load_soc(name, cores=cores))
    assert one.device_ms / cores < many.device_ms < one.device_ms


def test_another_clock_needs_no_new_plan(program, prediction):
    fast = replace(TDA4VM, clock_hz=1.2e9)
    assert frame_ms(prediction, fast) == pytest.approx(predict(program, fast).device_ms, rel=0.02)
    assert frame_ms(prediction, TDA4VM) == pytest.approx(prediction.device_ms, rel=1e-12)
    for layer in prediction.layers:
        assert layer.cycles == (NOTHING if layer.demand is None else price(layer.demand, TDA4VM))


def test_a_network_larger_than_ddr_is_refused(program):
    with pytest.raises(CompileError, match="does not fit tda4vm: .* bytes are missing"):
        predict(program, replace(TDA4VM, ddr_bytes=1 << 20))


def test_a_what_if_takes_less_than_50_ms_of_cpu(program):
    soc = load_soc("am62a")
    taken = []
    for _ in range(3):
        start = time.process_time()
        predict(program, soc)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.05
