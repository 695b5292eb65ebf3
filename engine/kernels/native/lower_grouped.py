"""Convolutions in narrow groups as GROUPED records."""

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList
from engine.kernels.native.grouped import BLOCK, WORDS, channels_as_finished
from engine.kernels.native.inputs import InputForm, Source
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import Requant, common_block, pack_parameters
from engine.kernels.native.records import Opcode
from engine.program.descriptors import Conv2d

_WORD_BYTES = 4


def is_narrow(d: Conv2d, weight: Array, form: InputForm, requant: Requant, isa: Isa) -> bool:
    """Whether groups have as many input as output channels, 4 or 8."""
    outputs, _, _, depth = weight.shape
    fits = outputs == d.group * depth and depth in [words * _WORD_BYTES for words in WORDS]
    return d.group > 1 and fits and isa.byte_dot and form.element_bytes == 1 and not requant.raw


def lower_grouped(
    commands: CommandList, isa: Isa, d: Conv2d, source: Source, arrays: tuple[Array, Array], requant: Requant
) -> None:
    """Append a grouped convolution of one image, read from the bordered map ``source``; ``arrays`` = y, weight."""
    y, weight = arrays
    outputs, kh, kw, depth = weight.shape
    words = depth // _WORD_BYTES
    weights, parameters = _weights(weight, isa, words), _parameters(requant, isa, words)
    row = source.width * source.channels
    fields: dict[str, int] = {}
    areas = {"bounce": (Area.BOUNCE, y.shape[1] * BLOCK)}
    source.place(fields, areas)
    commands.add(
        Opcode.GROUPED, areas, **fields, height=y.shape[0], width=y.shape[1], channels=outputs, kernel_h=kh, kernel_w=kw,
        row_stride=d.stride[0] * row, column_stride=d.stride[1] * source.channels, row_step=d.dilation[0] * row,
        column_step=d.dilation[1] * source.channels, words=words, weights=commands.blob(weights),
        weight_bytes=weights.shape[1], parameters=commands.blob(parameters), parameter_bytes=parameters.shape[1],
        common=commands.blob(common_block(requant, isa.lanes)), out=commands.address(y), finish=requant.finish,
        unsigned=int(requant.unsigned),
    )  # fmt: skip


def _weights(weight: Array, isa: Isa, words: int) -> NDArray[np.uint8]:
    """Return weights [ceil(O / 16), bytes]: per block [ki][kj][vector][segment][place][byte], see ``grouped``."""
    outputs, kh, kw, depth = weight.shape
    count, segments = -(-outputs // BLOCK), isa.lanes // 4
    padded = np.zeros((count * BLOCK, kh, kw, depth), np.int8)
    padded[:outputs] = weight
    shape = (count, BLOCK // depth, depth // segments, segments, kh, kw, words, _WORD_BYTES)
    split = padded.reshape(shape)  # block, group, vector, segment, ki, kj, word, byte
    return np.ascontiguousarray(split.transpose(0, 4, 5, 2, 3, 1, 6, 7)).reshape(count, -1).view(np.uint8)


def _parameters(requant: Requant, isa: Isa, words: int) -> NDArray[np.uint8]:
    """Return bias and requantizer constants of every block, in the order in which its results are packed."""
    count = -(-requant.bias.size // BLOCK)
    channels = (BLOCK * np.arange(count)[:, None] + channels_as_finished(isa, words)).reshape(-1)
    # Beyond the last channel are no results that anybody reads: they repeat its constants.
    chosen = requant.of(np.minimum(channels, requant.bias.size - 1))
    return pack_parameters(chosen, BLOCK // isa.lanes, isa.lanes)
