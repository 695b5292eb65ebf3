"""Whole ONNX networks: importer, passes and host give what ONNX Runtime gives on the file itself."""

from pathlib import Path

import numpy as np
import pytest

from engine.host.float_session import FloatSession
from engine.importers import ImportOptions, import_model
from engine.ir import ops
from engine.ir.graph import Graph
from engine.passes.pipeline import optimize
from tests.engine.importers.onnx_models import LIGHT_NETWORKS, run, save, with_weights

TOPOLOGIES = ("alexnet", "mobilenet_v1", "mobilenet_v2", "regnetx_200mf", "resnet18", "resnet50", "vgg16")
# Hundreds of megabytes of weights.
LARGE = {"alexnet", "vgg16", "light_bvlc_alexnet", "light_vgg19", "light_zfnet512"}
# Two fully connected layers have nearly all of these weights. One network is read and computed with all of them; of the
# others every layer is there, these two narrower.
NARROW = {name: {4096: 256} for name in LARGE - {"vgg16"}}


def _marked(names: list[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in names]


def _file(name: str, shared: Path) -> Path:
    return next(
        (each for each in LIGHT_NETWORKS if each.stem == name),
        shared / "data" / "topologies" / f"{name}.onnx",
    )


def _transposes(graph: Graph) -> int:
    return sum(isinstance(node.op, ops.Transpose) for node in graph.nodes)


@pytest.mark.parametrize("name", _marked([*TOPOLOGIES, *(each.stem for each in LIGHT_NETWORKS)]))
def test_network_computes_what_the_file_does(name: str, shared: Path, tmp_path: Path) -> None:
    path = save(tmp_path, with_weights(_file(name, shared), seed=1, narrow=NARROW.get(name)))
    graph = optimize(import_model(path))
    (source,), (target,) = graph.inputs, graph.outputs
    assert graph.tensors[source].shape == (1, 224, 224, 3)
    assert len(graph.labels) == 1000
    x = np.random.default_rng(2).standard_normal((1, 224, 224, 3), np.float32)
    (expected,) = run(path, {source: x.transpose(0, 3, 1, 2)})
    found = FloatSession(graph).run({source: x})[target]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-6 * float(np.abs(expected).max()))


@pytest.mark.parametrize("name", [*TOPOLOGIES, *(each.stem for each in LIGHT_NETWORKS)])
def test_layout_changes_stay_only_around_host_nodes(name: str, shared: Path) -> None:
    graph = optimize(import_model(_file(name, shared)))
    host = [node.op.op_type for node in graph.nodes if isinstance(node.op, ops.OnnxNode)]
    assert set(host) <= {"LRN"}
    assert _transposes(graph) == 2 * len(host)


@pytest.mark.parametrize("name", ["resnet50", "light_densenet121", "light_shufflenet"])
def test_random_weights_keep_activations_in_a_sane_range(name: str, shared: Path) -> None:
    graph = optimize(import_model(_file(name, shared), ImportOptions(random_weights=3)))
    names = [node.outputs[0] for node in graph.nodes if isinstance(node.op, ops.Conv2d)]
    x = np.random.default_rng(4).standard_normal((1, 224, 224, 3), np.float32)
    maps = FloatSession(graph, names).run({graph.inputs[0]: x})
    spreads = [float(each.std()) for each in maps.values()]
    assert 0.01 < min(spreads)
    assert max(spreads) < 1000


def test_random_weights_repeat_for_a_seed_and_differ_between_seeds(shared: Path) -> None:
    path = _file("mobilenet_v1", shared)
    first, again, other = (
        import_model(path, ImportOptions(random_weights=seed)).constants for seed in (1, 1, 2)
    )
    assert all(np.array_equal(first[name], again[name]) for name in first)
    changed = [name for name in first if not np.array_equal(first[name], other[name])]
    assert len(changed) > 50
    assert import_model(path).constants.keys() == first.keys()


def test_weightless_network_takes_no_memory_for_its_weights(shared: Path) -> None:
    graph = optimize(import_model(_file("vgg16", shared)))
    stored = sum(values.nbytes for values in graph.constants.values() if any(values.strides))
    assert stored < 1 << 20
