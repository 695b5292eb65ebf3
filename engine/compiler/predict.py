"""What a program would take on a chip: planned and tiled afresh for it, so that what-if questions are answered fairly."""

from engine.compiler import memory_plan
from engine.compiler.tile import tile
from engine.cycles.geometry import geometry
from engine.cycles.model import NOTHING, demand, in_place, moves, price
from engine.cycles.prediction import Layer, Prediction
from engine.program.program import Memory, Program
from engine.soc import SocSpec


def predict(program: Program, soc: SocSpec) -> Prediction:
    """Return the modelled clock of one frame of ``program`` on ``soc``; constants need shapes only.

    Raises:
        CompileError: the program does not fit the SoC's memories.
    """
    weights_bytes = sum(array.nbytes for array in program.constants.values())
    tensors, arena = memory_plan.plan(
        program.descriptors, program.tensors, soc, outputs=program.outputs, weights_bytes=weights_bytes
    )
    room_bytes = soc.msmc_bytes - arena[Memory.MSMC] if soc.weights_in_msmc else 0
    layers = []
    for d in program.descriptors:
        target = tensors[d.output]
        shape = geometry(d, tensors, program.constants)
        resident = 0 < shape.weight_bytes <= room_bytes
        room_bytes -= shape.weight_bytes if resident else 0
        if in_place(d, tensors):
            asked, cut, cost = None, None, NOTHING
        else:
            cut = tile(d, tensors, program.constants, soc, resident)
            asked = demand(shape, moves(d, shape, tensors, resident), soc, cut)
            cost = price(asked, soc)
        kind = "DepthwiseConv2d" if shape.depthwise else type(d).__name__
        layers.append(Layer(d.name, kind, target.shape, target.memory, cut, resident, asked, cost))
    return Prediction(
        soc=soc,
        layers=tuple(layers),
        tensors=tensors,
        arena_bytes=arena,
        weights_bytes=weights_bytes,
        input_bytes=sum(program.tensors[name].nbytes for name in program.inputs),
        output_bytes=sum(program.tensors[name].nbytes for name in program.outputs),
    )
