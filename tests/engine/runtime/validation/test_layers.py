import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.emu.memory import DeviceMemory
from engine.host.float_session import FloatSession
from engine.host.pictures import read_picture
from engine.host.preprocess import preprocess, to_real
from engine.program.artifact import DeviceSegment, HostSegment
from engine.program.descriptors import Add, inputs_of
from engine.program.program import Memory, Program, Tensor
from engine.reference import ReferenceSet
from engine.runtime.validation.folder import LabelledPicture
from engine.runtime.validation.layers import cosine, error_sums, float_names, layer_errors
from engine.runtime.validation.measure import Task, make_job
from tests.engine.runtime.validation.tiny import compile_tiny

vectors = st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=40)


@given(vectors, st.integers(0, 2**32 - 1))
def test_sums_are_those_of_the_definition(values, seed):
    x = np.array(values, np.float32)
    y = x + np.random.default_rng(seed).normal(0, 1, x.shape).astype(np.float32)
    sums = error_sums("t", x, y)
    pairs = list(zip(x.astype(float), y.astype(float), strict=True))
    assert sums.dot == pytest.approx(math.fsum(a * b for a, b in pairs), abs=1e-6)
    assert sums.error_energy == pytest.approx(math.fsum((b - a) ** 2 for a, b in pairs), abs=1e-6)
    assert sums.max_abs_error == max(abs(b - a) for a, b in pairs)


def test_what_the_float_network_gives_as_no_number_is_no_error():
    float_values, device = np.array([1, -np.inf, np.nan, 2]), np.array([1, -7, 3, 4])
    assert error_sums("t", float_values, device) == error_sums("t", np.array([1, -7, 3, 2]), device)


def test_cosine_knows_the_same_the_opposite_and_nothing():
    a, zero = np.float32([1, 2, -3]), np.zeros(3, np.float32)
    assert cosine(a, 2 * a) == pytest.approx(1.0)
    assert cosine(a, -a) == pytest.approx(-1.0)
    assert (cosine(zero, zero), cosine(a, zero)) == (1.0, 0.0)


def small(name, *tensors):
    return {f"{name}{i}": Tensor(f"{name}{i}", (1, 2), "int8", 1.0) for i in range(*tensors)}


def test_noise_is_blamed_on_the_layer_that_adds_it(tiny):
    adds = (
        Add("first", ("t0", "t0"), "t1", (1, 1), 1, 0, -128, 127),
        Add("second", ("t0", "t1"), "t2", (1, 1), 1, 0, -128, 127),
    )
    program = Program("tda4vm", adds, small("t", 3), {}, ("t0",), ("t2",))
    artifact = replace(tiny[1], segments=(DeviceSegment(program),))
    real = np.float32([[3, 4]])
    pictures = [
        [
            error_sums("t1", real, real + np.float32([[0.5, 0]])),
            error_sums("t2", real, real + np.float32([[0, 1]])),
        ],
        [error_sums("t1", real, real), error_sums("t2", real, real)],
    ]
    first, second = layer_errors(artifact, pictures)
    assert (first.name, first.op, second.tensor) == ("first", "Add", "t2")
    assert first.noise == first.noise_added == pytest.approx(0.25 / 50)
    assert second.noise_added == pytest.approx(1 / 50 - 0.25 / 50)
    assert second.snr_db == pytest.approx(10 * math.log10(50))
    assert second.max_abs_error == 1.0
    exact = layer_errors(artifact, [pictures[1]])[0]
    assert (exact.snr_db, exact.cosine, exact.document()["snr_db"]) == (math.inf, pytest.approx(1), None)


def test_each_layer_is_compared_although_memory_is_reused(tiny, pictures):
    """The meter's errors against the law run over tensors that all have a place of their own."""
    graph, artifact = tiny
    (segment,) = artifact.segments
    offsets = [t.offset for t in segment.program.tensors.values() if t.memory is Memory.MSMC]
    assert len(set(offsets)) < len(offsets), "this network reuses no memory, so it would prove nothing"
    path = next(pictures.iterdir())
    pixels = preprocess(read_picture(path), graph.input_spec, artifact.input_shape[1:3])
    real = to_real(pixels, graph.input_spec)[None]
    names = float_names(artifact, graph)
    expected = FloatSession(graph, list(names.values())).run({graph.inputs[0]: real})
    got = run_apart(segment.program, pixels)
    meter = make_job(graph, artifact, "numpy", 1).open(None)
    measured = meter.measure(Task(LabelledPicture(path, path.name, 0), layers=True)).layers
    meter.close()
    assert [sums.tensor for sums in measured] == [
        d.output for d in segment.program.descriptors if d.output in names
    ]
    assert len(measured) >= 4
    for sums in measured:
        by_hand = error_sums(sums.tensor, expected[names[sums.tensor]], got[sums.tensor])
        assert sums.error_energy == pytest.approx(by_hand.error_energy, rel=1e-4, abs=1e-6)
        assert sums.device_energy == by_hand.device_energy


def test_noise_that_came_through_the_a72_is_not_blamed_on_the_layer_behind_it(tiny, pictures, tmp_path):
    graph = tiny[0]
    middle = graph.nodes[1].name
    graph, artifact = compile_tiny(tmp_path, deny_list=(middle,))
    assert [type(segment) for segment in artifact.segments] == [DeviceSegment, HostSegment, DeviceSegment]
    path = next(pictures.iterdir())
    meter = make_job(graph, artifact, "numpy", 1).open(None)
    outcome = meter.measure(Task(LabelledPicture(path, path.name, 0), layers=True))
    meter.close()
    layers = layer_errors(artifact, [outcome.layers])
    assert layers[-1].tensor == "logits"
    behind = next(layer for layer in layers if layer.name == artifact.segments[2].program.descriptors[0].name)
    before = layers[layers.index(behind) - 1]
    assert before.noise > 0.0
    assert behind.noise_added == max(0.0, behind.noise - before.noise)


def run_apart(program: Program, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return every tensor, dequantized, after a run in which none shares memory with another."""
    tensors, end = {}, 0
    for name, tensor in program.tensors.items():
        tensors[name] = replace(tensor, memory=Memory.DDR, offset=end)
        end += -(-tensor.nbytes // 64) * 64
    apart = replace(program, tensors=tensors, arena_bytes={Memory.DDR: end})
    memory = DeviceMemory(apart)
    memory.tensor(program.inputs[0])[0] = pixels
    ReferenceSet().prepare(apart, memory).run()
    return {name: (memory.tensor(name) / tensor.scale).astype(np.float32) for name, tensor in tensors.items()}


def test_counterparts_have_the_float_networks_shape(tiny):
    graph, artifact = tiny
    names = float_names(artifact, graph)
    (segment,) = artifact.segments
    convert = segment.program.descriptors[0]
    assert names[convert.output] == inputs_of(convert)[0] == graph.inputs[0]
    changed = replace(segment.program.tensors["logits"], shape=(1, 6))
    program = replace(segment.program, tensors={**segment.program.tensors, "logits": changed})
    assert "logits" in names
    assert "logits" not in float_names(replace(artifact, segments=(DeviceSegment(program),)), graph)
