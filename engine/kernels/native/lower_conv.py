"""Convolutions and fully connected layers as CONV, DEPTHWISE and BORDER records."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList, NotNativeError
from engine.kernels.native.depthwise import GENERAL, GENERAL_NARROW, TILE_COLUMNS, VARIANTS
from engine.kernels.native.gemm import TILE_ROWS, WORDS_NR
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import (
    Requant,
    choose_requant,
    common_block,
    pack_parameters,
    pack_weights,
)  # fmt: skip
from engine.kernels.native.records import Form, Opcode
from engine.program.descriptors import Conv2d, ConvTranspose2d, FullyConnected
from engine.program.operands import Operands

SIGN_BITS = 0x8080808080808080 - (1 << 64)  # as a signed int64
# Patches of one band stay in a 32 KB first-level cache together with a strip of weights.
BAND_BYTES = 20 * 1024
MAX_BAND_PIXELS = 512
INTERLEAVED_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class InputForm:
    """How the dot product takes a layer's input: flipped or widened, and what that adds to every accumulator.

    The dot product sees x + ``added`` (0, 128 or -128), so it yields acc + added * sum(w).
    """

    form: Form
    flip: int
    added: int
    element_bytes: int

    @property
    def as_it_is(self) -> bool:
        """Whether the tensor's own bytes serve."""
        return self.form in (Form.BYTES, Form.WORDS) and not self.flip


