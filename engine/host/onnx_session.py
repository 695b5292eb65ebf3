"""A serialized ONNX model in ONNX Runtime: what the A72 runs, and the float reference."""

from collections.abc import Mapping, Sequence

import onnx
from google.protobuf.message import DecodeError

from engine.errors import ModelError
from engine.host.onnx_runtime import open_session
from engine.ir.graph import Array


class OnnxSession:
    """An ONNX model made ready to run on ``threads`` threads of this machine."""

    def __init__(self, model: bytes, outputs: Sequence[str] | None = None, threads: int = 1) -> None:
        """Prepare ``model``; ``outputs`` are those of its outputs that are wanted (default: all of them).

        Raises:
            ModelError: ONNX Runtime refuses the model.
        """
        wanted = model if outputs is None else _only(model, outputs)
        self._session = open_session(wanted, "the model", threads)
        self._inputs = [each.name for each in self._session.get_inputs()]
        self._outputs = [each.name for each in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs by name; ``inputs`` by name may hold more than the model reads.

        Raises:
            ModelError: ONNX Runtime fails, for lack of memory for example.
        """
        fed = {name: inputs[name] for name in self._inputs}
        try:
            values = self._session.run(self._outputs, fed)
        except Exception as error:  # noqa: BLE001 - as in open_session
            raise ModelError(f"ONNX Runtime cannot run the model: {str(error).splitlines()[0]}") from None
        return dict(zip(self._outputs, values, strict=True))


def _only(model: bytes, outputs: Sequence[str]) -> bytes:
    """Return ``model`` with ``outputs`` alone: ONNX Runtime computes every output of a model, wanted or not."""
    try:
        proto = onnx.load_model_from_string(model)
    except DecodeError:
        raise ModelError("the ONNX model is damaged") from None
    kept = [each for each in proto.graph.output if each.name in outputs]
    del proto.graph.output[:]
    proto.graph.output.extend(kept)
    return bytes(proto.SerializeToString())
