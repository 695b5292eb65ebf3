"""Places, reasons and subgraphs; what the subgraphs compute together is what the whole does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from engine.compiler.partition import Partition, partition
from engine.compiler.supported import RULES, why_not
from engine.errors import CompileError
from engine.host.float_session import FloatSession
from engine.ir import ops
from engine.ir.activations import RELU
from engine.ir.graph import Array, Graph, Node, TensorType
from engine.ir.verify import verify
from engine.soc import load_soc, soc_names
from tests.engine.passes.small_graphs import graph

MAP = (1, 6, 6, 4)
KERNEL = np.full((4, 3, 3, 4), 0.05, np.float32)
CONV = ops.Conv2d(pads=(1, 1, 1, 1))


def host_op(op_type: str, reason: str = "") -> ops.OnnxNode:
    return ops.OnnxNode(
        op_type, helper.make_node(op_type, ["x"], ["y"]).SerializeToString(), 17, reason=reason
    )


def network(*kinds: str, outputs: tuple[str, ...] = ()) -> Graph:
    """Return a network of 4-channel maps; each of ``kinds`` is "operator input [input]" and writes "t0", "t1" ..."""
    nodes = []
    for i, text in enumerate(kinds):
        kind, *read = text.split()
        op: ops.Op = {
            "conv": CONV, "relu": ops.Unary(RELU), "add": ops.Add(), "sin": host_op("Sin"), "cos": host_op("Cos"),
            "turn": ops.Transpose((0, 2, 1, 3)),
        }[kind]  # fmt: skip
        nodes.append(Node(f"n{i}", op, (*read, "w") if kind == "conv" else tuple(read), (f"t{i}",)))
    tensors = {name: TensorType(MAP) for name in ("x", *(f"t{i}" for i in range(len(kinds))))}
    made = Graph("net", ("x",), outputs or (f"t{len(kinds) - 1}",), tuple(nodes), tensors, {"w": KERNEL})
    verify(made)
    return made


def cut(of: Graph, **options: object) -> Partition:
    return partition(of, load_soc("tda4vm"), **options)  # type: ignore[arg-type]


def shape_of(parts: Partition) -> list[tuple[bool, list[str]]]:
    return [(part.device, [node.name for node in part.graph.nodes]) for part in parts.segments]


def run_parts(parts: Partition, feeds: dict[str, Array], outputs: tuple[str, ...]) -> dict[str, Array]:
    known = dict(feeds)
    for part in parts.segments:
        known |= FloatSession(part.graph).run({name: known[name] for name in part.graph.inputs})
    return {name: known[name] for name in outputs}


def test_a_network_the_device_takes_is_one_subgraph_as_it_was() -> None:
    whole = network("conv x", "relu t0", "conv t1")
    parts = cut(whole)
    assert [part.graph for part in parts.segments] == [whole]
    assert {place.place for place in parts.places} == {"device"}


def test_host_operators_split_the_network_and_say_why() -> None:
    parts = cut(network("conv x", "sin t0", "conv t1"))
    assert shape_of(parts) == [(True, ["n0"]), (False, ["n1"]), (True, ["n2"])]
    assert [(place.op, place.place) for place in parts.places] == [
        ("Conv2d", "device"),
        ("Sin", "host"),
        ("Conv2d", "device"),
    ]
    assert parts.places[1].reason == "The device has no such operator, or not in this form."


def test_the_importers_reason_is_shown() -> None:
    node = Node("n", host_op("LRN", "it is computed in float"), ("x",), ("y",))
    whole = Graph("net", ("x",), ("y",), (node,), {"x": TensorType(MAP), "y": TensorType(MAP)}, {})
    assert cut(whole).places[0].reason == "LRN: it is computed in float"


def test_parallel_branches_share_subgraphs() -> None:
    parts = cut(network("conv x", "conv t0", "sin t0", "add t1 t2", "conv t3"))
    assert shape_of(parts) == [(True, ["n0", "n1"]), (False, ["n2"]), (True, ["n3", "n4"])]


def test_subgraphs_never_wait_for_each_other() -> None:
    whole = network("conv x", "sin t0", "conv t0", "cos t2", "conv t1", "add t3 t4", "conv t5")
    done: set[str] = {"x"}
    for part in cut(whole).segments:
        assert set(part.graph.inputs) <= done
        done |= set(part.graph.outputs)


def test_layers_without_products_between_host_layers_stay_on_the_host() -> None:
    parts = cut(network("conv x", "sin t0", "relu t1", "cos t2", "conv t3"))
    assert shape_of(parts) == [(True, ["n0"]), (False, ["n1", "n2", "n3"]), (True, ["n4"])]
    assert "not" in parts.places[2].reason or "without" in parts.places[2].reason


def test_layout_changes_go_with_the_host_layer_they_serve() -> None:
    parts = cut(network("conv x", "turn t0", "sin t1", "turn t2", "conv t3"))
    assert shape_of(parts) == [(True, ["n0"]), (False, ["n1", "n2", "n3"]), (True, ["n4"])]


def test_what_leads_to_a_divisor_on_the_host_is_computed_in_float_too() -> None:
    root, divide = host_op("Sqrt"), host_op("Div")
    steps = [
        ("conv", CONV, ("x", "w")), ("mean", ops.ReduceMean((3,)), ("conv",)), ("distance", ops.Sub(), ("conv", "mean")),
        ("square", ops.Mul(), ("distance", "distance")), ("variance", ops.ReduceMean((3,)), ("square",)),
        ("sum", ops.Add(), ("variance", "epsilon")),
    ]  # fmt: skip
    before = graph({"x": MAP}, {"w": KERNEL, "epsilon": np.array(1e-6, np.float32)}, steps, ["sum"])
    column, norm = before.tensors["sum"], TensorType(MAP)
    nodes = (
        *before.nodes, Node("root", root, ("sum",), ("root",)), Node("norm", divide, ("distance", "root"), ("norm",)),
        Node("last", CONV, ("norm", "w"), ("last",)),
    )  # fmt: skip
    tensors = {**before.tensors, "root": column, "norm": norm, "last": norm}
    parts = cut(replace(before, nodes=nodes, tensors=tensors, outputs=("last",)))
    host = ["mean", "distance", "square", "variance", "sum", "root", "norm"]
    assert shape_of(parts) == [(True, ["conv"]), (False, host), (True, ["last"])]
    assert "divisor" in parts.places[1].reason


def test_too_many_subgraphs_cost_the_smallest() -> None:
    whole = network("conv x", "conv t0", "sin t1", "conv t2", "cos t3", "conv t4", "conv t5")
    parts = cut(whole, max_num_subgraphs=2)
    assert [part.device for part in parts.segments] == [True, False, True]
    assert parts.places[3].place == "host"
    assert "max_num_subgraphs" in parts.places[3].reason


def test_one_subgraph_is_the_least() -> None:
    with pytest.raises(CompileError, match="max_num_subgraphs is 0, must be at least 1"):
        cut(network("conv x"), max_num_subgraphs=0)


@pytest.mark.parametrize("entry", ["n1", "Unary"])
def test_deny_list_takes_names_and_operators(entry: str) -> None:
    parts = cut(network("conv x", "relu t0", "conv t1"), deny_list=[entry])
    assert shape_of(parts) == [(True, ["n0"]), (False, ["n1"]), (True, ["n2"])]
    assert parts.places[1].reason == "named in the deny list"


def test_deny_list_refuses_what_the_network_does_not_have() -> None:
    with pytest.raises(
        CompileError, match=r"'Conv2', which network 'net' does not have; did you mean 'Conv2d'\?"
    ):
        cut(network("conv x"), deny_list=["Conv2"])


def test_outputs_of_every_subgraph_reach_the_end() -> None:
    whole = network("conv x", "sin t0", "conv t1", outputs=("t0", "t1", "t2"))
    parts = cut(whole)
    feeds: dict[str, Array] = {"x": np.random.default_rng(0).standard_normal(MAP, np.float32)}
    expected = FloatSession(whole).run(feeds)
    for name, found in run_parts(parts, feeds, whole.outputs).items():
        np.testing.assert_allclose(found, expected[name], rtol=1e-5)


@given(
    st.lists(
        st.tuples(st.sampled_from(["conv", "relu", "add", "sin", "cos", "turn"]), st.randoms(use_true_random=False)),
        min_size=1, max_size=10,
    ),
    st.integers(1, 3),
)  # fmt: skip
def test_any_partition_computes_what_the_whole_does(choices: list[tuple[str, object]], limit: int) -> None:
    texts = []
    for i, (kind, random) in enumerate(choices):
        known = ["x", *(f"t{j}" for j in range(i))]
        reads = [random.choice(known) for _ in range(2 if kind == "add" else 1)]  # type: ignore[attr-defined]
        texts.append(" ".join([kind, *reads]))
    read = {name for text in texts for name in text.split()[1:]}
    unread = tuple(
        f"t{i}" for i in range(len(texts)) if f"t{i}" not in read
    )  # optimized networks have no dead ends
    whole = network(*texts, outputs=unread)
    parts = cut(whole, max_num_subgraphs=limit)
    for part in parts.segments:
        verify(part.graph)
    assert sorted(node.name for part in parts.segments for node in part.graph.nodes) == sorted(
        node.name for node in whole.nodes
    )
    assert sum(part.device for part in parts.segments) <= limit
    feeds: dict[str, Array] = {"x": np.ones(MAP, np.float32)}
    expected = FloatSession(whole).run(feeds)
    for name, found in run_parts(parts, feeds, whole.outputs).items():
        np.testing.assert_allclose(found, expected[name], rtol=1e-4, atol=1e-5)


def first_reason(of: Graph, soc: str = "tda4vm") -> str:
    return why_not(of.nodes[-1], of, load_soc(soc))


def test_rules_are_messages() -> None:
    for rule in RULES:
        text = rule.__doc__ or ""
        assert text.endswith(".")
        assert "\n" not in text.strip()


@pytest.mark.parametrize(
    ("shape", "taken"),
    [((), True), ((1,), True), ((4,), True), ((1, 1, 1, 4), True), ((6, 1), False), (MAP, False)],
)
def test_constant_operands_are_one_number_or_one_per_channel(shape: tuple[int, ...], taken: bool) -> None:
    of = graph({"x": MAP}, {"c": np.ones(shape, np.float32)}, [("y", ops.Mul(), ["x", "c"])], ["y"])
    assert (first_reason(of) == "") is taken


def test_padding_with_infinity_stays_on_the_host() -> None:
    of = graph({"x": MAP}, {}, [("y", ops.Pad((0, 1, 1, 0), (0, 0, 0, 0), -np.inf), ["x"])], ["y"])
    assert "finite" in first_reason(of)


def test_integers_stay_on_the_host() -> None:
    node = Node("n", ops.Transpose((1, 0)), ("x",), ("y",))
    types = {"x": TensorType((2, 3), "int64"), "y": TensorType((3, 2), "int64")}
    assert "float32" in first_reason(Graph("net", ("x",), ("y",), (node,), types, {}))


def test_indices_that_the_network_reads_are_found_on_the_host() -> None:
    find = ("found", ops.ArgMax(3, keepdims=False), ["x"])
    last = graph({"x": MAP}, {}, [find], ["found"])
    read = graph({"x": MAP}, {}, [find, ("y", ops.Reshape((36,)), ["found"])], ["y"])
    reasons = [why_not(of.nodes[0], of, load_soc("tda4vm")) for of in (last, read)]
    assert reasons[0] == ""
    assert "Integers" in reasons[1]


@pytest.mark.parametrize(
    ("op", "inputs", "taken"),
    [
        (ops.Concat(3), ["x", "z"], True),
        (ops.Concat(3), ["x", "c"], False),
        (ops.Concat(3), ["c", "x"], False),
        (ops.Add(), ["x", "one"], True),
        (ops.Sub(), ["one", "x"], True),
        (ops.Mul(), ["one", "one"], False),
        (ops.Conv2d(), ["x", "w"], True),
        (ops.Conv2d(), ["c", "w"], False),
        (ops.MaxPool((2, 2)), ["c"], False),
    ],
)
def test_constants_are_weights_or_one_operand(op: ops.Op, inputs: list[str], taken: bool) -> None:
    constants = {"c": np.ones(MAP, np.float32), "one": np.ones(4, np.float32), "w": KERNEL}
    reason = first_reason(graph({"x": MAP, "z": MAP}, constants, [("y", op, inputs)], ["y"]))
    assert reason == "" if taken else "needs tensors as data" in reason


def test_single_numbers_stay_on_the_host() -> None:
    of = graph({"x": MAP}, {}, [("y", ops.ReduceMax((0, 1, 2, 3), keepdims=False), ["x"])], ["y"])
    assert "dimension" in first_reason(of)


def test_a_sum_that_could_overflow_stays_on_the_host() -> None:
    depth = 70_000
    flat = np.ones((1, depth), np.float32)
    mixed = flat * (np.arange(depth) % 50 == 0)
    reasons = []
    for weight in (flat, mixed.astype(np.float32)):
        of = graph({"x": (1, depth)}, {"w": weight}, [("y", ops.FullyConnected(), ["x", "w"])], ["y"])
        reasons.append(first_reason(of))
    assert "accumulator" in reasons[0]
    assert reasons[1] == ""


def test_windows_are_measured_against_the_socs_own_l2() -> None:
    kernel = np.zeros((1, 7, 7, 3000), np.float32)
    of = graph({"x": (1, 7, 7, 3000)}, {"w": kernel}, [("y", ops.Conv2d(), ["x", "w"])], ["y"])
    reasons = {soc: first_reason(of, soc) for soc in soc_names()}
    assert "L2" in reasons["am62a"]
    assert reasons["tda4vm"] == ""
