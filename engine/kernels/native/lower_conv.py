"""Dense and grouped convolutions and fully connected layers as CONV records; depthwise ones are handed on."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.bounds import layer_numbers
from engine.kernels.native.commands import Area, CommandList, NotNativeError
from engine.kernels.native.inputs import InputForm, Source, bordered_source, input_form, tensor_source
from engine.kernels.native.isa import Isa
from engine.kernels.native.lower_depthwise import lower_depthwise
from engine.kernels.native.lower_grouped import is_narrow, lower_grouped
from engine.kernels.native.lower_tiles import lower_tiles, suits_tiles
from engine.kernels.native.lower_winograd import lower_winograd, suits_winograd, winograd_form
from engine.kernels.native.panels import (
    Requant,
    block_diagonal,
    choose_requant,
    common_block,
    end_to_end,
    merged_groups,
    pack_parameters,
    pack_weights,
)
from engine.kernels.native.patches import Patches, direct_patches, gathered_patches, row_patches
from engine.kernels.native.records import Opcode
from engine.kernels.native.tiles import WORDS_NR
from engine.kernels.native.widths import Widths, Work, choose_widths
from engine.program.descriptors import Conv2d, ConvTranspose2d, FullyConnected, Pair
from engine.program.operands import Operands

# Too few pixels of 16-bit tensors for two threads to share.
FEW_PIXELS = 32


class ConvLowering:
    """Appends the records of convolution-like descriptors to a command list."""

    def __init__(self, commands: CommandList, operands: Operands, isa: Isa) -> None:
        self._commands, self._operands, self._isa = commands, operands, isa

    def conv2d(self, d: Conv2d) -> None:
        """Append a convolution."""
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        weight = self._operands.constant(d.weight)
        requant = self._requant(d, weight, y)
        depthwise = d.group > 1 and weight.shape[3] == 1 and len(weight) == d.group
        if not (depthwise and x.itemsize == weight.itemsize == 1):
            for source, target in zip(x, y, strict=True):
                self._dense(d, source, target, weight, requant)
            return
        form = input_form(self._isa, x.dtype, weight.dtype)
        corrected = _corrected(requant, weight, form)
        for source, target in zip(x, y, strict=True):
            lower_depthwise(self._commands, self._isa, d, (source, target, weight), corrected, form)

    def fully_connected(self, d: FullyConnected) -> None:
        """Append a fully connected layer: a 1x1 convolution on a map of one row."""
        weight = self._operands.constant(d.weight)
        out_channels, depth = weight.shape
        x = self._operands.tensor(d.input).reshape(1, -1, depth)
        y = self._operands.tensor(d.output).reshape(1, -1, out_channels)
        conv = Conv2d(
            d.name, d.input, d.output, d.weight, d.bias, d.multiplier, d.shift, d.qmin, d.qmax, d.acc_bound, table=d.table
        )  # fmt: skip
        kernel = weight.reshape(out_channels, 1, 1, depth)
        self._dense(conv, x, y, kernel, self._requant(conv, kernel, y))

    def conv_transpose2d(self, d: ConvTranspose2d) -> None:
        """Append a transposed convolution: spread the input, turn the kernel round, convolve with stride 1."""
        x, y = self._operands.tensor(d.input), self._operands.tensor(d.output)
        weight = np.ascontiguousarray(self._operands.constant(d.weight)[:, ::-1, ::-1])
        reach = [(size - 1) * dilation for size, dilation in zip(weight.shape[1:3], d.dilation, strict=True)]
        top, left = (r - pad for r, pad in zip(reach, d.pads[:2], strict=True))
        if min(top, left) < 0:
            raise NotNativeError("not native: transposed convolutions that drop whole input rows")
        spread = [(size - 1) * step + 1 for size, step in zip(x.shape[1:3], d.stride, strict=True)]
        bottom, right = (
            max(0, out - 1 - before + r - (size - 1))
            for out, before, r, size in zip(y.shape[1:3], (top, left), reach, spread, strict=True)
        )
        conv = Conv2d(
            d.name, d.input, d.output, d.weight, d.bias, d.multiplier, d.shift, d.qmin, d.qmax, d.acc_bound,
            dilation=d.dilation, pads=(top, left, bottom, right), group=d.group, table=d.table,
        )  # fmt: skip
        requant = self._requant(conv, weight, y)
        for source, target in zip(x, y, strict=True):
            self._dense(conv, source, target, weight, requant, d.stride)

    def _requant(self, d: Conv2d, weight: Array, y: Array) -> Requant:
        get, clamp = self._operands.constant, (d.qmin, d.qmax)
        constants = (get(d.bias), get(d.multiplier), get(d.shift))
        if d.acc_bound >= 1 << 31:
            raise NotNativeError("not native: accumulators of more than 32 bit")
        return choose_requant(layer_numbers(weight, constants, clamp, d.acc_bound), clamp, y.itemsize)

    def _dense(
        self, d: Conv2d, x: Array, y: Array, weight: Array, requant: Requant, spread: Pair = (1, 1)
    ) -> None:
        """Append a convolution of one image as matrix multiplies, one per group of channels."""
        commands, (outputs, kh, kw, depth) = self._commands, weight.shape
        requant = requant.without_offset()
        if suits_tiles(self._isa, x, y, weight):
            lower_tiles(commands, self._isa, d, (x, y, weight), requant, spread)
            return
        if spread == (1, 1) and suits_winograd(self._isa, d, (x, y, weight), requant):
            corrected = _corrected(requant, weight, winograd_form(x.dtype))
            lower_winograd(commands, self._isa, d, (x, y, weight), corrected)
            return
        form = input_form(self._isa, x.dtype, weight.dtype)
        requant = _corrected(requant, weight, form)
        plain = (kh, kw) == (1, 1) == d.stride == spread and not any(d.pads)
        plain = plain and d.group == 1 and depth % form.taps == 0 and form.element_bytes == x.itemsize
        if plain:
            source = tensor_source(commands, x)
        else:
            source = bordered_source(commands, x, form, d.pads, x.shape[2], spread)
        if is_narrow(d, weight, form, requant, self._isa):
            lower_grouped(commands, self._isa, d, source, (y, weight), requant)
            return
        pixels = y.shape[0] * y.shape[1]
        each = outputs // d.group
        for first, merged in merged_groups(d.group, -(-self._isa.lanes // each)):
            shape = (each * merged, kh, kw, depth * merged)
            chosen = slice(first * each, (first + merged) * each)
            if plain:
                patches = direct_patches(pixels, depth, outputs, form)
            else:
                patches = row_patches(d, source, shape, y.shape, form, self._isa) or gathered_patches(
                    d, source, shape, first * depth, pixels, form
                )
            matrix = patches.matrix(block_diagonal(weight[chosen], merged), form)
            self._multiply(d, source, patches, (y, first * each), matrix, requant.of(chosen), form)

    def _multiply(
        self,
        d: Conv2d,
        source: Source,
        patches: Patches,
        out: tuple[Array, int],
        matrix: Array,
        requant: Requant,
        form: InputForm,
    ) -> None:
        """Append one CONV record; ``out`` = the tensor and the first channel written."""
        isa, commands, (y, first_channel) = self._isa, self._commands, out
        channels, pixels = matrix.shape[1], y.shape[0] * y.shape[1]
        vectors = -(-channels // isa.lanes)
        if form.element_bytes == 2 and isa.byte_dot:
            widths = Widths(WORDS_NR, -(-vectors // WORDS_NR), 0, by_panel=pixels < FEW_PIXELS)
        else:
            per_row, rows = (patches.band, y.shape[0]) if patches.by_row else (pixels, 1)
            gathered = patches.patch_stride if patches.copied_bytes else 0
            work = Work(vectors, rows, per_row, patches.runs * patches.groups, gathered)
            widths = choose_widths(work, isa, commands.threads)
        if widths.by_panel:
            commands.by_channels.add(d.output)
        weights, parameters, steps = _panels(matrix, requant, widths.nr, widths.rest, isa)
        fields, areas = patches.fields(commands), {"patches": (Area.PATCHES, patches.copied_bytes)}
        areas["bounce"] = (Area.BOUNCE, patches.band * 4 * isa.lanes * 4)
        source.place(fields, areas)
        commands.add(
            Opcode.CONV, areas, **fields, pixels=pixels, width=y.shape[1], weights=commands.blob(weights),
            panel_bytes=steps[0], parameters=commands.blob(parameters), parameter_bytes=steps[1],
            common=commands.blob(common_block(requant, isa.lanes)), panels=widths.panels, nr=widths.nr, rest_nr=widths.rest,
            channels=channels,
            out=commands.address(y) + first_channel * y.itemsize, out_stride=y.shape[2] * y.itemsize,
            element_bytes=y.itemsize, finish=requant.finish, words=int(form.element_bytes == 2),
            split_panels=int(widths.by_panel), unsigned=int(requant.unsigned),
        )  # fmt: skip


def _corrected(requant: Requant, weight: Array, form: InputForm) -> Requant:
    """Return ``requant`` for accumulators of inputs to which ``form`` has added."""
    if not form.added:
        return requant
    correction = form.added * weight.reshape(len(weight), -1).sum(axis=1, dtype=np.int64)
    return replace(requant, bias=requant.bias - correction)


def _panels(
    matrix: Array, requant: Requant, nr: int, rest: int, isa: Isa
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[int, int]]:
    """Return weights and parameters, all panels one behind another, and the bytes of one full panel of each."""
    channels = matrix.shape[1]
    split = channels // (nr * isa.lanes) * (nr * isa.lanes) if rest else channels
    weights = [pack_weights(matrix[:, :split], nr, isa, requant.raw)]
    parameters = [pack_parameters(requant.of(slice(0, split)), nr, isa.lanes)]
    steps = (weights[0].shape[1], parameters[0].shape[1])
    if rest:
        weights.append(pack_weights(matrix[:, split:], rest, isa, requant.raw))
        parameters.append(pack_parameters(requant.of(slice(split, channels)), rest, isa.lanes))
    return end_to_end(weights), end_to_end(parameters), steps
