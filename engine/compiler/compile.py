"""From a model file to an artifact folder: import, optimize, partition, calibrate, quantize, tile, plan, write."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import assets
from engine.compiler.assemble import assemble
from engine.compiler.macs import macs_of
from engine.compiler.outline import outline
from engine.compiler.partition import Partition, Place, partition
from engine.compiler.predict import predict
from engine.compiler.runtime_options import adopt
from engine.compiler.strip import without_softmax
from engine.errors import CalibrationError, CompileError, ImageError
from engine.host.export import to_onnx
from engine.host.local_response import local_response_of
from engine.host.pictures import picture_files, read_picture
from engine.host.preprocess import preprocess, to_real
from engine.importers import ImportOptions, import_model, runtime_options
from engine.ir.graph import Array, Graph
from engine.kernels.numpy_set import NumpySet
from engine.kernels.select import open_kernels
from engine.passes.pipeline import optimize
from engine.program.artifact import (
    Artifact,
    DeviceSegment,
    HostSegment,
    Segment,
    check_target,
    write_artifact,
)
from engine.program.operands import KernelSet
from engine.program.program import Memory, Program
from engine.program.verify import verify_program
from engine.quant.calibrate import calibrate
from engine.quant.calibration import Calibration, read_table
from engine.quant.frames import MOST_BYTES
from engine.quant.network import QuantizedNetwork
from engine.quant.options import QuantOptions, Recipe
from engine.quant.quantize import quantize
from engine.soc import SocSpec, load_soc

Progress = Callable[[str, float], None]
# NumPy is through with so many (of depthwise networks) before the native kernels, where none are kept, are compiled.
_NATIVE_PAYS_MACS = 12e9


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """Everything that decides an artifact besides the model file itself.

    ``calibration`` is a folder of pictures or a saved table, ``calibration.json`` (None: the pictures that ship with
    the program); ``model`` says what a bare file
    leaves open; ``quantization`` holds TI's options, its recipe is replaced by ``recipe``.
    """

    soc: str = "tda4vm"
    recipe: str = "lens7"
    cores: int | None = None
    clock_hz: float | None = None
    calibration: Path | None = None
    model: ImportOptions = field(default_factory=ImportOptions)
    quantization: QuantOptions = field(default_factory=QuantOptions)
    deny_list: tuple[str, ...] = ()
    max_num_subgraphs: int = 16

    def load_soc(self) -> SocSpec:
        """Return the SoC that these options name."""
        return load_soc(self.soc, cores=self.cores, clock_hz=self.clock_hz)


@dataclass(frozen=True, slots=True)
class CompileReport:
    """What ``compile_model`` made; bytes are those of the largest moment, ``seconds`` is measured host time."""

    artifact: Path
    layers: int
    subgraphs: int
    places: tuple[Place, ...]
    weights_bytes: int
    ddr_bytes: int
    msmc_bytes: int
    l2_bytes: int
    seconds: float
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the document of the command line contract."""
        return {
            "artifact": str(self.artifact),
            "layers": self.layers,
            "subgraphs": self.subgraphs,
            "on_device": sum(place.place == "device" for place in self.places),
            "on_host": [
                {"node": p.node, "op": p.op, "reason": p.reason} for p in self.places if p.place != "device"
            ],
            "weights_bytes": self.weights_bytes,
            "ddr_bytes": self.ddr_bytes,
            "msmc_bytes": self.msmc_bytes,
            "l2_bytes": self.l2_bytes,
            "seconds": self.seconds,
        }


def compile_model(
    model: str | Path,
    out: Path,
    options: CompileOptions | None = None,
    progress: Progress | None = None,
    cache_dir: Path | None = None,
) -> CompileReport:
    """Compile ``model`` (a built-in name or a file) into the artifact folder ``out``.

    ``progress`` is told (stage, fraction of the whole). ``cache_dir`` is where compiled kernels are kept between runs:
    the recipes run the network over calibration pictures. What they compute does not depend on which kernels there are.

    Raises:
        EngineError: the model, the SoC, the calibration pictures or the folder are refused; nothing is written half.
    """
    options = options or CompileOptions()
    tell = progress or (lambda stage, fraction: None)
    start_ns = time.perf_counter_ns()
    soc = options.load_soc()
    check_target(out)
    tell("reading the model", 0.0)
    options, described = as_described(model, options, soc)
    graph = float_graph(model, options)
    _check_batch(graph)
    parts = partition(graph, soc, deny_list=options.deny_list, max_num_subgraphs=options.max_num_subgraphs)
    # Refuses what cannot fit the SoC before float needs four times its memory.
    outlines = [outline(part.graph, soc) for part in parts.segments if part.device]
    tell("calibrating", 0.05)
    calibration = _calibrate(
        graph, parts, options, lambda fraction: tell("calibrating", 0.05 + 0.15 * fraction)
    )
    kernels: KernelSet = NumpySet()
    if _native_pays(sum(map(macs_of, outlines)), len(calibration.frames), options):
        tell("compiling the kernels", 0.2)
        kernels = open_kernels("auto", 1, cache_dir).kernels
    segments, notes = _build(
        parts, calibration, soc, options, kernels, lambda fraction: tell("quantizing", 0.3 + 0.6 * fraction)
    )
    tell("writing the artifact", 0.9)
    report = _report(out, segments, parts, (*described, *notes), (time.perf_counter_ns() - start_ns) / 1e9)
    write_artifact(_artifact(str(model), graph, soc, options, segments, calibration, report), out)
    tell("done", 1.0)
    return report


