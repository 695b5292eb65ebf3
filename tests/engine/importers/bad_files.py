"""Files that must be refused: what is wrong with each, and what its refusal must say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.engine.importers.onnx_models import model
from tests.engine.importers.tflite_models import Operator, Tensor, constant, write


@dataclass(frozen=True)
class BadFile:
    """A file's name, how it is made (the folder may get other files too), and words of the refusal."""

    name: str
    says: str
    make: Callable[[Path], bytes]

    def write(self, folder: Path) -> Path:
        """Make the file in ``folder`` and return its path."""
        path = folder / self.name.replace(" ", "_")
        path.write_bytes(self.make(folder))
        return path


def bad_files() -> Iterator[BadFile]:
    """Yield one file per way to be wrong."""
    yield BadFile("empty.onnx", "the file is empty", lambda _: b"")
    yield BadFile("empty.tflite", "the file is empty", lambda _: b"")
    yield BadFile("text.onnx", "not an ONNX model", lambda _: b"this is no model at all, only some words" * 9)
    yield BadFile("text.tflite", "no TFL3 mark", lambda _: b"this is no model at all, only some words" * 9)
    yield BadFile("picture.onnx", "not an ONNX model", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(500))
    yield BadFile("truncated.onnx", "not an ONNX model, or truncated", lambda _: _bytes(_convolution())[:-20])
    yield BadFile("truncated.tflite", "damaged or truncated", lambda _: _tflite()[: len(_tflite()) // 2])
    yield BadFile("no graph.onnx", "holds no graph", lambda _: _bytes(onnx.ModelProto(ir_version=8)))
    yield from _structure()
    yield from _weights()
    yield from _shapes()
    yield from _tflite_files()


def _bytes(proto: onnx.ModelProto) -> bytes:
    return bytes(proto.SerializeToString())


def _convolution(**changes: object) -> onnx.ModelProto:
    weight = np.ones((4, 3, 3, 3), np.float32)
    return model(
        [helper.make_node("Conv", ["x", "w"], ["y"], name="first", **changes)],
        {"x": (1, 3, 8, 8)}, ["y"], {"w": weight},
    )  # fmt: skip


def _nodes(*nodes: onnx.NodeProto, **more: object) -> Callable[[Path], bytes]:
    return lambda _: _bytes(model(nodes, {"x": (1, 3, 8, 8)}, ["y"], **more))  # type: ignore[arg-type]


def _node(
    op: str, reads: list[str], writes: list[str], name: str = "", **attributes: object
) -> onnx.NodeProto:
    return helper.make_node(op, reads, writes, name, **attributes)  # type: ignore[arg-type]


def _structure() -> Iterator[BadFile]:
    loop = (
        _node("Add", ["x", "b"], ["a"], "first"),
        _node("Relu", ["a"], ["b"], "second"),
        _node("Relu", ["b"], ["y"]),
    )
    yield BadFile("cyclic.onnx", "node 'first' (Add): the graph has a cycle through it", _nodes(*loop))
    yield BadFile("itself.onnx", "cycle", _nodes(_node("Add", ["x", "y"], ["y"])))
    yield BadFile(
        "missing input.onnx",
        "node 'n' (Relu): reads 'z', which nothing",
        _nodes(_node("Relu", ["z"], ["y"], "n")),
    )
    yield BadFile("missing output.onnx", "graph output 'y'", _nodes(_node("Relu", ["x"], ["z"])))
    twice = (_node("Relu", ["x"], ["y"], "one"), _node("Abs", ["x"], ["y"], "two"))
    yield BadFile(
        "written twice.onnx",
        "node 'two' (Abs): writes 'y', which node 'one' (Relu) writes too",
        _nodes(*twice),
    )
    for opset in (0, 6, 8, 999):
        yield BadFile(f"opset {opset}.onnx", "opset", _nodes(_node("Relu", ["x"], ["y"]), opset=opset))
    foreign = _node("Magic", ["x"], ["y"], "n", domain="com.example")
    yield BadFile("foreign.onnx", "node 'n' (com.example::Magic): unknown operator", _nodes(foreign))
    yield BadFile(
        "unknown.onnx", "node 'n' (Magic): unknown operator", _nodes(_node("Magic", ["x"], ["y"], "n"))
    )
    yield BadFile(
        "no output.onnx",
        "no outputs",
        lambda _: _bytes(model([_node("Relu", ["x"], ["y"])], {"x": (1, 3)}, [])),
    )
    yield BadFile("recursive.onnx", "calls itself", lambda _: _recursive())
    for key in ("strides", "dilations"):
        yield BadFile(
            f"zero {key}.onnx", f"{key} is [0, 0]", lambda _, key=key: _bytes(_convolution(**{key: [0, 0]}))
        )
    yield BadFile("zero group.onnx", "group is [0]", lambda _: _bytes(_convolution(group=0)))
    yield BadFile(
        "unknown padding.onnx",
        "node 'first' (Conv): auto_pad is 'same_upper', must be one of NOTSET, SAME_UPPER",
        lambda _: _bytes(_convolution(auto_pad="same_upper")),
    )
    yield BadFile(
        "unknown mode.onnx",
        "node 'n' (DepthToSpace): mode is 'XYZ', must be one of DCR, CRD",
        _nodes(_node("DepthToSpace", ["x"], ["y"], "n", blocksize=2, mode="XYZ")),
    )
    yield BadFile(
        "bad kernel.onnx", "node 'first' (Conv)", lambda _: _bytes(_convolution(kernel_shape=[9, 9]))
    )
    yield BadFile(
        "control flow.onnx", "node 'n' (If): its condition depends on the data", lambda _: _dynamic_if()
    )


def _weights() -> Iterator[BadFile]:
    def nan(_: Path) -> bytes:
        proto = _convolution()
        values = np.ones((4, 3, 3, 3), np.float32)
        values[0, 0, 0, 0] = np.nan
        proto.graph.initializer[0].CopyFrom(numpy_helper.from_array(values, "w"))
        return _bytes(proto)

    yield BadFile("nan weight.onnx", "initializer 'w': holds NaN", nan)

    def infinite(_: Path) -> bytes:
        proto = _convolution()
        proto.graph.initializer[0].CopyFrom(
            numpy_helper.from_array(np.full((4, 3, 3, 3), np.inf, np.float32), "w")
        )
        return _bytes(proto)

    yield BadFile("infinite weight.onnx", "node 'first' (Conv2d): constant 'w:ohwi' has 108 values", infinite)

    def huge(_: Path) -> bytes:
        proto = _convolution()
        del proto.graph.initializer[0].dims[:]
        proto.graph.initializer[0].dims.extend([1 << 20, 1 << 20, 3, 3])
        return _bytes(proto)

    yield BadFile("huge tensor.onnx", "initializer 'w': shape [1048576, 1048576, 3, 3]", huge)

    def short(_: Path) -> bytes:
        proto = _convolution()
        proto.graph.initializer[0].raw_data = bytes(40)
        return _bytes(proto)

    yield BadFile("short weight.onnx", "initializer 'w': its data does not fit", short)
    yield from _external()


def _external() -> Iterator[BadFile]:
    def external(location: str, size: int | None = None, **entries: str) -> Callable[[Path], bytes]:
        def make(folder: Path) -> bytes:
            proto = _convolution()
            tensor = proto.graph.initializer[0]
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in {"location": location, **entries}.items():
                tensor.external_data.add(key=key, value=value)
            if size is not None:
                (folder / location).write_bytes(bytes(size))
            return _bytes(proto)

        return make

    yield BadFile(
        "external missing.onnx", "'weights.bin' is missing beside the model", external("weights.bin")
    )
    yield BadFile("external empty.onnx", "'' is outside the model's folder", external(""))
    for location in ("../secret.bin", "/etc/passwd", "a/../../secret.bin"):
        name = f"external {location.count('/')}{len(location)}.onnx"
        yield BadFile(name, f"{location!r} is outside the model's folder", external(location))
    yield BadFile(
        "external short.onnx", "needs 432 bytes at 0 of short.bin, which has 8", external("short.bin", 8)
    )
    yield BadFile("external far.onnx", "which has 432", external("far.bin", 432, offset="16"))
    yield BadFile("external before.onnx", "which has 432", external("before.bin", 432, offset="-8"))
    yield BadFile("external word.onnx", "no number", external("word.bin", 432, offset="ten"))

    def link(folder: Path) -> bytes:
        (folder / "link.bin").symlink_to("/etc/hostname")
        return external("link.bin")(folder)

    yield BadFile("external link.onnx", "'link.bin' is outside the model's folder", link)


def _shapes() -> Iterator[BadFile]:
    def shaped(*dims: int | str) -> Callable[[Path], bytes]:
        return lambda _: _bytes(model([_node("Relu", ["x"], ["y"])], {"x": dims}, ["y"]))

    yield BadFile(
        "dynamic.onnx", "graph input 'x': shape ['n', 3, 'h', 'w'] is dynamic", shaped("n", 3, "h", "w")
    )
    yield BadFile(
        "huge input.onnx", "graph input 'x': shape [1, 3, 1000000, 1000000]", shaped(1, 3, 10**6, 10**6)
    )
    yield BadFile("many axes.onnx", "17 dimensions", shaped(*[1] * 17))
    big = np.array([1 << 30, 1 << 30], np.int64)
    fill = (_node("ConstantOfShape", ["s"], ["c"], "fill"), _node("Add", ["x", "c"], ["y"]))
    square = np.ones((2, 2), np.int64)
    yield BadFile(
        "shape of shapes.onnx", "node 'fill' (ConstantOfShape)", _nodes(*fill, constants={"s": square})
    )
    yield BadFile("huge constant.onnx", "node 'fill' (ConstantOfShape)", _nodes(*fill, constants={"s": big}))
    one = {"s": np.array([1, 1 << 14, 1 << 13], np.int64), "e": np.ones((1, 1, 1), np.float32)}
    bombs = [
        each
        for i in range(30)
        for each in (
            _node("Add", ["e", f"k{i}"], [f"l{i}"]),
            _node("Expand", [f"l{i}", "s"], [f"c{i}"], f"grow{i}"),
        )
    ]
    parts = {**one, **{f"k{i}": np.array(float(i), np.float32) for i in range(30)}}
    sums = _node("Sum", ["x", *(f"c{i}" for i in range(30))], ["y"])
    yield BadFile("constant bomb.onnx", "constants grow beyond", _nodes(*bombs, sums, constants=parts))
    yield BadFile("range bomb.onnx", "node 'many' (Range)", _nodes(
        _node("Range", ["a", "b", "d"], ["c"], "many"), _node("Add", ["x", "c"], ["y"]),
        constants={"a": np.float32(0), "b": np.float32(1e12), "d": np.float32(1)},
    ))  # fmt: skip
    found = (_node("NonZero", ["x"], ["z"], "n"), _node("Cast", ["z"], ["y"], to=1))
    yield BadFile(
        "data shape.onnx", "node 'n' (NonZero): the shape of 'z' depends on the data", _nodes(*found)
    )


def _recursive() -> bytes:
    proto = model([helper.make_node("F", ["x"], ["y"], domain="local")], {"x": (1, 3)}, ["y"])
    proto.opset_import.append(helper.make_opsetid("local", 1))
    body = [helper.make_node("F", ["a"], ["b"], domain="local")]
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    proto.functions.append(helper.make_function("local", "F", ["a"], ["b"], body, imports))
    return _bytes(proto)


def _dynamic_if() -> bytes:
    def branch(op: str) -> onnx.GraphProto:
        out = helper.make_tensor_value_info("o", TensorProto.FLOAT, (1, 3))
        return helper.make_graph([helper.make_node(op, ["x"], ["o"])], op, [], [out])

    nodes = [
        helper.make_node("ReduceMax", ["x"], ["m"], keepdims=0),
        helper.make_node("Cast", ["m"], ["c"], to=TensorProto.BOOL),
        helper.make_node("If", ["c"], ["y"], "n", then_branch=branch("Relu"), else_branch=branch("Abs")),
    ]
    return _bytes(model(nodes, {"x": (1, 3)}, ["y"]))


def _tflite() -> bytes:
    weight = constant(np.ones((4, 3, 3, 3), np.float32))
    options = {"Padding": 0, "StrideH": 1, "StrideW": 1}
    conv = Operator("CONV_2D", ["x", "w", ""], ["y"], "Conv2DOptions", options)
    return write({"x": Tensor((1, 8, 8, 3)), "w": weight, "y": Tensor((1, 8, 8, 4))}, [conv], ["x"], ["y"])


def _tflite_files() -> Iterator[BadFile]:
    relu = Operator("RELU", ["x"], ["y"])

    def shaped(*shape: int) -> bytes:
        return write({"x": Tensor(shape), "y": Tensor(shape)}, [relu], ["x"], ["y"])

    yield BadFile("huge.tflite", "tensor 'x': shape", lambda _: shaped(1, 1 << 15, 1 << 15, 3))
    yield BadFile("dynamic.tflite", "tensor 'x': has shape [1, -1, -1, 3]", lambda _: shaped(1, -1, -1, 3))
    loop = [
        Operator("ADD", ["x", "z"], ["a"], "AddOptions"),
        Operator("RELU", ["a"], ["z"]),
        Operator("RELU", ["z"], ["y"]),
    ]
    four = {name: Tensor((1, 4)) for name in "xazy"}
    yield BadFile(
        "cyclic.tflite",
        "reads 'z', which nothing before it writes",
        lambda _: write(four, loop, ["x"], ["y"]),
    )
    stride = Operator(
        "MAX_POOL_2D", ["x"], ["y"], "Pool2DOptions", {"StrideH": 0, "FilterHeight": 1, "FilterWidth": 1}
    )
    maps = {"x": Tensor((1, 8, 8, 3)), "y": Tensor((1, 8, 8, 3))}
    yield BadFile("zero stride.tflite", "must be positive", lambda _: write(maps, [stride], ["x"], ["y"]))
    single = Operator("MAXIMUM", ["x"], ["y"])
    yield BadFile(
        "one operand.tflite",
        "node 'y' (MAXIMUM): input 1 is missing",
        lambda _: write(four, [single], ["x"], ["y"]),
    )
    ranks = {"x": Tensor((1, 8, 8, 4)), "axis": constant(3, "int32"), "y": Tensor((2,))}
    split = Operator("SPLIT", ["axis", "x"], ["y"], "SplitOptions")
    yield BadFile(
        "split.tflite",
        "node 'y' (SPLIT): output 0 has shape [2]",
        lambda _: write(ranks, [split], ["x"], ["y"]),
    )
    nan = {**four, "c": constant([np.nan] * 4)}
    add = Operator("ADD", ["x", "c"], ["y"], "AddOptions")
    yield BadFile("nan.tflite", "tensor 'c': holds NaN", lambda _: write(nan, [add], ["x"], ["y"]))
    scales = {**four, "x": Tensor((1, 4), "uint8", scale=0.0)}
    yield BadFile(
        "zero scale.tflite", "tensor 'x': its quantization", lambda _: write(scales, [relu], ["x"], ["y"])
    )