def input_form(isa: Isa, dtype: np.dtype[np.generic], weights: np.dtype[np.generic]) -> InputForm:
    """Return the form in which ``isa`` takes elements of ``dtype`` where weights have type ``weights``.

    Raises
    ------
    NotNativeError
        If the elements fit neither a byte nor an int16.
    """
    if dtype == np.int16:
        return InputForm(Form.WORDS, 0, 0, 2)
    if dtype.itemsize != 1:
        raise NotNativeError(f"not native: convolution of {dtype} tensors")
    signed = dtype == np.int8
    if not isa.byte_dot or weights != np.int8:
        return InputForm(Form.SIGNED if signed else Form.UNSIGNED, 0, 0, 2)
    if signed == isa.signed_bytes:
        return InputForm(Form.BYTES, 0, 0, 1)
    return InputForm(Form.BYTES, SIGN_BITS, 128 if signed else -128, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A map [height, width, channels] that patches are taken from: an address, or the MAP area where it is None."""

    address: int | None
    nbytes: int
    height: int
    width: int
    channels: int


class ConvLowering:
    """Appends the records of convolution-like descriptors to a command list."""

    def __init__(self, commands: CommandList, operands: Operands, isa: Isa) -> None:
        self._commands, self._operands, self._isa = commands, operands, isa

    def conv2d(self, d: Conv2d) -> None:
        """Append a convolution."""
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        weight = self._operands.constant(d.weight)
        for image in range(x.shape[0]):
            if (
                d.group > 1
                and weight.shape[3] == 1
                and len(weight) == d.group
                and x.itemsize == 1 == weight.itemsize
            ):
                self._depthwise(d, x[image], y[image], weight)
            else:
                self._dense(d, x[image], y[image], weight)

    def fully_connected(self, d: FullyConnected) -> None:
        """Append a fully connected layer: a 1x1 convolution on a map of one row."""
        weight = self._operands.constant(d.weight)
        out_channels, depth = weight.shape
        x = self._operands.tensor(d.input).reshape(1, -1, depth)
        y = self._operands.tensor(d.output).reshape(1, -1, out_channels)
        conv = Conv2d(
            d.name,
            d.input,
            d.output,
            d.weight,
            d.bias,
            d.multiplier,
            d.shift,
            d.qmin,
            d.qmax,
            d.acc_bound,
            table=d.table,
        )
        self._dense(conv, x, y, weight.reshape(out_channels, 1, 1, depth))

    def conv_transpose2d(self, d: ConvTranspose2d) -> None:
        """Append a transposed convolution: spread the input, turn the kernel round, convolve with stride 1."""
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        weight = np.ascontiguousarray(self._operands.constant(d.weight)[:, ::-1, ::-1])
        reach = [(size - 1) * dilation for size, dilation in zip(weight.shape[1:3], d.dilation, strict=True)]
        before = [r - pad for r, pad in zip(reach, d.pads[:2], strict=True)]
        if min(before) < 0:
            raise NotNativeError("not native: transposed convolutions that drop whole input rows")
        spread = [(size - 1) * step + 1 for size, step in zip(x.shape[1:3], d.stride, strict=True)]
        after = [
            max(0, out - 1 - b + r - (size - 1))
            for out, b, r, size in zip(y.shape[1:3], before, reach, spread, strict=True)
        ]
        conv = Conv2d(
            d.name, d.input, d.output, d.weight, d.bias, d.multiplier, d.shift, d.qmin, d.qmax, d.acc_bound,
            dilation=d.dilation, pads=(*before, *after), group=d.group, table=d.table,
        )  # fmt: skip
        for source, target in zip(x, y, strict=True):
            self._dense(conv, source, target, weight, d.stride)

    def _requant(self, d: Conv2d, weight: Array, form: InputForm, y: Array) -> Requant:
        get = self._operands.constant
        constants = (get(d.bias), get(d.multiplier), get(d.shift))
        requant = choose_requant(constants, (d.qmin, d.qmax), d.acc_bound, y.itemsize)
        correction = form.added * weight.reshape(len(weight), -1).sum(axis=1, dtype=np.int64)
        return replace(requant, bias=requant.bias - correction)

    def _border(
        self,
        x: Array,
        form: InputForm,
        pads: tuple[int, int, int, int],
        channels: int,
        steps: tuple[int, int] = (1, 1),
    ) -> Source:
        """Append a BORDER record that brings ``x`` [H,W,C] into the MAP area; return that map."""
        h, w, c = x.shape
        top, left, bottom, right = pads
        height = (h - 1) * steps[0] + 1 + top + bottom
        width = (w - 1) * steps[1] + 1 + left + right
        nbytes = height * width * channels * form.element_bytes
        self._commands.add(
            Opcode.BORDER, {"target": (Area.MAP, nbytes)}, source=self._commands.address(x), height=h, width=w, channels=c,
            padded_height=height, padded_width=width, padded_channels=channels, top=top, left=left, row_step=steps[0],
            column_step=steps[1], border=form.flip, flip=form.flip, form=form.form,
        )  # fmt: skip
        return Source(None, nbytes, height, width, channels)

    def _dense(self, d: Conv2d, x: Array, y: Array, weight: Array, spread: tuple[int, int] = (1, 1)) -> None:
        """Append a convolution of one image as matrix multiplies, one per group of channels."""
        isa, form = self._isa, input_form(self._isa, x.dtype, weight.dtype)
        taps = 4 if form.element_bytes == 1 else 2
        requant = self._requant(d, weight, form, y)
        _, kh, kw, per_group = weight.shape
        plain = (
            (kh, kw) == (1, 1) == d.stride == spread
            and not any(d.pads)
            and d.group == 1
            and per_group % taps == 0
        )
        if plain and form.as_it_is:
            source = Source(self._commands.address(x), x.nbytes, *x.shape)
        else:
            source = self._border(x, form, d.pads, x.shape[2], spread)
        merged = merged_groups(d.group, len(weight) // d.group, isa)
        outputs = len(weight) // d.group * merged
        for g in range(d.group // merged):
            chosen = slice(g * outputs, (g + 1) * outputs)
            part = replace(
                requant,
                bias=requant.bias[chosen],
                multiplier=requant.multiplier[chosen],
                shift=requant.shift[chosen],
            )
            matrix = _matrix(_block_diagonal(weight[chosen], merged), taps, form.element_bytes)
            run = per_group * merged
            pieces = None if plain else _pieces(d, source, (kh, kw, run), g * run, form.element_bytes)
            self._multiply(d, source, pieces, y, g * outputs, matrix, part, form.element_bytes)

    def _multiply(
        self, d: Conv2d, source: Source, pieces: "Pieces | None", y: Array, first_channel: int, matrix: Array, requant: Requant,
        element_bytes: int,
    ) -> None:  # fmt: skip
        isa, commands = self._isa, self._commands
        depth, channels = matrix.shape
        pixels = y.shape[0] * y.shape[1]
        groups = depth * element_bytes // 4
        vectors = -(-channels // isa.lanes)
        if element_bytes == 2 and isa.byte_dot:
            nr, panels, rest = WORDS_NR, -(-vectors // WORDS_NR), 0
        else:
            nr, panels, rest = choose_widths(vectors, pixels, groups, isa)
        split = panels * nr * isa.lanes if rest else channels
        weights, parameters, steps = _panels(matrix, requant, nr, rest, split, isa)
        patch_stride = depth * element_bytes
        gathered = pieces is not None
        band = max(1, min(MAX_BAND_PIXELS, BAND_BYTES // patch_stride, pixels))
        mr = TILE_ROWS[isa.registers][nr]
        band = max(mr, band // mr * mr)
        areas = {
            "patches": (Area.PATCHES, band * patch_stride if gathered else 0),
            "bounce": (Area.BOUNCE, band * 4 * isa.lanes * 4),
        }
        fields = {"source": source.address or 0}
        if source.address is None:
            areas["source"] = (Area.MAP, source.nbytes)
        if pieces is not None:
            fields |= {
                "segments": len(pieces.offsets), "segment_offsets": commands.blob(pieces.offsets),
                "segment_bytes": pieces.nbytes, "row_stride": pieces.row_stride, "column_stride": pieces.column_stride,
            }  # fmt: skip
        commands.add(
            Opcode.CONV, areas, **fields, patch_stride=patch_stride, pixels=pixels, band=band, groups=groups, width=y.shape[1],
            weights=commands.blob(weights), panel_bytes=steps[0], parameters=commands.blob(parameters),
            parameter_bytes=steps[1], common=commands.blob(common_block(requant, isa.lanes)), panels=panels, nr=nr,
            rest_nr=rest, channels=channels, out=commands.address(y) + first_channel * y.itemsize,
            out_stride=y.shape[2] * y.itemsize, element_bytes=y.itemsize, finish=requant.finish,
            split_panels=int(pixels < 4 * mr), words=int(element_bytes == 2),
        )  # fmt: skip

    def _depthwise(self, d: Conv2d, x: Array, y: Array, weight: Array) -> None:
        """Append a depthwise convolution of one image."""
        isa, commands, form = self._isa, self._commands, input_form(self._isa, x.dtype, weight.dtype)
        requant = self._requant(d, weight, form, y)
        h, w, channels = x.shape
        _, kh, kw, _ = weight.shape
        stored = -(-channels // isa.lanes) * isa.lanes
        areas: dict[str, tuple[Area, int]] = {"zeros": (Area.ZEROS, w * stored)}
        source = 0 if stored != channels else commands.address(x)
        if stored != channels:
            bordered = self._border(x, InputForm(Form.BYTES, 0, 0, 1), (0, 0, 0, 0), stored)
            areas["source"] = (Area.MAP, bordered.nbytes)
        number = _variant(d, (kh, kw), y, requant)
        variant = VARIANTS[number]
        taps = 4 if isa.byte_dot else 2
        needed = (variant.rows - 1) * d.stride[0] + kh
        tap_groups = -(-needed // taps)
        strip, block = _strip_and_block(d, (kh, kw), y.shape[1], stored, tap_groups, variant.columns)
        wanted = (strip - 1) * d.stride[1] + (kw - 1) * d.dilation[1] + 1
        areas |= {
            "interleaved": (Area.PATCHES, tap_groups * wanted * block * 4),
            "bounce": (Area.BOUNCE, variant.rows * strip * isa.lanes),
        }
        weights = _depthwise_weights(weight, isa, variant.rows, d.stride[0], tap_groups)
        parameters = pack_parameters(requant, 1, isa.lanes)
        commands.add(
            Opcode.DEPTHWISE, areas, source=source, height=h, width=w, stored=stored, channels=channels, variant=number,
            rows=variant.rows, tap_groups=tap_groups, kernel_w=kw, stride_h=d.stride[0], stride_w=d.stride[1],
            dilation_h=d.dilation[0], dilation_w=d.dilation[1], top=d.pads[0], left=d.pads[1], out=commands.address(y),
            out_height=y.shape[0], out_width=y.shape[1], element_bytes=y.itemsize, weights=commands.blob(weights),
            weight_bytes=weights.shape[1], parameters=commands.blob(parameters), parameter_bytes=parameters.shape[1],
            common=commands.blob(common_block(requant, isa.lanes)), finish=requant.finish, strip=strip, block=block,
            flip=form.flip, needed_rows=needed, signed=int(form.form is Form.SIGNED),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pieces:
    """Where the bytes of a patch lie relative to its pixel's first byte: ``nbytes`` at each of ``offsets``."""

    offsets: NDArray[np.int64]
    nbytes: int
    row_stride: int
    column_stride: int


def _pieces(
    d: Conv2d, source: Source, shape: tuple[int, int, int], first_channel: int, element_bytes: int
) -> Pieces:
    """Return the pieces of a kernel of ``shape`` [kh, kw, channels from ``first_channel`` on]."""
    kh, kw, channels = shape
    pixel = source.channels * element_bytes
    row = source.width * pixel
    joined = d.dilation[1] == 1 and channels == source.channels  # a kernel row is one run of bytes
    columns = [0] if joined else [kj * d.dilation[1] * pixel for kj in range(kw)]
    start = first_channel * element_bytes
    offsets = [start + ki * d.dilation[0] * row + column for ki in range(kh) for column in columns]
    nbytes = channels * element_bytes * (kw if joined else 1)
    return Pieces(np.array(offsets, np.int64), nbytes, d.stride[0] * row, d.stride[1] * pixel)


def _matrix(weight: Array, taps: int, element_bytes: int) -> Array:
    """Return weights [O,kh,kw,C] as [K rounded up to whole groups, O]."""
    flat = weight.reshape(len(weight), -1).T
    matrix = np.zeros(
        (-(-flat.shape[0] // taps) * taps, flat.shape[1]), np.int8 if element_bytes == 1 else np.int16
    )
    matrix[: flat.shape[0]] = flat
    return matrix


def merged_groups(group: int, outputs: int, isa: Isa) -> int:
    """Return how many neighbouring groups to treat as one, with zeros between them: enough to fill a vector of outputs."""
    return next(m for m in range(1, group + 1) if group % m == 0 and (m * outputs >= isa.lanes or m == group))


def _block_diagonal(weight: Array, merged: int) -> Array:
    """Return weights [O,kh,kw,C] of ``merged`` groups as those of one group, [O,kh,kw,C * merged]."""
    if merged == 1:
        return weight
    outputs, kh, kw, channels = weight.shape
    each = outputs // merged
    wide = np.zeros((merged, each, kh, kw, merged, channels), weight.dtype)
    for g in range(merged):
        wide[g, :, :, :, g] = weight[g * each : (g + 1) * each]
    return wide.reshape(outputs, kh, kw, merged * channels)


def _panels(
    matrix: Array, requant: Requant, nr: int, rest: int, split: int, isa: Isa
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[int, int]]:
    """Return weights and parameters, all panels one behind another, and the bytes of one full panel of each."""
    weights = [pack_weights(matrix[:, :split], nr, isa, requant.raw)]
    parameters = [pack_parameters(_channels(requant, slice(0, split)), nr, isa.lanes)]
    steps = (weights[0].shape[1], parameters[0].shape[1])
    if rest:
        weights.append(pack_weights(matrix[:, split:], rest, isa, requant.raw))
        parameters.append(pack_parameters(_channels(requant, slice(split, None)), rest, isa.lanes))
    return (*(np.concatenate([part.reshape(-1) for part in parts]) for parts in (weights, parameters)), steps)  # type: ignore[return-value]


def _channels(requant: Requant, chosen: slice) -> Requant:
    return replace(
        requant, bias=requant.bias[chosen], multiplier=requant.multiplier[chosen], shift=requant.shift[chosen]
    )


def choose_widths(vectors: int, pixels: int, groups: int, isa: Isa) -> tuple[int, int, int]:
    """Return (nr, panels of that width, width of one more panel or 0) with the least estimated time."""
    best = (float("inf"), (1, vectors, 0))
    for nr, mr in TILE_ROWS[isa.registers].items():
        if nr > vectors:
            continue
        panels, rest = divmod(vectors, nr)
        cost = panels * _panel_cost(nr, mr, pixels, groups)
        if rest:
            cost += _panel_cost(rest, TILE_ROWS[isa.registers][rest], pixels, groups)
        best = min(best, (cost, (nr, panels, rest)))
    return best[1]


def _panel_cost(nr: int, mr: int, pixels: int, groups: int) -> float:
    """Return estimated cycles: two dot products or two loads per cycle, then about 1.5 operations per accumulator."""
    if pixels < mr:
        return pixels * (max(nr, 5) * groups + 3 * nr + 10)
    tiles = -(-pixels // mr)
    return tiles * (
        max(mr * nr, mr + nr) / 2 * groups + mr * nr * (1.5 + {1: 0.7, 2: 0.6, 3: 0.7, 4: 0.5}[nr]) + 12
    )


def _variant(d: Conv2d, kernel: tuple[int, int], y: Array, requant: Requant) -> int:
    """Return the fastest depthwise variant that fits."""
    for number, variant in enumerate(VARIANTS):
        same = kernel == (variant.kernel_h, variant.kernel_w) and d.stride == (variant.stride, variant.stride)
        fits = y.shape[0] >= variant.rows and y.shape[1] >= variant.columns
        if same and fits and d.dilation == (1, 1) and not requant.raw:
            return number
    return GENERAL if y.shape[1] >= TILE_COLUMNS and not requant.raw else GENERAL_NARROW


def _strip_and_block(
    d: Conv2d, kernel: tuple[int, int], width: int, stored: int, tap_groups: int, columns: int
) -> tuple[int, int]:
    """Return output columns and channels to interleave at a time: all channels if that leaves a fair strip."""
    block = stored if tap_groups * stored <= 160 or stored < 64 else 64
    budget = INTERLEAVED_BYTES // (tap_groups * block * 4)
    strip = (budget - (kernel[1] - 1) * d.dilation[1] - 1) // d.stride[1] + 1
    strip = max(columns, strip // columns * columns)
    return min(strip, width), block


def _depthwise_weights(weight: Array, isa: Isa, rows: int, stride: int, tap_groups: int) -> NDArray[np.uint8]:
    """Return weights [ceil(C / lanes), bytes]: per vector of channels [group][kernel column][row][lane][tap]."""
    taps, dtype = (4, np.int8) if isa.byte_dot else (2, np.int16)
    channels, kh, kw, _ = weight.shape
    count = -(-channels // isa.lanes)
    shifted = np.zeros((count * isa.lanes, tap_groups * taps, kw, rows), dtype)
    for row in range(rows):
        shifted[:channels, row * stride : row * stride + kh, :, row] = weight[..., 0]
    split = shifted.reshape(count, isa.lanes, tap_groups, taps, kw, rows)
    packed = np.ascontiguousarray(split.transpose(0, 2, 4, 5, 1, 3))  # vector, group, kj, row, lane, tap
    return packed.reshape(count, -1).view(np.uint8)
