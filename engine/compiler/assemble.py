"""The last step to a program: an address for every tensor, a tile for every layer that needs one."""

from collections.abc import Mapping, Sequence

from engine.compiler import memory_plan
from engine.compiler.tile import tile
from engine.ir.graph import Array, Graph
from engine.program.descriptors import Descriptor
from engine.program.program import Program, Tensor
from engine.soc import SocSpec


def assemble(
    graph: Graph,
    descriptors: Sequence[Descriptor],
    tensors: Mapping[str, Tensor],
    constants: Mapping[str, Array],
    soc: SocSpec,
) -> Program:
    """Return the program of ``graph`` whose layers are ``descriptors``, planned and tiled for ``soc``.

    Raises:
        CompileError: it does not fit the SoC's memories.
    """
    weights_bytes = sum(array.nbytes for array in constants.values())
    planned, arena = memory_plan.plan(
        descriptors, tensors, soc, outputs=graph.outputs, weights_bytes=weights_bytes, owner=graph.name
    )
    tiles = {d.name: t for d in descriptors if (t := tile(d, planned, constants, soc)) is not None}
    return Program(
        soc.name, tuple(descriptors), planned, constants, graph.inputs, graph.outputs, arena, tiles
    )
