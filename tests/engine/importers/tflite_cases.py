"""One small TFLite network per operator and form that the importer takes."""

from collections.abc import Iterator

import numpy as np

from engine.ir.graph import Array
from tests.engine.importers.tflite_models import Operator, Tensor, constant, write

SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6 = range(4)
MAP = (1, 7, 6, 4)


def values(*shape: int) -> Array:
    """Return normal numbers, the same for the same shape."""
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def network(
    kind: str,
    output: tuple[int, ...],
    options_type: str = "",
    options: dict[str, float] | None = None,
    *,
    x: tuple[int, ...] = MAP,
    more: dict[str, Tensor] | None = None,
    reads: tuple[str, ...] = (),
    dtype: str = "float32",
) -> bytes:
    """Return a file with one operator that reads x, or ``reads``, and writes y."""
    tensors = {"x": Tensor(x), "y": Tensor(output, dtype), **(more or {})}
    operator = Operator(kind, reads or ("x", *(more or {})), ["y"], options_type, options or {})
    return write(tensors, [operator], ["x"], ["y"])


def convolution(
    kind: str, weight: Array, output: tuple[int, ...], padding: int, stride: int, dilation: int, activation: int,
    more: dict[str, float] | None = None,
) -> bytes:  # fmt: skip
    channels = weight.shape[0] if kind == "CONV_2D" else weight.shape[3]
    options = {
        "Padding": padding, "StrideH": stride, "StrideW": stride, "DilationHFactor": dilation,
        "DilationWFactor": dilation, "FusedActivationFunction": activation, **(more or {}),
    }  # fmt: skip
    parameters = {"w": constant(weight), "b": constant(values(channels))}
    name = "Conv2DOptions" if kind == "CONV_2D" else "DepthwiseConv2DOptions"
    return network(kind, output, name, options, more=parameters)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, file)."""
    yield from _convolutions()
    yield from _pooling()
    yield from _arithmetic()
    yield from _reductions()
    yield from _movement()
    yield from _repeating()
    yield from _resizing()


def _convolutions() -> Iterator[tuple[str, bytes]]:
    yield "conv same", convolution("CONV_2D", values(5, 3, 3, 4), (1, 7, 6, 5), SAME, 1, 1, RELU6)
    yield "conv same stride 2", convolution("CONV_2D", values(5, 3, 2, 4), (1, 4, 3, 5), SAME, 2, 1, NONE)
    yield "conv valid dilated", convolution("CONV_2D", values(5, 3, 2, 4), (1, 3, 4, 5), VALID, 1, 2, RELU)
    yield "conv grouped", convolution("CONV_2D", values(6, 3, 3, 2), (1, 7, 6, 6), SAME, 1, 1, NONE)
    depth = {"DepthMultiplier": 1}
    yield (
        "depthwise",
        convolution("DEPTHWISE_CONV_2D", values(1, 3, 3, 4), (1, 4, 3, 4), SAME, 2, 1, RELU_N1_TO_1, depth),
    )
    depth = {"DepthMultiplier": 2}
    yield (
        "depthwise 2",
        convolution("DEPTHWISE_CONV_2D", values(1, 3, 3, 8), (1, 5, 4, 8), VALID, 1, 1, RELU, depth),
    )
    for padding, size in ((SAME, (14, 12)), (VALID, (15, 13))):
        yield f"transposed conv {padding}", network(
            "TRANSPOSE_CONV", (1, *size, 5), "TransposeConvOptions", {"Padding": padding, "StrideH": 2, "StrideW": 2},
            more={"size": constant([1, *size, 5], "int32"), "w": constant(values(5, 3, 3, 4))}, reads=("size", "w", "x"),
        )  # fmt: skip
    for keep, output in ((False, (42, 5)), (True, (1, 7, 6, 5))):
        yield f"fully connected {keep}", network(
            "FULLY_CONNECTED", output, "FullyConnectedOptions", {"FusedActivationFunction": RELU, "KeepNumDims": keep},
            more={"w": constant(values(5, 4)), "b": constant(values(5))},
        )  # fmt: skip
    yield (
        "fully connected flattened",
        network("FULLY_CONNECTED", (1, 3), "FullyConnectedOptions", {}, more={"w": constant(values(3, 168))}),
    )


def _pooling() -> Iterator[tuple[str, bytes]]:
    for kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
        for padding, size in ((SAME, (4, 3)), (VALID, (3, 2))):
            options = {"Padding": padding, "StrideH": 2, "StrideW": 2, "FilterHeight": 3, "FilterWidth": 3}
            yield f"{kind} {padding}", network(kind, (1, *size, 4), "Pool2DOptions", options)
        options["FusedActivationFunction"] = RELU_N1_TO_1
        yield f"{kind} clipped", network(kind, (1, 3, 2, 4), "Pool2DOptions", options)


def _arithmetic() -> Iterator[tuple[str, bytes]]:
    for kind in ("ADD", "SUB", "MUL", "DIV"):
        name = f"{kind.title()}Options"
        more = {"c": constant(values(4) + 3)}
        yield f"{kind} channels", network(kind, MAP, name, {"FusedActivationFunction": RELU}, more=more)
        yield f"{kind} itself", network(kind, MAP, name, {}, reads=("x", "x"))
    for kind in ("MAXIMUM", "MINIMUM"):
        yield f"{kind} number", network(kind, MAP, "MaximumMinimumOptions", {}, more={"c": constant(0.25)})
        yield (
            f"{kind} channels",
            network(kind, MAP, "MaximumMinimumOptions", {}, more={"c": constant(values(4))}),
        )
    for kind in ("RELU", "RELU6", "RELU_N1_TO_1", "LOGISTIC", "TANH", "HARD_SWISH", "ABS", "EXP", "FLOOR", "CEIL", "NEG",
                 "SQUARE", "ELU", "SIN", "COS"):  # fmt: skip
        yield kind, network(kind, MAP)
    squared = Operator("SQUARE", ["x"], ["z"])
    for kind in ("SQRT", "RSQRT", "LOG"):
        tensors = {"x": Tensor(MAP), "z": Tensor(MAP), "y": Tensor(MAP)}
        yield kind, write(tensors, [squared, Operator(kind, ["z"], ["y"])], ["x"], ["y"])
    yield "LEAKY_RELU", network("LEAKY_RELU", MAP, "LeakyReluOptions", {"Alpha": 0.2})
    yield "PRELU of elements", network("PRELU", MAP, more={"slope": constant(values(7, 6, 4))})
    for approximate in (False, True):
        yield f"GELU {approximate}", network("GELU", MAP, "GeluOptions", {"Approximate": approximate})
    yield "PRELU", network("PRELU", MAP, more={"slope": constant(values(1, 1, 4))})
    yield "SQUARED_DIFFERENCE", network("SQUARED_DIFFERENCE", MAP, more={"c": constant(values(4))})
    yield "POW", network("POW", MAP, more={"c": constant(2.0)})
    yield "BATCH_MATMUL", network("BATCH_MATMUL", (1, 7, 6, 3), more={"c": constant(values(1, 7, 4, 3))})


def _reductions() -> Iterator[tuple[str, bytes]]:
    for kind in ("MEAN", "REDUCE_MAX", "SUM"):
        for keep, output in ((True, (1, 1, 1, 4)), (False, (1, 4))):
            more = {"axes": constant([1, -2], "int32")}
            yield f"{kind} {keep}", network(kind, output, "ReducerOptions", {"KeepDims": keep}, more=more)
    for beta in (1.0, 2.5):
        yield f"SOFTMAX {beta}", network("SOFTMAX", MAP, "SoftmaxOptions", {"Beta": beta})
    yield "LOG_SOFTMAX", network("LOG_SOFTMAX", MAP)
    yield (
        "ARG_MAX",
        network(
            "ARG_MAX",
            (1, 7, 6),
            "ArgMaxOptions",
            {"OutputType": 4},
            more={"axis": constant(-1, "int32")},
            dtype="int64",
        ),
    )
    yield "LRN", network(
        "LOCAL_RESPONSE_NORMALIZATION", MAP, "LocalResponseNormalizationOptions",
        {"Radius": 1, "Bias": 1.5, "Alpha": 0.3, "Beta": 0.75},
    )  # fmt: skip


def _movement() -> Iterator[tuple[str, bytes]]:
    yield "RESHAPE", network("RESHAPE", (2, 84), more={"shape": constant([2, -1], "int32")})
    yield "SQUEEZE", network("SQUEEZE", (7, 6, 4))
    yield "EXPAND_DIMS", network("EXPAND_DIMS", (1, 1, *MAP[1:]), more={"axis": constant(1, "int32")})
    yield "TRANSPOSE", network("TRANSPOSE", (1, 4, 7, 6), more={"perm": constant([0, 3, 1, 2], "int32")})
    yield "CONCATENATION", network(
        "CONCATENATION", (1, 7, 6, 10), "ConcatenationOptions", {"Axis": 3},
        more={"c": constant(values(1, 7, 6, 2))}, reads=("x", "c", "x"),
    )  # fmt: skip
    yield (
        "PACK",
        network("PACK", (1, 2, 7, 6, 4), "PackOptions", {"Axis": 1, "ValuesCount": 2}, reads=("x", "x")),
    )
    yield (
        "SLICE",
        network(
            "SLICE",
            (1, 4, 6, 2),
            more={"begin": constant([0, 2, 0, 1], "int32"), "size": constant([1, 4, -1, 2], "int32")},
        ),
    )
    limits = {
        "begin": constant([0, 1, -2, 0], "int32"), "end": constant([1, 7, 6, 4], "int32"),
        "stride": constant([1, 2, 1, 1], "int32"),
    }  # fmt: skip
    masks = {"BeginMask": 0, "EndMask": 2, "EllipsisMask": 0, "NewAxisMask": 0, "ShrinkAxisMask": 0}
    yield "STRIDED_SLICE", network("STRIDED_SLICE", (1, 3, 2, 4), "StridedSliceOptions", masks, more=limits)
    shrink = {**masks, "ShrinkAxisMask": 4}
    yield (
        "STRIDED_SLICE shrink",
        network("STRIDED_SLICE", (1, 3, 4), "StridedSliceOptions", shrink, more=limits),
    )
    yield (
        "GATHER",
        network("GATHER", (1, 7, 6, 2), "GatherOptions", {"Axis": 3}, more={"i": constant([3, 0], "int32")}),
    )
    pads = constant([[0, 0], [1, 2], [0, 1], [0, 0]], "int32")
    yield "PAD", network("PAD", (1, 10, 7, 4), more={"pads": pads})
    yield "PADV2", network("PADV2", (1, 10, 7, 4), more={"pads": pads, "value": constant(1.5)})
    for mode in (0, 1):
        options = {"Mode": mode}
        yield (
            f"MIRROR_PAD {mode}",
            network("MIRROR_PAD", (1, 10, 7, 4), "MirrorPadOptions", options, more={"pads": pads}),
        )
    yield "DEPTH_TO_SPACE", network("DEPTH_TO_SPACE", (1, 14, 12, 1), "DepthToSpaceOptions", {"BlockSize": 2})
    yield (
        "SPACE_TO_DEPTH",
        network("SPACE_TO_DEPTH", (1, 3, 2, 16), "SpaceToDepthOptions", {"BlockSize": 2}, x=(1, 6, 4, 4)),
    )
    yield from _several_outputs()


def _several_outputs() -> Iterator[tuple[str, bytes]]:
    halves = {"a": Tensor((1, 7, 6, 2)), "b": Tensor((1, 7, 6, 2))}
    axis = {"axis": constant(3, "int32")}
    split = Operator("SPLIT", ["axis", "x"], ["a", "b"], "SplitOptions", {"NumSplits": 2})
    yield "SPLIT", write({"x": Tensor(MAP), **halves, **axis}, [split], ["x"], ["a", "b"])
    parts = {"a": Tensor((1, 7, 6, 1)), "b": Tensor((1, 7, 6, 3)), "sizes": constant([1, 3], "int32")}
    split = Operator("SPLIT_V", ["x", "sizes", "axis"], ["a", "b"], "SplitVOptions", {"NumSplits": 2})
    yield "SPLIT_V", write({"x": Tensor(MAP), **parts, **axis}, [split], ["x"], ["a", "b"])
    slices = {name: Tensor((1, 7, 6)) for name in "abcd"}
    unpack = Operator("UNPACK", ["x"], list("abcd"), "UnpackOptions", {"Axis": 3, "Num": 4})
    yield "UNPACK", write({"x": Tensor(MAP), **slices}, [unpack], ["x"], list("abcd"))


def _repeating() -> Iterator[tuple[str, bytes]]:
    for repeats in ((1, 2, 1, 3), (1, 1, 17, 1)):
        shape = tuple(size * count for size, count in zip(MAP, repeats, strict=True))
        yield f"TILE {repeats}", network("TILE", shape, more={"r": constant(repeats, "int32")})


def _resizing() -> Iterator[tuple[str, bytes]]:
    for kind, name in (
        ("RESIZE_BILINEAR", "ResizeBilinear"),
        ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighbor"),
    ):
        for size in ((14, 9), (5, 4)):
            for corners, centres in ((0, 0), (1, 0), (0, 1)):
                options = {"AlignCorners": corners, "HalfPixelCenters": centres}
                yield (
                    f"{kind} {size} {corners} {centres}",
                    network(
                        kind, (1, *size, 4), f"{name}Options", options, more={"size": constant(size, "int32")}
                    ),
                )
