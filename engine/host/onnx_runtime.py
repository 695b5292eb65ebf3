"""The only door to ONNX Runtime: it is imported here, with its telemetry off.

From 1.29 on its Linux builds tell Microsoft of every session and leave a device identity in the user's cache, unless the
variable says no before the first import (its Privacy.md, "Disabling Telemetry"). Lens7 opens no connection of its own.
"""

import os

from engine.errors import ModelError

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["open_session", "ort"]

# WORKAROUND ONNX Runtime moves transposes past Resize and Pad in ways that it then refuses or computes wrongly. The models
# that come here have few transposes left to save.
_DISABLED = ["TransposeOptimizer", "TransposeOptimizer_CPUExecutionProvider"]


def open_session(model: bytes, what: str, threads: int) -> ort.InferenceSession:
    """Return the serialized ONNX ``model`` ready to run on ``threads`` threads; messages call it ``what``.

    Raises:
        ModelError: ONNX Runtime refuses it.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors are raised, and told once
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(
            model, options, providers=["CPUExecutionProvider"], disabled_optimizers=_DISABLED
        )
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's exceptions have no public common class below Exception
        raise ModelError(f"ONNX Runtime refuses {what}: {str(error).splitlines()[0]}") from None
