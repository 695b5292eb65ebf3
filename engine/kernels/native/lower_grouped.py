"""Convolutions in narrow groups as GROUPED records."""

import numpy as np
from numpy.typing import NDArray

from engine.ir.graph import Array
from engine.kernels.native.commands import Area, CommandList
from engine.kernels.native.inputs import InputForm, Source
from engine.kernels.native.isa import Isa
from engine.kernels.native.panels import Requant, common_block, pack_parameters
from engine.kernels.native.records import Opcode
from engine.program.descriptors import Conv2d


def is_narrow(d: Conv2d, weight: Array, form: InputForm, requant: Requant, isa: Isa) -> bool:
    """Whether whole groups share a vector of outputs, and their inputs fit one vector of bytes."""
    outputs, _, _, depth = weight.shape
    each = outputs // d.group
    fits = (
        each < isa.lanes
        and isa.lanes % each == 0
        and depth % 4 == 0
        and isa.lanes // each * depth <= 4 * isa.lanes
    )
    return d.group > 1 and fits and isa.byte_dot and form.element_bytes == 1 and not requant.raw


def lower_grouped(
    commands: CommandList, isa: Isa, d: Conv2d, source: Source, arrays: tuple[Array, Array], requant: Requant
) -> None:
    """Append a grouped convolution of one image, read from the bordered map ``source``; ``arrays`` = y, weight."""
    y, weight = arrays
    outputs, kh, kw, depth = weight.shape
    each, words = outputs // d.group, depth // 4
    lane = np.arange(isa.lanes)
    pattern = np.stack([lane // each * words + t for t in range(words)]).astype(np.int32)
    weights, parameters = _weights(weight, isa), pack_parameters(requant, 1, isa.lanes)
    row = source.width * source.channels
    fields: dict[str, int] = {}
    areas = {"bounce": (Area.BOUNCE, y.shape[1] * isa.lanes)}
    source.place(fields, areas)
    commands.add(
        Opcode.GROUPED, areas, **fields, height=y.shape[0], width=y.shape[1], channels=outputs, kernel_h=kh, kernel_w=kw,
        row_stride=d.stride[0] * row, column_stride=d.stride[1] * source.channels, row_step=d.dilation[0] * row,
        column_step=d.dilation[1] * source.channels, words=words, pattern=commands.blob(pattern),
        vector_step=isa.lanes // each * depth, weights=commands.blob(weights), weight_bytes=weights.shape[1],
        parameters=commands.blob(parameters), parameter_bytes=parameters.shape[1],
        common=commands.blob(common_block(requant, isa.lanes)), out=commands.address(y), finish=requant.finish,
        unsigned=int(requant.unsigned),
    )  # fmt: skip


def _weights(weight: Array, isa: Isa) -> NDArray[np.uint8]:
    """Return weights [ceil(O / lanes), bytes]: per vector of outputs [ki][kj][word][lane][byte]."""
    outputs, kh, kw, depth = weight.shape
    count = -(-outputs // isa.lanes)
    padded = np.zeros((count * isa.lanes, kh, kw, depth), np.int8)
    padded[:outputs] = weight
    split = padded.reshape(count, isa.lanes, kh, kw, depth // 4, 4)
    return np.ascontiguousarray(split.transpose(0, 2, 3, 4, 1, 5)).reshape(count, -1).view(np.uint8)
