"""The passes in their order."""

from engine.ir.graph import Graph
from engine.ir.verify import verify
from engine.passes import fold_batch_norm, fuse_activation

PASSES = (
    fold_batch_norm.run,
    fuse_activation.run,
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
