"""ONNX Runtime over a graph: the float reference, and the A72's share of a partitioned network."""

from collections.abc import Mapping, Sequence

from engine.errors import ModelError, UnsupportedError
from engine.host.export import to_onnx
from engine.host.onnx_runtime import open_session, ort
from engine.ir.graph import Array, Graph

_PROTOBUF_LIMIT_BYTES = 2**31 - 1


class FloatSession:
    """A graph made ready to run in float32 on ``threads`` threads of this machine."""

    def __init__(self, graph: Graph, outputs: Sequence[str] | None = None, threads: int = 1) -> None:
        """Prepare ``graph``; ``outputs`` may name any tensor of it, graph inputs too (default: the graph's outputs).

        Raises:
            ModelError: an output is unknown, or ONNX Runtime refuses the graph.
            UnsupportedError: the graph is too large for one ONNX model.
        """
        wanted = tuple(graph.outputs if outputs is None else outputs)
        self._echoed = tuple(name for name in wanted if name in graph.inputs)
        self._computed = [name for name in dict.fromkeys(wanted) if name not in graph.inputs]
        self._name = graph.name
        self._session = _open(graph, self._computed, threads) if self._computed else None

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return the wanted tensors, NHWC, for ``inputs`` given by name (float32 NHWC feature maps).

        Raises:
            ModelError: ONNX Runtime fails; memory for large feature maps is what it may lack.
        """
        results = {name: inputs[name] for name in self._echoed}
        if self._session is not None:
            fed = {each.name: inputs[each.name] for each in self._session.get_inputs()}
            try:
                computed = self._session.run(self._computed, fed)
            except Exception as error:  # noqa: BLE001 - as in open_session
                reason = str(error).splitlines()[0]
                raise ModelError(f"ONNX Runtime cannot run graph {self._name!r}: {reason}") from None
            results.update(zip(self._computed, computed, strict=True))
        return results


def _open(graph: Graph, outputs: Sequence[str], threads: int) -> ort.InferenceSession:
    model = to_onnx(graph, outputs)
    size_bytes = model.ByteSize()
    if size_bytes > _PROTOBUF_LIMIT_BYTES:
        raise UnsupportedError(
            f"graph {graph.name!r} has {size_bytes >> 20} MiB of weights; at most 2048 MiB are possible"
        )
    return open_session(model.SerializeToString(), f"graph {graph.name!r}", threads)
