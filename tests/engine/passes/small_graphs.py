"""Small graphs, written down node by node, and a check that a pass keeps what they compute."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.host.float_session import FloatSession
from engine.ir.graph import Array, Graph, Node, TensorType
from engine.ir.ops import Op
from engine.ir.shapes import output_types
from engine.ir.verify import verify

Step = tuple[str, Op, Sequence[str]]


def graph(
    inputs: Mapping[str, tuple[int, ...]],
    constants: Mapping[str, Array],
    steps: Sequence[Step],
    outputs: Sequence[str],
) -> Graph:
    """Return a graph; each step is (output, operator, inputs) and its node has the output's name.

    ONNX's own operators give tensors like their first input.
    """
    stored = {name: np.asarray(values) for name, values in constants.items()}
    tensors = {name: TensorType(shape) for name, shape in inputs.items()}
    known = tensors | {name: TensorType(each.shape, each.dtype.name) for name, each in stored.items()}
    nodes = []
    for name, op, read in steps:
        types = output_types(op, [known[each] for each in read]) or (known[read[0]],)
        known[name] = tensors[name] = types[0]
        nodes.append(Node(name, op, tuple(read), (name,)))
    made = Graph("small", tuple(inputs), tuple(outputs), tuple(nodes), tensors, stored)
    verify(made)
    return made


def keeps_meaning(run: Callable[[Graph], Graph], before: Graph, seed: int = 0) -> Graph:
    """Return what the pass makes of ``before`` after checking it is well formed and computes the same."""
    after = run(before)
    verify(after)
    assert after.inputs == before.inputs
    assert after.outputs == before.outputs
    random = np.random.default_rng(seed)
    feeds = {
        name: 4 * random.standard_normal(before.tensors[name].shape, np.float32) for name in before.inputs
    }
    expected, found = FloatSession(before).run(feeds), FloatSession(after).run(feeds)
    for name in before.outputs:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-5)
    return after


def kinds(of: Graph) -> list[str]:
    """Return the operators of a graph in order."""
    return [type(node.op).__name__ for node in of.nodes]
