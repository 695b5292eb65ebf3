"""Layers too deep for compensated rounding are still lowered, with corrected biases."""

import numpy as np
import pytest

from engine.ir import ops
from engine.ir.graph import Graph, Node, TensorType
from engine.quant import lower_weighted
from engine.quant.calibrate import calibrate
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.soc import load_soc


@pytest.mark.parametrize("limit", [16, 4096])
def test_a_layer_beyond_the_limit_is_not_compensated(limit, monkeypatch):
    monkeypatch.setattr(lower_weighted, "_DEEPEST_COMPENSATED", limit)
    compensated = []
    solve = lower_weighted.solve_compensated
    monkeypatch.setattr(
        lower_weighted,
        "solve_compensated",
        lambda layer, network: compensated.append(layer.node.name) or solve(layer, network),
    )
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(5, 40)).astype(np.float32)
    node = Node("fc", ops.FullyConnected(), ("x", "w"), ("y",))
    tensors = {"x": TensorType((1, 40)), "y": TensorType((1, 5))}
    graph = Graph("deep", ("x",), ("y",), (node,), tensors, {"w": weight})
    options = QuantOptions(recipe=Recipe.LENS7)
    frames = [rng.normal(size=(1, 40)).astype(np.float32) for _ in range(8)]
    network = quantize(graph, calibrate(graph, frames, options), load_soc("am68a"), options)
    assert compensated == (["fc"] if limit > 40 else [])
    assert network.constants["fc.weight"].any()
