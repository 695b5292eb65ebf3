"""A compiled network, ready to name pictures: the A72's runtime application between user, model and device."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from engine.emu.device import Device
from engine.errors import ArtifactError
from engine.host.preprocess import Image, preprocess, to_real
from engine.kernels.select import open_kernels
from engine.program.artifact import Artifact, DeviceSegment, HostSegment, read_artifact
from engine.program.descriptors import DataConvert, Descriptor
from engine.program.local_response import LocalResponse
from engine.program.operands import KernelSet
from engine.program.program import Program
from engine.runtime.postprocess import Label, top_k

__all__ = ["Label", "Observer", "Result", "Session", "SessionInfo"]

# Told each descriptor and its dequantized float32 output, right after it ran.
Observer = Callable[[Descriptor, NDArray[np.float32]], None]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one picture.

    ``logits`` float32 [n] are dequantized. ``*_ns`` are host times, measured on this machine; ``device_ms`` is the
    chip's time, modelled, or None where nothing models it. ``pixels`` uint8 [height, width, 3] is what the network saw:
    ``run_pixels`` gives the same logits for it again.
    """

    top: tuple[Label, ...]
    logits: NDArray[np.float32]
    preprocess_ns: int
    run_ns: int
    postprocess_ns: int
    device_ms: float | None
    pixels: Image | None = None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What a session runs. ``resize_short`` and ``input_hw`` in pixels; ``kernels_note`` says why no faster set runs."""

    model: str
    soc: str
    recipe: str
    kernels: str
    kernels_note: str
    threads: int
    input_hw: tuple[int, int]
    resize_short: int
    labels_count: int
    device_ms: float | None


class Session:
    """Runs an artifact on the emulated device. Use it from one thread, then ``close``.

    Raises
    ------
    ArtifactError
        If the artifact is malformed, of another version, or takes no picture.
    KernelError
        If the kernel set asked for cannot run here.
    """

    def __init__(
        self,
        artifact: Path | Artifact,
        kernels: str = "auto",
        threads: int = 1,
        cache_dir: Path | None = None,
    ) -> None:
        self.artifact = artifact if isinstance(artifact, Artifact) else read_artifact(artifact)
        spec = self.artifact.input_spec
        if spec is None or len(self.artifact.input_shape) != 4 or self.artifact.input_shape[3] != 3:
            raise ArtifactError(
                f"{self.artifact.model}: its input {self.artifact.input_shape} is no RGB picture"
            )
        self._spec = spec
        self._hw = (self.artifact.input_shape[1], self.artifact.input_shape[2])
        chosen = open_kernels(kernels, threads, cache_dir)
        self._kernels = chosen.kernels
        self.device = Device(self._kernels)
        try:
            self._stages = [self._stage(segment) for segment in self.artifact.segments]
        except BaseException:
            self.device.close()
            raise
        self.info = SessionInfo(
            model=self.artifact.model,
            soc=self.artifact.soc,
            recipe=self.artifact.recipe,
            kernels=chosen.kernels.name,
            kernels_note=chosen.note,
            threads=threads,
            input_hw=self._hw,
            resize_short=0 if spec.squash else max(spec.resize_short, *self._hw),
            labels_count=len(self.artifact.labels),
            device_ms=self.artifact.device_ms,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The class names, in the order of the logits; fewer than those where the artifact has none."""
        return self.artifact.labels

    def _stage(self, segment: DeviceSegment | HostSegment) -> "_DeviceStage | _NormaliseStage | _HostStage":
        if isinstance(segment, DeviceSegment):
            return _DeviceStage(self.device, self._kernels, segment.program)
        if segment.local_response is not None:
            return _NormaliseStage(self._kernels, segment, segment.local_response)
        return _HostStage(segment)

    def run(self, image: Image, top: int = 5) -> Result:
        """Name one RGB picture uint8 [H, W, 3] of any size; ``top`` is how many labels are wanted.

        Raises
        ------
        ImageError
            If ``image`` is no such array.
        DeviceError
            If the device faults.
        """
        start_ns = time.perf_counter_ns()
        pixels = preprocess(image, self._spec, self._hw)
        preprocessed_ns = time.perf_counter_ns()
        logits = self.run_pixels(pixels)
        run_ns = time.perf_counter_ns()
        best = top_k(logits, self.artifact.labels, top) if logits.size > 1 else ()
        done_ns = time.perf_counter_ns()
        return Result(
            top=best,
            logits=logits,
            preprocess_ns=preprocessed_ns - start_ns,
            run_ns=run_ns - preprocessed_ns,
            postprocess_ns=done_ns - run_ns,
            device_ms=self.artifact.device_ms,
            pixels=pixels,
        )

    def run_many(self, images: list[Image]) -> list[Result]:
        """Name several pictures, in order."""
        return [self.run(image) for image in images]

    def run_pixels(self, pixels: Image, observe: Observer | None = None) -> NDArray[np.float32]:
        """Return the flattened float32 output for an already preprocessed input uint8 [height, width, 3].

        With ``observe`` the device stops after every descriptor, because its memory reuses the bytes of dead tensors.
        """
        values: dict[str, NDArray[np.float32]] = {}
        if any(self.artifact.input_name in stage.real_inputs for stage in self._stages):
            values[self.artifact.input_name] = to_real(pixels, self._spec)[None]
        for stage in self._stages:
            stage.run(values, pixels, observe)
        return values[self.artifact.output].flatten()  # a copy: the next frame is written to the same place

    def close(self) -> None:
        """Take no more frames; safe to call twice."""
        self.device.close()

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _DeviceStage:
    """A program loaded on the device, between float values outside and integers inside."""

    def __init__(self, device: Device, kernels: KernelSet, program: Program) -> None:
        self._device, self._kernels = device, kernels
        self._program = program
        self._handle = device.load(program)
        self._memory = device.memory(self._handle)
        # Any subgraph may read the picture, not only the first, and each converts it for itself.
        self._pictures = {d.input for d in program.descriptors if isinstance(d, DataConvert)}
        self.real_inputs = tuple(name for name in program.inputs if name not in self._pictures)
        # Real values of the outputs are written to the same places for every frame.
        self._outputs = {name: np.empty(program.tensors[name].shape, np.float32) for name in program.outputs}
        self._dequantize = [self._dequantizer(name, out) for name, out in self._outputs.items()]

    def run(self, values: dict[str, NDArray[np.float32]], pixels: Image, observe: Observer | None) -> None:
        """Write the picture, quantize the inputs in ``values``, run, and put the dequantized outputs there."""
        for name in self._pictures:
            self._memory.tensor(name)[0] = pixels
        for name in self.real_inputs:
            real = np.ascontiguousarray(values[name], np.float32)
            self._kernels.quantize(real, self._program.tensors[name].scale, self._memory.tensor(name))
        if observe is None:
            self._device.run(self._handle)
        else:
            for index, descriptor in enumerate(self._program.descriptors):
                self._device.run(self._handle, index, index + 1)
                real = np.empty(self._program.tensors[descriptor.output].shape, np.float32)
                self._dequantizer(descriptor.output, real)()
                observe(descriptor, real)
        for dequantize in self._dequantize:
            dequantize()
        values.update(self._outputs)

    def _dequantizer(self, name: str, out: NDArray[np.float32]) -> Callable[[], object]:
        """Return what writes the real values of tensor ``name`` to ``out``."""
        return self._kernels.dequantizer(self._memory.tensor(name), self._program.tensors[name].scale, out)


