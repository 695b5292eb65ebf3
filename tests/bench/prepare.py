"""Makes of a model what every engine needs, once: our artifact, float and int8 ONNX; a .tflite is linked."""

import shutil
from pathlib import Path

from engine.compiler.compile import CompileOptions, compile_model, float_graph
from engine.importers.options import ImportOptions
from tests.bench.baselines import float_model, int8_model

BUILT_IN = "efficientnet_lite0"


def prepare(model: str, soc: str, work: Path) -> Path:
    """Return the folder of ``model`` (built-in name or file) under ``work``; weights of .onnx files are random."""
    folder = work / f"{Path(model).stem}-{soc}"
    finished = folder / "done"
    if finished.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seed = 1 if model.endswith(".onnx") else None
    options = CompileOptions(soc=soc, model=ImportOptions(random_weights=seed))
    compile_model(model, folder / "artifact", options)
    int8_model(float_model(float_graph(model, options), folder / "float.onnx"), folder / "int8.onnx")
    if model.endswith(".tflite"):
        shutil.copy(model, folder)
    finished.touch()
    return folder
