"""Compiled networks in the user's cache: compile once, load afterwards."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from importlib import resources
from pathlib import Path

from engine.compiler.compile import CompileOptions, compile_model
from engine.errors import ArtifactError, ModelError
from engine.importers import BUILT_IN_MODELS
from engine.program.artifact import FORMAT_VERSION, Artifact, read_artifact

# What decides the artifact: everything between the model file and the program. The kernels and the window do not.
_COMPILING_PACKAGES = ("soc", "ir", "importers", "passes", "quant", "compiler", "program", "cycles", "host")


def is_artifact(path: Path) -> bool:
    """Return whether ``path`` is an artifact folder."""
    return (path / "artifact.json").is_file()


def cached_artifact(
    model: str, options: CompileOptions, cache_dir: Path, progress: Callable[[str, float], None] | None = None
) -> Path:
    """Return the artifact folder for ``model``, compiling it into ``cache_dir`` if it is not there yet.

    ``model`` is a built-in name, a model file or an artifact folder (returned as it is).

    Raises
    ------
    EngineError
        If the model cannot be compiled or the cache cannot be written.
    """
    if is_artifact(Path(model)):
        return Path(model)
    folder = cache_dir / "artifacts" / cache_key(model, options)
    if not is_artifact(folder):
        compile_model(model, folder, options, progress)
    return folder


def load_cached(
    model: str, options: CompileOptions, cache_dir: Path, progress: Callable[[str, float], None] | None = None
) -> Artifact:
    """Return the verified artifact for ``model``; a damaged cached one is compiled again, a given one is refused."""
    folder = cached_artifact(model, options, cache_dir, progress)
    try:
        return read_artifact(folder)
    except ArtifactError:
        if is_artifact(Path(model)):
            raise
        compile_model(model, folder, options, progress)
        return read_artifact(folder)


def cache_key(model: str, options: CompileOptions) -> str:
    """Return the name of the artifact folder: the model's name and a digest of all that decides its content.

    Raises
    ------
    ModelError
        If the model file cannot be read.
    """
    parts = {
        "model": model if model in BUILT_IN_MODELS else _file_digest(Path(model)),
        "options": asdict(options),
        "format": FORMAT_VERSION,
        "source": _source_digest(),
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return f"{Path(model).stem}-{options.soc}-{options.recipe}-{digest}"


def _file_digest(path: Path) -> str:
    """Digest of a model file, or of every file in a model folder."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        try:
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            raise ModelError(
                f"{file}: cannot be read ({error.strerror or error}); give a model file or a built-in name"
            ) from error
    return digest.hexdigest()


def _source_digest() -> str:
    """Digest of the compiling source by name, size and time of change: cheap at every start, new after an upgrade."""
    root = Path(str(resources.files("engine")))
    digest = hashlib.sha256()
    for package in _COMPILING_PACKAGES:
        for file in sorted((root / package).rglob("*")):
            if file.suffix in (".py", ".toml"):
                status = file.stat()
                digest.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
