"""ONNX's own operator test cases, run through importer, passes and host."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper, version_converter
from onnx.backend.test.loader import load_model_tests

from engine.errors import EngineError
from engine.host.float_session import FloatSession
from engine.importers import import_model
from engine.importers.onnx_import import CONVERTERS
from engine.ir.graph import Array, Graph
from engine.ir.ops import OnnxNode
from engine.passes.pipeline import optimize

_FOLDERS = ("simple", "pytorch-operator", "pytorch-converted")


@dataclass(frozen=True)
class Case:
    """A model, its inputs by name and the outputs that it must give."""

    name: str
    model: onnx.ModelProto
    inputs: dict[str, Array]
    outputs: tuple[Array, ...]
    rtol: float
    atol: float

    def with_constants(self) -> "Case | None":
        """Return the case as a real network has it: all inputs but the first are constants. None without others."""
        names = list(self.inputs)
        if len(names) < 2 or any(each.dtype.kind not in "biuf" for each in self.inputs.values()):
            return None
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for value in [each for each in model.graph.input if each.name != names[0]]:
            model.graph.input.remove(value)
        model.graph.initializer.extend(numpy_helper.from_array(self.inputs[each], each) for each in names[1:])
        first = {names[0]: self.inputs[names[0]]}
        return Case(f"{self.name}, constants", model, first, self.outputs, self.rtol, self.atol)


@dataclass(frozen=True)
class Outcome:
    """What became of a case: "device", "host" (an operator of it stays on the A72), "refused" or "failed"."""

    case: str
    kind: str
    detail: str = ""


def operator_cases() -> Iterator[Case]:
    """Yield the cases whose operators all have a converter; each also with constants."""
    for case in (*_generated(), *_stored()):
        operators = {node.op_type for node in case.model.graph.node}
        if operators <= CONVERTERS.keys() | {"Constant"}:
            yield case
            with_constants = case.with_constants()
            if with_constants is not None:
                yield with_constants


def _generated() -> Iterator[Case]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    for each in found:
        inputs, outputs = each.data_sets[0]
        yield _case(each.name, each.model, inputs, outputs, each.rtol, each.atol)


def _stored() -> Iterator[Case]:
    for folder in _FOLDERS:
        for each in load_model_tests(kind=folder):
            path = Path(each.model_dir)
            data = path / "test_data_set_0"
            if (path / "model.onnx").is_file() and data.is_dir():
                inputs, outputs = (
                    [_tensor(file) for file in sorted(data.glob(f"{key}_*.pb"))]
                    for key in ("input", "output")
                )
                model = _in_opset_13(onnx.load(path / "model.onnx"))
                if model is not None and all(values is not None for values in (*inputs, *outputs)):
                    yield _case(each.name, model, inputs, outputs, each.rtol, each.atol)


def _in_opset_13(model: onnx.ModelProto) -> onnx.ModelProto | None:
    """Return a stored model, most are of opset 6, in a newer one; None where ONNX cannot convert it."""
    if model.opset_import[0].version >= 9:
        return model
    try:
        return version_converter.convert_version(model, 13)
    except (RuntimeError, ValueError):
        return None


def _tensor(file: Path) -> Array | None:
    tensor = onnx.TensorProto()
    tensor.ParseFromString(file.read_bytes())
    return numpy_helper.to_array(tensor) if tensor.data_type else None


def _case(
    name: str,
    model: onnx.ModelProto,
    inputs: Sequence[Array],
    outputs: Sequence[Array],
    rtol: float,
    atol: float,
) -> Case:
    stored = {each.name for each in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in stored]
    given, wanted = ([_array(each) for each in values] for values in (inputs, outputs))
    return Case(name, model, dict(zip(names, given, strict=False)), tuple(wanted), rtol, atol)


def _array(value: object) -> Array:
    """Return a value as array; sequences and optionals, which no importer takes, as an empty object array."""
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    return np.empty(0, object) if value is None or isinstance(value, list) else np.asarray(value)


def run(case: Case, file: Path) -> Outcome:
    """Import the case from ``file``, run it as imported and optimized, and compare."""
    file.write_bytes(case.model.SerializeToString())
    try:
        graph = import_model(file)
        graphs = [graph, optimize(graph)]
    except EngineError as error:
        return Outcome(case.name, "refused", str(error))
    try:
        for each in graphs:
            _compare(case, each)
    except (AssertionError, EngineError) as error:
        return Outcome(case.name, "failed", str(error))
    on_host = any(isinstance(node.op, OnnxNode) for node in graphs[-1].nodes)
    return Outcome(case.name, "host" if on_host else "device")


def _compare(case: Case, graph: Graph) -> None:
    feeds = {}
    for name in graph.inputs:
        values, shape = _widened(case.inputs[name]), graph.tensors[name].shape
        if not values.size:  # CastLike's second input gives only a type
            values = np.zeros(shape, values.dtype)
        feeds[name] = values if values.shape == shape else values.transpose(0, 2, 3, 1)
    results = FloatSession(graph).run(feeds)
    assert len(graph.outputs) == len(case.outputs)
    for name, expected in zip(graph.outputs, case.outputs, strict=True):
        wanted = _widened(expected)
        half = expected.dtype == np.float16
        rtol, atol = (2e-3, 2e-3) if half else (case.rtol, max(case.atol, 1e-6))
        assert results[name].shape == wanted.shape
        assert results[name].dtype == wanted.dtype
        np.testing.assert_allclose(results[name], wanted, rtol, atol)


def _widened(values: Array) -> Array:
    return values.astype(np.float32) if values.dtype == np.float16 else values
