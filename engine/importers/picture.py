"""How a picture becomes a network's input, and what its classes are called, where a file leaves that open."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from pathlib import Path

import assets
from engine.errors import ModelError
from engine.importers.limits import read_bytes
from engine.importers.options import ImportOptions, Layout
from engine.ir.graph import InputSpec

Rgb = tuple[float, float, float]

MAX_LABELS_BYTES = 16 << 20
MAX_MAGNITUDE = 1e6  # of a mean or scale; a whole number in a file may be too large for a float
SMALLEST_SCALE = 1e-30  # of what is smaller float32 keeps too little, or nothing
MAX_SHORT_PX = 1 << 14
IMAGENET_MEAN: Rgb = (123.675, 116.28, 103.53)
IMAGENET_SCALE: Rgb = (0.017125, 0.017507, 0.017429)
TENSORFLOW_MEAN: Rgb = (127.5, 127.5, 127.5)
TENSORFLOW_SCALE: Rgb = (1 / 127.5, 1 / 127.5, 1 / 127.5)
PIXEL_MEAN: Rgb = (0.0, 0.0, 0.0)
PIXEL_SCALE: Rgb = (1.0, 1.0, 1.0)
_DEFAULT_SHORT_PX = 256
_CROP_OF_SHORT = 0.875  # 224 of 256
_FEWEST_STEPS = 32  # of 255; fewer would throw the picture away


def picture_layout(shape: Sequence[int], options: ImportOptions) -> Layout | None:
    """Return where the three colours lie in an input tensor of ``shape``; None if it is no picture.

    Raises:
        ModelError: the layout that ``options`` asks for does not fit the shape.
    """
    fits = {Layout.NCHW: len(shape) == 4 and shape[1] == 3, Layout.NHWC: len(shape) == 4 and shape[3] == 3}
    if options.layout is not None:
        if not fits[options.layout]:
            raise ModelError(
                f"the input has shape {list(shape)}, which is no {options.layout.value} picture of 3 colours"
            )
        return options.layout
    return next((layout for layout in Layout if fits[layout]), None)


def input_spec(options: ImportOptions, size: tuple[int, int], mean: Rgb, scale: Rgb) -> InputSpec:
    """Return the preprocessing; ``mean`` and ``scale`` are used where ``options`` has none, ``size`` is (height, width).

    Raises:
        ModelError: ``options`` holds a mean, scale or short side that no picture can have.
    """
    _check(options)
    longest = max(size)
    short = _DEFAULT_SHORT_PX if longest <= _DEFAULT_SHORT_PX else round(longest / _CROP_OF_SHORT)
    return InputSpec(
        mean=options.mean or mean,
        scale=options.scale or scale,
        resize_short=options.resize_short or short,
        squash=options.squash,
        bgr=options.bgr,
    )


def _check(options: ImportOptions) -> None:
    for name, values in (("mean", options.mean), ("scale", options.scale)):
        if values is not None and not all(abs(value) <= MAX_MAGNITUDE for value in values):
            raise ModelError(f"{name} must be finite numbers up to {MAX_MAGNITUDE:g}, got {values}")
    if options.scale is not None and min(map(abs, options.scale)) < SMALLEST_SCALE:
        raise ModelError(
            f"scale must not be 0 or nearer to it than {SMALLEST_SCALE:g}, got {options.scale}: every picture would be black"
        )
    if options.resize_short is not None and not 1 <= options.resize_short <= MAX_SHORT_PX:
        raise ModelError(
            f"the short side before the crop must be 1 to {MAX_SHORT_PX} pixels, got {options.resize_short}"
        )


def integer_spec(
    options: ImportOptions, size: tuple[int, int], dtype: str, quantization: tuple[float, int] | None
) -> InputSpec:
    """Return the preprocessing of an input of pixels, uint8 or int8, that ``quantization`` (scale, zero point) makes real."""
    mean = (128.0, 128.0, 128.0) if dtype == "int8" else PIXEL_MEAN
    spec = input_spec(options, size, mean, PIXEL_SCALE)
    return spec if quantization is None else _through_quantization(spec, *quantization)


def _through_quantization(spec: InputSpec, scale: float, zero_point: int) -> InputSpec:
    """Return ``spec`` for real values where the file's integer input holds ``(pixel - mean) * spec.scale``.

    real = (q - zero_point) * scale = (pixel - (mean + zero_point / spec.scale)) * (spec.scale * scale)

    A scale that squeezes the pixels' 255 steps into a few integers was meant for real values: ``spec`` is kept.
    """
    if 255 * min(map(abs, spec.scale)) < _FEWEST_STEPS:
        return spec
    pairs = zip(spec.mean, spec.scale, strict=True)
    first, second, third = ((m + zero_point / s, s * scale) for m, s in pairs)
    mean, factor = (first[0], second[0], third[0]), (first[1], second[1], third[1])
    return replace(spec, mean=mean, scale=factor)


def class_labels(options: ImportOptions, output_shape: Sequence[int]) -> tuple[str, ...]:
    """Return one label per element of an output of ``output_shape``; empty if nothing names them.

    Without a labels file, 1000 classes are ImageNet-1k's and 1001 those after "background". ``label_offset`` is TI's
    ``label_offset_pred``: predicted index plus offset is the label's index.

    Raises:
        ModelError: the labels file is unreadable or has another number of lines.
    """
    classes = prod(output_shape)
    if options.labels is not None:
        labels = _lines(options.labels)
        if len(labels) != classes:
            raise ModelError(f"{options.labels}: has {len(labels)} labels, the network has {classes} classes")
        return labels
    names = _lines(assets.path("labels/imagenet1k.txt"))
    offset = len(names) - classes if options.label_offset is None else options.label_offset
    if classes not in (len(names), len(names) + 1) or offset not in (0, -1):
        return ()
    return (("background",) * -offset + names)[:classes] if classes + offset <= len(names) else ()


def _lines(path: Path) -> tuple[str, ...]:
    try:
        text = read_bytes(path, MAX_LABELS_BYTES).decode("utf-8-sig")  # some editors begin with a mark
    except UnicodeDecodeError:
        raise ModelError(f"{path}: the labels are not UTF-8 text, one class a line") from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())