class _NormaliseStage:
    """Local response normalisation, which the kernel set computes for the A72 in one pass."""

    def __init__(self, kernels: KernelSet, segment: HostSegment, how: LocalResponse) -> None:
        self._kernels, self._how = kernels, how
        self.real_inputs, self._outputs = segment.inputs, segment.outputs
        self._normalised = np.empty(0, np.float32)

    def run(self, values: dict[str, NDArray[np.float32]], pixels: Image, observe: Observer | None) -> None:
        """Add the normalised input to ``values``; nothing on the A72 is observed."""
        (source,), (target,) = self.real_inputs, self._outputs
        x = np.ascontiguousarray(values[source], np.float32)
        if self._normalised.shape != x.shape:  # at the first frame
            self._normalised = np.empty_like(x)
        self._kernels.normalise(x, self._how, self._normalised)
        values[target] = self._normalised


class _HostStage:
    """A subgraph in ONNX Runtime on this machine, as the A72 would run it."""

    def __init__(self, segment: HostSegment) -> None:
        from engine.host.onnx_session import (
            OnnxSession,  # ONNX Runtime is loaded only where a network needs it
        )

        self.real_inputs = segment.inputs
        self._session = OnnxSession(segment.model)

    def run(self, values: dict[str, NDArray[np.float32]], pixels: Image, observe: Observer | None) -> None:
        """Run over ``values`` and add the outputs to them; nothing on the A72 is observed."""
        values.update(self._session.run({name: values[name] for name in self.real_inputs}))
