"""The passes in their order."""

from engine.ir.graph import Graph
from engine.ir.verify import verify
from engine.passes import (
    drop_expand,
    flatten_weights,
    fold_batch_norm,
    fold_constants,
    fuse_activation,
    fuse_gates,
    fuse_lrn,
    fuse_shuffle,
    merge_pads,
    merge_reshapes,
    remove_dead,
    sink_transposes,
)

PASSES = (
    fold_constants.run,
    drop_expand.run,
    merge_reshapes.run,
    fuse_gates.run,
    fuse_lrn.run,
    fuse_shuffle.run,
    sink_transposes.run,
    merge_reshapes.run,
    flatten_weights.run,
    merge_pads.run,
    remove_dead.run,
    fold_batch_norm.run,
    fuse_activation.run,
    remove_dead.run,
)


def optimize(graph: Graph) -> Graph:
    """Return a graph that computes the same with fewer nodes, ready for calibration.

    Raises:
        ModelError: the graph is not well formed.
    """
    verify(graph)
    for run in PASSES:
        graph = run(graph)
    verify(graph)
    return graph
