"""The subgraphs of an artifact as steps of one frame: on the device, in ONNX Runtime, or a normalisation by the kernel set."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.emu.device import Device
from engine.errors import ArtifactError
from engine.host.preprocess import Image
from engine.ir.graph import Array
from engine.program.artifact import DeviceSegment, HostSegment, Segment
from engine.program.descriptors import DataConvert, Descriptor
from engine.program.operands import KernelSet
from engine.program.program import Program

# Told each descriptor and its dequantized float32 output, right after it ran.
Observer = Callable[[Descriptor, NDArray[np.float32]], None]


class RealValues:
    """Tensors that pass from stage to stage, by name; those that the device reads or writes keep their place for all frames."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}
        self._fixed: set[str] = set()

    def place(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the float32 array that is to hold ``name`` in every frame.

        Raises:
            ArtifactError: it has a place of another shape.
        """
        if name not in self._fixed:
            self._fixed.add(name)
            self._arrays[name] = np.empty(shape, np.float32)
        if self._arrays[name].shape != shape:
            found = self._arrays[name].shape
            raise ArtifactError(f"tensor {name!r} is {found} in one subgraph and {shape} in another")
        return self._arrays[name]

    def has_place(self, name: str) -> bool:
        """Return whether ``place`` was asked for ``name``."""
        return name in self._fixed

    def put(self, name: str, values: Array) -> None:
        """Set ``name`` to ``values``, in its place if it has one."""
        if name in self._fixed:
            self._arrays[name][...] = values.reshape(self._arrays[name].shape)
        else:
            self._arrays[name] = values

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]


class Stage(Protocol):
    """One subgraph, ready to run."""

    real_inputs: tuple[str, ...]

    def run(self, pixels: Image, observe: Observer | None) -> None:
        """Read what the stages before wrote, or the picture uint8 [height, width, 3], and write what the next ones read."""
        ...


def open_stage(segment: Segment, device: Device, kernels: KernelSet, reals: RealValues) -> Stage:
    """Return ``segment`` ready to run; stages are opened in the order in which they run."""
    if isinstance(segment, DeviceSegment):
        return _DeviceStage(device, kernels, segment.program, reals)
    if segment.local_response is not None and reals.has_place(segment.inputs[0]):
        return _NormaliseStage(kernels, segment, reals)
    return _HostStage(segment, reals)


class _DeviceStage:
    """A program loaded on the device, between float values outside and integers inside."""

    def __init__(self, device: Device, kernels: KernelSet, program: Program, reals: RealValues) -> None:
        self._device, self._kernels, self._program = device, kernels, program
        self._handle = device.load(program)
        self._memory = device.memory(self._handle)
        # Any subgraph may read the picture, not only the first, and each converts it for itself.
        self._pictures = {d.input for d in program.descriptors if isinstance(d, DataConvert)}
        self.real_inputs = tuple(name for name in program.inputs if name not in self._pictures)
        tensors = program.tensors
        self._quantize = [
            kernels.quantizer(
                reals.place(name, tensors[name].shape), tensors[name].scale, self._memory.tensor(name)
            )
            for name in self.real_inputs
        ]
        self._dequantize = [
            self._dequantizer(name, reals.place(name, tensors[name].shape)) for name in program.outputs
        ]

    def run(self, pixels: Image, observe: Observer | None) -> None:
        """Write the picture, quantize the inputs, run, and dequantize the outputs."""
        for name in self._pictures:
            self._memory.tensor(name)[0] = pixels
        for quantize in self._quantize:
            quantize()
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

    def _dequantizer(self, name: str, out: NDArray[np.float32]) -> Callable[[], object]:
        """Return what writes the real values of tensor ``name`` to ``out``."""
        return self._kernels.dequantizer(self._memory.tensor(name), self._program.tensors[name].scale, out)


class _NormaliseStage:
    """Local response normalisation, which the kernel set computes for the A72 in one pass."""

    def __init__(self, kernels: KernelSet, segment: HostSegment, reals: RealValues) -> None:
        self.real_inputs = segment.inputs
        (source,), (target,) = segment.inputs, segment.outputs
        x, how = reals[source], segment.local_response
        assert how is not None
        self._normalise = kernels.normaliser(x, how, reals.place(target, x.shape))

    def run(self, pixels: Image, observe: Observer | None) -> None:
        """Normalise; nothing on the A72 is observed."""
        self._normalise()


class _HostStage:
    """A subgraph in ONNX Runtime on this machine, as the A72 would run it."""

    def __init__(self, segment: HostSegment, reals: RealValues) -> None:
        from engine.host.onnx_session import (
            OnnxSession,  # ONNX Runtime is loaded only where a network needs it
        )

        self.real_inputs, self._reals = segment.inputs, reals
        self._session = OnnxSession(segment.model)

    def run(self, pixels: Image, observe: Observer | None) -> None:
        """Compute the outputs; nothing on the A72 is observed."""
        for name, values in self._session.run({name: self._reals[name] for name in self.real_inputs}).items():
            self._reals.put(name, values)