def as_described(
    model: str | Path, options: CompileOptions, soc: SocSpec
) -> tuple[CompileOptions, tuple[str, ...]]:
    """Return ``options`` with what the model's own description asks for where they are at their defaults, and notes."""
    adopted = adopt(
        runtime_options(model), _quant_options(options), options.deny_list, options.max_num_subgraphs, soc
    )
    changed = replace(
        options,
        quantization=adopted.quantization,
        deny_list=adopted.deny_list,
        max_num_subgraphs=adopted.max_num_subgraphs,
    )
    return changed, adopted.notes


def float_graph(model: str | Path, options: CompileOptions) -> Graph:
    """Return the optimized float network whose last tensor are the logits: the reference of ``validate``."""
    return without_softmax(optimize(import_model(model, options.model)))


def place_model(model: str | Path, options: CompileOptions) -> tuple[Place, ...]:
    """Return where each node of ``model`` would run, and why."""
    soc = options.load_soc()
    options, _ = as_described(model, options, soc)
    graph = float_graph(model, options)
    return partition(
        graph, soc, deny_list=options.deny_list, max_num_subgraphs=options.max_num_subgraphs
    ).places


def _check_batch(graph: Graph) -> None:
    batch = graph.tensors[graph.inputs[0]].shape[:1]
    if graph.input_spec is not None and batch != (1,):
        raise CompileError(
            f"{graph.name}: its input {graph.inputs[0]!r} takes {batch[0]} pictures at a time; export the model for one, "
            "or with an open batch"
        )


def _calibrate(
    graph: Graph, parts: Partition, options: CompileOptions, progress: Callable[[float], None]
) -> Calibration:
    if options.calibration is not None and options.calibration.suffix == ".json":
        return read_table(options.calibration)
    later_inputs = {name for segment in parts.segments for name in segment.graph.inputs} - set(graph.inputs)
    keep = tuple(sorted(later_inputs))
    return calibrate(graph, calibration_frames(graph, options), _quant_options(options), progress, keep=keep)


def _quant_options(options: CompileOptions) -> QuantOptions:
    known = [recipe.value for recipe in Recipe]
    if options.recipe not in known:
        raise CompileError(f"unknown recipe {options.recipe!r}; there are {', '.join(known)}")
    return QuantOptions(**{**_fields(options.quantization), "recipe": Recipe(options.recipe)})


def _fields(options: QuantOptions) -> dict[str, Any]:
    return {name: getattr(options, name) for name in options.__dataclass_fields__}


def calibration_frames(graph: Graph, options: CompileOptions) -> Iterator[Array]:
    """Yield calibration inputs: the pictures of the folder, preprocessed as at run time.

    Raises:
        CalibrationError: the network takes no pictures, or at the end if all of them were of one colour.
        ImageError: one cannot be read.
    """
    spec, tensor = graph.input_spec, graph.tensors[graph.inputs[0]]
    if spec is None:
        raise CalibrationError(
            f"{graph.name}: its input, {tensor.dtype} {tensor.shape}, is no RGB picture of float32, or of bytes that are cast or "
            "dequantized first, so pictures cannot calibrate it"
        )
    folder = options.calibration or assets.path("calibration")
    plain, paths = True, picture_files(folder)[: options.quantization.calibration_frames]
    for path in paths:
        picture = read_picture(path)
        try:
            pixels = preprocess(picture, spec, (tensor.shape[1], tensor.shape[2]))
        except ImageError as error:
            raise ImageError(f"{path.name}: {error}") from None
        plain = plain and pixels.size > 3 and bool((pixels == pixels[0, 0]).all())
        yield to_real(pixels, spec)[None]
    if plain:
        raise CalibrationError(
            f"{folder}: each of the {len(paths)} calibration pictures is of one colour (all black?); "
            "give pictures like those that the network is to see"
        )


