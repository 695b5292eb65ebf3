"""Weightless networks whose latency the chips' maker publishes, built from the tables of their papers.

They calibrate the modelled clock beside the topologies that come as files; their constants have no memory behind them.
"""

from collections.abc import Callable

import numpy as np

from engine.ir import ops
from engine.ir.activations import RELU
from engine.ir.graph import Array, Graph, InputSpec, Node, TensorType
from engine.ir.shapes import output_types


class _Network:
    """Appends layers to a graph; every method takes and returns tensor names."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._nodes: list[Node] = []
        self._tensors = {"picture": TensorType((1, size, size, 3))}
        self._constants: dict[str, Array] = {}

    def graph(self, features: str) -> Graph:
        """Return the finished classifier: mean over the picture, then 1000 classes."""
        mean = self._add(ops.ReduceMean((1, 2), keepdims=False), features)
        logits = self.fully_connected(mean, 1000)
        return Graph(
            self._name, ("picture",), (logits,), tuple(self._nodes), self._tensors, self._constants, InputSpec()
        )  # fmt: skip

    def channels(self, x: str) -> int:
        return self._tensors[x].shape[-1]

    def conv(
        self, x: str, out: int, kernel: ops.Pair = (1, 1), stride: int = 1, same: bool = True, group: int = 1
    ) -> str:
        pads = (kernel[0] // 2, kernel[1] // 2) * 2 if same else (0, 0, 0, 0)
        weight = self._weight((out, *kernel, self.channels(x) // group))
        return self._add(ops.Conv2d((stride, stride), pads=pads, group=group, activation=RELU), x, weight)

    def depthwise(self, x: str, kernel: int, stride: int) -> str:
        return self.conv(x, self.channels(x), (kernel, kernel), stride, group=self.channels(x))

    def fully_connected(self, x: str, out: int) -> str:
        return self._add(ops.FullyConnected(), x, self._weight((out, self.channels(x))))

    def add(self, a: str, b: str) -> str:
        return self._add(ops.Add(), a, b)

    def concat(self, *parts: str) -> str:
        return self._add(ops.Concat(3), *parts)

    def max_pool(self, x: str) -> str:
        return self._add(ops.MaxPool((3, 3), (2, 2)), x)

    def mean_pool(self, x: str) -> str:
        return self._add(ops.AvgPool((3, 3), (1, 1), (1, 1, 1, 1)), x)

    def mean(self, x: str) -> str:
        return self._add(ops.ReduceMean((1, 2)), x)

    def _weight(self, shape: tuple[int, ...]) -> str:
        name = f"weight{len(self._constants)}"
        self._constants[name] = np.broadcast_to(np.float32(0), shape)
        return name

    def _add(self, op: ops.Op, *inputs: str) -> str:
        name = f"{type(op).__name__.lower()}{len(self._nodes)}"
        types = [self._tensors.get(i) or TensorType(self._constants[i].shape) for i in inputs]
        made = output_types(op, types)
        assert made is not None
        self._nodes.append(Node(name, op, inputs, (name,)))
        self._tensors[name] = made[0]
        return name


def _inverted_residual(n: _Network, x: str, hidden: int, out: int, kernel: int, stride: int) -> str:
    h = x if hidden == n.channels(x) else n.conv(x, hidden)
    h = n.conv(n.depthwise(h, kernel, stride), out)
    return n.add(h, x) if stride == 1 and out == n.channels(x) else h


def mobilenet_v2_1p4() -> Graph:
    """MobileNetV2 with width multiplier 1.4 (Sandler et al. 2018, table 2)."""
    n = _Network("mobilenet_v2_1p4", 224)
    x = n.conv("picture", 48, (3, 3), 2)
    table = (
        (1, 24, 1, 1),
        (6, 32, 2, 2),
        (6, 48, 3, 2),
        (6, 88, 4, 2),
        (6, 136, 3, 1),
        (6, 224, 3, 2),
        (6, 448, 1, 1),
    )
    for expansion, out, repeats, stride in table:
        for index in range(repeats):
            x = _inverted_residual(n, x, expansion * n.channels(x), out, 3, stride if index == 0 else 1)
    return n.graph(n.conv(x, 1792))


def mobilenet_v3_small_lite() -> Graph:
    """MobileNetV3-Small (Howard et al. 2019, table 2) with TI's simplifications: no squeeze-and-excite, ReLU."""
    n = _Network("mobilenet_v3_small_lite", 224)
    x = n.conv("picture", 16, (3, 3), 2)
    table = (
        (3, 16, 16, 2), (3, 72, 24, 2), (3, 88, 24, 1), (5, 96, 40, 2), (5, 240, 40, 1), (5, 240, 40, 1),
        (5, 120, 48, 1), (5, 144, 48, 1), (5, 288, 96, 2), (5, 576, 96, 1), (5, 576, 96, 1),
    )  # fmt: skip
    for kernel, hidden, out, stride in table:
        x = _inverted_residual(n, x, hidden, out, kernel, stride)
    return n.graph(n.conv(n.mean(n.conv(x, 576)), 1024))


