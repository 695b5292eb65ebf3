"""ONNX's own operator test cases pass through importer, passes and host, or are refused in one line."""

from collections import Counter

import pytest

from engine.importers.onnx_import import CONVERTERS
from tests.engine.importers.onnx_cases import Outcome, operator_cases, run


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    file = tmp_path_factory.mktemp("cases") / "case.onnx"
    return [run(case, file) for case in operator_cases()]


def test_no_case_fails(outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter(each.kind for each in outcomes)
    with capsys.disabled():  # the counts are the result
        print(
            f"\nONNX operator cases: {counts['device']} passed on device operators, {counts['host']} passed with a host "
            f"operator, {counts['refused']} refused with a reason, {counts['failed']} failed"
        )
    assert not [f"{each.case}: {each.detail}" for each in outcomes if each.kind == "failed"]


def test_most_cases_pass(outcomes: list[Outcome]) -> None:
    counts = Counter(each.kind for each in outcomes)
    assert counts["device"] >= 320
    assert counts["host"] >= 280


def test_refusals_are_one_line_that_names_a_node_or_input(outcomes: list[Outcome]) -> None:
    for each in outcomes:
        if each.kind == "refused":
            assert "\n" not in each.detail
            assert any(
                word in each.detail for word in ("node '", "graph input '", "initializer '", "network '")
            ), each


def test_every_converter_meets_a_case_that_passes(outcomes: list[Outcome]) -> None:
    passed = {each.case.removesuffix(", constants") for each in outcomes if each.kind in ("device", "host")}
    met = {node.op_type for case in operator_cases() if case.name in passed for node in case.model.graph.node}
    # ONNX has no case of these that runs without data-dependent shapes; the other tests of this folder have.
    assert CONVERTERS.keys() - met <= {"Upsample", "QuantizeLinear", "DequantizeLinear"}