def _native_pays(macs: int, frames: int, options: CompileOptions) -> bool:
    """Return whether a network of ``macs`` runs over the calibration ``frames`` for longer than kernels take to compile."""
    quantization = _quant_options(options)
    runs = frames * quantization.iterations if quantization.corrects_biases else 0
    return macs * runs > _NATIVE_PAYS_MACS


def _build(
    parts: Partition,
    calibration: Calibration,
    soc: SocSpec,
    options: CompileOptions,
    kernels: KernelSet,
    progress: Callable[[float], None],
) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    """Return the segments and lines for the report."""
    segments: list[Segment] = []
    notes: list[str] = []
    kept = len(calibration.frames)
    if 0 < kept < calibration.frame_count and _quant_options(options).corrects_biases:
        notes.append(
            f"biases are corrected on {kept} of the {calibration.frame_count} calibration pictures: the maps of all of them "
            f"would take more than {MOST_BYTES >> 30} GiB of memory"
        )
    for index, part in enumerate(parts.segments):
        if part.device:
            share = _share(progress, index, len(parts.segments))
            network = quantize(part.graph, calibration, soc, _quant_options(options), share, kernels)
            notes.extend(network.notes)
            segments.append(DeviceSegment(lower(network, part.graph, soc)))
        else:
            model = to_onnx(part.graph).SerializeToString()
            known = local_response_of(part.graph)
            segments.append(HostSegment(model, part.graph.inputs, part.graph.outputs, known))
    return tuple(segments), tuple(notes)


def _share(progress: Callable[[float], None], index: int, count: int) -> Callable[[float], None]:
    """Return the progress of part ``index`` of ``count`` equal parts."""
    return lambda fraction: progress((index + fraction) / count)


def lower(network: QuantizedNetwork, graph: Graph, soc: SocSpec) -> Program:
    """Return ``network`` with an address for every tensor and a tile for every layer that needs one.

    Raises:
        CompileError: it cannot fit the SoC's memories.
    """
    program = assemble(graph, network.descriptors, network.tensors, network.constants, soc)
    verify_program(program)
    return program


def _report(
    out: Path, segments: Sequence[Segment], parts: Partition, notes: tuple[str, ...], seconds: float
) -> CompileReport:
    programs = [segment.program for segment in segments if isinstance(segment, DeviceSegment)]
    return CompileReport(
        artifact=out,
        layers=sum(len(program.descriptors) for program in programs),
        subgraphs=len(programs),
        places=parts.places,
        weights_bytes=sum(array.nbytes for program in programs for array in program.constants.values()),
        ddr_bytes=sum(program.arena_bytes.get(Memory.DDR, 0) for program in programs),
        msmc_bytes=max((program.arena_bytes.get(Memory.MSMC, 0) for program in programs), default=0),
        l2_bytes=max((_l2_bytes(program) for program in programs), default=0),
        seconds=seconds,
        notes=notes,
    )


def _l2_bytes(program: Program) -> int:
    return max((t.input_bytes + t.weight_bytes + t.output_bytes for t in program.tiles.values()), default=0)


def _artifact(
    model: str, graph: Graph, soc: SocSpec, options: CompileOptions, segments: tuple[Segment, ...],
    calibration: Calibration, report: CompileReport,
) -> Artifact:  # fmt: skip
    if len(graph.outputs) != 1:
        raise CompileError(
            f"{graph.name}: {len(graph.outputs)} outputs ({', '.join(graph.outputs)}); a classifier has one"
        )
    (source,) = graph.inputs
    macs = sum(macs_of(segment.program) for segment in segments if isinstance(segment, DeviceSegment))
    return Artifact(
        model=Path(model).stem,
        soc=soc.name,
        cores=soc.cores,
        clock_hz=soc.clock_hz,
        recipe=options.recipe,
        options=_plain(options.quantization),
        input_name=source,
        input_shape=graph.tensors[source].shape,
        input_spec=graph.input_spec,
        output=graph.outputs[0],
        labels=graph.labels,
        segments=segments,
        device_ms=_device_ms(segments, soc),
        report={**report.document(), "artifact": "", "macs": macs, "notes": list(report.notes)},
        calibration=calibration.to_json().encode(),
    )


def _device_ms(segments: tuple[Segment, ...], soc: SocSpec) -> float | None:
    """Return the modelled time of a frame in ms; None where the A72 takes part, which nothing models."""
    if len(segments) == 1 and isinstance(segments[0], DeviceSegment):
        return predict(segments[0].program, soc).device_ms
    return None


def _plain(options: QuantOptions) -> dict[str, Any]:
    """Return TI's options as JSON values."""
    return json.loads(json.dumps(asdict(options), default=lambda value: value.value))  # type: ignore[no-any-return]
