"""One model at one thread count, in a process of its own: no other engine's idle threads disturb it. Prints JSON."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench import engines
from tests.bench.engines import Contender
from tests.bench.timing import interleave


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what tests.bench.prepare made of the model")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--round-ms", type=float, default=60.0)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", nargs="*", help="words of which a contender's name must hold one")
    options = parser.parse_args()
    chosen = list(contenders(options.folder, options.threads, options.cache, options.only))
    timings = interleave(chosen, options.rounds, options.round_ms / 1e3)
    sys.stdout.write(json.dumps([timing.document() for timing in timings]))
    return 0


def contenders(folder: Path, threads: int, cache: Path, only: list[str] | None) -> Iterator[Contender]:
    """Yield every engine that can run the model; the slow ones only with one thread."""
    int8, plain = folder / "int8.onnx", folder / "float.onnx"
    makers = {
        "lens7 native": lambda: engines.ours(folder / "artifact", "native", threads, cache),
        "openvino float": lambda: engines.openvino(int8, threads, uint8_nhwc=False),
        "openvino uint8": lambda: engines.openvino(int8, threads, uint8_nhwc=True),
        "onnxruntime int8": lambda: engines.onnx_runtime(int8, threads),
        "onnxruntime float": lambda: engines.onnx_runtime(plain, threads),
    }
    if threads == 1:
        makers["lens7 numpy"] = lambda: engines.ours(folder / "artifact", "numpy", threads, cache)
    for model in folder.glob("*.tflite"):
        makers["litert"] = lambda model=model: engines.litert(model, threads)
    for name, make in makers.items():
        if not only or any(word in name for word in only):
            yield make()


if __name__ == "__main__":
    sys.exit(main())
