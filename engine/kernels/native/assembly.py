"""The kernel set as LLVM assembly, in two parts that two processes compile at once.

The first calls nothing in the second. Both take about as long until they are compiled: the first is the larger, because the
process that compiles the second has more to import. Not needed where compiled kernels are at hand.
"""

from engine.kernels.native import (
    conv,
    conversion,
    depthwise_blocks,
    depthwise_command,
    elementwise,
    finish,
    grouped,
    local_response,
    memory,
    movement,
    pooling,
    softmax,
    tile_conv,
    walker,
    winograd,
)  # fmt: skip
from engine.kernels.native.emit import Module
from engine.kernels.native.isa import Isa


def _emit_first(isa: Isa) -> str:
    """Return what moves bytes, depthwise convolutions, and 3x3 ones by Winograd's method."""
    module = Module()
    memory.emit_copy(module, isa)
    memory.emit_copy_rows(module, isa)
    memory.emit_fill(module, isa)
    memory.emit_widen(module)
    memory.emit_border(module, isa)
    finish.emit_finish_rows(module, isa)
    if isa.winograd:
        winograd.emit_winograd(module, isa)
    depthwise_command.emit_depthwise(module, isa)
    if isa.depthwise_blocks:
        depthwise_blocks.emit_depthwise_blocks(module, isa)
    return module.text()


def _emit_second(isa: Isa) -> str:
    """Return all other commands and the loop over records."""
    module = Module()
    conv.emit_conv(module, isa)
    if isa.tiles:
        tile_conv.emit_conv_tiles(module, isa)
    if isa.byte_dot:
        grouped.emit_grouped(module, isa)
    elementwise.emit_combine(module, isa)
    elementwise.emit_map(module, isa)
    pooling.emit_pool(module, isa)
    movement.emit_copy_command(module, isa)
    movement.emit_fill_command(module, isa)
    movement.emit_blend(module, isa)
    softmax.emit_softmax(module, isa)
    softmax.emit_arg_max(module, isa)
    conversion.emit_quantize(module, isa)
    conversion.emit_dequantize(module, isa)
    local_response.emit_normalise(module, isa)
    walker.emit_walker(module, isa)
    return module.text()


PARTS = (_emit_first, _emit_second)
