"""Everything that is timed, under one shape: a name and a function that runs one frame from uint8 or float pixels."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import Session


@dataclass(frozen=True)
class Contender:
    """``run`` executes one frame; ``threads`` is how many CPU threads it may use."""

    name: str
    threads: int
    run: Callable[[], object]


def ours(artifact: Path, kernels: str, threads: int, cache_dir: Path) -> Contender:
    """Return a session as every user has it: uint8 pixels through mailbox and device, and the A72's share where there is one."""
    session = Session(artifact, kernels, threads, cache_dir)
    picture = np.random.default_rng(0).integers(0, 256, (*session.info.input_hw, 3), np.uint8)
    return Contender(f"lens7 {session.info.kernels}", threads, lambda: _top5(session.run_pixels(picture)))


def openvino(model: Path, threads: int, uint8_nhwc: bool) -> Contender:
    """Return OpenVINO with the latency hint; uint8 NHWC input is converted inside the model."""
    import openvino as ov

    core = ov.Core()
    network = core.read_model(model)
    shape = list(network.input().shape)
    if uint8_nhwc:
        steps = ov.preprocess.PrePostProcessor(network)
        steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        steps.input().model().set_layout(ov.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(ov.Type.f32).mean(127.0).scale(128.0)
        network = steps.build()
        shape = [shape[0], shape[2], shape[3], shape[1]]
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    picture = _picture(shape, uint8_nhwc)
    kind = "uint8 NHWC" if uint8_nhwc else "float NCHW"
    return Contender(f"OpenVINO {model.stem} {kind}", threads, lambda: _top5(request.infer([picture])[0]))


def onnx_runtime(model: Path, threads: int) -> Contender:
    """Return ONNX Runtime's CPU provider."""
    from engine.host.onnx_runtime import ort

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    feed = {entry.name: _picture(entry.shape, False)}
    return Contender(f"ONNX Runtime {model.stem}", threads, lambda: _top5(session.run(None, feed)[0]))


def litert(model: Path, threads: int) -> Contender:
    """Return LiteRT with XNNPACK."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model), num_threads=threads)
    interpreter.allocate_tensors()
    entry, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    picture = _picture(entry["shape"], entry["dtype"] == np.uint8)

    def run() -> object:
        interpreter.set_tensor(entry["index"], picture)
        interpreter.invoke()
        return _top5(interpreter.get_tensor(result["index"]))

    return Contender(f"LiteRT {model.stem}", threads, run)


def _picture(shape: list[int], as_bytes: bool) -> np.ndarray:
    rng = np.random.default_rng(0)
    if as_bytes:
        return rng.integers(0, 256, shape, np.uint8)
    return rng.normal(0, 1, shape).astype(np.float32)


def _top5(logits: np.ndarray) -> np.ndarray:
    """Return the indices of the five largest, largest first."""
    flat = logits.reshape(-1)
    five = np.argpartition(flat, -5)[-5:]
    return five[np.argsort(-flat[five].astype(np.float64), kind="stable")]
