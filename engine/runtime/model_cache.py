"""Compiled networks in the user's cache: compile once, load afterwards."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from importlib import resources
from pathlib import Path

from engine.compiler.compile import CompileOptions, compile_model
from engine.errors import ArtifactError, ModelError
from engine.files import is_special
from engine.host.pictures import picture_files
from engine.importers import BUILT_IN_MODELS, files_of
from engine.program.artifact import FORMAT_VERSION, Artifact, read_artifact, replace_artifact
from engine.runtime.cache_limits import forget_artifacts, note_use, remove_leftovers
from engine.runtime.storage import storage_problem

# What decides the artifact: everything between the model file and the program. The kernels and the window do not.
_COMPILING_PACKAGES = ("soc", "ir", "importers", "passes", "quant", "compiler", "program", "cycles", "host")
_MODEL_LETTERS, _SOC_LETTERS = 40, 16  # in the name of a compiled network's folder


def is_artifact(path: Path) -> bool:
    """Return whether ``path`` is an artifact folder."""
    return os.path.isfile(path / "artifact.json")  # noqa: PTH113 - Path.is_file raises for what names cannot be


def load_cached(
    model: str,
    options: CompileOptions,
    cache_dir: Path,
    progress: Callable[[str, float], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> Artifact:
    """Return the verified artifact for ``model``; a damaged cached one is compiled again, a given one is refused.

    ``model`` is a built-in name, a model file or an artifact folder (read as it is). Where ``cache_dir`` can keep nothing,
    ``note`` is told so and the model is compiled for this run only.

    Raises:
        EngineError: the model cannot be compiled.
    """
    if is_artifact(Path(model)):
        return read_artifact(Path(model))
    folder = cache_dir / "artifacts" / cache_key(model, options)
    with suppress(ArtifactError):
        if kept := read_kept(folder):
            note_use(folder)
            return kept
    if problem := storage_problem(cache_dir):
        if note is not None:
            note(f"cache {cache_dir}: {problem}; the model is compiled for this run only")
        with tempfile.TemporaryDirectory(prefix="lens7-") as temporary:
            compile_model(model, Path(temporary) / "artifact", options, progress)
            return read_artifact(Path(temporary) / "artifact")
    remove_leftovers(cache_dir)
    artifact = keep_compiled(folder, lambda new: compile_model(model, new, options, progress, cache_dir))
    forget_artifacts(cache_dir, {folder})
    return artifact


def read_kept(folder: Path) -> Artifact | None:
    """Return the verified artifact that ``folder`` of the cache holds, None where it holds none.

    Raises:
        ArtifactError: it is damaged.
    """
    if not is_artifact(folder):
        return None
    try:
        return read_artifact(folder)
    except ArtifactError:
        # Half of it may be from before, and half from after another process, which compiled the same, replaced it.
        return read_artifact(folder) if is_artifact(folder) else None


def keep_compiled(folder: Path, compile_into: Callable[[Path], object]) -> Artifact:
    """Return the verified artifact that ``compile_into(new)`` wrote to a new folder, and keep it as ``folder`` of the cache.

    It is read before it is put where another process, which compiles the same, may replace it at any moment.

    Raises:
        ArtifactError: what was written is none.
        OSError: the cache cannot be written.
    """
    folder.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".compiled-", dir=folder.parent) as temporary:
        new = Path(temporary) / "artifact"
        compile_into(new)
        artifact = read_artifact(new)
        replace_artifact(new, folder)
    return artifact


def cache_key(model: str, options: CompileOptions) -> str:
    """Return the name of the artifact folder: the model's name and a digest of all that decides its content.

    Raises:
        EngineError: a file that the model consists of cannot be read.
    """
    parts = {
        "model": model if model in BUILT_IN_MODELS else None,
        "files": [(file.name, _file_digest(file)) for file in files_of(model, options.model)],
        "soc": _file_digest(Path(options.soc)) if options.soc.endswith(".toml") else None,
        "calibration": _calibration_digest(options.calibration),
        "options": asdict(options),
        "format": FORMAT_VERSION,
        "source": _source_digest(),
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
    # A file name has at most 255 bytes, a letter up to four.
    names = Path(model).stem[:_MODEL_LETTERS], Path(options.soc).stem[:_SOC_LETTERS]
    return "-".join((*names, options.recipe, digest))


def _file_digest(file: Path) -> str:
    if is_special(file):
        raise ModelError(f"{file}: is no regular file; give another")
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror or error}); give another file") from error


def _calibration_digest(chosen: Path | None) -> str:
    """Digest of a calibration table's content, or of the names, sizes and times of change of a folder's pictures."""
    if chosen is None or chosen.is_file():
        return "" if chosen is None else _file_digest(chosen)
    return _status_digest(picture_files(chosen))


def _source_digest() -> str:
    """Digest of the compiling source by name, size and time of change: cheap at every start, new after an upgrade."""
    root = Path(str(resources.files("engine")))
    files = (file for package in _COMPILING_PACKAGES for file in sorted((root / package).rglob("*")))
    return _status_digest(file for file in files if file.suffix in (".py", ".toml"))


def _status_digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
