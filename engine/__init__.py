"""The emulated Jacinto 7 accelerator: ``compile_model`` makes an artifact folder, ``Session`` runs it.

Exports are resolved on first use, so that starting a live window from a cached artifact loads no compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.compiler.compile import CompileOptions, CompileReport, compile_model
    from engine.runtime.session import Label, Result, Session, SessionInfo
    from engine.soc import load_soc, soc_names

_HOMES = {
    "CompileOptions": "engine.compiler.compile",
    "CompileReport": "engine.compiler.compile",
    "Label": "engine.runtime.session",
    "Result": "engine.runtime.session",
    "Session": "engine.runtime.session",
    "SessionInfo": "engine.runtime.session",
    "compile_model": "engine.compiler.compile",
    "load_soc": "engine.soc",
    "soc_names": "engine.soc",
}

__all__ = [
    "CompileOptions", "CompileReport", "EngineError", "Label", "Result", "Session", "SessionInfo", "compile_model",
    "load_soc", "soc_names",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
