"""One picture through both networks, and what a process needs for it. The same code runs here, in workers and on clusters."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.errors import ImageError
from engine.host.export import to_onnx
from engine.host.onnx_session import OnnxSession
from engine.host.pictures import decode_picture, read_bytes
from engine.host.preprocess import Image, preprocess, to_real
from engine.ir.graph import Graph
from engine.program.artifact import Artifact, read_artifact, write_artifact
from engine.program.descriptors import Descriptor
from engine.runtime.postprocess import unusable
from engine.runtime.session import Session
from engine.runtime.validation.folder import LabelledPicture, Skipped
from engine.runtime.validation.layers import ErrorSums, cosine, error_sums, float_names

Real = NDArray[np.float32]
TOP = 5


@dataclass(frozen=True, slots=True)
class Task:
    """A picture to measure; ``layers`` asks for the error of every layer too."""

    picture: LabelledPicture
    layers: bool


@dataclass(frozen=True, slots=True)
class HostTimes:
    """Where the time of one picture went on this machine, measured; ``decode_ns`` includes reading the file."""

    decode_ns: int
    preprocess_ns: int
    float_ns: int
    device_ns: int
    layers_ns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One picture: the five best classes of each network, the cosine of their logits, what it cost, and what computed it."""

    file: str
    class_index: int
    float_top: tuple[int, ...]
    device_top: tuple[int, ...]
    cosine: float
    times: HostTimes
    rss_bytes: int
    kernels: str
    layers: tuple[ErrorSums, ...] = ()

    @property
    def float_right(self) -> bool:
        """Whether the float network names the picture."""
        return self.float_top[0] == self.class_index

    @property
    def device_right(self) -> bool:
        """Whether the device names the picture."""
        return self.device_top[0] == self.class_index


Result = Outcome | Skipped


class Meter(Protocol):
    """Measures pictures; used from one thread."""

    def measure(self, task: Task, data: NDArray[np.uint8] | None = None) -> Result:
        """Return what came of ``task``; ``data`` is the file's content where this machine cannot see the file."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


class Opener(Protocol):
    """Data from which any process can open a meter."""

    def open(self, cache_dir: Path | None) -> Meter:
        """Return a meter of its own; compiled kernels are kept in ``cache_dir``."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """All that a process needs, as data: the artifact's files, the float network as ONNX, and how to run them.

    The ONNX model returns ``float_output`` and each of ``float_tensors``' values: device tensor to float tensor.
    """

    artifact: Mapping[str, bytes] = field(repr=False)
    float_model: bytes = field(repr=False)
    float_output: str
    float_tensors: Mapping[str, str] = field(repr=False)
    kernels: str
    threads: int

    def open(self, cache_dir: Path | None) -> "PictureMeter":
        """Check the artifact, open both networks and warm them up."""
        return PictureMeter(self, cache_dir)


def make_job(graph: Graph, artifact: Artifact, kernels: str, threads: int) -> Job:
    """Return the job that compares ``artifact`` with ``graph``."""
    tensors = float_names(artifact, graph)
    outputs = dict.fromkeys((graph.outputs[0], *(n for n in tensors.values() if n not in graph.inputs)))
    with tempfile.TemporaryDirectory(prefix="lens7-") as scratch:
        folder = Path(scratch) / "artifact"
        write_artifact(artifact, folder)
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return Job(
        artifact=files,
        float_model=to_onnx(graph, tuple(outputs)).SerializeToString(),
        float_output=graph.outputs[0],
        float_tensors=tensors,
        kernels=kernels,
        threads=threads,
    )


class PictureMeter:
    """Both networks, ready."""

    def __init__(self, job: Job, cache_dir: Path | None) -> None:
        with tempfile.TemporaryDirectory(prefix="lens7-") as scratch:
            for name, data in job.artifact.items():
                (Path(scratch) / name).write_bytes(data)
            artifact = read_artifact(Path(scratch))
        self._job = job
        self._logits = OnnxSession(job.float_model, (job.float_output,), job.threads)
        self._layers: OnnxSession | None = None
        self._process = psutil.Process()
        self._session = Session(artifact, job.kernels, job.threads, cache_dir)
        spec = artifact.input_spec
        assert spec is not None, "a session opens for pictures only"
        self._spec = spec
        blank = np.zeros((*self._session.info.input_hw, 3), np.uint8)
        self._session.run_pixels(blank)
        self._logits.run(self._float_input(blank))

    def measure(self, task: Task, data: NDArray[np.uint8] | None = None) -> Result:
        """Return what came of ``task``."""
        picture = task.picture
        start_ns = time.perf_counter_ns()
        try:
            content = read_bytes(picture.path) if data is None else data
            image = decode_picture(content, picture.path.name)
            decoded_ns = time.perf_counter_ns()
            pixels = preprocess(image, self._spec, self._session.info.input_hw)
        except ImageError as error:
            return Skipped.because(picture.file, error)
        inputs = self._float_input(pixels)
        ready_ns = time.perf_counter_ns()
        expected = self._logits.run(inputs)[self._job.float_output].reshape(-1)
        float_ns = time.perf_counter_ns()
        got = self._session.run_pixels(pixels)
        device_ns = time.perf_counter_ns()
        for network, logits in (("float network", expected), ("device", got)):
            if unusable(logits):
                return Skipped(picture.file, f"the scores of the {network} are NaN or infinite")
        layers = self._layer_errors(pixels, inputs) if task.layers else ()
        end_ns = time.perf_counter_ns()
        return Outcome(
            file=picture.file,
            class_index=picture.class_index,
            float_top=_best(expected),
            device_top=_best(got),
            cosine=cosine(expected, got),
            times=HostTimes(
                decode_ns=decoded_ns - start_ns,
                preprocess_ns=ready_ns - decoded_ns,
                float_ns=float_ns - ready_ns,
                device_ns=device_ns - float_ns,
                layers_ns=end_ns - device_ns,
            ),
            rss_bytes=self._process.memory_info().rss,
            kernels=self._session.info.kernels,
            layers=layers,
        )

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def _float_input(self, pixels: Image) -> dict[str, Real]:
        return {self._session.artifact.input_name: to_real(pixels, self._spec)[None]}

    def _layer_errors(self, pixels: Image, inputs: Mapping[str, Real]) -> tuple[ErrorSums, ...]:
        if self._layers is None:  # opened for the first sampled picture: many workers never see one
            self._layers = OnnxSession(self._job.float_model, None, self._job.threads)
        expected = {**inputs, **self._layers.run(inputs)}
        sums: list[ErrorSums] = []

        def observe(descriptor: Descriptor, got: Real) -> None:
            name = self._job.float_tensors.get(descriptor.output)
            if name is not None:
                sums.append(error_sums(descriptor.output, expected[name], got))

        self._session.run_pixels(pixels, observe)
        return tuple(sums)


def _best(logits: Real) -> tuple[int, ...]:
    return tuple(np.argsort(-logits, kind="stable")[:TOP].tolist())


def run_here(opener: Opener, tasks: Sequence[Task], cache_dir: Path | None) -> Iterator[Result]:
    """Yield the result of each task, measured in this process."""
    with closing(opener.open(cache_dir)) as meter:
        for task in tasks:
            yield meter.measure(task)
