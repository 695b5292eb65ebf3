"""Which kernels run the calibration pictures: the fastest where that is worth it."""

from pathlib import Path

import pytest

from engine.compiler import compile as compiling
from engine.compiler.compile import CompileOptions, compile_model
from engine.kernels.numpy_set import NumpySet
from engine.kernels.select import OpenedKernels
from engine.quant.options import QuantOptions
from tests.engine.runtime.validation.tiny import write_model, write_pictures


@pytest.mark.parametrize(
    ("recipe", "quantization", "worth_macs", "opened"),
    [
        ("ti", QuantOptions(calibration_iterations=1), 1.0, True),
        ("ti", QuantOptions(calibration_iterations=1), 1e12, False),
        ("ti", QuantOptions(accuracy_level=0), 1.0, False),
        ("lens7", QuantOptions(), 1.0, True),
        ("lens7", QuantOptions(), 1e12, False),
        ("lens7", QuantOptions(accuracy_level=0), 1.0, False),
    ],
)
def test_native_kernels_are_opened_where_they_pay(
    recipe: str,
    quantization: QuantOptions,
    worth_macs: float,
    opened: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int, Path | None]] = []
    told: list[tuple[str, float]] = []

    def open_kernels(name: str, threads: int, cache_dir: Path | None) -> OpenedKernels:
        asked.append((name, threads, cache_dir))
        return OpenedKernels(NumpySet(), "as a test wants it")

    monkeypatch.setattr(compiling, "open_kernels", open_kernels)
    monkeypatch.setattr(compiling, "_NATIVE_PAYS_MACS", worth_macs)
    write_pictures(tmp_path / "calibration", 2)
    write_model(tmp_path / "tiny.onnx")
    options = CompileOptions(recipe=recipe, quantization=quantization, calibration=tmp_path / "calibration")
    compile_model(
        tmp_path / "tiny.onnx", tmp_path / "out", options, lambda *each: told.append(each), tmp_path / "cache"
    )
    assert asked == [("auto", 1, tmp_path / "cache")] * opened
    assert [stage for stage, _ in told].count("compiling the kernels") == opened
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
