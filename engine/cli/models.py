"""From the MODEL argument to a session or a float reference."""

from collections.abc import Mapping
from pathlib import Path

from engine.cli.options import cache_dir
from engine.cli.output import progress_bar
from engine.compiler.compile import CompileOptions
from engine.errors import ArtifactError, ModelError
from engine.program.artifact import Artifact
from engine.runtime.model_cache import is_artifact, load_cached
from engine.runtime.session import Session


def open_artifact(model: str, options: CompileOptions) -> Artifact:
    """Return the compiled model, compiling it into the user's cache where it is not there yet."""
    with progress_bar() as progress:
        return load_cached(model, options, cache_dir(), progress)


def open_session(
    model: str, options: CompileOptions, kernels: str, threads: int, asked: Mapping[str, object]
) -> Session:
    """Return a session for ``model``; ``asked`` is for ``refuse_other``."""
    artifact = open_artifact(model, options)
    refuse_other(model, artifact, asked)
    return Session(artifact, kernels, threads, cache_dir())


def refuse_other(model: str, artifact: Artifact, asked: Mapping[str, object]) -> None:
    """Refuse an artifact folder that was not compiled with what the user asks for.

    ``asked`` has values of soc, recipe, cores and clock (MHz), None for what was not asked.

    Raises
    ------
    ArtifactError
        If ``model`` is a folder compiled with something else.
    """
    if not is_artifact(Path(model)):
        return
    own = {
        "soc": artifact.soc,
        "recipe": artifact.recipe,
        "cores": artifact.cores,
        "clock": artifact.clock_hz / 1e6,
    }
    for name, value in asked.items():
        if value is not None and value != own[name]:
            raise ArtifactError(
                f"{model}: is compiled for {name} {own[name]}, not {value}; leave --{name} out, or compile the model file again"
            )


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
