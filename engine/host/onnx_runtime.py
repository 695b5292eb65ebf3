"""The only door to ONNX Runtime: it is imported here, with its telemetry off.

From 1.29 on its Linux builds tell Microsoft of every session and leave a device identity in the user's cache, unless the
variable says no before the first import (its Privacy.md, "Disabling Telemetry"). Lens7 opens no connection of its own.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["ort"]
