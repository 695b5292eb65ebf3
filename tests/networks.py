"""``python -m tests.networks``: whole networks, compiled, run, and held against float and, layer by layer, against the law.

Files or folders of ONNX networks may be named. Networks without weights get random ones. A network passes on a SoC if on
every picture the cosine of the device's logits with the float network's is high enough, and if the kernel sets give the
reference's integers in every layer.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import assets
from engine.compiler.compile import CompileOptions, compile_model, float_graph
from engine.errors import EngineError
from engine.host.float_session import FloatSession
from engine.host.pictures import picture_files, read_picture
from engine.host.preprocess import Image, preprocess, to_real
from engine.importers import ImportOptions
from engine.program.artifact import Artifact, DeviceSegment, read_artifact
from engine.runtime.session import Session
from engine.runtime.validation.layers import cosine
from engine.soc import load_soc, soc_names
from tests.conftest import REPOSITORY
from tests.engine.importers.onnx_models import LIGHT
from tests.engine.kernels.sets import NATIVE_NAMES, SET_NAMES, kernel_set
from tests.engine.kernels.whole_networks import layer_by_layer

TOPOLOGIES = REPOSITORY.parent / "shared" / "data" / "topologies"
LEAST_COSINE_PER_TENSOR, LEAST_COSINE_PER_CHANNEL = 0.90, 0.98
ROW = "{:<28} {:<7} {:>9} {:>5} {:>8} {:>8} {:>7} {:>9}  {}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One network on one SoC; the cosines are those of the pictures, ``differing`` names "kernel set: layer"."""

    compile_s: float
    on_host: int
    cosines: tuple[float, ...]
    layers: int
    differing: tuple[str, ...]


def main() -> int:
    """Run; exit status 1 if a network fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.networks", description=__doc__)
    found = [path for path in (TOPOLOGIES, LIGHT) if path.is_dir()]
    parser.add_argument("networks", nargs="*", type=Path, default=found)
    parser.add_argument("--soc", nargs="+", choices=soc_names(), default=["tda4vm", "am68a"])
    parser.add_argument("--recipe", choices=("lens7", "ti"), default="lens7")
    parser.add_argument("--sets", nargs="*", choices=SET_NAMES, default=[*NATIVE_NAMES[:1], "numpy"])
    parser.add_argument("--pictures", type=Path, default=assets.path("demo"))
    parser.add_argument("--seed", type=int, default=1, help="of the random weights")
    options = parser.parse_args()
    print(
        ROW.format("network", "SoC", "compile s", "host", "cosine", "worst", "layers", "differing", "verdict")
    )
    failed = 0
    for path in network_files(options.networks):
        for soc in options.soc:
            failed += not _passes(path, soc, options)
    print(f"{failed} failed" if failed else "all passed")
    return 1 if failed else 0


def network_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files themselves and the ONNX files of the folders."""
    for path in paths:
        yield from sorted(path.glob("*.onnx")) if path.is_dir() else [path]


def _passes(path: Path, soc: str, options: argparse.Namespace) -> bool:
    try:
        found = judge(path, soc, options.recipe, options.sets, options.pictures, options.seed)
    except EngineError as error:
        print(ROW.format(path.stem, soc, *[""] * 6, f"REFUSED {error}"), flush=True)
        return False
    least = LEAST_COSINE_PER_CHANNEL if load_soc(soc).per_channel else LEAST_COSINE_PER_TENSOR
    passed = min(found.cosines) >= least and not found.differing
    mean = sum(found.cosines) / len(found.cosines)
    verdict = "passed" if passed else f"FAILED, at least {least}; {', '.join(found.differing[:3])}"
    columns = (f"{mean:.4f}", f"{min(found.cosines):.4f}", found.layers, len(found.differing), verdict)
    print(ROW.format(path.stem, soc, f"{found.compile_s:.1f}", found.on_host, *columns), flush=True)
    return passed


def judge(path: Path, soc: str, recipe: str, sets: Sequence[str], pictures: Path, seed: int) -> Outcome:
    """Compile and run one network, and compare its logits with float and every layer with the law.

    Raises:
        EngineError: the network is refused.
    """
    compiling = CompileOptions(soc=soc, recipe=recipe, model=ImportOptions(random_weights=seed))
    with tempfile.TemporaryDirectory(prefix="lens7-networks-") as folder:
        start_s = time.perf_counter()
        report = compile_model(path, Path(folder) / "artifact", compiling)
        compile_s = time.perf_counter() - start_s
        artifact = read_artifact(Path(folder) / "artifact")
    spec, size = artifact.input_spec, artifact.input_shape[1:3]
    assert spec is not None, "calibration refuses a network that takes no picture"
    seen = [preprocess(read_picture(file), spec, (size[0], size[1])) for file in picture_files(pictures)]
    graph = float_graph(path, compiling)
    real = FloatSession(graph)
    cosines = []
    with Session(artifact) as session:
        for pixels in seen:
            (expected,) = real.run({artifact.input_name: to_real(pixels, spec)[None]}).values()
            cosines.append(cosine(expected.reshape(-1), session.run_pixels(pixels)))
    layers, differing = _against_the_law(artifact, sets, seen[0])
    on_host = sum(place.place != "device" for place in report.places)
    return Outcome(compile_s, on_host, tuple(cosines), layers, differing)


def _against_the_law(artifact: Artifact, sets: Sequence[str], pixels: Image) -> tuple[int, tuple[str, ...]]:
    """Return how many layers were compared, and which differ from the reference in which kernel set."""
    layers, differing = 0, []
    for segment in artifact.segments:
        if isinstance(segment, DeviceSegment):
            kernels = {name: kernel_set(name) for name in sets}
            count, _, bad = layer_by_layer(segment.program, kernels, pixels)
            layers += count
            differing.extend(bad)
    return layers, tuple(differing)


if __name__ == "__main__":
    sys.exit(main())
