"""From the MODEL argument to a session or a float reference."""

from pathlib import Path

from engine.cli.options import cache_dir
from engine.cli.output import progress_bar
from engine.compiler.compile import CompileOptions
from engine.errors import ModelError
from engine.program.artifact import Artifact
from engine.runtime.model_cache import is_artifact, load_cached
from engine.runtime.session import Session


def open_artifact(model: str, options: CompileOptions) -> Artifact:
    """Return the compiled model, compiling it into the user's cache where it is not there yet."""
    with progress_bar() as progress:
        return load_cached(model, options, cache_dir(), progress)


def open_session(model: str, options: CompileOptions, kernels: str, threads: int) -> Session:
    """Return a session for ``model``."""
    return Session(open_artifact(model, options), kernels, threads, cache_dir())


def refuse_artifact(model: str, purpose: str) -> None:
    """Refuse an artifact folder where the float network is needed.

    Raises
    ------
    ModelError
        If ``model`` is an artifact folder.
    """
    if is_artifact(Path(model)):
        raise ModelError(
            f"{model}: an artifact folder holds no float network; {purpose} needs the model file or a built-in name"
        )
