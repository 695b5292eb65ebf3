"""A small program that uses two memories, for tests of what surrounds the kernels."""

import numpy as np

from engine.ir.graph import InputSpec
from engine.program import descriptors as D
from engine.program.artifact import Artifact, DeviceSegment
from engine.program.program import Memory, Program, Tensor, Tile


def small_program() -> Program:
    """Data convert, 3x3 convolution, global mean, fully connected: uint8 [1,6,6,3] to int16 [1,4]."""
    rng = np.random.default_rng(7)
    pixels = np.arange(256)
    constants = {
        "convert": np.tile((pixels - 127).clip(-128, 127).astype(np.int8), (3, 1)),
        "w0": rng.integers(-128, 128, (8, 3, 3, 3)).astype(np.int8),
        "b0": rng.integers(-500, 500, 8).astype(np.int32),
        "w1": rng.integers(-128, 128, (4, 8)).astype(np.int8),
        "b1": rng.integers(-500, 500, 4).astype(np.int32),
        "m0": np.ones(8, np.int32), "s0": np.full(8, 9, np.int32),
        "m1": np.ones(4, np.int32), "s1": np.full(4, 2, np.int32),
    }  # fmt: skip
    tensors = [
        Tensor("x", (1, 6, 6, 3), "uint8", 1.0, Memory.DDR, 0),
        Tensor("q", (1, 6, 6, 3), "int8", 128.0, Memory.MSMC, 0),
        Tensor("c", (1, 3, 3, 8), "uint8", 20.0, Memory.MSMC, 128),
        Tensor("g", (1, 1, 1, 8), "uint8", 20.0, Memory.MSMC, 0),
        Tensor("y", (1, 4), "int16", 50.0, Memory.DDR, 128),
    ]
    descriptors = (
        D.DataConvert("convert", "x", "q", "convert"),
        D.Conv2d("conv", "q", "c", "w0", "b0", "m0", "s0", 0, 120, 500_000, (2, 2), (1, 1), (0, 0, 1, 1)),
        D.ReduceMean("mean", "c", "g", (1, 2)),
        D.FullyConnected("fc", "g", "y", "w1", "b1", "m1", "s1", -32768, 32767, 300_000),
    )
    return Program(
        "tda4vm", descriptors, {t.name: t for t in tensors}, constants, ("x",), ("y",),
        {Memory.DDR: 192, Memory.MSMC: 256}, {"conv": Tile(3, 8, 108, 216, 72, True)},
    )  # fmt: skip


def small_artifact() -> Artifact:
    """The small program as an artifact that names pictures."""
    return Artifact(
        model="small", soc="tda4vm", cores=1, clock_hz=1e9, recipe="ti", options={"tensor_bits": 8}, input_name="x",
        input_shape=(1, 6, 6, 3), input_spec=InputSpec((127.0,) * 3, (1 / 128,) * 3, 8), output="y",
        labels=("ant", "bee", "cat", "dog"), segments=(DeviceSegment(small_program()),), device_ms=None,
        report={"layers": 4},
    )  # fmt: skip