def _regnet(name: str, depths: tuple[int, ...], widths: tuple[int, ...]) -> Graph:
    n = _Network(name, 224)
    x = n.conv("picture", 32, (3, 3), 2)
    for depth, width in zip(depths, widths, strict=True):
        for index in range(depth):
            stride = 2 if index == 0 else 1
            shortcut = n.conv(x, width, stride=2) if index == 0 else x
            h = n.conv(n.conv(x, width), width, (3, 3), stride, group=width // min(16, width))
            x = n.add(n.conv(h, width), shortcut)
    return n.graph(x)


def regnetx_400mf() -> Graph:
    """RegNetX-400MF, group width 16 (Radosavovic et al. 2020)."""
    return _regnet("regnetx_400mf", (1, 2, 7, 12), (32, 64, 160, 400))


def regnetx_800mf() -> Graph:
    """RegNetX-800MF, group width 16 (Radosavovic et al. 2020)."""
    return _regnet("regnetx_800mf", (1, 3, 7, 5), (64, 128, 288, 672))


def inception_v3() -> Graph:
    """Inception v3 at 299x299 (Szegedy et al. 2015)."""
    n = _Network("inception_v3", 299)
    x = n.conv(n.conv("picture", 32, (3, 3), 2, same=False), 32, (3, 3), same=False)
    x = n.conv(n.max_pool(n.conv(x, 64, (3, 3))), 80)
    x = n.max_pool(n.conv(x, 192, (3, 3), same=False))
    for pooled in (32, 64, 64):
        five = n.conv(n.conv(x, 48), 64, (5, 5))
        double = n.conv(n.conv(n.conv(x, 64), 96, (3, 3)), 96, (3, 3))
        x = n.concat(n.conv(x, 64), five, double, n.conv(n.mean_pool(x), pooled))
    double = n.conv(n.conv(n.conv(x, 64), 96, (3, 3)), 96, (3, 3), 2, same=False)
    x = n.concat(n.conv(x, 384, (3, 3), 2, same=False), double, n.max_pool(x))
    for inner in (128, 160, 160, 192):
        x = _sevens(n, x, inner)
    three = n.conv(n.conv(x, 192), 320, (3, 3), 2, same=False)
    seven = n.conv(n.conv(n.conv(x, 192), 192, (1, 7)), 192, (7, 1))
    x = n.concat(three, n.conv(seven, 192, (3, 3), 2, same=False), n.max_pool(x))
    return n.graph(_wide(n, _wide(n, x)))


def _sevens(n: _Network, x: str, inner: int) -> str:
    seven = n.conv(n.conv(n.conv(x, inner), inner, (1, 7)), 192, (7, 1))
    double = n.conv(n.conv(n.conv(x, inner), inner, (7, 1)), inner, (1, 7))
    double = n.conv(n.conv(double, inner, (7, 1)), 192, (1, 7))
    return n.concat(n.conv(x, 192), seven, double, n.conv(n.mean_pool(x), 192))


def _wide(n: _Network, x: str) -> str:
    single, double = n.conv(x, 384), n.conv(n.conv(x, 448), 384, (3, 3))
    split = [n.conv(branch, 384, kernel) for branch in (single, double) for kernel in ((1, 3), (3, 1))]
    return n.concat(n.conv(x, 320), *split, n.conv(n.mean_pool(x), 192))


NETWORKS: dict[str, Callable[[], Graph]] = {
    build.__name__: build
    for build in (mobilenet_v2_1p4, mobilenet_v3_small_lite, regnetx_400mf, regnetx_800mf, inception_v3)
}
