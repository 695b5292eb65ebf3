"""From the MODEL argument to a session or a float reference."""

from pathlib import Path

from engine.cli.options import Asked, cache_dir
from engine.cli.output import print_line, progress_bar
from engine.compiler.compile import CompileOptions
from engine.errors import ModelError
from engine.program.artifact import Artifact
from engine.runtime import made_for
from engine.runtime.model_cache import is_artifact, load_cached
from engine.runtime.session import Session


def open_artifact(model: str, options: CompileOptions) -> Artifact:
    """Return the compiled model, compiling it into the user's cache where it is not there yet."""
    with progress_bar() as progress:
        return load_cached(model, options, cache_dir(), progress, _note)


def _note(text: str) -> None:
    print_line(text, "yellow")


def open_session(model: str, asked: Asked) -> Session:
    """Return a session for ``model``; an artifact folder must be what is asked for."""
    artifact = open_artifact(model, asked.compile_options())
    refuse_other(model, artifact, asked)
    return Session(artifact, asked.kernel_set, asked.host_threads, cache_dir())


def refuse_other(model: str, artifact: Artifact, asked: Asked) -> None:
    """Refuse an artifact folder, read as ``artifact``, that was compiled with something else than what is asked for.

    Raises:
        EngineError: ``model`` is such a folder, or the SoC asked for is unknown.
    """
    if is_artifact(Path(model)):
        made_for.refuse_other(
            model, artifact, soc=asked.soc, recipe=asked.recipe and asked.recipe.value, cores=asked.cores,
            clock_mhz=asked.clock_mhz, bare=asked.bare,
        )  # fmt: skip


def refuse_artifact(model: str, purpose: str) -> None:
    """Refuse an artifact folder where the float network is needed.

    Raises:
        ModelError: ``model`` is an artifact folder.
    """
    if is_artifact(Path(model)):
        raise ModelError(
            f"{model}: an artifact folder holds no float network; {purpose} needs the model file or a built-in name"
        )
