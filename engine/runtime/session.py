"""A compiled network, ready to name pictures: the A72's runtime application between user, model and device."""

import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from engine.emu.device import Device
from engine.errors import ArtifactError, ImageError
from engine.host.preprocess import Image, preprocess, to_real
from engine.kernels.select import open_kernels
from engine.program.artifact import Artifact, read_artifact
from engine.runtime.postprocess import DEFAULT_TOP, Label, top_k
from engine.runtime.stages import Observer, RealValues, open_stage

__all__ = ["Label", "Observer", "Result", "Session", "SessionInfo"]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one picture.

    ``logits`` float32 [n] are dequantized. ``*_ns`` are host times, measured on this machine; ``device_ms`` is the
    chip's time, modelled, or None where nothing models it. ``pixels`` uint8 [height, width, 3] is what the network saw:
    ``run_pixels`` gives the same logits for it again. ``top`` is empty where the network names nothing: it has one output,
    or its scores are NaN or infinite.
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

    Raises:
        ArtifactError: the artifact is malformed, of another version, or takes no picture.
        KernelError: the kernel set asked for cannot run here.
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
        self._pixels_shape = (*self._hw, 3)
        chosen = open_kernels(kernels, threads, cache_dir)
        self.device = Device(chosen.kernels)
        self._reals = RealValues()
        try:
            self._stages = [
                open_stage(segment, self.device, chosen.kernels, self._reals)
                for segment in self.artifact.segments
            ]
        except BaseException:
            self.device.close()
            raise
        self._reads_real_pixels = any(self.artifact.input_name in stage.real_inputs for stage in self._stages)
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

    def run(self, image: Image, top: int = DEFAULT_TOP) -> Result:
        """Name one RGB picture uint8 [H, W, 3] of any size; ``top`` is how many labels are wanted.

        Raises:
            ImageError: ``image`` is no such array.
            DeviceError: the device faults.
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

        Raises:
            ImageError: ``pixels`` is no such array.
            DeviceError: the device faults.
        """
        if pixels.shape != self._pixels_shape or pixels.dtype != np.uint8:
            raise ImageError(
                f"the input is {pixels.dtype} {pixels.shape}; uint8 {self._pixels_shape} is needed"
            )
        if self._reads_real_pixels:
            self._reals.put(self.artifact.input_name, to_real(pixels, self._spec)[None])
        for stage in self._stages:
            stage.run(pixels, observe)
        # A copy, as the next frame is written to the same place. The A72 may have computed integers or truth values.
        return self._reals[self.artifact.output].astype(np.float32).reshape(-1)

    def close(self) -> None:
        """Take no more frames; safe to call twice."""
        self.device.close()

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
