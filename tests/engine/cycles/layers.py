"""One small example of every descriptor, with the shapes it needs."""

from dataclasses import dataclass
from math import prod

from engine.program import descriptors as D
from engine.program.program import Memory, Tensor


@dataclass(frozen=True)
class Shape:
    """A constant without values."""

    shape: tuple[int, ...]
    itemsize: int = 1

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * self.itemsize


def tensor(
    name: str, *shape: int, dtype: str = "int8", memory: Memory = Memory.MSMC, offset: int = -1
) -> Tensor:
    return Tensor(name, shape, dtype, 1.0, memory, offset)


QUANT = {"bias": "b", "multiplier": "m", "shift": "s", "qmin": -128, "qmax": 127, "acc_bound": 1}


def conv(h, w, ci, co, k=1, stride=1, group=1, table=None):
    """A convolution with "same" output for odd kernels, its tensors and its constants."""
    pad = k // 2
    ho, wo = (h + 2 * pad - k) // stride + 1, (w + 2 * pad - k) // stride + 1
    d = D.Conv2d(
        "conv", "x", "y", "w", stride=(stride, stride), pads=(pad,) * 4, group=group, table=table, **QUANT
    )
    return (
        d,
        {"x": tensor("x", 1, h, w, ci), "y": tensor("y", 1, ho, wo, co)},
        {"w": Shape((co, k, k, ci // group))},
    )


def examples():
    """Return {descriptor type: (descriptor, tensors, constants)}."""
    x = tensor("x", 1, 8, 8, 32)
    same = {"x": x, "z": tensor("z", 1, 8, 8, 32), "y": tensor("y", 1, 8, 8, 32)}
    half = {"x": x, "y": tensor("y", 1, 4, 4, 32)}
    none: dict[str, Shape] = {}
    window = ((2, 2), (2, 2), (0, 0, 0, 0))
    return {
        D.DataConvert: (D.DataConvert("d", "x", "y", "t"), same, {"t": Shape((32, 256))}),
        D.Conv2d: conv(8, 8, 32, 64, 3),
        D.ConvTranspose2d: (
            D.ConvTranspose2d("d", "x", "y", "w", stride=(2, 2), **QUANT),
            {"x": x, "y": tensor("y", 1, 16, 16, 16)},
            {"w": Shape((16, 2, 2, 32))},
        ),
        D.FullyConnected: (
            D.FullyConnected("d", "x", "y", "w", **QUANT),
            {"x": tensor("x", 1, 2048), "y": tensor("y", 1, 1000, dtype="int16")},
            {"w": Shape((1000, 2048))},
        ),
        D.Add: (D.Add("d", ("x", "z"), "y", (1, 1), 1, 0, -128, 127), same, none),
        D.Mul: (D.Mul("d", ("x", "z"), "y", 1, 0, -128, 127, "t"), same, {"t": Shape((256,))}),
        D.Concat: (
            D.Concat("d", ("x", "z"), "y", 3, (1, 1), (0, 0), -128, 127),
            {**same, "y": tensor("y", 1, 8, 8, 64)},
            none,
        ),
        D.MaxPool: (D.MaxPool("d", "x", "y", *window), half, none),
        D.AvgPool: (D.AvgPool("d", "x", "y", *window), half, none),
        D.ReduceMean: (D.ReduceMean("d", "x", "y", (1, 2)), {"x": x, "y": tensor("y", 1, 1, 1, 32)}, none),
        D.ReduceMax: (D.ReduceMax("d", "x", "y", (1, 2)), {"x": x, "y": tensor("y", 1, 1, 1, 32)}, none),
        D.Table: (D.Table("d", "x", "y", "t"), same, {"t": Shape((256,))}),
        D.Resize: (D.Resize("d", "x", "y", "r", "c"), half, {"r": Shape((4, 3), 4), "c": Shape((4, 3), 4)}),
        D.Pad: (D.Pad("d", "x", "y", (0, 1, 1, 0), (0, 1, 1, 0), 0), {"x": x, "y": tensor("y", 1, 10, 10, 32)}, none),
        D.Slice: (D.Slice("d", "x", "y", (0, 0, 0, 0), (1, 4, 4, 32), (1, 1, 1, 1)), half, none),
        D.Transpose: (
            D.Transpose("d", "x", "y", (1, 64, 4, 8), (0, 1, 3, 2)), {"x": x, "y": tensor("y", 1, 8, 8, 32)}, none
        ),
        D.Reshape: (D.Reshape("d", "x", "y"), {"x": x, "y": tensor("y", 1, 2048)}, none),
        D.Softmax: (D.Softmax("d", "x", "y", 3, "t"), same, {"t": Shape((256,), 4)}),
        D.ArgMax: (D.ArgMax("d", "x", "y", 3), {"x": x, "y": tensor("y", 1, 8, 8, 1, dtype="int32")}, none),
    }  # fmt: skip
